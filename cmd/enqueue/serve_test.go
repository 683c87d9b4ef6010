package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// server is enqueue serve in this process.
type server struct {
	url  string
	stop func() int // and its exit code
}

func (l *ledger) serve() server {
	l.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	said, says := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--database-url", l.databaseURL, "--redis-url", l.redisURL}, strings.NewReader(""), io.Discard, says)
	}()
	line := make([]byte, 100)
	n, err := said.Read(line)
	check(l.t, err)
	url, serving := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "serving ")
	if !serving {
		l.t.Fatalf("%s", line[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	stopped := false
	s := server{url: url, stop: func() int {
		stopped = true
		cancel()
		return <-ended
	}}
	l.t.Cleanup(func() {
		if !stopped {
			s.stop()
		}
	})
	return s
}

func (s server) ask(t *testing.T, token, path, body string) (status int, answer string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	check(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	got, err := http.DefaultClient.Do(r)
	check(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	check(t, err)
	return got.StatusCode, string(text)
}

// A source gets a token, uses it, gets another, and loses the first.
func TestServing(t *testing.T) {
	l := newLedger(t)
	l.fill()
	t.Setenv("SOURCE_KEY", "")
	if code, _, errs := l.enqueue("", "source", "token", "portal"); code != exitInvalid || !strings.Contains(errs, "no such source") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if code, _, errs := l.enqueue("", "source", "add", "portal", "--account", "northwind"); code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	var tokens []string
	for _, id := range []string{"t1", "t2"} {
		code, out, errs := l.enqueue("", "source", "token", "portal")
		if code != 0 || !strings.HasPrefix(out, "llt_") || !strings.Contains(errs, "token "+id+" of source portal") || !strings.Contains(errs, "not shown again") {
			t.Fatalf("exit %d, %s, %s", code, out, errs)
		}
		tokens = append(tokens, strings.TrimSpace(out))
	}
	if code, _, errs := l.enqueue("", "source", "token", "portal"); code != exitInvalid || !strings.Contains(errs, "two active") {
		t.Errorf("a third: exit %d, %s", code, errs)
	}
	s := l.serve()
	buy := `{"id":"1","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro","quantity":1}}`
	for _, token := range tokens {
		if status, answer := s.ask(t, token, "/v1/commands", buy); status != http.StatusAccepted || !strings.Contains(answer, `"ids":["1"]`) {
			t.Errorf("%d %s", status, answer)
		}
	}
	if status, answer := s.ask(t, tokens[0], "/v1/commands/1?wait=30s", ""); status != http.StatusOK || !strings.Contains(answer, `"applied"`) {
		t.Errorf("%d %s", status, answer)
	}
	if code, out, errs := l.enqueue("", "show", "outcome", "1", "--source", "portal"); code != 0 || !strings.Contains(out, `"applied"`) {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	if code, _, errs := l.enqueue("", "source", "revoke", "portal", "t1"); code != 0 {
		t.Errorf("exit %d, %s", code, errs)
	}
	if status, _ := s.ask(t, tokens[0], "/v1/commands", buy); status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d", status)
	}
	code, out, _ := l.enqueue("", "source", "list", "--json")
	if code != 0 || !strings.Contains(out, `"tokens":[{"key":"t1"`) || strings.Contains(out, tokens[1][4:]) {
		t.Errorf("exit %d, %s", code, out)
	}
	code, out, _ = l.enqueue("", "source", "token", "portal", "--json")
	if code != 0 || !strings.Contains(out, `"id":"t3"`) || !strings.Contains(out, `"token":"llt_`) {
		t.Errorf("exit %d, %s", code, out)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if code, _, errs := l.enqueue("", "serve", "--rate", "-1"); code != exitInvalid || !strings.Contains(errs, "--rate") {
		t.Errorf("exit %d, %s", code, errs)
	}
}
