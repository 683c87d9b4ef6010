package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	gateShared      = sqlText("gate_shared")
	journalAccept   = sqlText("journal_accept")
	journalVerified = sqlText("journal_accept_verified")
	journalUnsigned = sqlText("journal_unsigned")
	journalFind     = sqlText("journal_find")
	journalCommands = sqlText("journal_commands")
	journalHomes    = sqlText("journal_homes")
	journalOutcomes = sqlText("journal_outcomes")
	journalSeq      = sqlText("journal_seq")
	journalRetry    = sqlText("journal_retry")
)

// Instruction is a checked command on its way into the journal.
type Instruction struct {
	Source     string
	ID         string
	Kind       string
	Actor      string
	OnBehalfOf string
	Preview    string
	Body       []byte
	Hash       []byte // of its canonical content
	KeyID      string // of the key it is signed with, if it is
	Signature  []byte
	Command    domain.Command // what the body says
}

// Receipt says where an accepted command is in the journal.
type Receipt struct {
	Seq     int64
	Waits   bool              // it has no outcome yet
	Refused *domain.Rejection // it is not in the journal: without a good signature, or its id had been used for other content
	At      time.Time         // when it was refused
}

// Accept commits commands to the journal, in the order given. A command that is
// there already keeps its place; one that should be signed and is not stays out.
// With serial, each is decided only after the one before it.
func (s *Store) Accept(ctx context.Context, instructions []Instruction, serial bool) ([]Receipt, error) {
	arrays := columns(instructions)
	return s.accept(ctx, instructions, journalAccept, append(arrays, serial)...)
}

// AcceptVerified is Accept for commands whose signature has been found good, or
// rather that of the task that brought them.
func (s *Store) AcceptVerified(ctx context.Context, instructions []Instruction) ([]Receipt, error) {
	arrays := columns(instructions)
	return s.accept(ctx, instructions, journalVerified, arrays[:len(arrays)-1]...)
}

