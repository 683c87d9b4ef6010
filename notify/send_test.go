package notify

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
)

// world is a ledger with mails in it.
type world struct {
	t    *testing.T
	pool *pgxpool.Pool
	st   *store.Store
	log  *logged
}

// logged is a log that a test can read while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	url := testdb.URL(t)
	st, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return &world{t: t, pool: pool, st: st, log: &logged{}}
}

func (w *world) add(n int, recipient string) {
	w.t.Helper()
	m := assigned()
	_, err := w.pool.Exec(w.t.Context(), `INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
		VALUES ($1, 1, $2, 'acme', $3, 'Grace Hopper', 'en', $4, gen_random_uuid(), '2026-11-30T09:30:00Z')`, n, m.Event, recipient, m.Params)
	if err != nil {
		w.t.Fatal(err)
	}
}

// sender is in a hurry.
func (w *world) sender(url string) *Sender {
	w.t.Helper()
	s, err := New(w.st, Settings{SMTPURL: url, From: "Ledger <ledger@licenses.example>"}, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		w.t.Fatal(err)
	}
	s.poll, s.pause, s.lease = 10*time.Millisecond, 20*time.Millisecond, 3*time.Second
	s.backoff = func(int64) time.Duration { return 20 * time.Millisecond }
	return s
}

func (w *world) start(s *Sender) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	w.t.Cleanup(stop)
	return stop
}

func (w *world) all() []store.MailEntry {
	w.t.Helper()
	var found []store.MailEntry
	for m, err := range w.st.MailReport(w.t.Context(), store.MailFilter{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		found = append(found, m)
	}
	return found
}

// until waits for all mails to get into a state.
func (w *world) until(state store.MailState) []store.MailEntry {
	w.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		found, missing := w.all(), 0
		for _, m := range found {
			if m.State != state {
				missing++
			}
		}
		if missing == 0 {
			return found
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%d mails are not %s: %+v\n%s", missing, state, found, w.log)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	w, server := newWorld(t), startServer(t, nil)
	for n := range 40 { // more than a page
		w.add(n+1, fmt.Sprintf("user%d@acme.example", n))
	}
	stop := w.start(w.sender("smtp://ops:s3cret@" + server.address))
	sent := w.until(store.MailSent)
	stop()
	got := map[string]received{}
	for _, r := range server.received() {
		got[r.to] = r
	}
	if len(got) != 40 || len(server.received()) != 40 {
		t.Fatalf("%d mails for %d people", len(server.received()), len(got))
	}
	for _, m := range sent {
		r := got[m.Recipient]
		if r.from != "ledger@licenses.example" || r.messageID(t) != m.MessageID || !strings.HasSuffix(m.MessageID, "@licenses.example>") {
			t.Errorf("%s: from %s, %s, recorded %s", m.Recipient, r.from, r.messageID(t), m.MessageID)
		}
		if m.Attempts != 1 || m.SentAt == nil || m.Doubtful {
			t.Errorf("%+v", m)
		}
		readBack(t, r.raw)
	}
	if server.sessions > 2*parallel || server.logins[0] != "ops:s3cret" {
		t.Errorf("%d connections for 40 mails, logins %v", server.sessions, server.logins)
	}
	if strings.Contains(w.log.String(), "s3cret") || strings.Contains(w.log.String(), "@") || strings.Count(w.log.String(), "mail sent") != 40 {
		t.Error(w.log)
	}
}

func TestLaterThenAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := startServer(t, func(s *testServer) {
		s.onRcpt = func(attempt int) error {
			if attempt <= 2 {
				return errLater
			}
			return nil
		}
	})
	w.add(1, "grace@acme.example")
	w.start(w.sender("smtp://" + server.address))
	if m := w.until(store.MailSent)[0]; m.Attempts != 3 || m.Doubtful || m.Error != "" {
		t.Errorf("%+v", m)
	}
	if len(server.received()) != 1 {
		t.Errorf("%d mails", len(server.received()))
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*testServer){
		"recipient": func(s *testServer) { s.onRcpt = func(int) error { return errNever } },
		"content":   func(s *testServer) { s.onData = func(int, *smtp.Conn) error { return errNever } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, server := newWorld(t), startServer(t, configure)
			w.add(1, "nobody@acme.example")
			w.start(w.sender("smtp://" + server.address))
			if m := w.until(store.MailFailed)[0]; m.Attempts != 1 || m.Doubtful || !strings.Contains(m.Error, "no such user") || m.SentAt != nil {
				t.Errorf("%+v", m)
			}
		})
	}
}

// One refused recipient must not harm the others.
func TestRefusedAmongOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := startServer(t, func(s *testServer) {
		s.onRcpt = func(attempt int) error {
			if attempt == 3 {
				return errNever
			}
			return nil
		}
	})
	for n := range 10 {
		w.add(n+1, "grace@acme.example")
	}
	w.start(w.sender("smtp://" + server.address))
	sent, failed := 0, 0
	for deadline := time.Now().Add(20 * time.Second); sent+failed < 10 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		sent, failed = 0, 0
		for _, m := range w.all() {
			switch m.State {
			case store.MailSent:
				sent++
			case store.MailFailed:
				failed++
			}
		}
	}
	if sent != 9 || failed != 1 || len(server.received()) != 9 {
		t.Errorf("%d sent, %d failed, %d received\n%s", sent, failed, len(server.received()), w.log)
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	for n := range 50 {
		w.add(n+1, "grace@acme.example")
	}
	s := w.sender("smtp://" + address)
	if _, err := s.sendPage(t.Context()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Fatal(err)
	}
	tried := 0
	for _, m := range w.all() {
		if m.State != store.MailPending {
			t.Errorf("%+v", m)
		}
		tried += int(m.Attempts)
	}
	if tried != 1 {
		t.Errorf("%d mails paid for the server", tried)
	}
	w.start(s)
	back := newTestServer(t)
	back.listen(address)
	w.until(store.MailSent)
	if len(back.received()) != 50 {
		t.Errorf("%d mails", len(back.received()))
	}
}

