package e2e

import (
	"bytes"
	"io"
	"log"
	"maps"
	"net"
	"net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailbox is a mail server that counts what it takes by Message-ID.
type mailbox struct {
	address string
	mu      sync.Mutex
	taken   map[string]int
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{taken: map[string]int{}}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	m.address = listener.Addr().String()
	server := smtp.NewServer(m)
	server.Domain, server.AllowInsecureAuth, server.EnableSMTPUTF8 = "mx.test", true, true
	server.ErrorLog = log.New(io.Discard, "", 0)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return m
}

// counts is how often each mail was taken.
func (m *mailbox) counts() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.taken)
}

func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{m}, nil }

type mailSession struct{ *mailbox }

func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }

func (m mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken[message.Header.Get("Message-ID")]++
	return nil
}
