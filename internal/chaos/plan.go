package main

import (
	"context"
	"sync"
	"time"
)

// plan draws what happens in a round. It depends on the seed alone, not on what
// became of the rounds before.
func (w *world) plan(lasting time.Duration) [lanes][]happening {
	var plan [lanes][]happening
	for lane := range lanes {
		var eligible []*fault
		for i := range faults {
			f := &faults[i]
			if f.lane == lane && (!f.disk || w.disk != nil) && (!f.time || faketimeLibrary() != "") && (!f.long || !w.quick) && w.wanted(f) {
				for range f.weight {
					eligible = append(eligible, f)
				}
			}
		}
		for at := time.Duration(0); len(eligible) > 0; {
			h := happening{
				fault: eligible[w.chance.IntN(len(eligible))],
				after: time.Duration(200+w.chance.IntN(1800)) * time.Millisecond,
				lasts: time.Duration(200+w.chance.IntN(3500)) * time.Millisecond,
				which: w.chance.IntN(1 << 20),
			}
			if at += h.after + h.lasts; at > lasting {
				break
			}
			plan[lane] = append(plan[lane], h)
		}
	}
	return plan
}

func (w *world) wanted(f *fault) bool { return w.only == nil || w.only.MatchString(f.name) }

// happen carries out a plan, the lanes side by side.
func (w *world) happen(ctx context.Context, lasting time.Duration) {
	began := w.now()
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, lane := range w.plan(lasting) {
		all.Go(func() {
			for _, h := range lane {
				sleep(ctx, h.after)
				if ctx.Err() != nil || w.now().Sub(began) > lasting {
					return
				}
				w.log.Info("fault", "name", h.fault.name, "lasts", h.lasts, "which", h.which)
				err := h.fault.run(ctx, w, h)
				mu.Lock()
				w.done[h.fault.name]++
				w.gentle = w.gentle && !h.fault.rough
				if err != nil && ctx.Err() == nil {
					w.fail("the fault %q could not be carried out: %v", h.fault.name, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	sleep(ctx, lasting-w.now().Sub(began))
}
