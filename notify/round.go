package notify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

// round sends what is due over a few connections. The next page is claimed as soon
// as the last mail of one is begun, so that connections are not idle meanwhile.
type round struct {
	*Sender
	unsettled chan struct{}
	settling  sync.WaitGroup

	mu        sync.Mutex
	changed   *sync.Cond          // of what follows
	todo      []store.ClaimedMail // not begun
	held      map[string]store.ClaimedMail
	senders   int // at work
	over      bool
	connected bool
	err       error // of a connection that could not be made
}

// sendDue sends until nothing more is due. It fails when the database or the mail
// server cannot be reached, which is nothing about any single mail.
func (s *Sender) sendDue(ctx context.Context) error {
	r := &round{Sender: s, unsettled: make(chan struct{}, unsettled), held: map[string]store.ClaimedMail{}, senders: parallel}
	r.changed = sync.NewCond(&r.mu)
	holding, stop := r.hold(ctx)
	defer stop()
	wake := context.AfterFunc(holding, r.wake)
	defer wake()
	var senders sync.WaitGroup
	for range parallel {
		senders.Go(func() { r.send(holding) })
	}
	err := r.claimAll(holding)
	senders.Wait()
	r.settling.Wait()
	if !r.connected && r.err != nil && ctx.Err() == nil {
		// One mail at a time pays for a server that cannot be reached, so that
		// the others go out as soon as it is back.
		r.settle(ctx, r.todo[0], verdict{fate: delayed, err: r.err})
		r.todo = r.todo[1:]
		err = r.err
	}
	r.giveBack(ctx)
	return err
}

// claimAll claims page after page until one is not full, or nobody sends any more.
func (r *round) claimAll(ctx context.Context) error {
	defer r.end()
	for full := true; full && r.needy(ctx); {
		claimed, doubted, err := r.claim(ctx)
		if err != nil {
			return err
		}
		for _, m := range doubted {
			r.log.Warn("mail in doubt", mailAttrs(m, "next", "sent again after a pause", "wait", r.pause)...)
		}
		full = len(claimed)+len(doubted) == pageSize
		r.add(claimed)
	}
	return nil
}

// needy waits until all that is claimed is begun; false if nobody would begin more.
func (r *round) needy(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ctx.Err() == nil && r.senders > 0 && len(r.todo) > 0 {
		r.changed.Wait()
	}
	return ctx.Err() == nil && r.senders > 0
}

func (r *round) add(claimed []store.ClaimedMail) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.todo = append(r.todo, claimed...)
	for _, m := range claimed {
		r.held[m.ID()] = m
	}
	r.changed.Broadcast()
}

func (r *round) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	r.changed.Broadcast()
}

func (r *round) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed.Broadcast()
}

// take waits for the next mail to send; false at the end.
func (r *round) take(ctx context.Context) (m store.ClaimedMail, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ctx.Err() == nil && len(r.todo) == 0 && !r.over {
		r.changed.Wait()
	}
	if ctx.Err() != nil || len(r.todo) == 0 {
		return m, false
	}
	m, r.todo = r.todo[0], r.todo[1:]
	r.changed.Broadcast()
	return m, true
}

// send sends over one connection, and over a new one when that breaks.
func (r *round) send(ctx context.Context) {
	var line connection
	defer func() {
		if line != nil {
			line.close()
		}
		r.leave()
	}()
	for m, more := r.take(ctx); more; m, more = r.take(ctx) {
		kept := line != nil
		var v verdict
		line, v = r.attempt(ctx, line, m)
		if v.fate == untried && kept && line == nil { // the server had closed it meanwhile
			line, v = r.attempt(ctx, nil, m)
		}
		if v.fate == untried {
			r.putBack(m, v.err)
			return
		}
		r.unsettled <- struct{}{}
		r.settling.Go(func() {
			r.settle(ctx, m, v)
			r.release(m)
			<-r.unsettled
		})
	}
}

// attempt sends one mail, over the given connection or a new one, and returns
// the connection if it is still good.
func (r *round) attempt(ctx context.Context, line connection, m store.ClaimedMail) (_ connection, v verdict) {
	fateOfPanic := delayed
	defer func() {
		if problem := recover(); problem != nil {
			v = verdict{fate: fateOfPanic, err: fmt.Errorf("panic: %v", problem)}
			if line != nil {
				line.close()
			}
		}
	}()
	msg, err := r.message(ctx, m)
	if err != nil {
		return line, verdict{fate: fateOf(err), err: err}
	}
	fresh := line == nil
	if fresh {
		if line, err = r.transport.open(ctx); err != nil {
			return nil, verdict{fate: untried, err: err}
		}
		r.reached()
	}
	if ctx.Err() != nil { // it ended while the connection was made
		return line, verdict{fate: untried}
	}
	fateOfPanic = unsure
	v = line.send(m, msg)
	if v.broken {
		line.close()
		line = nil
	}
	if v.fate == untried && fresh {
		v.fate = delayed // one that was just made is as good as it gets
	}
	return line, v
}

func (r *round) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.senders--
	r.changed.Broadcast()
}

func (r *round) reached() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connected = true
}

// putBack leaves a mail to those that still send.
func (r *round) putBack(m store.ClaimedMail, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.todo = append(r.todo, m)
	if err != nil {
		r.err = err
	}
}

func (r *round) release(m store.ClaimedMail) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.held, m.ID())
}

// giveBack gives back what was claimed and not tried.
func (r *round) giveBack(ctx context.Context) {
	if len(r.todo) == 0 {
		return
	}
	after, cancel := afterwards(ctx)
	defer cancel()
	if err := r.store.ReleaseMail(after, r.todo); err != nil {
		r.log.Warn("mails could not be given back; their lease has to end first", "mails", len(r.todo), "error", err)
	}
}

// hold prolongs the leases of what is held until stop is called. Should the
// database be away for too long, the context ends, and no further mail is begun.
func (r *round) hold(ctx context.Context) (holding context.Context, stop func()) {
	holding, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(r.lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
			// Not under ctx: what is under way when it ends needs its lease too.
			soon, done := context.WithTimeout(context.WithoutCancel(ctx), r.lease/3)
			err := r.store.RenewMail(soon, r.allHeld(), r.lease)
			done()
			if err != nil {
				r.log.Warn("the leases of mails could not be prolonged; no further ones are begun", "error", err)
				cancel()
			}
		}
	})
	return holding, func() {
		close(over)
		renewing.Wait()
		cancel()
	}
}

func (r *round) allHeld() []store.ClaimedMail {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.held))
}
