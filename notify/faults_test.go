package notify

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/licenseledger/licenseledger/internal/store"
)

// An event with two recipients is two mails: one that is refused is no matter to
// the other.
func TestOneOfTwoRecipientsRefused(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]*smtp.SMTPError{"for good": errNever, "for now": errLater} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			server := startServer(t, func(s *testServer) {
				s.onRcptTo = func(to string) error {
					if to == "nobody@acme.example" {
						return refusal
					}
					return nil
				}
			})
			w.add(1, "nobody@acme.example")
			w.add(2, "grace@acme.example")
			s := w.sender("smtp://" + server.address)
			s.backoff = func(int64) time.Duration { return time.Hour }
			if _, err := s.sendPage(t.Context()); err != nil {
				t.Fatal(err)
			}
			found := w.all()
			wanted := map[string]store.MailState{"for good": store.MailFailed, "for now": store.MailPending}[name]
			if m := found[0]; m.State != wanted || m.Attempts != 1 || m.Doubtful || m.SentAt != nil || m.Error == "" {
				t.Errorf("refused: %+v", m)
			}
			if m := found[1]; m.State != store.MailSent || m.Attempts != 1 || m.Doubtful || m.SentAt == nil || m.Error != "" {
				t.Errorf("taken: %+v", m)
			}
			if got := server.received(); len(got) != 1 || got[0].to != "grace@acme.example" {
				t.Errorf("received %d", len(got))
			}
		})
	}
}

// Greylisting answers the content, not the recipient.
func TestContentLaterThenAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := startServer(t, func(s *testServer) {
		s.onData = func(attempt int, _ *smtp.Conn) error {
			if attempt == 1 {
				return errLater
			}
			return nil
		}
	})
	w.add(1, "grace@acme.example")
	s := w.sender("smtp://" + server.address)
	if _, err := s.sendPage(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := w.all()[0]; m.State != store.MailPending || m.Attempts != 1 || m.Doubtful {
		t.Errorf("%+v", m)
	}
	w.start(s)
	m := w.until(store.MailSent)[0]
	if m.Attempts != 2 || m.Doubtful || m.Error != "" {
		t.Errorf("%+v", m)
	}
	got := server.received()
	if len(got) != 2 || !bytes.Equal(got[0].raw, got[1].raw) || got[1].messageID(t) != m.MessageID {
		t.Errorf("received %d times", len(got))
	}
}

// A server that falls silent is left alone after a while. Whether the mail may
// have arrived depends on when.
func TestStalled(t *testing.T) {
	t.Parallel()
	const patience = 300 * time.Millisecond
	for name, c := range map[string]struct {
		stall    func(*testServer, <-chan struct{})
		state    store.MailState
		doubtful bool
	}{
		"at the recipient": {func(s *testServer, over <-chan struct{}) {
			s.onRcpt = func(attempt int) error {
				if attempt == 1 {
					s.mu.Unlock() // the other attempts go on
					<-over
					s.mu.Lock()
				}
				return nil
			}
		}, store.MailPending, false},
		"after the final dot": {func(s *testServer, over <-chan struct{}) {
			s.onData = func(attempt int, _ *smtp.Conn) error {
				if attempt == 1 {
					s.mu.Unlock()
					<-over
					s.mu.Lock()
				}
				return nil
			}
		}, store.MailInDoubt, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, over := newWorld(t), make(chan struct{})
			server := startServer(t, func(s *testServer) { c.stall(s, over) })
			t.Cleanup(func() { close(over) }) // before the server's end
			w.add(1, "grace@acme.example")
			s := w.sender("smtp://" + server.address)
			s.transport.(*smtpServer).timeout = patience
			began := time.Now()
			if _, err := s.sendPage(t.Context()); err != nil {
				t.Fatal(err)
			}
			if waited := time.Since(began); waited < patience || waited > 20*patience {
				t.Errorf("gave up after %s", waited)
			}
			if m := w.all()[0]; m.State != c.state || m.Attempts != 1 || m.Doubtful != c.doubtful || m.SentAt != nil || m.Error == "" {
				t.Errorf("%+v", m)
			}
			w.start(s)
			m := w.until(store.MailSent)[0]
			if m.Attempts != 2 || m.Doubtful != c.doubtful {
				t.Errorf("%+v", m)
			}
			ids := map[string]bool{}
			for _, r := range server.received() {
				ids[r.messageID(t)] = true
			}
			if len(ids) != 1 || !ids[m.MessageID] {
				t.Errorf("message ids %v, recorded %s", ids, m.MessageID)
			}
		})
	}
}

// What every mail says of itself, and what it does not.
func TestHeaders(t *testing.T) {
	got := readBack(t, encode(t, claimed(assigned()))).headers
	for key, want := range map[string]string{
		"From": `"LicenseLedger" <ledger@licenses.example>`, "Reply-To": `"Help Desk" <help@licenses.example>`,
		"Date": "Mon, 30 Nov 2026 09:30:00 +0000", "Message-Id": "<" + testKey + "@licenses.example>", "Auto-Submitted": "auto-generated",
		"X-Auto-Response-Suppress": "All", "Mime-Version": "1.0",
	} {
		if got.Get(key) != want {
			t.Errorf("%s: %s", key, got.Get(key))
		}
	}
	known := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To", "X-Auto-Response-Suppress"}
	for key := range got {
		if !slices.Contains(known, key) { // such as X-Mailer with its version
			t.Errorf("it also says %s: %s", key, got.Get(key))
		}
	}
}
