package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	eventNewest    = sqlText("event_newest")
	eventNumbering = sqlText("event_numbering")
	eventWindow    = sqlText("event_window")
	eventOutcomes  = sqlText("event_outcomes")
	eventMails     = sqlText("event_mails")
	eventLedger    = sqlText("event_ledger")
)

// ErrEventCursor says that a text is no cursor of events.
var ErrEventCursor = errors.New("is not a cursor of events")

// EventCursor is a place among the events: behind event N of number No.
type EventCursor struct {
	No int64
	N  int64
}

func (c EventCursor) String() string { return fmt.Sprintf("%d-%d", c.No, c.N) }

// ParseEventCursor reads what String writes; nothing is before the first.
func ParseEventCursor(text string) (c EventCursor, err error) {
	if text == "" {
		return c, nil
	}
	no, n, found := strings.Cut(text, "-")
	var errNo, errN error
	c.No, errNo = strconv.ParseInt(no, 10, 64)
	c.N, errN = strconv.ParseInt(n, 10, 64)
	if !found || errNo != nil || errN != nil || c.No < 0 || c.N < 0 {
		return EventCursor{}, fmt.Errorf("%q %w", text, ErrEventCursor)
	}
	return c, nil
}

// Compare orders cursors.
func (c EventCursor) Compare(d EventCursor) int {
	if c.No != d.No {
		return int(min(max(c.No-d.No, -1), 1))
	}
	return int(min(max(c.N-d.N, -1), 1))
}

// Happening is what events are made of: a command with its outcome, or a mail
// that tells of an invoice or a closed month.
type Happening struct {
	No        int64
	N         int64 // mails only
	At        time.Time
	Status    string
	Reason    string
	Explained bool   // the outcome has a detail
	Source    string // of the command
	ID        string
	Kind      string          // of the command, or the event of the mail
	Account   string          // mails only
	Body      json.RawMessage // of the command; the params of the mail
	Result    json.RawMessage
	Facts     json.RawMessage // what the body does not say
}

// HappeningsFilter chooses what is read.
type HappeningsFilter struct {
	Kinds    []string // commands that were applied
	Rejected bool     // commands that were not
	Mails    []string // events that mails tell of
	Within   string   // what the histories of this account and those below it show; empty: everything
}

// eventWindowRows bounds what one call looks at: a rare type must not read the
// whole ledger in one statement.
const eventWindowRows = 10_000

// Happenings returns, in the order of their numbers, up to limit commands and
// as many mails behind a cursor, and the number up to which nothing is missing;
// it is below that of the cursor if there is nothing new.
func (s *Store) Happenings(ctx context.Context, after EventCursor, limit int, f HappeningsFilter) (found []Happening, through int64, err error) {
	through, err = s.SettledNumber(ctx, after.No)
	if err != nil || through < after.No {
		return nil, through, err
	}
	if err := s.commands.QueryRow(ctx, eventWindow, after.No, through, eventWindowRows).Scan(&through); err != nil {
		return nil, 0, fmt.Errorf("looking for events: %w", err)
	}
	if len(f.Kinds) > 0 || f.Rejected {
		found, err = s.happenings(ctx, eventOutcomes, after.No, through, f.Kinds, f.Rejected, f.Within, limit)
		if err != nil {
			return nil, 0, err
		}
		if len(found) == limit {
			through = found[limit-1].No
		}
	}
	if len(f.Mails) == 0 {
		return found, through, nil
	}
	// One more than anybody takes: where they are cut off, the caller cuts first.
	mails, err := s.happenings(ctx, eventMails, after.No, after.N, through, f.Mails, f.Within, limit+1)
	if err != nil {
		return nil, 0, err
	}
	found = append(found, mails...)
	slices.SortStableFunc(found, func(a, b Happening) int { return EventCursor{a.No, a.N}.Compare(EventCursor{b.No, b.N}) })
	return found, through, nil
}

func (s *Store) happenings(ctx context.Context, sql string, args ...any) ([]Happening, error) {
	rows, err := s.commands.Query(ctx, sql, args...) // by index, however much has come since the planner looked
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Happening])
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return found, nil
}

// settled is the greatest number known to be settled. That never changes.
type settled struct {
	mu sync.Mutex
	no int64
}

// settlePatience is how long a reader waits for transactions that hold numbers.
// Business takes milliseconds; what hangs, Postgres ends after a while.
const settlePatience = time.Second

// SettledNumber is a number up to which all that will ever be seen can be seen.
// Numbers are taken before their transaction commits, so a row may appear below
// one that is there already. All who take numbers hold a lock from before that
// until they end: once those that are seen after the newest number have ended,
// nothing below that number is still to come. It is computed anew if what is
// known is below a wanted number.
func (s *Store) SettledNumber(ctx context.Context, wanted int64) (int64, error) {
	s.settled.mu.Lock()
	defer s.settled.mu.Unlock()
	if s.settled.no >= wanted && wanted > 0 {
		return s.settled.no, nil
	}
	newest, err := s.NewestNumber(ctx)
	if err != nil {
		return 0, err
	}
	if newest <= s.settled.no {
		return s.settled.no, nil
	}
	ended, err := s.awaitNumbering(ctx)
	if err != nil {
		return 0, fmt.Errorf("waiting for numbers below %d: %w", newest, err)
	}
	if ended {
		s.settled.no = newest
	}
	return s.settled.no, nil
}

// NewestNumber is the greatest number that can be seen.
func (s *Store) NewestNumber(ctx context.Context) (no int64, err error) {
	if err := s.commands.QueryRow(ctx, eventNewest).Scan(&no); err != nil {
		return 0, fmt.Errorf("looking for the newest number: %w", err)
	}
	return no, nil
}

// awaitNumbering says whether the transactions that may hold numbers now have ended soon.
func (s *Store) awaitNumbering(ctx context.Context) (bool, error) {
	var open []string
	patience := time.After(settlePatience)
	for first, pause := true, time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		var now []string
		if err := s.pool.QueryRow(ctx, eventNumbering).Scan(&now); err != nil {
			return false, err
		}
		if first {
			open, first = now, false
		}
		open = slices.DeleteFunc(open, func(x string) bool { return !slices.Contains(now, x) })
		if len(open) == 0 {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-patience:
			return false, nil
		case <-time.After(pause):
		}
	}
}

// LedgerID names the ledger among all others.
func (s *Store) LedgerID(ctx context.Context) (id string, err error) {
	if err := s.pool.QueryRow(ctx, eventLedger).Scan(&id); err != nil {
		return "", fmt.Errorf("reading the id of the ledger: %w", err)
	}
	return id, nil
}
