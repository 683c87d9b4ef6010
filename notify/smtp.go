package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/licenseledger/licenseledger/internal/store"
)

// smtpServer is a mail server.
type smtpServer struct {
	host     string
	port     int
	implicit bool // TLS from the first byte
	local    bool // on this machine: nobody listens in between
	user     string
	password string

	tls     *tls.Config
	timeout time.Duration // for one mail, and for each step before the first
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

const (
	dialTimeout   = 20 * time.Second
	answerTimeout = 60 * time.Second
)

func newServer(u *url.URL) (*smtpServer, error) {
	s := &smtpServer{host: u.Hostname(), local: isLoopback(u.Hostname()), user: u.User.Username(), port: 587, timeout: answerTimeout}
	s.password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
	case "smtps":
		s.implicit, s.port = true, 465
	default:
		return nil, fmt.Errorf("reading SMTP_URL: %q is neither smtp, smtps nor file", u.Scheme)
	}
	if s.host == "" {
		return nil, fmt.Errorf("reading SMTP_URL: the host is missing")
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil || port < 1 || port > 65535 {
			return nil, fmt.Errorf("reading SMTP_URL: %q is not a port", u.Port())
		}
		s.port = port
	}
	s.tls = &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.local && !s.implicit {
		// Relays on this machine have certificates that nobody signed, and
		// without STARTTLS there would be no certificate at all.
		s.tls.InsecureSkipVerify = true
	}
	s.dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	return s, nil
}

func (s *smtpServer) address() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// client is made for every connection: go-mail's clients change while they
// negotiate, and connections are used in parallel.
func (s *smtpServer) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.timeout), gomail.WithTLSConfig(s.tls),
		gomail.WithDialContextFunc(dial),
		gomail.WithoutSMTPUTF8(), // everything is ASCII on the wire; asking for more would bar some servers
	}
	switch {
	case s.implicit:
		options = append(options, gomail.WithSSL())
	case s.local:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.user != "" {
		plain, login := gomail.SMTPAuthPlain, gomail.SMTPAuthLogin
		if s.implicit || s.local {
			// go-mail does not see that these are safe.
			plain, login = gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc
		}
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, plain, login))
	}
	return gomail.NewClient(s.host, options...)
}

func (s *smtpServer) open(ctx context.Context) (connection, error) {
	l := &link{broken: true}
	going := func() bool { return true }
	client, err := s.client(func(dialing context.Context, network, _ string) (net.Conn, error) {
		raw, err := s.dial(dialing, network, s.address()) // go-mail's own lacks the brackets of IPv6
		if err != nil {
			return nil, err
		}
		l.raw = raw
		going = context.AfterFunc(ctx, func() { _ = raw.Close() }) // go-mail heeds ctx only up to here
		if !s.implicit {
			return raw, nil
		}
		secure := tls.Client(raw, s.tls)
		return secure, secure.HandshakeContext(dialing)
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to reach the mail server: %w", err)
	}
	l.client = client
	l.smtp, err = client.DialToSMTPClientWithContext(ctx)
	if !going() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		l.close() // go-mail leaves it open when it was refused after the connect
		return nil, fmt.Errorf("reaching the mail server %s: %w", s.address(), err)
	}
	l.broken = false
	return l, nil
}

// link is a connection to a mail server.
type link struct {
	client *gomail.Client
	smtp   *smtp.Client
	raw    net.Conn // none: it was never made
	broken bool
}

// close takes leave of the server. A broken connection is cut without a word:
// any further command would first end the message under way, and half of it
// would count as the whole.
func (l *link) close() {
	if (l.broken || l.client.CloseWithSMTPClient(l.smtp) != nil) && l.raw != nil {
		_ = l.raw.Close()
	}
}

func (l *link) send(_ store.ClaimedMail, msg *gomail.Msg) verdict {
	l.broken = true // until the opposite is known
	err := l.client.SendWithSMTPClient(l.smtp, msg)
	v := judge(err, msg.IsDelivered())
	v.answer = msg.ServerResponse()
	l.broken = v.broken
	return v
}

// judge reads what the attempt tells about the mail.
func judge(err error, isDelivered bool) verdict {
	if err == nil {
		return verdict{fate: delivered}
	}
	v := verdict{err: err, broken: true}
	if isDelivered {
		v.fate = delivered // only what came after it went wrong
		return v
	}
	var se *gomail.SendError
	if !errors.As(err, &se) {
		v.fate = unsure
		return v
	}
	code := se.ErrorCode()
	switch {
	case se.Reason == gomail.ErrSMTPReset:
		v.fate = delivered
	case se.Reason == gomail.ErrConnCheck:
		v.fate = untried
	case code == 530 || code == 535 || code == 538: // it wants other credentials from us; the mail is innocent
		v.fate = delayed
	case code >= 500:
		v.fate = refused
	case code >= 400:
		v.fate = delayed
	case se.Reason == gomail.ErrSMTPDataClose: // the end of the message was sent, the answer was lost
		v.fate = unsure
	case se.Reason == gomail.ErrGetSender || se.Reason == gomail.ErrGetRcpts || se.Reason == gomail.ErrNoUnencoded:
		v.fate = refused
	default:
		v.fate = delayed
	}
	// After these two go-mail has made the session ready for the next mail.
	addressed := se.Reason == gomail.ErrSMTPMailFrom || se.Reason == gomail.ErrSMTPRcptTo
	v.broken = !addressed || code < 400 || code == 421
	return v
}
