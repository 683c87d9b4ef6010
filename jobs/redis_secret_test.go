package jobs_test

import (
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// An address that cannot be read is not shown: it holds a password.
func TestAddressesAreNotShown(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"redis://u:hunter2@host:port", "redis://u:hunter2@[host", "rediss://u:hunter2%zz@host", "redis-cluster://u:hunter2@a:port,b", "redis-sentinel://u:hunter2@a:1",
		"redis-sentinel://u:hunter2@a:1/m?db=x", "hunter2", "redis://u:hunter2@host/notanumber", "unix:/hunter2%zz", "postgres://u:hunter2@h", "\x00hunter2",
		"redis-cluster://u:hunter2@a?tls=maybe",
	} {
		if _, err := jobs.OpenRedis(bad); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, bad := range []string{
		"postgres://u:hunter2@127.0.0.1:port/x", "postgres://u:hunter2@[host/x", "postgres://u:hunter2%zz@host/x", "host=127.0.0.1 port=x password=hunter2", "password='hunter2",
		"postgres://u:hunter2@127.0.0.1:1/x?connect_timeout=1", "postgres://u:hunter2@127.0.0.1:1/x?sslmode=maybe", "host=127.0.0.1 port=1 password=hunter2",
	} {
		if _, err := store.Open(t.Context(), bad); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
