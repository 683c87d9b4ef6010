package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/webhook"
)

// told reads events as JSON, one a line.
func (l *ledger) told(args ...string) (types []string, last events.Event, next string) {
	l.t.Helper()
	code, out, errs := l.enqueue("", append([]string{"events", "--json"}, args...)...)
	next, ok := strings.CutPrefix(strings.TrimSpace(errs), "next: --after ")
	if code != 0 || !ok {
		l.t.Fatalf("exit %d, %s", code, errs)
	}
	for line := range strings.Lines(out) {
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			l.t.Fatal(err, line)
		}
		types = append(types, last.Type)
	}
	return types, last, next
}

func TestEventsAreReadFromACursorOn(t *testing.T) {
	l := newLedger(t)
	l.fill()
	all, _, next := l.told()
	if !slices.Equal(all[len(all)-4:], []string{"stock.purchased", "command.rejected", "stock.transferred", "order.requested"}) {
		t.Errorf("%v", all)
	}
	if more, _, still := l.told("--after", next); len(more) > 0 || still != next {
		t.Errorf("%v up to %s", more, still)
	}
	var paged []string
	cursor := "0-0"
	for {
		page, _, next := l.told("--after", cursor, "--limit", "3")
		if len(page) == 0 {
			break
		}
		paged, cursor = append(paged, page...), next
	}
	if !slices.Equal(paged, all) {
		t.Errorf("%v in pages, %v at once", paged, all)
	}
	some, last, _ := l.told("--type", "stock.transferred", "--type", "stock.purchased")
	if !slices.Equal(some, []string{"stock.purchased", "stock.transferred"}) || last.Subject != "acme" {
		t.Errorf("%v, %+v", some, last)
	}
	if own, _, _ := l.told("--account", "acme"); !slices.Equal(own[len(own)-2:], []string{"stock.transferred", "order.requested"}) {
		t.Errorf("%v", own)
	}
	if code, out, _ := l.enqueue("", "events", "--type", "order.requested"); code != 0 || !strings.Contains(out, "order.requested         acme") {
		t.Errorf("exit %d, %s", code, out)
	}
	for _, wrong := range [][]string{{"--type", "nothing"}, {"--after", "x"}, {"--limit", "0"}, {"--account", "a b"}} {
		if code, _, errs := l.enqueue("", append([]string{"events"}, wrong...)...); code != exitInvalid || !strings.Contains(errs, wrong[0]) {
			t.Errorf("%v: exit %d, %s", wrong, code, errs)
		}
	}
}

func TestAWebhookFromItsAdditionToItsRemoval(t *testing.T) {
	l := newLedger(t)
	l.fill()
	came := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came <- r.Header.Get(webhook.HeaderSignature) }))
	t.Cleanup(server.Close)
	code, out, errs := l.enqueue("", "webhook", "add", server.URL, "--type", "order.requested", "--from", "0-0")
	if code != 0 || !strings.HasPrefix(out, "whsec_") || !strings.HasPrefix(errs, "webhook wh1;") {
		t.Fatalf("exit %d, %s, %s", code, out, errs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	sender := webhook.New(l.store, slog.New(slog.DiscardHandler), time.Now)
	go func() { sender.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	comes := func() {
		t.Helper()
		select {
		case signature := <-came:
			if !strings.HasPrefix(signature, "v1,") {
				t.Error(signature)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nothing came")
		}
	}
	do := func(args string) {
		t.Helper()
		if code, _, errs := l.enqueue("", append([]string{"webhook"}, strings.Fields(args)...)...); code != 0 {
			t.Fatalf("webhook %s: exit %d, %s", args, code, errs)
		}
	}
	comes()
	do("pause wh1")
	do("replay wh1 --from 0-0")
	do("resume wh1")
	comes()
	code, out, _ = l.enqueue("", "webhook", "list", "--json")
	if code != 0 || !strings.Contains(out, `"webhook":"wh1"`) || !strings.Contains(out, `"state":"active"`) || strings.Contains(out, "whsec") {
		t.Errorf("exit %d, %s", code, out)
	}
	do("remove wh1")
	for _, wrong := range [][]string{{"remove", "wh1"}, {"pause", "none"}, {"add", "http://portal.example/"}, {"add", server.URL, "--type", "x"}, {"replay", "wh1"}} {
		if code, _, errs := l.enqueue("", append([]string{"webhook"}, wrong...)...); code != exitInvalid || errs == "" {
			t.Errorf("%v: exit %d, %s", wrong, code, errs)
		}
	}
}
