package store_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
)

// A database whose clock is set back by two hours finds what waits written two
// hours ahead. It must not wait that long; what is due soon keeps its turn.
func TestAClockSetBackHoldsNothingUp(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.Exec(t.Context(), `INSERT INTO pending (seq, after, next_at, dead_at) VALUES
		(1, 0, clock_timestamp() - interval '1 second', NULL), (2, 0, clock_timestamp() + interval '30 seconds', NULL),
		(3, 0, clock_timestamp() + interval '2 hours', NULL), (4, 3, clock_timestamp() + interval '2 hours', NULL),
		(5, 0, clock_timestamp() + interval '2 hours', clock_timestamp())`)
	if err != nil {
		t.Fatal(err)
	}
	take := func() (seqs []int64) {
		due, err := s.TakeDue(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range due {
			seqs = append(seqs, d.Seq)
		}
		slices.Sort(seqs)
		return seqs
	}
	if got := take(); !slices.Equal(got, []int64{1, 3, 4}) {
		t.Errorf("%d are due", got)
	}
	if got := take(); len(got) > 0 {
		t.Errorf("%d are due again at once", got)
	}
}
