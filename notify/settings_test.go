package notify

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

func TestSettings(t *testing.T) {
	for _, c := range []struct{ url, from, replyTo, problem string }{
		{"", "", "", ""},
		{"smtp://mx.example", "ledger@licenses.example", "", ""},
		{"smtp://mx.example:2525", "Ledger <ledger@localhost>", "help@licenses.example", ""},
		{"smtps://user:p%40ss@[::1]:465", "ledger@licenses.example", "", ""},
		{"file:mail", "ledger@licenses.example", "", ""},
		{"file:///var/mail", "ledger@licenses.example", "", ""},
		{"file:", "ledger@licenses.example", "", "SMTP_URL"},
		{"smtp://mx.example", "", "", "MAIL_FROM must be set"},
		{"smtp://mx.example", "ledger", "", "MAIL_FROM"},
		{"smtp://mx.example", `"a b"@licenses.example`, "", "MAIL_FROM"},
		{"smtp://mx.example", "ledger@licenses.example", "a@b, c@d", "MAIL_REPLY_TO"},
		{"smtp://", "ledger@licenses.example", "", "host"},
		{"smtp://user:s3cret@mx.example:99999", "ledger@licenses.example", "", "port"},
		{"smtp://user:s3cr et%zz@mx.example", "ledger@licenses.example", "", "SMTP_URL"},
		{"http://user:s3cret@mx.example", "ledger@licenses.example", "", "neither"},
		{"mx.example", "ledger@licenses.example", "", "neither"},
	} {
		_, err := New(nil, Settings{SMTPURL: c.url, From: c.from, ReplyTo: c.replyTo}, slog.New(slog.NewTextHandler(io.Discard, nil)))
		switch {
		case c.problem == "" && err != nil:
			t.Errorf("%+v: %v", c, err)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem) || strings.Contains(err.Error(), "s3cr")):
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestServerAddress(t *testing.T) {
	for raw, want := range map[string]string{
		"smtp://mx.example": "mx.example:587", "smtps://mx.example": "mx.example:465", "smtp://[::1]:25": "[::1]:25",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		s, err := newServer(u)
		if err != nil || s.address() != want {
			t.Errorf("%s: %v, %v", raw, s.address(), err)
		}
		if loopback := net.ParseIP(s.host).IsLoopback(); s.tls.InsecureSkipVerify != loopback {
			t.Errorf("%s: certificates are not verified", raw)
		}
	}
}

func TestBackoff(t *testing.T) {
	var total time.Duration
	for attempt := int64(1); attempt < maxAttempts; attempt++ {
		wait := backoff(attempt)
		if want := min(time.Second<<min(attempt-1, 20), time.Hour); wait != want {
			t.Errorf("after %d attempts: %s", attempt, wait)
		}
		total += wait
	}
	if days := total.Hours() / 24; days < 4 || days > 4.1 {
		t.Errorf("given up after %.2f days", days)
	}
}

func TestOutcome(t *testing.T) {
	s := &Sender{backoff: backoff, pause: pause}
	for _, c := range []struct {
		fate     fate
		attempts int64
		want     store.MailMark
	}{
		{delivered, 1, store.MailMark{State: store.MailSent}},
		{delivered, maxAttempts, store.MailMark{State: store.MailSent}},
		{delayed, 3, store.MailMark{State: store.MailPending, Wait: 4 * time.Second}},
		{delayed, maxAttempts, store.MailMark{State: store.MailFailed, Wait: time.Hour}},
		{kept, 3, store.MailMark{State: store.MailPending, Wait: 4 * time.Second}},
		{kept, maxAttempts + 1, store.MailMark{State: store.MailPending, Wait: time.Hour}},
		{refused, 1, store.MailMark{State: store.MailFailed, Wait: time.Second}},
		{unsure, 1, store.MailMark{State: store.MailInDoubt, Wait: pause, Doubtful: true}},
		{unsure, 20, store.MailMark{State: store.MailInDoubt, Wait: time.Hour, Doubtful: true}},
		{unsure, maxAttempts, store.MailMark{State: store.MailFailed, Wait: time.Hour, Doubtful: true}},
	} {
		if got, _ := s.outcome(store.ClaimedMail{Attempts: c.attempts}, verdict{fate: c.fate}); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		reason mail.SendErrReason
		want   fate
	}{
		{mail.ErrSMTPReset, delivered},
		{mail.ErrConnCheck, untried},
		{mail.ErrSMTPMailFrom, delayed}, // the connection broke before the message
		{mail.ErrSMTPRcptTo, delayed},
		{mail.ErrSMTPData, delayed},
		{mail.ErrWriteContent, delayed}, // before its final dot
		{mail.ErrSMTPDataClose, unsure},
		{mail.ErrGetRcpts, refused},
	} {
		if v := judge(&mail.SendError{Reason: c.reason}, false); v.fate != c.want || !v.broken {
			t.Errorf("%s: %+v", c.reason, v)
		}
	}
	if v := judge(&mail.SendError{Reason: mail.ErrAmbiguous}, true); v.fate != delivered {
		t.Errorf("%+v", v)
	}
	if v := judge(io.ErrUnexpectedEOF, false); v.fate != unsure {
		t.Errorf("%+v", v)
	}
}

// Servers repeat addresses; the log is no place for them.
func TestTheLogNamesNobody(t *testing.T) {
	m := store.ClaimedMail{Mail: domain.Mail{Recipient: "Max+1@acme.example"}}
	if got := anonymous("550 5.1.1 <max+1@ACME.example>: unknown", m); got != "550 5.1.1 <RECIPIENT>: unknown" {
		t.Error(got)
	}
	if got := anonymous("421 later", store.ClaimedMail{}); got != "421 later" {
		t.Error(got)
	}
	for _, attr := range mailAttrs(m) {
		if strings.Contains(fmt.Sprint(attr), "@") {
			t.Error(attr)
		}
	}
}
