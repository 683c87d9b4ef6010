package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	refusalRecord = sqlText("refusal_record")
	refusalLatest = sqlText("refusal_latest")
)

func (n Instruction) envelope() *domain.Envelope {
	return &domain.Envelope{
		Source: n.Source, ID: n.ID, Kind: n.Kind, Actor: domain.UserID(n.Actor), OnBehalfOf: domain.AccountID(n.OnBehalfOf), Command: n.Command,
	}
}

// What is refused at the door uses up no id: otherwise whoever cannot sign could
// still take the ids of who can.

func reusedID(n Instruction) *domain.Rejection {
	return &domain.Rejection{Reason: domain.IDReused, Detail: fmt.Sprintf("id %s was used before for other content", n.ID)}
}

func unsignedCommand(n Instruction) *domain.Rejection {
	detail := fmt.Sprintf("source %s has keys, and the command is not signed with one", n.Source)
	if n.KeyID != "" {
		detail = fmt.Sprintf("source %s has keys, and the signature with key %s is not good, or the key is revoked", n.Source, n.KeyID)
	}
	return &domain.Rejection{Reason: domain.SignatureInvalid, Detail: detail}
}

// recordRefusals keeps what was refused, for the history.
func (s *Store) recordRefusals(ctx context.Context, instructions []Instruction, receipts []Receipt) (err error) {
	for i, n := range instructions {
		if r := &receipts[i]; r.Refused != nil {
			if r.At, err = s.Refuse(ctx, n, r.Refused); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refuse records a refusal. It returns when the same was first refused.
func (s *Store) Refuse(ctx context.Context, n Instruction, r *domain.Rejection) (at time.Time, err error) {
	err = s.commands.QueryRow(ctx, refusalRecord, n.Source, n.ID, n.Hash, n.Kind, n.Actor, n.OnBehalfOf, r.Reason, r.Detail).Scan(&at)
	if err != nil {
		return at, fmt.Errorf("recording that id %s of source %s was refused as %s: %w", n.ID, n.Source, r.Reason, err)
	}
	if s.watcher.refused != nil {
		s.watcher.refused(n, r)
	}
	return at, nil
}

// Refusal is what was last refused under an id.
type Refusal struct {
	Kind string
	domain.Outcome
}

// LatestRefusal finds the last refusal under an id that is not in the journal.
func (s *Store) LatestRefusal(ctx context.Context, source, id string) (r Refusal, found bool, err error) {
	r.Status = domain.Rejected
	err = s.commands.QueryRow(ctx, refusalLatest, source, id).Scan(&r.Kind, &r.At, &r.Reason, &r.Detail)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("looking for a refusal of command %s of source %s: %w", id, source, err)
	}
	return r, true, nil
}
