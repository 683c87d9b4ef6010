package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/internal/store"
)

// reach makes a server on this machine look like one elsewhere.
func reach(s *Sender, server *testServer, trust *tls.Config) {
	transport := s.transport.(*smtpServer)
	transport.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.address)
	}
	if trust != nil {
		transport.tls = trust
	}
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	const host = "mx.licenses.example"
	own, trusted := certificate(t, host)
	startTLS := func(s *testServer) { s.smtp.TLSConfig = &tls.Config{Certificates: []tls.Certificate{own}} }
	for name, c := range map[string]struct {
		url       string
		configure func(*testServer)
		trust     *tls.Config
		implicit  bool
		problem   string // empty: it is sent
	}{
		"elsewhere, STARTTLS":            {"smtp://ops:s3cret@" + host, startTLS, &tls.Config{ServerName: host, RootCAs: trusted}, false, ""},
		"elsewhere, no STARTTLS":         {"smtp://ops:s3cret@" + host, nil, nil, false, "STARTTLS"},
		"elsewhere, unknown certificate": {"smtp://ops:s3cret@" + host, startTLS, nil, false, "certificate"},
		"elsewhere, TLS":                 {"smtps://ops:s3cret@" + host, startTLS, &tls.Config{ServerName: host, RootCAs: trusted}, true, ""},
		"elsewhere, TLS not trusted":     {"smtps://ops:s3cret@" + host, startTLS, nil, true, "certificate"},
		"loopback, own certificate":      {"smtp://ops:s3cret@localhost", startTLS, nil, false, ""},
		"loopback, wrong password":       {"smtp://ops:wrong@localhost", nil, nil, false, "wrong password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			server := newTestServer(t)
			if c.configure != nil {
				c.configure(server)
			}
			if c.implicit {
				server.listenTLS()
			} else {
				server.listen("127.0.0.1:0")
			}
			w.add(1, "grace@acme.example")
			s := w.sender(c.url)
			reach(s, server, c.trust)
			_, err := s.sendPage(t.Context())
			if c.problem == "" {
				if err != nil || len(server.received()) != 1 || len(server.logins) != 1 {
					t.Fatalf("%v\n%s", err, w.log)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.problem) || len(server.received()) != 0 {
				t.Errorf("%v, received %d", err, len(server.received()))
			}
			if c.problem != "wrong password" && len(server.logins) != 0 {
				t.Error("the password was sent in the clear")
			}
			if m := w.all()[0]; m.State != store.MailPending || m.Attempts != 1 || strings.Contains(w.log.String(), "s3cret") {
				t.Errorf("%+v %s", m, w.log)
			}
		})
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "spool", "mail")
	for n := range 40 {
		w.add(n+1, "grace@acme.example")
	}
	stop := w.start(w.sender("file:" + dir))
	sent := w.until(store.MailSent)
	stop()
	if log := w.log.String(); strings.Contains(log, "answer=") || strings.Contains(log, `=""`) {
		t.Errorf("attributes without a value:\n%s", log)
	}
	first := map[string][]byte{}
	for _, m := range sent {
		raw, err := os.ReadFile(filepath.Join(dir, m.ID()+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		got := readBack(t, raw)
		if got.headers.Get("Message-Id") != m.MessageID {
			t.Errorf("%s has %s", m.ID(), got.headers.Get("Message-Id"))
		}
		first[m.ID()] = raw
	}
	// A worker that was killed before it said so, and left half a mail.
	if _, err := w.pool.Exec(t.Context(), `UPDATE mail SET state = 'sending', next_at = now()`); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".1-1.1.partial"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.start(w.sender("file:" + dir))
	w.until(store.MailSent)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 40 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	for id, raw := range first {
		if again, err := os.ReadFile(filepath.Join(dir, id+".eml")); err != nil || !bytes.Equal(raw, again) {
			t.Errorf("%s changed: %v", id, err)
		}
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.add(1, "grace@acme.example")
	s := w.sender("file:" + file)
	if _, err := s.sendPage(t.Context()); err == nil {
		t.Error("no error")
	}
	if m := w.all()[0]; m.State != store.MailPending {
		t.Errorf("%+v", m)
	}
}