func TestDroppedAfterFinalDot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := startServer(t, func(s *testServer) {
		s.onData = func(attempt int, c *smtp.Conn) error {
			if attempt == 1 {
				_ = c.Conn().Close()
			}
			return nil
		}
	})
	w.add(1, "grace@acme.example")
	s := w.sender("smtp://" + server.address)
	if _, err := s.sendPage(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := w.all()[0]; m.State != store.MailInDoubt || !m.Doubtful || m.SentAt != nil {
		t.Fatalf("%+v", m)
	}
	w.start(s)
	m := w.until(store.MailSent)[0]
	got := server.received()
	if len(got) != 2 || got[0].messageID(t) != m.MessageID || !bytes.Equal(got[0].raw, got[1].raw) {
		t.Errorf("%d mails, the record has %s", len(got), m.MessageID)
	}
	if !m.Doubtful || m.Attempts != 2 {
		t.Errorf("%+v", m)
	}
}

// What a server says after it took a mail changes nothing about that.
func TestDroppedAfterAcceptance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := startServer(t, func(s *testServer) {
		s.onTaken = func(c *smtp.Conn) { _ = c.Conn().Close() }
	})
	for n := range 8 {
		w.add(n+1, "grace@acme.example")
	}
	s := w.sender("smtp://" + server.address)
	w.start(s)
	w.until(store.MailSent)
	for range 5 {
		time.Sleep(20 * time.Millisecond)
		if n := len(server.received()); n != 8 {
			t.Fatalf("%d mails", n)
		}
	}
}

func TestKilledWorker(t *testing.T) {
	t.Parallel()
	w, server := newWorld(t), startServer(t, nil)
	w.add(1, "grace@acme.example")
	s := w.sender("smtp://" + server.address)
	s.lease = 30 * time.Millisecond
	claimed, _, err := s.claim(t.Context()) // and then it was killed
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	s.lease = 3 * time.Second
	w.start(s)
	if m := w.until(store.MailSent)[0]; !m.Doubtful || m.Attempts != 2 || m.MessageID != claimed[0].MessageID {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(w.log.String(), "mail in doubt") {
		t.Error(w.log)
	}
}

// A mail that takes longer than its lease stays with its living worker.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := startServer(t, func(s *testServer) {
		s.onData = func(int, *smtp.Conn) error {
			time.Sleep(time.Second)
			return nil
		}
	})
	w.add(1, "grace@acme.example")
	for range 2 {
		s := w.sender("smtp://" + server.address)
		s.lease = 300 * time.Millisecond
		w.start(s)
	}
	if m := w.until(store.MailSent)[0]; m.Doubtful || m.Attempts != 1 || len(server.received()) != 1 {
		t.Errorf("%+v, received %d times", m, len(server.received()))
	}
}

func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun := make(chan struct{}, 100)
	server := startServer(t, func(s *testServer) {
		s.onData = func(int, *smtp.Conn) error {
			begun <- struct{}{}
			time.Sleep(100 * time.Millisecond)
			return nil
		}
	})
	for n := range 20 {
		w.add(n+1, "grace@acme.example")
	}
	stop := w.start(w.sender("smtp://" + server.address))
	<-begun
	stop()
	sent := 0
	for _, m := range w.all() {
		switch m.State {
		case store.MailSent:
			sent++
		case store.MailPending:
			if m.Attempts != 0 {
				t.Errorf("%+v", m)
			}
		default:
			t.Errorf("%+v", m)
		}
	}
	if got := len(server.received()); sent != got || sent == 0 || sent == 20 {
		t.Errorf("%d sent, %d received", sent, got)
	}
}

func TestNoMailServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add(1, "grace@acme.example")
	s, err := New(w.st, Settings{}, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	stop := w.start(s)
	time.Sleep(20 * time.Millisecond)
	stop()
	w.until(store.MailPending)
	if strings.Count(w.log.String(), "SMTP_URL is not set") != 1 {
		t.Error(w.log)
	}
}

func TestUnsendable(t *testing.T) {
	t.Parallel()
	w, server := newWorld(t), startServer(t, nil)
	w.add(1, `"a> <b"@acme.example`)
	w.add(2, "grace@acme.example")
	if _, err := w.pool.Exec(t.Context(), `UPDATE mail SET event = 'license.eaten', attempts = 500 WHERE no = 2`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.sender("smtp://" + server.address).sendPage(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := w.all()
	if found[0].State != store.MailFailed || server.sessions != 0 {
		t.Errorf("%+v, %d connections", found, server.sessions)
	}
	// Nobody gives up what a newer worker can word.
	if m := found[1]; m.State != store.MailPending || m.Attempts != 501 || !strings.Contains(m.Error, `no words for the event "license.eaten"`) {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(w.log.String(), "kept: a newer worker may have words for it") {
		t.Error(w.log)
	}
}
