package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"

	"github.com/hibiken/asynq"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// carrier takes commands out of tasks into the journal and has them executed. A
// task that comes again finds them there.
type carrier struct {
	store   *store.Store
	batcher *Batcher
	log     *slog.Logger
}

// seal is what a task's signature is worth.
type seal struct {
	source string // that has signed; none if nobody has
	keyID  string
	broken bool // it is said to be of a source with keys, and is not
}

// cargo is what a task brings.
type cargo struct {
	signed   []store.Instruction // by their own source
	unsigned []store.Instruction
	refused  []refusal
}

type refusal struct {
	store.Instruction
	*domain.Rejection
}

func (c *carrier) handle(ctx context.Context, task *asynq.Task) error {
	s, err := c.verify(ctx, task) // before anything is read
	if err != nil {
		return err
	}
	taskID, _ := asynq.GetTaskID(ctx)
	cargo := unload(task.Payload(), taskID, s)
	var seqs []int64
	for _, page := range pages(cargo.signed) {
		if seqs, err = c.journal(seqs, page, func() ([]store.Receipt, error) { return c.store.AcceptVerified(ctx, page) }); err != nil {
			return err
		}
	}
	for _, page := range pages(cargo.unsigned) {
		if seqs, err = c.journal(seqs, page, func() ([]store.Receipt, error) { return c.store.Accept(ctx, page, false) }); err != nil {
			return err
		}
	}
	for _, r := range cargo.refused {
		if _, err := c.store.Refuse(ctx, r.Instruction, r.Rejection); err != nil {
			return err
		}
		c.warn(r.Instruction, r.Rejection)
	}
	if len(seqs) == 0 {
		return nil
	}
	return c.batcher.Do(ctx, seqs)
}

func pages(instructions []store.Instruction) [][]store.Instruction {
	return slices.Collect(slices.Chunk(instructions, packSize))
}

// journal accepts a page and adds what waits to be executed.
func (c *carrier) journal(seqs []int64, page []store.Instruction, accept func() ([]store.Receipt, error)) ([]int64, error) {
	receipts, err := accept()
	if err != nil {
		return nil, err
	}
	for i, r := range receipts {
		switch {
		case r.Refused != nil:
			c.warn(page[i], r.Refused)
		case r.Waits:
			seqs = append(seqs, r.Seq)
		}
	}
	return seqs, nil
}

// warn tells the operator what nobody waits to hear. The detail, which may name
// people, is in the record of the refusal.
func (c *carrier) warn(n store.Instruction, r *domain.Rejection) {
	c.log.Warn("a command that came by Redis was refused", "source", n.Source, "id", n.ID, "reason", r.Reason)
}

func (c *carrier) verify(ctx context.Context, task *asynq.Task) (seal, error) {
	headers := task.Headers()
	s := seal{source: headers[headerSource], keyID: headers[headerKey]}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(headers[headerSignature])
	if s.source == "" || domain.CheckID(s.source) != "" || domain.CheckID(s.keyID) != "" || len(task.Payload()) > maxTaskBytes {
		return seal{}, nil // no text for Postgres, or more than is read
	}
	if err != nil {
		signature = nil
	}
	message := frame(taskFields(task.Type(), s.source, s.keyID, task.Payload())...)
	keyed, valid, err := c.store.Verify(ctx, s.source, s.keyID, message, signature)
	switch {
	case err != nil:
		return seal{}, err
	case !keyed:
		return seal{}, nil
	}
	s.broken = !valid
	return s, nil
}

// unload reads the commands of a task. What cannot be read is refused as invalid,
// whoever has signed it; if the seal is broken, nothing in it is anybody's.
func unload(payload []byte, taskID string, s seal) cargo {
	var all cargo
	if len(payload) > maxTaskBytes {
		problem := Problems{{Field: "task", What: fmt.Sprintf("has %d bytes; one has at most %d", len(payload), maxTaskBytes)}}
		all.refuse(unreadable(Command{}, payload, taskID, 0), domain.Invalid, problem.Error())
		return all
	}
	lines := unpack(payload)
	if len(lines) == 0 {
		all.refuse(unreadable(Command{}, payload, taskID, 0), domain.Invalid, "the task carries no command")
	}
	for i, line := range lines {
		c, problems := Parse(line)
		switch {
		case len(problems) > 0:
			all.refuse(unreadable(c, line, taskID, i), domain.Invalid, problems.Error())
		case s.broken:
			all.refuse(c.entry, domain.SignatureInvalid,
				fmt.Sprintf("source %s has keys, and the signature with key %s is not good, or the key is revoked", s.source, s.keyID))
		case s.source == c.Source:
			c.entry.KeyID = s.keyID
			all.signed = append(all.signed, c.entry)
		default: // good unless its source has keys
			all.unsigned = append(all.unsigned, c.entry)
		}
	}
	return all
}

func (all *cargo) refuse(n store.Instruction, reason domain.Reason, detail string) {
	all.refused = append(all.refused, refusal{n, &domain.Rejection{Reason: reason, Detail: detail}})
}

// unreadable names a command as well as it can be read; else it goes by its task.
func unreadable(c Command, line []byte, taskID string, i int) store.Instruction {
	hash := sha256.Sum256(line)
	n := store.Instruction{Source: domain.DefaultSource, ID: fmt.Sprintf("%s:%d", taskID, i+1), Hash: hash[:]}
	if c.ID != "" && domain.CheckID(c.ID) == "" && c.Source != "" && domain.CheckID(c.Source) == "" {
		n.Source, n.ID = c.Source, c.ID
	}
	if _, known := KindNamed(c.Kind); known {
		n.Kind = c.Kind
	}
	if c.Actor.Check() == "" {
		n.Actor = string(c.Actor)
	}
	return n
}
