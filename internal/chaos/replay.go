package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// replay decides again, in memory and one by one, what the ledger decided, and
// goes on from round to round.
type replay struct {
	ledger *model.Ledger
	last   int64 // number of the last outcome replayed
	early  int
	all    int
	clock  time.Time // as far as what was replayed tells
}

func newReplay(began time.Time) *replay {
	l := model.New()
	l.Clock = domain.Clock{Now: began, Test: true, Unused: true}
	return &replay{ledger: l}
}

// openPool connects around all links, with decimals known.
func openPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxdecimal.Register(conn.TypeMap())
		return nil
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// decided is an outcome with its command as the journal has it.
type decided struct {
	domain.Outcome
	Source     string
	ID         string
	Kind       string
	Actor      string
	OnBehalfOf string
	Preview    string
	Body       []byte
	Hash       []byte
	AcceptedAt time.Time
}

const decidedSince = `
SELECT o.seq, o.no, o.status, o.reason, o.detail, o.summary, o.at, o.result,
       c.source, c.id, c.kind, c.actor, c.on_behalf_of, c.preview, c.body, c.hash, c.accepted_at
FROM outcomes AS o JOIN commands AS c USING (seq)
WHERE o.no > $1
ORDER BY o.no`

// compare replays what is new and compares all tables (I2 and I3).
func (r *replay) compare(ctx context.Context, pool *pgxpool.Pool, o *oracle, say func(string, ...any)) error {
	rows, err := pool.Query(ctx, decidedSince, r.last)
	if err != nil {
		return fmt.Errorf("reading what was decided: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[decided])
	if err != nil {
		return fmt.Errorf("reading what was decided: %w", err)
	}
	closes, err := readCloses(ctx, pool)
	if err != nil {
		return err
	}
	differ := 0
	for _, d := range list {
		e := d.envelope(o)
		closes = r.seal(closes, d)
		r.last, r.all = d.No, r.all+1
		if r.ledger.CameEarly(e.Command, d.Outcome) {
			r.early++
			if err := r.repeat(ctx, pool, d.Outcome); err != nil {
				return err
			}
			continue
		}
		r.ledger.LastNo = d.No - 1
		again, err := r.decide(e)
		if err != nil {
			say("I3: %s %s cannot be decided again: %v", e.ID, e.Kind, err)
			return nil // the two have gone apart before
		}
		if domain.ClassOf(e.Kind) != domain.Control {
			r.ledger.Clock.Unused = false
		}
		if a, b := model.Line(again), model.Line(d.Outcome); a != b && differ < 3 {
			differ++
			say("I3: %s %s by %s, accepted %s, %+v:\n  the ledger:      %s\n  one by one:      %s", e.ID, e.Kind, e.Actor, e.AcceptedAt, e.Command, b, a)
		}
	}
	tables, err := r.ledger.ReadTables(ctx, pool)
	if err != nil {
		return err
	}
	if diff := model.Differences("the ledger", tables, "one by one", r.ledger.Tables()); diff != "" {
		say("I3: the ledger and the one in memory differ:\n%s", diff)
	}
	for _, wrong := range r.ledger.Check() {
		say("I2: %s", wrong)
	}
	if r.early*20 > r.all+200 {
		say("I3: %d of %d commands did not find what was there", r.early, r.all)
	}
	return nil
}

// decide recovers: what has gone apart may lack what a command is about.
func (r *replay) decide(e *domain.Envelope) (o domain.Outcome, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("it panicked: %v", value)
		}
	}()
	return r.ledger.Execute([]*domain.Envelope{e})[0], nil
}

// closed is a month that was sealed at an instant.
type closed struct {
	Contract domain.ContractID
	Through  domain.Date
	DueAt    time.Time
}

func readCloses(ctx context.Context, pool *pgxpool.Pool) ([]closed, error) {
	rows, err := pool.Query(ctx, "SELECT contract, (period + interval '1 month - 1 day')::date AS through, due_at FROM closes ORDER BY due_at, period")
	if err != nil {
		return nil, fmt.Errorf("reading which months are closed: %w", err)
	}
	closes, err := pgx.CollectRows(rows, pgx.RowToStructByName[closed])
	if err != nil {
		return nil, fmt.Errorf("reading which months are closed: %w", err)
	}
	return closes, nil
}

// seal closes the months that had ended when a command was decided. Sealing has
// no number; but an instant is over, with all that falls due at it, when a move
// of the clock to it has its outcome, or something was accepted later.
func (r *replay) seal(closes []closed, d decided) []closed {
	moves := domain.ClassOf(d.Kind) == domain.Control // the first from today to long ago
	if over := d.AcceptedAt.Add(-time.Microsecond); !moves && d.Source != domain.ScheduleSource && over.After(r.clock) {
		r.clock = over
	}
	for len(closes) > 0 && !closes[0].DueAt.After(r.clock) {
		billing := r.ledger.Billing[closes[0].Contract]
		billing.SealedThrough = closes[0].Through
		r.ledger.Billing[closes[0].Contract] = billing
		closes = closes[1:]
	}
	if moves && d.Status == domain.Applied {
		r.clock = d.At
	}
	return closes
}

// envelope is the command as it was decided: the journal forgets the names of
// erased learners, the oracle does not.
func (d *decided) envelope(o *oracle) *domain.Envelope {
	if d.Source == domain.ScheduleSource {
		return d.scheduled()
	}
	body := d.Body
	if s := o.sent[key{d.Source, d.ID}]; s != nil && d.Kind == "learner.put" {
		body = s.Body
	}
	return jobs.Envelope(store.JournalRow{
		Seq: d.Seq, Source: d.Source, ID: d.ID, Kind: d.Kind, Actor: d.Actor, OnBehalfOf: d.OnBehalfOf, Preview: d.Preview,
		Body: body, Hash: d.Hash, AcceptedAt: d.AcceptedAt,
	})
}

func (d *decided) scheduled() *domain.Envelope {
	e := &domain.Envelope{Seq: d.Seq, Source: d.Source, ID: d.ID, Kind: d.Kind, AcceptedAt: d.AcceptedAt}
	switch d.Kind {
	case domain.ExpireStock{}.Kind():
		e.Command = read[domain.ExpireStock](d.Body)
	case domain.ExpireLicense{}.Kind():
		e.Command = read[domain.ExpireLicense](d.Body)
	case domain.RenewSubscription{}.Kind():
		e.Command = read[domain.RenewSubscription](d.Body)
	case domain.SendReminder{}.Kind():
		e.Command = read[domain.SendReminder](d.Body)
	}
	return e
}

func read[C domain.Command](body []byte) domain.Command {
	var c C
	if err := json.Unmarshal(body, &c); err != nil {
		panic(err) // the scheduler wrote it
	}
	return c
}

// repeat takes over what the ledger says, without deciding.
func (r *replay) repeat(ctx context.Context, pool *pgxpool.Pool, o domain.Outcome) error {
	rows, err := pool.Query(ctx, "SELECT account, no, seq FROM history WHERE no = $1", o.No)
	if err != nil {
		return fmt.Errorf("reading the history: %w", err)
	}
	history, err := pgx.CollectRows(rows, pgx.RowToStructByName[domain.HistoryEntry])
	if err != nil {
		return fmt.Errorf("reading the history: %w", err)
	}
	r.ledger.Outcomes, r.ledger.History = append(r.ledger.Outcomes, o), append(r.ledger.History, history...)
	return nil
}
