package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// postfix is a mail server as companies run it, with everything it has in one
// folder, that takes mail for acme.example and nobody else.
type postfix struct {
	t       *testing.T
	dir     string
	address string
	trusted *x509.CertPool
}

const postfixHost = "mx.acme.example"

// startPostfix skips the test where there is no postfix or no right to start it.
func startPostfix(t *testing.T) *postfix {
	t.Helper()
	program, err := exec.LookPath("postfix")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/postfix"); err != nil {
			t.Skip("NOT TRIED WITH A REAL MAIL SERVER: postfix is not installed (apt-get install --no-install-recommends postfix)")
		}
	}
	if os.Getuid() != 0 {
		t.Skip("NOT TRIED WITH A REAL MAIL SERVER: postfix can only be started by root")
	}
	dir, err := os.MkdirTemp("", "postfix") // not t.TempDir: others than root have to get in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &postfix{t: t, dir: dir, address: freeAddress(t)}
	p.configure()
	server := exec.Command(program, "-c", filepath.Join(dir, "etc"), "start-fg")
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = server.Wait()
	}()
	t.Cleanup(func() {
		if out, err := exec.Command(program, "-c", filepath.Join(dir, "etc"), "stop").CombinedOutput(); err != nil {
			t.Errorf("stopping postfix: %v\n%s", err, out)
			_ = server.Process.Kill()
		}
		<-ended
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			_ = conn.Close()
			return p
		}
		select {
		case <-ended:
			t.Fatalf("postfix ended: %v\n%s\n%s", err, said.String(), p.log())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("postfix does not answer: %v\n%s", err, p.log())
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

const (
	postfixMain = `
compatibility_level = 3.6
queue_directory = DIR/queue
data_directory = DIR/data
maillog_file = DIR/log
maillog_file_prefixes = DIR
myhostname = mx.acme.example
mydestination =
mynetworks =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = acme.example
virtual_mailbox_base = DIR/mail
virtual_mailbox_maps = static:inbox/
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = DIR/etc/cert.pem
smtpd_tls_key_file = DIR/etc/key.pem
smtpd_tls_loglevel = 1
`
	postfixMaster = `
ADDRESS inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
`
)

func (p *postfix) configure() {
	p.t.Helper()
	certificate, trusted := certificate(p.t, postfixHost)
	p.trusted = trusted
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		p.t.Fatal(err)
	}
	adapt := strings.NewReplacer("DIR", p.dir, "ADDRESS", p.address)
	for _, name := range []string{"etc", "queue", "data", "mail"} {
		if err := os.Mkdir(filepath.Join(p.dir, name), 0o755); err != nil {
			p.t.Fatal(err)
		}
	}
	for name, content := range map[string]string{
		"etc/main.cf": adapt.Replace(postfixMain), "etc/master.cf": adapt.Replace(postfixMaster),
		"etc/cert.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})),
		"etc/key.pem":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"": 0o755, "etc": 0o755, "etc/main.cf": 0o644, "etc/master.cf": 0o644} {
		if err := os.Chmod(filepath.Join(p.dir, name), mode); err != nil {
			p.t.Fatal(err)
		}
	}
	owner := exec.Command("chown", "postfix", filepath.Join(p.dir, "data"))
	if out, err := owner.CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chown(filepath.Join(p.dir, "mail"), 65534, 65534); err != nil {
		p.t.Fatal(err)
	}
}

func (p *postfix) log() string {
	log, err := os.ReadFile(filepath.Join(p.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(log)
}

// inbox waits for so many mails. They are as they lie on the disk: with the
// receiver's own headers on top, and with its ends of lines.
func (p *postfix) inbox(n int) [][]byte {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(p.dir, "mail/inbox/new/*"))
		if err != nil {
			p.t.Fatal(err)
		}
		if len(files) < n && time.Now().Before(deadline) {
			continue
		}
		if len(files) != n {
			p.t.Fatalf("%d mails arrived, want %d\n%s", len(files), n, p.log())
		}
		var mails [][]byte
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				p.t.Fatal(err)
			}
			mails = append(mails, raw)
		}
		return mails
	}
}

