package jobs

import (
	"context"
	"errors"
	"hash/crc32"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Schedules is the table of what happens by itself. Ticks only say "look": the
// truth is the rows that are due and not done, so an outage delays and never
// skips, and several workers do nothing twice.
var Schedules = []Schedule{
	{domain.ExpireStock{}.Kind(), "the remainder of a lot expires, 12 months after its purchase"},
	{domain.ExpireLicense{}.Kind(), "a batch of licenses closes whole at the end of its term"},
	{domain.RenewSubscription{}.Kind(), "annual subscriptions renew or end with their term, flexible ones end with their contract"},
	{domain.SendReminder{}.Kind(), "people are told of an end that comes nearer"},
	{"month.close", "the month of each contract is sealed and invoiced on the first day after it"},
}

// Schedule is something that happens by itself.
type Schedule struct {
	Name    string
	Purpose string
}

// duePage is how much of what is due is looked at together. It is done in several
// transactions at a time, of different accounts, so that some are decided while
// Postgres writes others. What one account has due keeps its order.
const (
	duePage     = 12_000
	dueTogether = 1000
	dueAtATime  = 4
)

// Scheduler does what falls due.
type Scheduler struct {
	store  *store.Store
	log    *slog.Logger
	render Render
}

// NewScheduler makes a scheduler; Run works it.
func NewScheduler(s *store.Store, log *slog.Logger) *Scheduler {
	return &Scheduler{store: s, log: log, render: noDocuments}
}

// Run looks every second until the context ends. The ticks are in UTC: at a
// daylight-saving change others are skipped or come twice.
func (s *Scheduler) Run(ctx context.Context) {
	ticks := make(chan struct{}, 1)
	clock := cron.New(cron.WithSeconds(), cron.WithLocation(time.UTC))
	if _, err := clock.AddFunc("* * * * * *", func() {
		select {
		case ticks <- struct{}{}:
		default: // the last look goes on
		}
	}); err != nil {
		panic(err) // the schedule is a constant
	}
	clock.Start()
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			if err := s.Look(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("what is due has to wait", "error", err)
			}
		}
	}
}

// Look does what is due by now.
func (s *Scheduler) Look(ctx context.Context) error {
	now, _, err := s.store.Clock(ctx)
	if err != nil {
		return err
	}
	for passed := false; ; {
		next, err := s.next(ctx)
		if err != nil || next == nil || next.After(now) {
			return errors.Join(err, s.invoice(ctx))
		}
		if !passed {
			if err := s.store.PassGate(ctx); err != nil {
				return err
			}
			passed = true
		}
		waiting, err := s.store.WaitingBefore(ctx, *next, 1)
		if err != nil || len(waiting) > 0 {
			return err // they are decided first; the next look finds what is due
		}
		if err := s.doAt(ctx, *next, now); err != nil {
			return err
		}
	}
}

// next is when something falls due next: a row, or the end of a month.
func (s *Scheduler) next(ctx context.Context) (*time.Time, error) {
	due, err := s.store.NextDue(ctx)
	if err != nil {
		return nil, err
	}
	closing, err := s.store.NextClose(ctx)
	if err != nil {
		return nil, err
	}
	if due == nil || closing != nil && closing.Before(*due) {
		return closing, nil
	}
	return due, nil
}

