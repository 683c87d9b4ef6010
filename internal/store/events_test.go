package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

// takers are the two ways of taking a number: as commands do, and as months do
// that close.
var takers = map[string][]string{
	"command": {gateShared, "SELECT nextval('ledger_no') FROM generate_series(1, 1)"},
	"month":   {closeMailNo},
}

// taken is an open transaction that holds a number and has written its outcome.
func taken(t *testing.T, s *Store, how string) (pgx.Tx, int64) {
	t.Helper()
	tx, err := s.pool.Begin(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = tx.Rollback(t.Context()) })
	statements := takers[how]
	for _, sql := range statements[:len(statements)-1] {
		_, err := tx.Exec(t.Context(), sql)
		must(t, err)
	}
	var no int64
	must(t, tx.QueryRow(t.Context(), statements[len(statements)-1]).Scan(&no))
	_, err = tx.Exec(t.Context(), `
		WITH c AS (
			INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
			VALUES ('default', $1::bigint::text, 'product.put', '', '', '', '{"id":"pro"}', '', now()) RETURNING seq
		)
		INSERT INTO outcomes (seq, no, status, reason, detail, summary, at, result) SELECT seq, $1, 'applied', '', '', '', now(), '{}' FROM c`, no)
	must(t, err)
	return tx, no
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A number that was taken earlier and is committed later must not be passed by:
// the reader would never come back for it.
func TestEventsWaitForLowerNumbersThatAreStillOpen(t *testing.T) {
	t.Parallel()
	for how := range takers {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s, err := Open(t.Context(), testdb.URL(t))
			must(t, err)
			t.Cleanup(s.Close)
			slow, lower := taken(t, s, how)
			quick, higher := taken(t, s, "command")
			must(t, quick.Commit(t.Context()))

			read := func(after EventCursor) (nos []int64, through int64) {
				t.Helper()
				found, through, err := s.Happenings(t.Context(), after, 10, HappeningsFilter{Kinds: []string{"product.put"}})
				must(t, err)
				for _, h := range found {
					nos = append(nos, h.No)
				}
				return nos, through
			}
			if nos, through := read(EventCursor{}); len(nos) > 0 || through >= lower {
				t.Fatalf("%v up to %d, while %d is still open", nos, through, lower)
			}
			must(t, slow.Commit(t.Context()))
			nos, through := read(EventCursor{})
			if diff := cmp.Diff([]int64{lower, higher}, nos); diff != "" || through != higher {
				t.Errorf("up to %d (-want +got):\n%s", through, diff)
			}
			// One that is taken back leaves a gap, which holds up nobody.
			gone, _ := taken(t, s, how)
			again, next := taken(t, s, "command")
			must(t, gone.Rollback(t.Context()))
			must(t, again.Commit(t.Context()))
			if nos, _ := read(EventCursor{No: through + 1}); !cmp.Equal(nos, []int64{next}) {
				t.Errorf("%v, want %d", nos, next)
			}
		})
	}
}

func TestEventCursorsAreReadAsTheyAreWritten(t *testing.T) {
	for _, c := range []EventCursor{{}, {7, 0}, {7, 2}, {1 << 40, 12}} {
		if got, err := ParseEventCursor(c.String()); err != nil || got != c {
			t.Errorf("%s: %v, %v", c, got, err)
		}
	}
	for _, text := range []string{"7", "-1-0", "a-b", "7-", "1-2-3", "7--1", "99999999999999999999-0"} {
		if c, err := ParseEventCursor(text); err == nil {
			t.Errorf("%q is %s", text, c)
		}
	}
}