// What a real mail server delivers is what was written, with its files, and its
// signature holds.
func TestRealMailServer(t *testing.T) {
	p, w, key := startPostfix(t), newWorld(t), ed25519Key(t)
	note := requested()
	note.Params.Note = "One.\n.\nFrom here on:\n..two\n" + domain.Note(strings.Repeat("ünïcödé ", 60))
	sent := []domain.Mail{in(&german, hostile(note, `Zoë "Z" <Müller> 👩`)), in(&turkish, issued()), longNames(sold(3))}
	for i, m := range sent {
		w.addMail(i+1, m, "finance@acme.example")
	}
	w.addMail(len(sent)+1, assigned(), "somebody@elsewhere.example")

	s, err := New(w.st, Settings{
		SMTPURL: "smtp://" + postfixHost, From: "Ledger <ledger@licenses.example>", ReplyTo: "help@licenses.example",
		DKIM: DKIM{KeyFile: keyFile(t, "PRIVATE KEY", key), Domain: "licenses.example", Selector: "mail2026"},
		Documents: func(_ context.Context, m store.ClaimedMail) ([]Attachment, error) {
			if m.Event == domain.MailInvoiceIssued {
				return invoiceFiles(), nil
			}
			return nil, nil
		},
	}, slog.New(slog.NewTextHandler(w.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	transport := s.transport.(*smtpServer)
	transport.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, p.address)
	}
	transport.tls = &tls.Config{ServerName: postfixHost, RootCAs: p.trusted, MinVersion: tls.VersionTLS12}
	if _, err := s.sendPage(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, p.log())
	}
	found := w.all()
	for _, m := range found[:len(sent)] {
		if m.State != store.MailSent || m.Attempts != 1 || m.Doubtful {
			t.Errorf("%+v", m)
		}
	}
	if m := found[len(sent)]; m.State != store.MailFailed || !strings.Contains(m.Error, "Relay access denied") {
		t.Errorf("%+v", m)
	}

	arrived := p.inbox(len(sent))
	seen := map[string]bool{}
	for _, raw := range arrived {
		raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
		got := readBack(t, raw)
		at := slices.IndexFunc(found, func(m store.MailEntry) bool { return m.MessageID == got.headers.Get("Message-Id") })
		if at < 0 || seen[got.headers.Get("Message-Id")] {
			t.Fatalf("nobody sent %s", got.headers.Get("Message-Id"))
		}
		seen[got.headers.Get("Message-Id")] = true
		want, err := Render(sent[at])
		if err != nil {
			t.Fatal(err)
		}
		if got.subject != want.Subject || got.text != want.Text || got.html != want.HTML || got.to.Name != oneLine(string(sent[at].Name)) {
			t.Errorf("%s arrived as %q:\n%s", want.Subject, got.subject, got.text)
		}
		if err := verify(raw, record(t, key.Public())); err != nil {
			t.Errorf("%s: %v", want.Subject, err)
		}
		if sent[at].Event == domain.MailInvoiceIssued {
			if !reflect.DeepEqual(got.files, invoiceFiles()) {
				t.Errorf("other files arrived: %.200v", got.files)
			}
			askPythonForFiles(t, raw).compare(t, got)
		}
		if received := got.headers.Get("Received"); !strings.Contains(received, "by "+postfixHost+" (Postfix) with ESMTPS") {
			t.Errorf("received in the clear: %s", received)
		}
	}
	if t.Failed() {
		t.Log(p.log())
	}
}

// addMail is add for a mail of one's own.
func (w *world) addMail(n int, m domain.Mail, recipient string) {
	w.t.Helper()
	_, err := w.pool.Exec(w.t.Context(), `INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
		VALUES ($1, 1, $2, 'acme', $3, $4, $5, $6, gen_random_uuid(), '2026-11-30T09:30:00Z')`,
		n, m.Event, recipient, m.Name, m.Locale, m.Params)
	if err != nil {
		w.t.Fatal(fmt.Errorf("adding mail %d: %w", n, err))
	}
}
