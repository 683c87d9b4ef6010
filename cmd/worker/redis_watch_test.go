package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// The log has one line when Redis goes, and one when it is back, however often
// somebody looks.
func TestTheLogSaysWhenRedisGoesAndComes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var err error
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := newRedisWatch(func(context.Context) error { return err }, func() time.Time { return clock }, slog.New(slog.NewTextHandler(&out, nil)))
	w.try(t.Context())
	if w.Trouble() != "" || w.away() || len(w.doubt) != 1 {
		t.Errorf("%q, %d in doubt", w.Trouble(), len(w.doubt))
	}
	err = errors.New("refused")
	w.try(t.Context())
	clock = clock.Add(90 * time.Second)
	w.try(t.Context())
	if want := "Redis cannot be reached; commands are found in the journal, about ten seconds later"; w.Trouble() != want || !w.away() {
		t.Errorf("%q", w.Trouble())
	}
	ended, end := context.WithCancel(t.Context())
	end()
	w.try(ended)
	err = nil
	w.try(t.Context())
	w.try(t.Context())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `level=WARN msg="Redis cannot be reached; commands are found in the journal, about ten seconds later" error=refused`) ||
		!strings.Contains(lines[1], `level=INFO msg="Redis can be used again" after_ms=90000`) || w.Trouble() != "" {
		t.Errorf("%s%q", out.String(), w.Trouble())
	}
	err = errors.New("closed")
	w.try(ended)
	if w.Trouble() != "" {
		t.Error("the end of the worker is taken for one of Redis")
	}
}
