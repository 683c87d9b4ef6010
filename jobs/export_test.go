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
