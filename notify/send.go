package notify

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
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
	idle      chan connection // kept from page to page
}

const (
	pageSize = 32
	parallel = 4
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
	s := &Sender{store: ledger, log: log, documents: settings.Documents, settled: settings.Settled, poll: poll, lease: lease, pause: pause, backoff: backoff, idle: make(chan connection, parallel)}
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
	defer s.hangUp()
	for failures := int64(0); ctx.Err() == nil; {
		full, err := s.sendPage(ctx)
		rest := s.poll
		switch {
		case err != nil:
			failures++
			rest = min(s.backoff(failures), maxRest)
			s.log.Warn("mails have to wait", "rest", rest, "error", err)
		default:
			failures = 0
		}
		if err == nil && full {
			continue
		}
		s.hangUp()
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
}

// sendPage sends what is due, a page at most. It fails when the database or the
// mail server cannot be reached, which is nothing about any single mail.
func (s *Sender) sendPage(ctx context.Context) (full bool, err error) {
	claimed, doubted, err := s.claim(ctx)
	if err != nil {
		return false, err
	}
	for _, m := range doubted {
		s.log.Warn("mail in doubt", mailAttrs(m, "next", "sent again after a pause", "wait", s.pause)...)
	}
	full = len(claimed)+len(doubted) == pageSize
	if len(claimed) == 0 {
		return full, nil
	}
	holding, stop := s.hold(ctx, claimed)
	p := s.sendAll(holding, claimed)
	stop()
	if !p.connected && p.err != nil && ctx.Err() == nil {
		// One mail at a time pays for a server that cannot be reached, so that
		// the others go out as soon as it is back.
		s.settle(ctx, p.untried[0], verdict{fate: delayed, err: p.err})
		p.untried = p.untried[1:]
		err = p.err
	}
	if len(p.untried) > 0 {
		after, cancel := afterwards(ctx)
		defer cancel()
		if err := s.store.ReleaseMail(after, p.untried); err != nil {
			s.log.Warn("mails could not be given back; their lease has to end first", "mails", len(p.untried), "error", err)
		}
	}
	return full, err
}

// claim outlives ctx: a claim cut off half way would leave mails that nobody sends
// before their lease is over.
func (s *Sender) claim(ctx context.Context) (claimed, doubted []store.ClaimedMail, err error) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return s.store.ClaimMail(ctx, store.MailClaim{Limit: pageSize, Lease: s.lease, Pause: s.pause, Domain: s.sender.domain()})
}

// hold prolongs the leases of a page until stop is called. Should the database be
// away for too long, the context ends, and no further mail is begun.
func (s *Sender) hold(ctx context.Context, claimed []store.ClaimedMail) (holding context.Context, stop func()) {
	holding, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	var renewing sync.WaitGroup
	renewing.Go(func() {
		ticker := time.NewTicker(s.lease / 3)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
			// Not under ctx: what is under way when it ends needs its lease too.
			soon, done := context.WithTimeout(context.WithoutCancel(ctx), s.lease/3)
			err := s.store.RenewMail(soon, claimed, s.lease)
			done()
			if err != nil {
				s.log.Warn("the leases of mails could not be prolonged; no further ones are begun", "error", err)
				cancel()
			}
		}
	})
	return holding, func() {
		close(over)
		renewing.Wait()
		cancel()
	}
}

// settleTimeout is how long a result may take to be recorded, also after the end
// of everything else: a mail that was delivered and not recorded is sent again.
const settleTimeout = 15 * time.Second

func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
}

// progress of a page.
type progress struct {
	settling  sync.WaitGroup
	unsettled chan struct{}
	mu        sync.Mutex
	todo      []store.ClaimedMail
	untried   []store.ClaimedMail
	connected bool
	err       error // of a connection that could not be made
}

// sendAll shares a page out among a few connections.
func (s *Sender) sendAll(ctx context.Context, claimed []store.ClaimedMail) *progress {
	p := &progress{todo: claimed, unsettled: make(chan struct{}, unsettled)}
	var senders sync.WaitGroup
	for range min(parallel, len(claimed)) {
		senders.Go(func() { s.sendSome(ctx, p) })
	}
	senders.Wait()
	p.settling.Wait()
	p.untried = append(p.untried, p.todo...)
	return p
}

// sendSome sends over one connection, and over a new one when that breaks.
func (s *Sender) sendSome(ctx context.Context, p *progress) {
	line := s.keptLine()
	defer func() {
		if line != nil {
			s.idle <- line
		}
	}()
	for ctx.Err() == nil {
		m, more := p.take()
		if !more {
			return
		}
		kept := line != nil
		var v verdict
		line, v = s.attempt(ctx, line, m, p)
		if v.fate == untried && kept && line == nil { // the server had closed it meanwhile
			line, v = s.attempt(ctx, nil, m, p)
		}
		if v.fate == untried {
			p.giveBack(m, v.err)
			return
		}
		p.unsettled <- struct{}{}
		p.settling.Go(func() {
			s.settle(ctx, m, v)
			<-p.unsettled
		})
	}
}

// keptLine is a connection of the last page; nil: there is none.
func (s *Sender) keptLine() connection {
	select {
	case line := <-s.idle:
		return line
	default:
		return nil
	}
}

// hangUp closes what the last page kept: servers do not like to wait.
func (s *Sender) hangUp() {
	for line := s.keptLine(); line != nil; line = s.keptLine() {
		line.close()
	}
}

// attempt sends one mail, over the given connection or a new one, and returns
// the connection if it is still good.
func (s *Sender) attempt(ctx context.Context, line connection, m store.ClaimedMail, p *progress) (_ connection, v verdict) {
	fateOfPanic := delayed
	defer func() {
		if r := recover(); r != nil {
			v = verdict{fate: fateOfPanic, err: fmt.Errorf("panic: %v", r)}
			if line != nil {
				line.close()
			}
		}
	}()
	msg, err := s.message(ctx, m)
	if err != nil {
		return line, verdict{fate: fateOf(err), err: err}
	}
	fresh := line == nil
	if fresh {
		if line, err = s.transport.open(ctx); err != nil {
			return nil, verdict{fate: untried, err: err}
		}
		p.reached()
	}
	if ctx.Err() != nil { // it ended while the connection was made
		return line, verdict{fate: untried}
	}
	fateOfPanic = unsure
	v = line.send(m, msg)
	if v.broken {
		line.close()
		line = nil
	}
	if v.fate == untried && fresh {
		v.fate = delayed // one that was just made is as good as it gets
	}
	return line, v
}

func (s *Sender) message(ctx context.Context, m store.ClaimedMail) (*gomail.Msg, error) {
	attachments, err := s.documents(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("reading the documents of mail %s: %w", m.ID(), err)
	}
	return s.sender.message(m, attachments)
}

func (p *progress) take() (store.ClaimedMail, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.todo) == 0 {
		return store.ClaimedMail{}, false
	}
	m := p.todo[0]
	p.todo = p.todo[1:]
	return m, true
}

func (p *progress) reached() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connected = true
}

func (p *progress) giveBack(m store.ClaimedMail, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.untried = append(p.untried, m)
	if err != nil {
		p.err = err
	}
}
