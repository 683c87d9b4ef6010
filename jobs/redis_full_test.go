package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

// Redis says that it is full in different ways, to a client's first task and to
// later ones. All tests share it, so this one is not parallel.
func TestAFullRedis(t *testing.T) {
	address := testdb.Redis(t)
	admin, err := jobs.OpenRedis(address)
	check(t, err)
	limit := func(ctx context.Context, memory string) { check(t, admin.ConfigSet(ctx, "maxmemory", memory).Err()) }
	t.Cleanup(func() { limit(context.Background(), "0"); check(t, admin.Close()) })
	client, err := jobs.ConnectRedis(address, nil)
	check(t, err)
	defer client.Close()
	refused := func() {
		t.Helper()
		limit(t.Context(), "1")
		defer limit(t.Context(), "0")
		err := client.Send(t.Context(), []jobs.Command{buyLot("1", 1)})
		if !errors.Is(err, jobs.ErrRedisFull) || errors.Is(err, jobs.ErrUnreachable) || !strings.Contains(err.Error(), "Redis is full: OOM") {
			t.Error(err)
		}
		if err := jobs.ProbeRedis(t.Context(), admin); err == nil || !strings.HasPrefix(jobs.RedisTrouble(err), "Redis is full and takes no writes;") {
			t.Errorf("a probe: %v", err)
		}
	}
	refused()
	check(t, client.Send(t.Context(), []jobs.Command{buyLot("2", 1)}))
	check(t, jobs.ProbeRedis(t.Context(), admin))
	refused()
}
