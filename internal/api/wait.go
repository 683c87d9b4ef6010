package api

import (
	"context"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// MaxWait is how long a request may wait for an outcome.
const MaxWait = 30 * time.Second

// waitingRoom is where requests wait for outcomes. One loop asks for all of
// them, so that a thousand who wait cost no more than one.
type waitingRoom struct {
	store  *store.Store
	closed chan struct{}

	mu      sync.Mutex
	waiting map[int64][]chan domain.Outcome // by place in the journal
	asking  bool
	ended   bool
}

func newWaitingRoom(s *store.Store) *waitingRoom {
	return &waitingRoom{store: s, closed: make(chan struct{}), waiting: map[int64][]chan domain.Outcome{}}
}

// close ends all waiting, now and later.
func (w *waitingRoom) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ended {
		w.ended = true
		close(w.closed)
	}
}

// wait returns the outcome of a command, or that there is none yet.
func (w *waitingRoom) wait(ctx context.Context, seq int64, limit time.Duration) (o domain.Outcome, decided bool) {
	told := w.enter(seq)
	defer w.leave(seq, told)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case o = <-told:
		return o, true
	case <-timer.C:
	case <-ctx.Done():
	case <-w.closed:
	}
	return o, false
}

// pause lets a while pass. It returns false if nobody should wait any longer.
func (w *waitingRoom) pause(ctx context.Context, d time.Duration, until <-chan time.Time) bool {
	select {
	case <-time.After(d):
		return true
	case <-until:
	case <-ctx.Done():
	case <-w.closed:
	}
	return false
}

func (w *waitingRoom) enter(seq int64) chan domain.Outcome {
	told := make(chan domain.Outcome, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting[seq] = append(w.waiting[seq], told)
	if !w.asking {
		w.asking = true
		go w.ask()
	}
	return told
}

func (w *waitingRoom) leave(seq int64, told chan domain.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var others []chan domain.Outcome
	for _, other := range w.waiting[seq] {
		if other != told {
			others = append(others, other)
		}
	}
	if w.waiting[seq] = others; len(others) == 0 {
		delete(w.waiting, seq)
	}
}

// ask asks for outcomes as long as somebody waits. If Postgres cannot be
// reached, they wait on.
func (w *waitingRoom) ask() {
	const between = 20 * time.Millisecond
	for {
		seqs := w.wanted()
		if len(seqs) == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), MaxWait)
		outcomes, _ := w.store.Outcomes(ctx, seqs)
		cancel()
		w.tell(outcomes)
		select {
		case <-w.closed:
		case <-time.After(between):
		}
	}
}

func (w *waitingRoom) wanted() []int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asking = len(w.waiting) > 0 && !w.ended
	if !w.asking {
		return nil
	}
	seqs := make([]int64, 0, len(w.waiting))
	for seq := range w.waiting {
		seqs = append(seqs, seq)
	}
	return seqs
}

func (w *waitingRoom) tell(outcomes []domain.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range outcomes {
		for _, told := range w.waiting[o.Seq] {
			select {
			case told <- o:
			default: // it knows already
			}
		}
	}
}
