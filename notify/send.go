package notify

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/licenseledger/licenseledger/internal/store"
)

// Settings are where mails go and whom they come from.
type Settings struct {
	SMTPURL string // smtp://…, smtps://… or file:DIR; empty: mails stay pending
	From    string
	ReplyTo string
	DKIM    DKIM
	// Documents finds the files that go with a mail; nil: those of the ledger. It
	// must give the same ones at every attempt.
	Documents func(context.Context, store.ClaimedMail) ([]Attachment, error)
	Settled   func(store.MailState) // is told how each attempt left its mail, if it is set
}

// Sender sends the mails that the ledger holds. Any number may run at once.
type Sender struct {
	store     *store.Store
	log       *slog.Logger
	sender    sender
	documents func(context.Context, store.ClaimedMail) ([]Attachment, error)
	settled   func(store.MailState)
	transport transport // nil: there is none
	poll      time.Duration
	lease     time.Duration
	pause     time.Duration
	backoff   func(attempts int64) time.Duration
	marks     marks
}

const (
	pageSize = 32 // what is claimed at once
	parallel = 4  // connections
	// unsettled is how many results may wait to be recorded while further mails
	// are sent: a kill leaves no more of those that arrived in doubt.
	unsettled = 2 * parallel
	poll      = 500 * time.Millisecond
	// lease is how long mails stay with a worker that was killed. A living one
	// prolongs it.
	lease = 30 * time.Second
	// pause is how long a mail rests that may have arrived: a worker that was
	// only stopped may still say what became of it.
	pause = 15 * time.Second
	// maxRest is how long the Sender rests at most before it tries an
	// unreachable server again.
	maxRest = 30 * time.Second
)

// New reads the settings.
func New(ledger *store.Store, settings Settings, log *slog.Logger) (*Sender, error) {
	s := &Sender{store: ledger, log: log, documents: settings.Documents, settled: settings.Settled, poll: poll, lease: lease, pause: pause, backoff: backoff}
	if s.documents == nil {
		s.documents = s.invoiceFiles
	}
	if s.settled == nil {
		s.settled = func(store.MailState) {}
	}
	key, err := readDKIM(settings.DKIM)
	if err != nil {
		return nil, err
	}
	if settings.SMTPURL == "" {
		return s, nil
	}
	if s.sender, err = newSender(settings.From, settings.ReplyTo); err != nil {
		return nil, err
	}
	s.sender.dkim = key
	if key != nil && !key.covers(s.sender.domain()) {
		log.Warn("DKIM_DOMAIN is not the domain of MAIL_FROM: receivers will not take the signature for the sender's",
			"dkim_domain", settings.DKIM.Domain, "from", s.sender.from.Address)
	}
	if s.transport, err = newTransport(settings.SMTPURL); err != nil {
		return nil, err
	}
	return s, nil
}

// Run sends mails until ctx ends and the mails under way are finished.
func (s *Sender) Run(ctx context.Context) {
	if s.transport == nil {
		s.log.Warn("SMTP_URL is not set: mails are kept and not sent until it is")
		<-ctx.Done()
		return
	}
	for failures := int64(0); ctx.Err() == nil; {
		rest := s.poll
		if err := s.sendDue(ctx); err != nil {
			failures++
			rest = min(s.backoff(failures), maxRest)
			s.log.Warn("mails have to wait", "rest", rest, "error", err)
		} else {
			failures = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
}

// claim outlives ctx: a claim cut off half way would leave mails that nobody sends
// before their lease is over.
func (s *Sender) claim(ctx context.Context) (claimed, doubted []store.ClaimedMail, err error) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return s.store.ClaimMail(ctx, store.MailClaim{Limit: pageSize, Lease: s.lease, Pause: s.pause, Domain: s.sender.domain()})
}

// settleTimeout is how long a result may take to be recorded, also after the end
// of everything else: a mail that was delivered and not recorded is sent again.
const settleTimeout = 15 * time.Second

func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
}

func (s *Sender) message(ctx context.Context, m store.ClaimedMail) (*gomail.Msg, error) {
	attachments, err := s.documents(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("reading the documents of mail %s: %w", m.ID(), err)
	}
	return s.sender.message(m, attachments)
}
