package console

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

const (
	checkTime        = 30 * time.Minute
	discrepanciesMax = 20 // that are kept
)

// checker runs the check of the ledger when somebody asks for it, one at a time,
// and remembers how the last one ended. It reads all of the ledger, so it does
// not run by itself.
type checker struct {
	ctx    context.Context // outlives the request that starts it
	ledger *store.Store
	now    func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	running bool
	began   time.Time
	last    *checked
}

type checked struct {
	at    time.Time
	took  time.Duration
	found int
	some  []string
	err   error
}

// checkForm is what a page says about checks.
type checkForm struct{ Running bool }

func (c *console) startCheck(w http.ResponseWriter, r *http.Request) {
	c.check.start()
	http.Redirect(w, r, Home+"#check", http.StatusSeeOther)
}

func (k *checker) start() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running {
		return
	}
	k.running, k.began = true, k.now()
	go k.run()
}

func (k *checker) run() {
	ctx, cancel := context.WithTimeout(k.ctx, checkTime)
	defer cancel()
	result := &checked{}
	result.err = k.ledger.Check(ctx, func(discrepancy string) {
		if result.found++; result.found <= discrepanciesMax {
			result.some = append(result.some, discrepancy)
		}
	})
	if result.err != nil {
		k.log.Warn("the check of the ledger could not be made", "error", result.err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	result.at = k.now()
	result.took = result.at.Sub(k.began)
	k.running, k.last = false, result
}

// show adds to a page how the last check ended.
func (k *checker) show(p *page) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p.Check = &checkForm{Running: k.running}
	f := figure{Label: "Ledger check by button", Href: "#check"}
	s := section{ID: "check", Title: "Check of the ledger"}
	switch last := k.last; {
	case k.running:
		f.Value, f.Sub = "running", "since "+k.began.UTC().Format(time.TimeOnly)
		s.Note = "A check is running. Reload the page to see how it ends."
	case last == nil:
		f.Value, f.Sub = "not run", "since this worker started"
		s.Note = "Nobody has asked this worker for a check of the whole ledger since it started. What it verifies by itself, part by part (CHECK_EVERY), is told by its metrics, its log and the alerts."
	case last.err != nil:
		f.Value, f.Sub, f.Tone = "failed", last.ago(), "warn"
		s.Note = "The last check could not be made; the worker's log says why."
	case last.found == 0:
		f.Value, f.Sub, f.Tone = "ok", last.ago(), "good"
		s.Note = "The ledger adds up: no discrepancy was found " + last.ago() + "."
	default:
		f.Value, f.Sub, f.Tone = counted(int64(last.found), "discrepancy"), last.ago(), "bad"
		if last.found != 1 {
			f.Value = grouped(int64(last.found)) + " discrepancies"
		}
		s.Note = "The ledger does not add up. worker check lists every discrepancy; these are the first."
		s.Table = &table{Head: []column{{Label: "Discrepancy"}}}
		for _, sentence := range last.some {
			s.Table.Rows = append(s.Table.Rows, []cell{text(sentence)})
		}
	}
	p.Figures, p.Sections = append(p.Figures, f), append(p.Sections, s)
}

func (c *checked) ago() string {
	return "at " + c.at.UTC().Format(time.DateTime) + ", in " + c.took.Round(time.Millisecond).String()
}