// doAt does what was due by an instant: rows first, then the months that ended.
// A row belongs to a month by its own date, so their order changes no invoice.
func (s *Scheduler) doAt(ctx context.Context, by, now time.Time) error {
	if err := s.doDue(ctx, by, now); err != nil {
		return err
	}
	for {
		sealed, err := s.store.SealMonths(ctx, by)
		if err != nil && store.Transient(err) {
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if sealed == 0 {
			return s.invoice(ctx)
		}
		s.log.Info("months sealed", "contracts", sealed)
		if err := s.invoice(ctx); err != nil {
			return err
		}
	}
}

// invoice makes the invoices of sealed months, also of those that lacked something.
func (s *Scheduler) invoice(ctx context.Context) error {
	sellers, err := s.store.SellersToInvoice(ctx)
	if err != nil {
		return err
	}
	for _, seller := range sellers {
		done, err := s.store.InvoiceSeller(ctx, seller)
		if done.Some() {
			s.log.Info("months closed", "seller", seller, "invoices", done.Invoices, "lines", done.Lines, "nothing_to_invoice", done.Nothing)
		}
		for _, why := range done.Attention {
			s.log.Warn("an invoice cannot be made yet", "seller", seller, "month", why)
		}
		if err != nil {
			return err
		}
	}
	return s.document(ctx)
}

// errHeld says that another worker takes long, or hangs.
var errHeld = errors.New("another worker has not finished what is due")

// errStuck is a bug, or somebody has changed the row by hand.
var errStuck = errors.New("it is due again although what was due is done")

// patience is how often a page is looked at that another worker seems to do.
const patience = 50

// doDue does what was due by an instant, page by page, the oldest first, as
// things stand now.
func (s *Scheduler) doDue(ctx context.Context, by, now time.Time) error {
	for idle := 0; ; {
		due, err := s.store.Due(ctx, by, duePage)
		if err != nil || len(due) == 0 {
			return err
		}
		if idle == patience {
			if err := s.unstick(ctx, due, now); err != nil {
				return err
			}
			idle = 0
			continue
		}
		decided, err := s.doPage(ctx, due, now)
		if err != nil {
			return err
		}
		if decided > 0 {
			s.log.Info("did what was due", "rows", decided, "due_at", due[0].NextDueAt)
			idle = 0
			continue
		}
		idle++ // another worker does them
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Scheduler) doPage(ctx context.Context, due []domain.Due, now time.Time) (int, error) {
	var decided atomic.Int64
	group, together := errgroup.WithContext(ctx)
	group.SetLimit(dueAtATime)
	for _, rows := range byAccount(due) {
		group.Go(func() error {
			for part := range slices.Chunk(rows, dueTogether) {
				n, err := s.try(together, part, now)
				decided.Add(int64(n))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return int(decided.Load()), err
}

// byAccount divides what is due into parts of about as much as a transaction takes,
// all of an account in one of them.
func byAccount(due []domain.Due) [][]domain.Due {
	parts := make([][]domain.Due, (len(due)+dueTogether-1)/dueTogether)
	for _, d := range due {
		n := crc32.ChecksumIEEE([]byte(d.Account)) % uint32(len(parts)) //nolint:gosec // a dozen
		parts[n] = append(parts[n], d)
	}
	return parts
}

// unstick takes rows out of the schedule that are due although what was due has
// its outcome: they would hold up all others for ever.
func (s *Scheduler) unstick(ctx context.Context, due []domain.Due, now time.Time) error {
	held := errHeld
	for _, d := range due {
		c := d.Envelope(now)
		done, err := s.store.DueDone(ctx, c.ID)
		if err != nil {
			return err
		}
		if done {
			held = nil
			s.log.Error("a row is due again although what was due is done; it waits for the operator", "schedule", c.Kind, "row", d.ID)
			if err := s.store.DueFailed(ctx, d, c.Kind, errStuck); err != nil {
				return err
			}
		}
	}
	return held
}

// try executes a page; if that fails, its halves, down to the row that fails,
// which leaves the schedule and waits for the operator.
func (s *Scheduler) try(ctx context.Context, due []domain.Due, now time.Time) (int, error) {
	decided, err := s.execute(ctx, due, now)
	switch {
	case err == nil:
		return decided, nil
	case ctx.Err() != nil || store.Unreachable(err) || len(due) == 1 && store.Transient(err):
		return 0, err
	case len(due) == 1:
		name := due[0].Envelope(now).Kind
		s.log.Error("what was due cannot be done; it waits for the operator", "schedule", name, "row", due[0].ID, "error", err)
		return 1, s.store.DueFailed(ctx, due[0], name, err)
	}
	half := len(due) / 2
	left, err := s.try(ctx, due[:half], now)
	if err != nil {
		return left, err
	}
	right, err := s.try(ctx, due[half:], now)
	return left + right, err
}

func (s *Scheduler) execute(ctx context.Context, due []domain.Due, now time.Time) (int, error) {
	for attempt := 1; ; attempt++ {
		decided, err := s.store.ExecuteDue(ctx, due, now)
		if err == nil || !store.Transient(err) || attempt >= rivalRetries {
			return len(decided), err
		}
		if err := pause(ctx, time.Duration(attempt)*10*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// advance moves the test clock from instant to instant at which something falls
// due, and does it there; the move itself is decided last. A worker that
// continues after a kill finds the clock where it stood.
func (b *Batcher) advance(ctx context.Context, c *domain.Envelope) error {
	move, ok := c.Command.(domain.AdvanceClock)
	now, test, err := b.store.Clock(ctx)
	if err != nil {
		return err
	}
	outside, err := b.store.OutOfScope(ctx, c)
	if err != nil {
		return err
	}
	if ok && test && outside == nil && !move.To.Before(now) {
		if err := b.walk(ctx, c.Seq, now, move.To); err != nil {
			return err
		}
	}
	_, err = b.store.Execute(ctx, domain.Control, []*domain.Envelope{c})
	return err
}

func (b *Batcher) walk(ctx context.Context, seq int64, now, to time.Time) error {
	schedule := NewScheduler(b.store, b.log).RenderWith(b.render)
	for {
		next, err := schedule.next(ctx)
		if err != nil || next == nil || next.After(to) {
			return errors.Join(err, schedule.invoice(ctx))
		}
		if err := b.settle(ctx, maxTime(*next, now)); err != nil {
			return err
		}
		if next, err = schedule.next(ctx); err != nil || next == nil || next.After(to) {
			return errors.Join(err, schedule.invoice(ctx))
		}
		now = maxTime(*next, now)
		if err := b.store.StepClock(ctx, now, seq); err != nil {
			return err
		}
		if err := b.settle(ctx, now); err != nil { // accepted while the clock was on its way here
			return err
		}
		if err := schedule.doAt(ctx, now, now); err != nil {
			return err
		}
	}
}

// errEarlier says that what is due cannot be done yet.
var errEarlier = errors.New("commands that were accepted before it have no outcome yet")

// doFirst does what was due before commands were accepted, after what was accepted
// before that.
func (b *Batcher) doFirst(ctx context.Context, due []domain.Due) error {
	if err := b.store.PassGate(ctx); err != nil {
		return err
	}
	schedule := NewScheduler(b.store, b.log).RenderWith(b.render)
	for _, d := range due {
		for last := int64(0); ; {
			waiting, err := b.store.WaitingBefore(ctx, d.NextDueAt, b.cap)
			if err != nil {
				return err
			}
			if len(waiting) == 0 {
				break
			}
			if waiting[0] == last {
				return errEarlier
			}
			last = waiting[0]
			if err := b.execute(ctx, waiting); err != nil {
				return err
			}
		}
		now, _, err := b.store.Clock(ctx)
		if err != nil {
			return err
		}
		if _, err := schedule.try(ctx, []domain.Due{d}, now); err != nil {
			return err
		}
	}
	return nil
}

// settle decides what was accepted before an instant and waits still, until it
// has its outcome or is dead.
func (b *Batcher) settle(ctx context.Context, before time.Time) error {
	for {
		seqs, err := b.store.WaitingBefore(ctx, before, b.cap)
		if err != nil || len(seqs) == 0 {
			return err
		}
		if err := b.execute(ctx, seqs); err != nil {
			return err
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
