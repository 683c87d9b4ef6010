package notify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// testServer is a mail server that answers as told.
type testServer struct {
	t        *testing.T
	address  string
	smtp     *smtp.Server
	mu       sync.Mutex
	onRcpt   func(attempt int) error
	onRcptTo func(to string) error
	onData   func(attempt int, c *smtp.Conn) error
	onTaken  func(c *smtp.Conn) // after the answer to a mail was written
	rcpts    int
	datas    int
	sessions int
	logins   []string
	mails    []received
}

type received struct {
	from, to string
	raw      []byte
}

func (r received) messageID(t *testing.T) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(r.raw))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header.Get("Message-ID")
}

var (
	errLater = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, come back"}
	errNever = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"}
)

func newTestServer(t *testing.T) *testServer {
	s := &testServer{t: t}
	s.smtp = smtp.NewServer(s)
	s.smtp.Domain, s.smtp.AllowInsecureAuth, s.smtp.EnableSMTPUTF8 = "mx.test", true, true
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = 30*time.Second, 30*time.Second
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

func startServer(t *testing.T, configure func(*testServer)) *testServer {
	t.Helper()
	s := newTestServer(t)
	if configure != nil {
		configure(s)
	}
	s.listen("127.0.0.1:0")
	return s
}

func (s *testServer) listen(address string) {
	s.t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.serve(listener)
}

func (s *testServer) serve(listener net.Listener) {
	s.address = listener.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.smtp.Serve(listener)
	}()
	s.t.Cleanup(func() {
		_ = s.smtp.Close()
		<-done
	})
}

func (s *testServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	return &testSession{server: s, conn: c}, nil
}

func (s *testServer) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

type testSession struct {
	server   *testServer
	conn     *smtp.Conn
	from, to string
	read     bool
}

func (s *testSession) Reset() {
	if s.read && s.server.onTaken != nil {
		s.server.onTaken(s.conn)
	}
	s.read = false
}

func (*testSession) Logout() error { return nil }

func (*testSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *testSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.server.mu.Lock()
		defer s.server.mu.Unlock()
		s.server.logins = append(s.server.logins, user+":"+password)
		if password != "s3cret" {
			return errors.New("wrong password")
		}
		return nil
	}), nil
}

func (s *testSession) Mail(from string, o *smtp.MailOptions) error {
	if o.UTF8 {
		return fmt.Errorf("asked for SMTPUTF8 although everything is ASCII")
	}
	s.from = from
	return nil
}

func (s *testSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.to = to
	s.server.rcpts++
	if s.server.onRcpt != nil {
		return s.server.onRcpt(s.server.rcpts)
	}
	if s.server.onRcptTo != nil {
		return s.server.onRcptTo(to)
	}
	return nil
}

func (s *testSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.read = true
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.datas++
	s.server.mails = append(s.server.mails, received{s.from, s.to, raw})
	if s.server.onData != nil {
		return s.server.onData(s.server.datas, s.conn)
	}
	return nil
}

// certificate is signed by itself, for one host.
func certificate(t *testing.T, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (s *testServer) listenTLS() {
	s.t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	config := s.smtp.TLSConfig
	s.smtp.TLSConfig = nil
	s.serve(tls.NewListener(inner, config))
}
