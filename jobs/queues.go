package jobs

import (
	"math/rand/v2"

	"github.com/redis/go-redis/v9"
)

// Queue is the asynq queue of doorbells.
const Queue = "licenseledger"

// clusterQueues are those on a Redis Cluster, which keeps all of one queue on
// one node. Their hash slots lie evenly, so that each of up to eight nodes has
// one. Not more: a worker asks for tasks queue by queue.
var clusterQueues = []string{
	"licenseledger-40", "licenseledger-13", "licenseledger-41", "licenseledger-12",
	"licenseledger-42", "licenseledger-11", "licenseledger-43", "licenseledger-10",
}

// queuesOn are the queues in use. Clients take any, workers listen on all.
func queuesOn(client redis.UniversalClient) []string {
	if _, cluster := client.(*redis.ClusterClient); cluster {
		return clusterQueues
	}
	return []string{Queue}
}

// anyOf picks a queue for a task: order and locks are no matter of queues, so
// chance, which spreads best, may choose.
func anyOf(queues []string) string {
	return queues[rand.IntN(len(queues))] //nolint:gosec // spreads load, guards nothing
}

// equally gives queues the same share of attention.
func equally(queues []string) map[string]int {
	shares := make(map[string]int, len(queues))
	for _, q := range queues {
		shares[q] = 1
	}
	return shares
}
