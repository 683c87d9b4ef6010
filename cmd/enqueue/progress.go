package main

import (
	"fmt"
	"io"
	"time"

	"github.com/licenseledger/licenseledger/internal/cmdline"
)

// progressLine rewrites one line of a terminal; where there is none it is silent.
type progressLine struct {
	out     io.Writer // nil: there is no terminal
	total   int
	wait    bool
	now     func() time.Time
	started time.Time
	last    time.Time
	// What is known so far, also for whoever interrupts.
	accepted, decided int
}

func newProgressLine(w io.Writer, total int, wait bool) *progressLine {
	p := &progressLine{total: total, wait: wait, now: time.Now}
	if cmdline.Rewrites(w) {
		p.out = w
	}
	p.started = p.now()
	return p
}

func (p *progressLine) show(accepted, decided int) {
	const between = 100 * time.Millisecond
	p.accepted, p.decided = accepted, decided
	now := p.now()
	if p.out == nil || now.Sub(p.last) < between {
		return
	}
	p.last = now
	fmt.Fprintf(p.out, "\r\x1b[K%s", p.line(now))
}

// line says how far it is, how fast, and how long it will take at that rate.
func (p *progressLine) line(now time.Time) string {
	text := fmt.Sprintf("%d of %d accepted", p.accepted, p.total)
	done := p.accepted
	if p.wait {
		text += fmt.Sprintf(", %d decided", p.decided)
		done = p.decided
	}
	const soon = time.Second // before that a rate says nothing
	elapsed := now.Sub(p.started)
	if done == 0 || elapsed < soon {
		return text
	}
	rate := float64(done) / elapsed.Seconds()
	left := time.Duration(float64(p.total-done) / rate * float64(time.Second))
	return text + fmt.Sprintf(", %.0f/s, %s left", rate, left.Round(time.Second))
}

func (p *progressLine) clear() {
	if p.out != nil && !p.last.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// resume says what an interrupted run leaves behind.
func (p *progressLine) resume() string {
	text := fmt.Sprintf("%d of %d commands are accepted", p.accepted, p.total)
	if p.wait {
		text += fmt.Sprintf(", %d have their outcome", p.decided)
	}
	return text + "; what is accepted will be decided. Run the same again to go on: nothing is applied twice"
}
