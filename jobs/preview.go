package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Preview is the outcome a command would have, with nothing changed and no id
// used up. A command that carries the token is refused as preview_stale if what
// the preview showed has changed.
type Preview struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	Status domain.Status   `json:"status"`
	Would  domain.Status   `json:"would"`
	Reason *domain.Reason  `json:"reason"`
	Detail *string         `json:"detail"`
	At     *time.Time      `json:"at"`
	Result json.RawMessage `json:"result"`
	Token  string          `json:"token"`
}

const statusPreview domain.Status = "preview"

// Preview decides a command on what the ledger holds now, and forgets it.
func (c *Client) Preview(ctx context.Context, command Command) (Preview, error) {
	if command.checked == nil {
		if problems := command.Check(); len(problems) > 0 {
			return Preview{}, fmt.Errorf("command %s: %w", command.ID, problems)
		}
	}
	class := domain.ClassOf(command.Kind)
	if class == domain.Control {
		return Preview{}, fmt.Errorf("command %s: %w", command.ID, Problems{{Field: "kind", What: command.Kind + " has no preview"}})
	}
	entry := c.keys.sign(command.entry)
	known, decided, err := c.known(ctx, command, entry)
	if err != nil || decided {
		return known, unreachable(err)
	}
	p, err := c.store.Preview(ctx, class, &domain.Envelope{
		Source: command.Source, ID: command.ID, Kind: command.Kind, Actor: command.Actor, OnBehalfOf: command.OnBehalfOf,
		Preview: command.Preview, Hash: command.entry.Hash, Command: command.checked,
	})
	if err != nil {
		return Preview{}, fmt.Errorf("previewing command %s: %w", command.ID, unreachable(err))
	}
	return preview(ReadOutcome(command.ID, command.Kind, p.Outcome), p.Token), nil
}

// known answers for a command that would be refused at the door, and for an id
// that is in the journal: with its outcome.
func (c *Client) known(ctx context.Context, command Command, entry store.Instruction) (Preview, bool, error) {
	would, err := c.store.Known(ctx, entry)
	if err != nil {
		return Preview{}, false, err
	}
	if would.Refused != nil {
		return preview(refused(command, would.Refused, would.At), ""), true, nil
	}
	if would.Seq == 0 {
		return Preview{}, false, nil
	}
	outcomes, err := c.store.Outcomes(ctx, []int64{would.Seq})
	if err != nil || len(outcomes) == 0 {
		return Preview{}, false, err
	}
	return preview(ReadOutcome(command.ID, command.Kind, outcomes[0]), ""), true, nil
}

func preview(o Outcome, token string) Preview {
	return Preview{
		ID: o.ID, Kind: o.Kind, Status: statusPreview, Would: o.Status, Reason: o.Reason, Detail: o.Detail, At: o.At, Result: o.Result, Token: token,
	}
}
