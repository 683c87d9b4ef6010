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
	journalInsert   = sqlText("journal_insert")
	journalFind     = sqlText("journal_find")
	journalReuses   = sqlText("journal_reuses")
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
}

// Receipt says where an accepted command is in the journal.
type Receipt struct {
	Seq    int64
	Waits  bool      // it has no outcome yet
	Reused bool      // the id had been used for other content; Seq is that of the first
	At     time.Time // when the reuse was refused
}

// Accept commits commands to the journal, in the order given. A command that is
// there already keeps its place. With serial, each is decided only after the
// one before it.
func (s *Store) Accept(ctx context.Context, instructions []Instruction, serial bool) ([]Receipt, error) {
	arrays := columns(instructions)
	var fresh []int64
	batch := &pgx.Batch{} // one implicit transaction
	batch.Queue(gateShared)
	batch.Queue(journalInsert, append(arrays, serial)...).Query(func(rows pgx.Rows) (err error) {
		fresh, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err := s.commands.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("writing %d commands to the journal: %w", len(instructions), err)
	}
	if len(fresh) < len(instructions) {
		return s.findAll(ctx, instructions, arrays)
	}
	slices.Sort(fresh) // numbers follow the order given
	receipts := make([]Receipt, len(instructions))
	for i, seq := range fresh {
		receipts[i] = Receipt{Seq: seq, Waits: true}
	}
	return receipts, nil
}

// findAll says where commands are of which some have been accepted before.
func (s *Store) findAll(ctx context.Context, instructions []Instruction, arrays []any) ([]Receipt, error) {
	type found struct {
		N     int64
		Seq   int64
		Hash  []byte
		Waits bool
	}
	rows, err := s.commands.Query(ctx, journalFind, arrays[0], arrays[1])
	if err != nil {
		return nil, fmt.Errorf("looking for %d commands in the journal: %w", len(instructions), err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[found])
	if err != nil {
		return nil, fmt.Errorf("looking for %d commands in the journal: %w", len(instructions), err)
	}
	receipts := make([]Receipt, len(instructions))
	var reused []int
	for _, f := range all {
		i := int(f.N) - 1
		receipts[i] = Receipt{Seq: f.Seq, Waits: f.Waits, Reused: !bytes.Equal(f.Hash, instructions[i].Hash)}
		if receipts[i].Reused {
			reused = append(reused, i)
		}
	}
	return receipts, s.recordReuses(ctx, instructions, receipts, reused)
}

// recordReuses keeps what came under a used id, for the history.
func (s *Store) recordReuses(ctx context.Context, instructions []Instruction, receipts []Receipt, reused []int) error {
	for _, i := range reused {
		n := instructions[i]
		err := s.commands.QueryRow(ctx, journalReuses, n.Source, n.ID, n.Hash, n.Kind, n.Actor, n.OnBehalfOf).Scan(&receipts[i].At)
		if err != nil {
			return fmt.Errorf("recording that id %s of source %s came again with other content: %w", n.ID, n.Source, err)
		}
	}
	return nil
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
