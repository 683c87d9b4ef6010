package jobs_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/migrations"
)

// relay makes a socket, which belongs to another user, reachable on loopback.
func relay(t *testing.T, socket string) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // either end may go
		_ = to.Close()
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			go pass(client, server)
			go pass(server, client)
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

// startPgbouncer stands a pgbouncer in transaction mode, with fewer connections
// than workers and clients have, before a database. It ignores no startup
// parameters: none that it does not know may be sent.
func startPgbouncer(t *testing.T, databaseURL string) (pooledURL string) {
	t.Helper()
	bouncer := program(t, "pgbouncer")
	u, err := url.Parse(databaseURL)
	check(t, err)
	query := u.Query()
	postgres := relay(t, filepath.Join(query.Get("host"), ".s.PGSQL."+query.Get("port")))
	dir, err := os.MkdirTemp("", "pgbouncer") // another user may have to read it
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	check(t, os.Chmod(dir, 0o755))
	name, port := strings.TrimPrefix(u.Path, "/"), freePort(t)
	config := filepath.Join(dir, "pgbouncer.ini")
	check(t, os.WriteFile(config, fmt.Appendf(nil, `[databases]
%s = host=127.0.0.1 port=%d user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 6
max_client_conn = 200
idle_transaction_timeout = 5
`, name, postgres, u.User.Username(), port), 0o644))
	cmd := exec.Command(bouncer, config)
	if os.Geteuid() == 0 { // it refuses to run as root
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	launch(t, cmd)
	eventually(t, "pgbouncer listens", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable&default_query_exec_mode=cache_describe", u.User.Username(), port, name)
}

// Workers and clients share six connections, none of which is theirs for longer
// than a transaction.
func TestPgbouncerInTransactionMode(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	direct := r.databaseURL
	r.databaseURL = startPgbouncer(t, direct)
	r.client = r.connect(r.redisURL)
	if err := migrations.Up(t.Context(), r.databaseURL); !errors.Is(err, migrations.ErrPooler) {
		t.Errorf("migrating through pgbouncer: %v", err)
	}
	r.work(r.databaseURL)
	r.work(r.databaseURL)
	r.catalog()
	r.loads(4, 120, nil)
	const locks = `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())` // others of the server belong to other tests
	left := r.number(locks)
	for range 100 { // what the workers do by themselves takes a moment
		if left == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
		left = r.number(locks)
	}
	if left != 0 {
		t.Errorf("%d advisory locks are left", left)
	}
	r.leavesNoSettings(direct)
}

// leavesNoSettings looks at what the settings of commands have left behind on
// the connections of pgbouncer: whoever comes next is planned as ever.
func (r *rig) leavesNoSettings(direct string) {
	r.t.Helper()
	for _, databaseURL := range []string{r.databaseURL, direct} {
		conn, err := pgx.Connect(r.t.Context(), databaseURL)
		check(r.t, err)
		var mode, seqscan string
		check(r.t, conn.QueryRow(r.t.Context(), "SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan')").Scan(&mode, &seqscan))
		check(r.t, conn.Close(r.t.Context()))
		if mode != "auto" || seqscan != "on" {
			r.t.Errorf("plan_cache_mode = %s, enable_seqscan = %s", mode, seqscan)
		}
	}
}
