package jobs

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// ReplaceKind lets another type decide a kind until the test ends. Tests that
// use it cannot be parallel to others.
func ReplaceKind[C domain.Command](t *testing.T) {
	t.Helper()
	other := kind[C]("replaced by a test")
	before, known := kindsByName[other.Name]
	if !known {
		t.Fatalf("no kind %s", other.Name)
	}
	kindsByName[other.Name] = other
	t.Cleanup(func() { kindsByName[other.Name] = before })
}

// Stored is a checked command's body as the journal keeps it, and the hash of its content.
func (c *Command) Stored() (body, hash []byte) {
	return slices.Clone(c.entry.Body), slices.Clone(c.entry.Hash)
}

// SplitObject is splitObject.
var SplitObject = splitObject

// Carried does what the worker does with a task that carries commands.
func Carried(ctx context.Context, s *store.Store, b *Batcher, log *slog.Logger, task *asynq.Task) error {
	return (&carrier{store: s, batcher: b, log: log}).handle(ctx, task)
}

// SignTask makes a task as a client does.
func (keys Keys) SignTask(kind string, commands ...Command) *asynq.Task {
	for i := range commands {
		if commands[i].checked == nil {
			_ = commands[i].Check()
		}
	}
	payload, _ := pack(commands)
	return keys.signTask(CarryPrefix+kind, commands[0].Source, payload)
}

// Bell makes a doorbell as a client does, and RungFor reads it as the worker does.
func Bell(kind string, seqs []int64) *asynq.Task { return newTask(Queue, kind, seqs, nil) }

// RungFor is rungFor.
var RungFor = rungFor

// UnloadedIDs names the commands that a task carries, and says how many cannot be read.
func UnloadedIDs(payload []byte) (ids []string, refused int) {
	all := unload(payload, "task", seal{})
	for _, n := range all.unsigned {
		ids = append(ids, n.ID)
	}
	return ids, len(all.refused)
}

// TaskFormat is taskFormat.
const TaskFormat = taskFormat

// SignPayload makes a task of any content.
func (keys Keys) SignPayload(kind, source string, payload []byte) *asynq.Task {
	return keys.signTask(kind, source, payload)
}

// Signed is a command as a client hands it to the journal.
func (keys Keys) Signed(c Command) store.Instruction {
	_ = c.Check()
	return keys.sign(c.entry)
}

// ClusterQueues are the queues on a Redis Cluster.
var ClusterQueues = clusterQueues

// Unloaded is what becomes of the lines of a task that carries commands.
type Unloaded struct {
	Signed, Unsigned, Refused []store.Instruction
	Details                   []string // of what is refused
}

// Unload reads a task that carries commands, signed by a source or by none.
func Unload(payload []byte, taskID, source, keyID string, broken bool) Unloaded {
	all := unload(payload, taskID, seal{source: source, keyID: keyID, broken: broken})
	unloaded := Unloaded{Signed: all.signed, Unsigned: all.unsigned}
	for _, r := range all.refused {
		unloaded.Refused = append(unloaded.Refused, r.Instruction)
		unloaded.Details = append(unloaded.Details, r.Detail)
	}
	return unloaded
}

// Unpack is unpack.
var Unpack = unpack

// Rung reads a doorbell of any content.
func Rung(payload []byte) (seqs []int64, ok bool) {
	seqs, err := rungFor(asynq.NewTask(BatchTask, payload))
	return seqs, err == nil
}

// MostUnreadable is mostUnreadable.
const MostUnreadable = mostUnreadable
