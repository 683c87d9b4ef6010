package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	webhookAdd       = sqlText("webhook_add")
	webhookAddSecret = sqlText("webhook_add_secret")
	webhookList      = sqlText("webhook_list")
	webhookRemove    = sqlText("webhook_remove")
	webhookPause     = sqlText("webhook_pause")
	webhookResume    = sqlText("webhook_resume")
	webhookReplay    = sqlText("webhook_replay")
	webhookClaim     = sqlText("webhook_claim")
	webhookMark      = sqlText("webhook_mark")
)

// ErrWebhookUnknown says that there is no such webhook.
var ErrWebhookUnknown = errors.New("there is no such webhook")

// WebhookSecretBytes is the size of a new secret.
const WebhookSecretBytes = 32

// Webhook is a place to which events are sent.
type Webhook struct {
	URL     string
	Types   []string // none for all
	Account string   // the root of a subtree; empty for all
	From    EventCursor
}

// AddWebhook adds a webhook with a new secret, which is not shown again.
func (s *Store) AddWebhook(ctx context.Context, w Webhook) (id string, secret []byte, err error) {
	secret = make([]byte, WebhookSecretBytes)
	_, _ = rand.Read(secret) // never fails: the process ends instead
	if w.Types == nil {
		w.Types = []string{}
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, webhookAdd, w.URL, w.Types, w.Account, w.From.No, w.From.N).Scan(&id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, webhookAddSecret, id, secret)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("adding a webhook: %w", err)
	}
	return id, secret, nil
}

// WebhookRow is a webhook as it is listed.
type WebhookRow struct {
	Webhook      string   `json:"webhook"`
	URL          string   `json:"url"`
	Types        []string `json:"types"`
	Account      string   `json:"account"`
	State        string   `json:"state"` // active, paused, dead
	Cursor       string   `json:"cursor"`
	Behind       int64    `json:"behind"` // numbers of the ledger, an upper bound of the events that wait
	Delivered    int64    `json:"delivered"`
	DeliveredAt  Instant  `json:"delivered_at"`
	Attempts     int64    `json:"attempts"` // that have failed since the last success
	FailingSince Instant  `json:"failing_since"`
	NextAt       Instant  `json:"next_at"` // the next attempt, if one has failed
	Error        *string  `json:"error"`
	AddedAt      Instant  `json:"added_at"`
}

// Webhooks lists all webhooks.
func (s *Store) Webhooks(ctx context.Context) ([]WebhookRow, error) {
	rows, err := s.pool.Query(ctx, webhookList)
	if err != nil {
		return nil, fmt.Errorf("listing the webhooks: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[WebhookRow])
	if err != nil {
		return nil, fmt.Errorf("listing the webhooks: %w", err)
	}
	return list, nil
}

// RemoveWebhook forgets a webhook.
func (s *Store) RemoveWebhook(ctx context.Context, id string) error {
	return s.changeWebhook(ctx, "removing", webhookRemove, id)
}

// PauseWebhook sends it nothing until it is resumed.
func (s *Store) PauseWebhook(ctx context.Context, id string) error {
	return s.changeWebhook(ctx, "pausing", webhookPause, id)
}

// ResumeWebhook goes on where it stands, at once.
func (s *Store) ResumeWebhook(ctx context.Context, id string) error {
	return s.changeWebhook(ctx, "resuming", webhookResume, id)
}

// ReplayWebhook goes on from a cursor, before or behind the one it stands at.
func (s *Store) ReplayWebhook(ctx context.Context, id string, from EventCursor) error {
	return s.changeWebhook(ctx, "replaying", webhookReplay, id, from.No, from.N)
}

func (s *Store) changeWebhook(ctx context.Context, doing, sql, id string, args ...any) error {
	tag, err := s.pool.Exec(ctx, sql, append([]any{id}, args...)...)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrWebhookUnknown
	}
	if err != nil {
		return fmt.Errorf("%s webhook %s: %w", doing, id, err)
	}
	return nil
}

// ClaimedWebhook is a webhook that this worker alone may deliver to while its
// lease lasts.
type ClaimedWebhook struct {
	Webhook  string
	URL      string
	Types    []string
	Account  string
	CursorNo int64
	CursorN  int64
	Token    int64
	Attempts int64 // that have failed since the last success
	Secret   []byte
}

// Cursor is how far it has got.
func (w ClaimedWebhook) Cursor() EventCursor { return EventCursor{w.CursorNo, w.CursorN} }

// ClaimWebhook takes a webhook that has something to get, if there is one.
func (s *Store) ClaimWebhook(ctx context.Context, newest int64, lease time.Duration) (w ClaimedWebhook, found bool, err error) {
	rows, err := s.commands.Query(ctx, webhookClaim, newest, lease)
	if err == nil {
		w, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[ClaimedWebhook])
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return w, false, nil
	}
	if err != nil {
		return w, false, fmt.Errorf("claiming a webhook: %w", err)
	}
	return w, true, nil
}

// WebhookMark is how far a turn has come.
type WebhookMark struct {
	Cursor    EventCursor
	Delivered int64
	Rest      time.Duration // until the next turn
	Error     string        // why it ended; empty: all went well
	Patience  time.Duration // with failures, before the webhook is dead
	Gone      bool          // it asked for nothing more
}

// MarkWebhook records a turn. It returns the state of the webhook, or nothing if
// the lease was lost, or the webhook changed meanwhile.
func (s *Store) MarkWebhook(ctx context.Context, w ClaimedWebhook, m WebhookMark) (state string, err error) {
	err = s.commands.QueryRow(ctx, webhookMark, w.Webhook, w.Token, m.Cursor.No, m.Cursor.N, m.Rest, m.Error, m.Patience, m.Gone, m.Delivered).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("recording what webhook %s got: %w", w.Webhook, err)
	}
	return state, nil
}
