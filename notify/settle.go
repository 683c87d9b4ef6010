package notify

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

// Attempts follow each other after 1 s, 2 s, 4 s and so on up to an hour; the
// last comes after about four days.
const (
	firstWait   = time.Second
	longestWait = time.Hour
	maxAttempts = 108
)

// backoff is how long to wait after so many attempts.
func backoff(attempts int64) time.Duration {
	const doublings = 12 // more of them exceed the longest wait
	if attempts > doublings {
		return longestWait
	}
	return min(firstWait<<max(attempts-1, 0), longestWait)
}

// fateOf is what becomes of a mail that could not be made.
func fateOf(err error) fate {
	var u *unsendable
	var w *wordless
	switch {
	case errors.As(err, &u):
		return refused
	case errors.As(err, &w):
		return kept
	}
	return delayed
}

// outcome turns a verdict into what is recorded, and into words for the log.
func (s *Sender) outcome(m store.ClaimedMail, v verdict) (store.MailMark, string) {
	mark := store.MailMark{Wait: s.backoff(m.Attempts), Doubtful: v.fate == unsure}
	if v.err != nil {
		mark.Error = v.err.Error()
	}
	switch {
	case v.fate == delivered:
		return store.MailMark{State: store.MailSent}, "done"
	case v.fate == refused:
		mark.State = store.MailFailed
		return mark, "given up: it was refused for good"
	case v.fate == kept:
		mark.State = store.MailPending
		return mark, "kept: a newer worker may have words for it"
	case m.Attempts >= maxAttempts:
		mark.State = store.MailFailed
		return mark, "given up: that was the last attempt"
	case v.fate == unsure:
		mark.State, mark.Wait = store.MailInDoubt, max(mark.Wait, s.pause)
		return mark, "it may have arrived; sent again after a pause"
	}
	mark.State = store.MailPending
	return mark, "tried again"
}

// settle records what became of an attempt and says so in one line.
func (s *Sender) settle(ctx context.Context, m store.ClaimedMail, v verdict) {
	mark, next := s.outcome(m, v)
	held, err := s.record(ctx, m, mark)
	s.settled(mark.State)
	switch {
	case err != nil:
		next = "the result could not be recorded; the lease has to end first"
	case !held:
		next = "the lease was lost; another worker goes on"
	}
	attrs := mailAttrs(m, "next", next)
	if mark.Error != "" {
		attrs = append(attrs, "error", anonymous(mark.Error, m))
	}
	if v.answer != "" {
		attrs = append(attrs, "answer", anonymous(v.answer, m))
	}
	if err != nil {
		s.log.Error("mail "+string(mark.State), append(attrs, "recording", err)...)
		return
	}
	switch mark.State {
	case store.MailSent:
		s.log.Info("mail sent", attrs...)
	case store.MailFailed:
		s.log.Error("mail failed", attrs...)
	default:
		s.log.Warn("mail delayed", append(attrs, "wait", mark.Wait)...)
	}
}

// marks lets attempts that end together share a transaction: what ends while
// one is under way goes into the next. So no mail waits for more than two, and
// the time in which a kill would leave it in doubt stays short.
type marks struct {
	writing sync.Mutex
	mu      sync.Mutex
	next    *markBatch // nil: nobody waits for one
}

type markBatch struct {
	results []store.MailResult
	held    []bool
	err     error
	written chan struct{}
}

// record returns when the result is recorded. The first of a batch writes it.
func (s *Sender) record(ctx context.Context, m store.ClaimedMail, mark store.MailMark) (held bool, err error) {
	s.marks.mu.Lock()
	first := s.marks.next == nil
	if first {
		s.marks.next = &markBatch{written: make(chan struct{})}
	}
	b := s.marks.next
	place := len(b.results)
	b.results = append(b.results, store.MailResult{Mail: m, Mark: mark})
	s.marks.mu.Unlock()
	if first {
		s.marks.writing.Lock()
		s.marks.mu.Lock()
		s.marks.next = nil
		s.marks.mu.Unlock()
		b.held, b.err = s.write(ctx, b.results)
		s.marks.writing.Unlock()
		close(b.written)
	}
	<-b.written
	return b.err == nil && b.held[place], b.err
}

// write tries for a while: a short absence of the database must not make mails
// go out twice.
func (s *Sender) write(ctx context.Context, results []store.MailResult) (held []bool, err error) {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	for {
		if held, err = s.store.MarkMails(ctx, results); err == nil {
			return held, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(s.poll):
		}
	}
}

// anonymous keeps the recipient's address, which servers like to repeat, out of
// the log; the row of the mail has it.
func anonymous(text string, m store.ClaimedMail) string {
	if m.Recipient == "" {
		return text
	}
	address := regexp.MustCompile("(?i)" + regexp.QuoteMeta(m.Recipient))
	return address.ReplaceAllString(text, "RECIPIENT")
}

// mailAttrs name a mail, and not whom it is for: `enqueue show mail` says that.
func mailAttrs(m store.ClaimedMail, more ...any) []any {
	return append([]any{"mail", m.ID(), "event", m.Event, "attempt", m.Attempts}, more...)
}