func (s *Store) accept(ctx context.Context, instructions []Instruction, insert string, args ...any) ([]Receipt, error) {
	var fresh []int64
	batch := &pgx.Batch{} // one implicit transaction
	batch.Queue(gateShared)
	batch.Queue(insert, args...).Query(func(rows pgx.Rows) (err error) {
		fresh, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err := s.commands.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("writing %d commands to the journal: %w", len(instructions), err)
	}
	receipts := make([]Receipt, len(instructions))
	if len(fresh) < len(instructions) {
		return receipts, s.findAll(ctx, instructions, receipts, insert == journalVerified)
	}
	slices.Sort(fresh) // numbers follow the order given
	for i, seq := range fresh {
		receipts[i] = Receipt{Seq: seq, Waits: true}
	}
	return receipts, nil
}

// findAll says where commands are of which some are not new, or were refused.
func (s *Store) findAll(ctx context.Context, instructions []Instruction, receipts []Receipt, verified bool) error {
	if err := s.look(ctx, instructions, receipts, verified); err != nil {
		return err
	}
	for i, n := range instructions {
		if receipts[i].Refused == nil && receipts[i].Seq == 0 { // its key came or went meanwhile
			receipts[i].Refused = unsignedCommand(n)
		}
	}
	return s.recordRefusals(ctx, instructions, receipts)
}

// Known says what is known of a command that has not been handed over: where it
// is in the journal, or that it would be refused at the door.
func (s *Store) Known(ctx context.Context, n Instruction) (Receipt, error) {
	receipts := make([]Receipt, 1)
	if err := s.look(ctx, []Instruction{n}, receipts, false); err != nil || receipts[0].Refused == nil {
		return receipts[0], err
	}
	now, _, err := s.Clock(ctx)
	receipts[0].At = now
	return receipts[0], err
}

// look finds out what is in the journal, and what is to be refused.
func (s *Store) look(ctx context.Context, instructions []Instruction, receipts []Receipt, verified bool) error {
	if err := s.find(ctx, instructions, receipts); err != nil {
		return err
	}
	if !verified {
		unsigned, err := s.unsigned(ctx, instructions)
		if err != nil {
			return err
		}
		for _, i := range unsigned {
			receipts[i] = Receipt{Refused: unsignedCommand(instructions[i])}
		}
	}
	for i, n := range instructions {
		if r := &receipts[i]; r.Refused != nil && r.Refused.Reason == domain.IDReused {
			outside, err := s.OutOfScope(ctx, n.envelope())
			if err != nil {
				return err
			}
			if outside != nil { // it comes before a used id
				r.Refused = outside
			}
		}
	}
	return nil
}

// find looks commands up in the journal.
func (s *Store) find(ctx context.Context, instructions []Instruction, receipts []Receipt) error {
	type found struct {
		N     int64
		Seq   int64
		Hash  []byte
		Waits bool
	}
	arrays := columns(instructions)
	rows, err := s.commands.Query(ctx, journalFind, arrays[0], arrays[1])
	if err != nil {
		return fmt.Errorf("looking for %d commands in the journal: %w", len(instructions), err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[found])
	if err != nil {
		return fmt.Errorf("looking for %d commands in the journal: %w", len(instructions), err)
	}
	for _, f := range all {
		i := f.N - 1
		receipts[i] = Receipt{Seq: f.Seq, Waits: f.Waits}
		if !bytes.Equal(f.Hash, instructions[i].Hash) {
			receipts[i].Refused = reusedID(instructions[i])
		}
	}
	return nil
}

// unsigned says which commands name a source with keys and are not signed by it.
func (s *Store) unsigned(ctx context.Context, instructions []Instruction) ([]int64, error) {
	rows, err := s.commands.Query(ctx, journalUnsigned, columns(instructions)...)
	if err != nil {
		return nil, fmt.Errorf("looking at %d signatures: %w", len(instructions), err)
	}
	unsigned, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("looking at %d signatures: %w", len(instructions), err)
	}
	return unsigned, nil
}

// JournalRow is a command as the journal keeps it.
type JournalRow struct {
	Seq        int64
	Source     string
	ID         string
	Kind       string
	Actor      string
	OnBehalfOf string
	Preview    string
	Body       []byte
	Hash       []byte
	AcceptedAt time.Time
	After      int64 // the command that must be decided before, if any
}

// Commands reads what still waits of the given commands, in journal order.
func (s *Store) Commands(ctx context.Context, seqs []int64) ([]JournalRow, error) {
	rows, err := s.commands.Query(ctx, journalCommands, seqs)
	if err != nil {
		return nil, fmt.Errorf("reading %d commands: %w", len(seqs), err)
	}
	commands, err := pgx.CollectRows(rows, pgx.RowToStructByPos[JournalRow])
	if err != nil {
		return nil, fmt.Errorf("reading %d commands: %w", len(seqs), err)
	}
	return commands, nil
}

// Homes finds the resellers without a parent that users belong to, as far as
// the users exist.
func (s *Store) Homes(ctx context.Context, users map[domain.UserID]bool) (map[domain.UserID]domain.AccountID, error) {
	rows, err := s.commands.Query(ctx, journalHomes, set[domain.UserID](users).sorted())
	if err != nil {
		return nil, fmt.Errorf("looking for the resellers of %d users: %w", len(users), err)
	}
	homes := map[domain.UserID]domain.AccountID{}
	var user domain.UserID
	var home domain.AccountID
	_, err = pgx.ForEachRow(rows, []any{&user, &home}, func() error {
		homes[user] = home
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the resellers of %d users: %w", len(users), err)
	}
	return homes, nil
}

// Dead is the status of a command that was given up for a technical failure; it
// waits for the operator. Waiting is that of one without an outcome.
const (
	Dead    domain.Status = "dead"
	Waiting domain.Status = "waiting"
)

// Outcomes returns the outcomes there are, and the dead, of the given commands.
func (s *Store) Outcomes(ctx context.Context, seqs []int64) ([]domain.Outcome, error) {
	rows, err := s.commands.Query(ctx, journalOutcomes, seqs)
	if err != nil {
		return nil, fmt.Errorf("asking for %d outcomes: %w", len(seqs), err)
	}
	outcomes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[domain.Outcome])
	if err != nil {
		return nil, fmt.Errorf("asking for %d outcomes: %w", len(seqs), err)
	}
	return outcomes, nil
}

// Entry is where a command is in the journal, and what it was.
type Entry struct {
	Seq  int64
	Kind string
	Hash []byte
}

// Find looks for a command; found is false if nobody sent it.
func (s *Store) Find(ctx context.Context, source, id string) (e Entry, found bool, err error) {
	err = s.commands.QueryRow(ctx, journalSeq, source, id).Scan(&e.Seq, &e.Kind, &e.Hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("looking for command %s of source %s: %w", id, source, err)
	}
	return e, true, nil
}

// Retry puts a dead command back; false if it was not dead.
func (s *Store) Retry(ctx context.Context, seq int64) (bool, error) {
	tag, err := s.commands.Exec(ctx, journalRetry, seq)
	if err != nil {
		return false, fmt.Errorf("putting command %d back: %w", seq, err)
	}
	return tag.RowsAffected() == 1, nil
}
