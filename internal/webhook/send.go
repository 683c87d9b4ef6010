// Package webhook sends events to the places that asked for them, as signed
// requests by Standard Webhooks.
//
// A webhook is a cursor in the feed of events. Its events go out one after the
// other, each until it was taken; so their order is that of the ledger, and one
// that is not taken holds up those behind it. Nothing is lost when a webhook is
// given up: it goes on from its cursor when it is resumed.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
)

const (
	// parallel is how many webhooks one worker delivers to at once.
	parallel = 8
	// pageSize is how many events a turn delivers at most.
	pageSize = 100
	// requestTimeout bounds one request, from looking up the name to the answer.
	requestTimeout = 10 * time.Second
	// lease is how long a webhook stays with a worker that was killed. A living
	// one prolongs it with what it records.
	lease     = time.Minute
	recording = lease / 4
	poll      = 250 * time.Millisecond

	firstWait   = time.Second
	longestWait = 30 * time.Minute
	// patience is how long a webhook may fail before it is dead.
	patience = 3 * 24 * time.Hour
	// maxAnswer is how much of an answer is read, so that the connection can be
	// used again; what it says does not matter.
	maxAnswer = 64 << 10
	// settleTimeout is how long recording a turn may take, also after the end.
	settleTimeout = 15 * time.Second
)

// Sender delivers events. Any number may run at once.
type Sender struct {
	store    *store.Store
	feed     *events.Feed
	log      *slog.Logger
	now      func() time.Time
	client   *http.Client
	poll     time.Duration
	patience time.Duration
	backoff  func(failures int64) time.Duration
}

// New makes a sender. now is the clock that receivers compare theirs with.
func New(ledger *store.Store, log *slog.Logger, now func() time.Time) *Sender {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = maxAnswer
	transport.MaxIdleConnsPerHost = parallel
	return &Sender{
		store: ledger, feed: events.NewFeed(ledger), log: log, now: now, poll: poll, patience: patience, backoff: backoff,
		client: &http.Client{
			Transport: transport, Timeout: requestTimeout,
			// An answer that sends elsewhere is none: events go where the operator said.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func backoff(failures int64) time.Duration {
	const doublings = 12 // more of them exceed the longest wait
	if failures > doublings {
		return longestWait
	}
	return min(firstWait<<max(failures-1, 0), longestWait)
}

// Run delivers until ctx ends and the requests under way are finished.
func (s *Sender) Run(ctx context.Context) {
	defer s.client.CloseIdleConnections()
	var turns sync.WaitGroup
	defer turns.Wait()
	free := make(chan struct{}, parallel)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case free <- struct{}{}:
		}
		hook, found, err := s.claim(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("webhooks have to wait", "error", err)
		}
		if found {
			turns.Go(func() {
				defer func() { <-free }()
				s.turn(ctx, hook)
			})
			continue
		}
		<-free
		select {
		case <-ctx.Done():
		case <-time.After(s.poll):
		}
	}
}

func (s *Sender) claim(ctx context.Context) (store.ClaimedWebhook, bool, error) {
	newest, err := s.store.NewestNumber(ctx) // whether all below it can be seen, only a delivery has to know
	if err != nil {
		return store.ClaimedWebhook{}, false, err
	}
	after, cancel := afterwards(ctx) // a claim cut off half way would last as long as its lease
	defer cancel()
	return s.store.ClaimWebhook(after, newest, lease)
}

func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
}

// turn delivers a page, and records how far it came.
func (s *Sender) turn(ctx context.Context, hook store.ClaimedWebhook) {
	mark := store.WebhookMark{Cursor: hook.Cursor(), Patience: s.patience}
	err := s.deliver(ctx, hook, &mark)
	failures := hook.Attempts + 1
	if mark.Cursor != hook.Cursor() {
		failures = 1
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		mark.Error, mark.Rest, mark.Gone = err.Error(), s.backoff(failures), refused.status == http.StatusGone
	case err != nil: // nothing about the webhook
		mark.Rest = firstWait
		s.log.Warn("a webhook has to wait", "webhook", hook.Webhook, "error", err)
	}
	state, failed := s.record(ctx, hook, mark)
	switch {
	case failed != nil:
		s.log.Warn("what a webhook got is not recorded; it gets some of it again", "webhook", hook.Webhook, "error", failed)
	case state == "dead":
		s.log.Error("a webhook is dead; it gets nothing until it is resumed", "webhook", hook.Webhook, "cursor", mark.Cursor, "error", mark.Error)
	case mark.Error != "":
		s.log.Warn("a webhook did not take an event", "webhook", hook.Webhook, "cursor", mark.Cursor, "failures", failures, "rest", mark.Rest, "error", mark.Error)
	}
}

func (s *Sender) record(ctx context.Context, hook store.ClaimedWebhook, mark store.WebhookMark) (string, error) {
	after, cancel := afterwards(ctx)
	defer cancel()
	return s.store.MarkWebhook(after, hook, mark)
}

// deliver sends the events behind the cursor, which follows. It records now and
// then how far it is, which also prolongs the lease.
func (s *Sender) deliver(ctx context.Context, hook store.ClaimedWebhook, mark *store.WebhookMark) error {
	page, next, err := s.feed.Events(ctx, mark.Cursor, pageSize, events.Filter{Types: hook.Types, Within: hook.Account})
	if err != nil {
		return err
	}
	ticker := time.NewTicker(recording)
	defer ticker.Stop()
	for _, e := range page {
		if ctx.Err() != nil {
			return nil
		}
		if err := s.send(ctx, hook, e); err != nil {
			return err
		}
		mark.Cursor = e.Cursor()
		mark.Delivered++
		select {
		case <-ticker.C:
			so := *mark
			so.Rest = lease
			if state, err := s.record(ctx, hook, so); err != nil || state != "active" {
				return err // paused, removed or moved meanwhile
			}
			mark.Delivered = 0
		default:
		}
	}
	mark.Cursor = next
	if len(page) == 0 {
		mark.Rest = s.poll // whoever wants little need not be asked at every commit
	}
	return nil
}

// send makes one request. What is under way when ctx ends is finished.
func (s *Sender) send(ctx context.Context, hook store.ClaimedWebhook, e events.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing it: %w", err)
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}
	at := s.now()
	request.Header.Set("Content-Type", events.ContentType)
	request.Header.Set("User-Agent", "LicenseLedger")
	request.Header.Set(HeaderID, e.ID)
	request.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(HeaderSignature, sign(hook.Secret, e.ID, at, body))
	response, err := s.client.Do(request)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) { // without the address, which may have a token
			err = of.Err
		}
		return &refusal{event: e.ID, err: err}
	}
	defer func() { _ = response.Body.Close() }() // the status is all that counts
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return &refusal{event: e.ID, status: response.StatusCode, err: fmt.Errorf("the answer was %d", response.StatusCode)}
	}
	return nil
}

// refusal is an event that a webhook did not take.
type refusal struct {
	event  string
	status int // 0: there was no answer
	err    error
}

func (r *refusal) Error() string { return fmt.Sprintf("event %s: %s", r.event, r.err) }
func (r *refusal) Unwrap() error { return r.err }
