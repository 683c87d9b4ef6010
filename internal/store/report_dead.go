package store

import (
	"context"
	"iter"
	"strconv"

	"github.com/jackc/pgx/v5"
)

var reportDead = sqlText("report_dead")

// DeadRow is a command that was given up for a technical failure.
type DeadRow struct {
	ID         string  `json:"id"`
	Source     string  `json:"source"`
	Kind       string  `json:"kind"`
	Attempts   int64   `json:"attempts"`
	Error      string  `json:"error"`
	AcceptedAt Instant `json:"accepted_at"`
	DeadAt     Instant `json:"dead_at"`

	seq int64
}

// Cursor names the row: ids are unique per source only.
func (r DeadRow) Cursor() string { return strconv.FormatInt(r.seq, 10) }

// DeadReport shows what was given up, the oldest first.
func (s *Store) DeadReport(ctx context.Context, p Page) iter.Seq2[DeadRow, error] {
	after := int64(0)
	if p.After != "" {
		var err error
		if after, err = strconv.ParseInt(p.After, 10, 64); err != nil {
			return failed[DeadRow](badCursor(p.After))
		}
	}
	return each2(ctx, s, "dead commands", func(row pgx.CollectableRow) (r DeadRow, err error) {
		err = row.Scan(&r.ID, &r.Source, &r.Kind, &r.Attempts, &r.Error, &r.AcceptedAt, &r.DeadAt, &r.seq)
		return r, err
	}, reportDead, after, p.limit())
}
