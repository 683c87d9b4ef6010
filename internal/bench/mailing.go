package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"
	gomail "github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/notify"
)

const sender = "ledger@licenses.example"

// mailing compares sending what the ledger holds with its library, which sends
// as many mails of the same words over as many connections.
func (b *bench) mailing(ctx context.Context) ([]figure, error) {
	const name = "mailing"
	if err := b.filled(ctx, name, fillMailbox, b.mails); err != nil {
		return nil, err
	}
	var rates samples
	err := b.inRounds(func() error {
		server, err := startMailServer(b.mails)
		if err != nil {
			return err
		}
		defer server.smtp.Close()
		var ours float64
		err = b.onCopy(ctx, name, func(databaseURL string) (err error) {
			ours, err = b.sendMails(ctx, databaseURL, server)
			return err
		})
		if err != nil {
			return err
		}
		library, err := b.sendMessages(ctx, server)
		rates.add(ours, library)
		return err
	}, &rates)
	return []figure{{
		Letter: "J4", What: fmt.Sprintf("sending %s mails, until all are marked, against go-mail alone", thousands(b.mails)), Target: within, samples: rates,
	}}, err
}

// assigned is what the assignment of licenses says.
var assigned = domain.Mail{
	Event: domain.MailAssigned, Account: "acme", Name: "Grace Hopper", Locale: "en",
	Params: domain.MailParams{
		Account: "Acme", Reseller: "Northwind", Licenses: []domain.MailLicense{{
			License: "transfer-1~1", Product: "Professional", Quantity: 10, StartsOn: domain.NewDate(2026, 11, 22), LastDay: domain.NewDate(2027, 11, 21),
		}},
	},
}

// fillMailbox leaves mails as the assignment of licenses does.
func fillMailbox(ctx context.Context, conn *pgx.Conn, n int) error {
	_, err := conn.Exec(ctx, `INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
		SELECT i, 1, $2, $3, 'user-' || i || '@acme.example', $4, $5, $6, gen_random_uuid(), now() FROM generate_series(1, $1::int) AS i`,
		n, assigned.Event, assigned.Account, assigned.Name, assigned.Locale, assigned.Params)
	if err == nil {
		_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	}
	return err
}

// sendMails ends when each mail is marked as sent.
func (b *bench) sendMails(ctx context.Context, databaseURL string, server *mailServer) (rate float64, err error) {
	ledger, err := store.Open(ctx, databaseURL)
	if err != nil {
		return 0, err
	}
	defer ledger.Close()
	ours, err := notify.New(ledger, notify.Settings{SMTPURL: "smtp://" + server.address, From: "LicenseLedger <" + sender + ">"}, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	sending, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	err = onConn(ctx, databaseURL, func(conn *pgx.Conn) error {
		rate, err = b.rate(b.mails, func() error {
			running.Go(func() { ours.Run(sending) })
			if err := server.tookAll(ctx); err != nil {
				return err
			}
			for waits := true; waits; {
				if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM mail WHERE waits)`).Scan(&waits); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
	return rate, err
}

// sendMessages has the library send as many mails of the same words as the server
// took, put together before, over as many connections as there were at once.
func (b *bench) sendMessages(ctx context.Context, server *mailServer) (float64, error) {
	connections := int(server.mostOpen.Load())
	words, err := notify.Render(assigned)
	if err != nil {
		return 0, err
	}
	messages := make([]*gomail.Msg, b.mails)
	for i := range messages {
		m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
		if err := errors.Join(m.From(sender), m.To(fmt.Sprintf("user-%d@acme.example", i))); err != nil {
			return 0, err
		}
		m.Subject(words.Subject)
		m.SetDate()
		m.SetMessageID()
		m.SetBodyString(gomail.TypeTextPlain, words.Text)
		m.AddAlternativeString(gomail.TypeTextHTML, words.HTML)
		messages[i] = m
	}
	server.again()
	return b.rate(b.mails, func() error {
		var next atomic.Int64
		errs := make([]error, connections)
		var sending sync.WaitGroup
		for i := range connections {
			sending.Go(func() {
				errs[i] = sendOver(ctx, server, func() *gomail.Msg {
					if n := int(next.Add(1)) - 1; n < len(messages) {
						return messages[n]
					}
					return nil
				})
			})
		}
		sending.Wait()
		return errors.Join(append(errs, server.tookAll(ctx))...)
	})
}

func sendOver(ctx context.Context, server *mailServer, next func() *gomail.Msg) error {
	host, port, err := net.SplitHostPort(server.address)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(host, gomail.WithPort(number), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		return err
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	for m := next(); m != nil; m = next() {
		if err := client.SendWithSMTPClient(connection, m); err != nil {
			return err
		}
	}
	return client.CloseWithSMTPClient(connection)
}

// mailServer takes every mail and forgets it.
type mailServer struct {
	smtp     *smtp.Server
	address  string
	expected int64
	mails    atomic.Int64
	bytes    atomic.Int64
	open     atomic.Int64
	mostOpen atomic.Int64
	complete chan struct{}
}

func startMailServer(expected int) (*mailServer, error) {
	s := &mailServer{expected: int64(expected)}
	s.again()
	s.smtp = smtp.NewServer(s)
	s.smtp.Domain, s.smtp.ErrorLog = "mx.example", log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.address = listener.Addr().String()
	go func() { _ = s.smtp.Serve(listener) }() // until it is closed
	return s, nil
}

// again lets it count from the start.
func (s *mailServer) again() {
	s.mails.Store(0)
	s.bytes.Store(0)
	s.complete = make(chan struct{})
}

func (s *mailServer) tookAll(ctx context.Context) error {
	select {
	case <-s.complete:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return fmt.Errorf("the mail server got %d of %d mails", s.mails.Load(), s.expected)
	}
}

func (s *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	open := s.open.Add(1)
	for most := s.mostOpen.Load(); open > most && !s.mostOpen.CompareAndSwap(most, open); most = s.mostOpen.Load() {
	}
	return mailSession{s}, nil
}

// mailSession is one connection.
type mailSession struct{ server *mailServer }

func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailSession) Reset()                               {}

func (s mailSession) Logout() error {
	s.server.open.Add(-1)
	return nil
}

func (s mailSession) Data(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	s.server.bytes.Add(n)
	if s.server.mails.Add(1) == s.server.expected {
		close(s.server.complete)
	}
	return err
}
