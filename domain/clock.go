package domain

import "time"

// AdvanceClock moves the test clock.
type AdvanceClock struct {
	To time.Time `json:"to"`
}

func (AdvanceClock) Kind() string                   { return "clock.advance" }
func (AdvanceClock) Reads(*State, *Envelope, *Keys) {}

// Doc says what the command gives and what can refuse it.
func (AdvanceClock) Doc() Doc {
	return Doc{Reasons: []Reason{ClockNotAdjustable}}
}

func (b AdvanceClock) Decide(d *Decision) {
	switch {
	case !d.Clock.Test:
		d.refuse(ClockNotAdjustable, "no worker runs with --test-clock")
	case b.To.Before(d.Clock.Now) && !d.Clock.Unused:
		d.refuse(ClockNotAdjustable, "%s lies before the present test time %s", b.To.UTC().Format(time.RFC3339Nano), d.Clock.Now.UTC().Format(time.RFC3339Nano))
	}
	if d.refused() {
		return
	}
	d.At = b.To.UTC()
	d.Clock.Now, d.Clock.Set = d.At, true
	d.summary = "the test clock was set to " + d.At.Format(time.RFC3339Nano)
}
