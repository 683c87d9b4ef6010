package jobs

import (
	"slices"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
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

// Render makes all documents of an invoice, as the scheduler does.
var Render = render

// SplitObject is splitObject.
var SplitObject = splitObject

// ClusterQueues are the queues on a Redis Cluster.
var ClusterQueues = clusterQueues
