package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/joho/godotenv"
)

func TestStartGivesAPostgresAndARedisThatKeepWhatTheyAreTold(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	conn := postgres(t, s)
	for name, want := range map[string]string{
		"server_encoding": "UTF8", "lc_collate": "C", "timezone": "UTC",
		"data_checksums": "on", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"max_wal_size": "8GB", "wal_compression": "lz4", "max_connections": "200",
		"listen_addresses": "",
	} {
		if got := setting(t, conn, name); got != want {
			t.Errorf("Postgres: %s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "port": "0",
	} {
		if got, err := redisClient(t, s).ConfigGet(t.Context(), name).Result(); err != nil || got[name] != want {
			t.Errorf("Redis: %s is %q, %v, want %q", name, got[name], err, want)
		}
	}
	stop(t, s)
	check(t, s.Stop(t.Context())) // again does nothing
}

func TestAStoppedFolderComesBackWithItsDataAndAddresses(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	before := start(t, dir)
	remember(t, before)
	stop(t, before)

	after := start(t, dir)
	defer stop(t, after)
	recall(t, after)
	if after.DatabaseURL != before.DatabaseURL || after.RedisURL != before.RedisURL {
		t.Errorf("the addresses changed: %+v, %+v", before, after)
	}
}

func TestTheServersOutliveAKilledWorkerAndTheNextOneTakesThemOver(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	killed, line := startWorker(t, dir)
	if line != "ready" {
		t.Fatal(line)
	}
	left := running(t, dir)
	killed.kill()

	s := start(t, dir)
	for _, pid := range leaders(t, s) {
		if left[pid] == "" {
			t.Errorf("process %d is new; the running servers were not taken over", pid)
		}
	}
	identifier, err := s.systemIdentifier()
	check(t, err)
	remember(t, s)
	s.release() // what a second kill would do

	s = start(t, dir)
	recall(t, s)
	if again, err := s.systemIdentifier(); err != nil || again != identifier {
		t.Errorf("the database changed from %d to %d (%v)", identifier, again, err)
	}
	stop(t, s)
}

func TestASecondWorkerIsToldWhoHoldsTheFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	holder, line := startWorker(t, dir)
	if line != "ready" {
		t.Fatal(line)
	}
	_, err := tryStart(t, dir)
	wantError(t, err, dir, fmt.Sprintf("is in use by another worker (pid %d)", holder.cmd.Process.Pid))

	holder.stop()
	stop(t, start(t, dir))
}

func TestCtrlCAtTheWorkerDoesNotReachTheServers(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	defer stop(t, s)
	for _, pid := range leaders(t, s) {
		if group, err := syscall.Getpgid(pid); err != nil || group != pid {
			t.Errorf("process %d is in group %d, %v; want a group of its own", pid, group, err)
		}
	}
}

func TestAKilledPostmasterWithABusyBackendIsReplaced(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	remember(t, s)
	// A backend in a tight loop notices neither the death of the postmaster
	// nor that its client is gone.
	busy := postgres(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go busy.Exec(ctx, "select count(*) from generate_series(1, 100000000000)") //nolint:errcheck // it gets killed
	backend := int(busy.PgConn().PID())
	eventually(t, "the backend is busy", func() bool {
		var n int
		check(t, postgres(t, s).QueryRow(t.Context(), "select count(*) from pg_stat_activity where query like '%generate_series(1, 1000%' and state = 'active' and pid <> pg_backend_pid()").Scan(&n))
		return n == 1
	})
	check(t, s.postgres.home.signal(leaders(t, s)[0], syscall.SIGKILL))
	s.release()

	s = start(t, dir)
	defer stop(t, s)
	recall(t, s)
	if _, lives := s.postgres.home.look(backend); lives {
		t.Error("the old backend still runs")
	}
}

func TestAKilledRedisComesBackWithItsData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	remember(t, s)
	check(t, s.redis.home.signal(leaders(t, s)[1], syscall.SIGKILL))
	s.release()

	s = start(t, dir)
	defer stop(t, s)
	recall(t, s)
}

func TestServersThatLostTheirSocketsAreStartedAnew(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	remember(t, s)
	check(t, os.RemoveAll(filepath.Join(dir, "run")))
	s.release()

	s = start(t, dir)
	defer stop(t, s)
	recall(t, s)
}

func TestServersOfADeletedFolderAreEnded(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	old := running(t, dir)
	s.release()
	check(t, os.RemoveAll(dir))

	s = start(t, dir)
	for pid := range running(t, dir) {
		if old[pid] != "" {
			t.Errorf("process %d still serves the deleted folder", pid)
		}
	}
	stop(t, s)
}

func TestOnlyServersOfTheFolderAreEverEnded(t *testing.T) {
	t.Parallel()
	dir, otherDir := folder(t), folder(t)
	other := start(t, otherDir)
	defer stop(t, other)
	stop(t, start(t, dir))

	// A pid on record may have passed to a stranger, and that may be another
	// Postgres.
	stranger := leaders(t, other)[0]
	record := filepath.Join(dir, "postgres", "postmaster.pid")
	check(t, os.WriteFile(record, []byte(strconv.Itoa(stranger)+"\n/proc/self/fd/3\n0\n5432\n\n\n"), 0o600))
	info, err := os.Stat(filepath.Join(dir, "postgres"))
	check(t, err)
	st := info.Sys().(*syscall.Stat_t)
	check(t, os.Chown(record, int(st.Uid), int(st.Gid)))
	// Working in the folder does not make a program a server.
	visitor := exec.Command("sleep", "60")
	visitor.Dir = filepath.Join(dir, "redis")
	check(t, visitor.Start())
	defer func() { _ = visitor.Process.Kill(); _ = visitor.Wait() }()

	stop(t, start(t, dir))
	if _, lives := other.postgres.home.look(stranger); !lives {
		t.Error("the Postgres of another folder was ended")
	}
	if err := visitor.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the visitor was ended: %v", err)
	}
}

func TestTheFolderMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for what, name := range map[string]string{
		"too long for a socket":              strings.Repeat("long/", 30),
		"characters that mean much in a URL": "100% of José's, really? #1 & more",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(folder(t), name)
			s := start(t, dir)
			remember(t, s)
			if socket := s.redisSocket(); len(socket) > maxSocketPath {
				t.Errorf("the path of the socket has %d bytes: %s", len(socket), socket)
			}
			s.release()
			s = start(t, dir)
			recall(t, s)
			stop(t, s)
			if _, err := os.Stat(s.sockets); !os.IsNotExist(err) {
				t.Errorf("%s is still there (%v)", s.sockets, err)
			}
		})
	}
}

func TestRootMayUseAFolderNobodyElseCanEnter(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := folder(t)
	check(t, os.Chmod(filepath.Dir(dir), 0o700))
	s := start(t, dir)
	remember(t, s)
	info, err := os.Stat(fmt.Sprintf("/proc/%d", leaders(t, s)[0]))
	check(t, err)
	if info.Sys().(*syscall.Stat_t).Uid == 0 {
		t.Error("Postgres runs as root")
	}
	stop(t, s)
	s = start(t, dir)
	recall(t, s)
	stop(t, s)
}

func TestAnOrdinaryUserNeedsNoPrivileges(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := folder(t)
	check(t, os.Mkdir(dir, 0o700))
	check(t, os.Chown(dir, 65534, 65534))
	check(t, os.Chmod(filepath.Dir(dir), 0o755))
	w, line := startWorker(t, dir, asNobody)
	if line != "ready" {
		t.Fatal(line)
	}
	w.stop()
	if left := running(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// Root may go on with it, and Postgres stays the user it was.
	stop(t, start(t, dir))
}

func TestAFolderOneMayNotWriteIsNamed(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := folder(t)
	check(t, os.Chmod(filepath.Dir(dir), 0o755))
	_, line := startWorker(t, dir, asNobody)
	wantError(t, fmt.Errorf("%s", line), dir, "permission denied")
}

func TestAFolderOfAnotherPostgresVersionIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	check(t, os.MkdirAll(filepath.Join(dir, "postgres"), 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte("9\n"), 0o600))
	_, err := tryStart(t, dir)
	wantError(t, err, dir, "was made by Postgres 9", "install postgresql-9")
}

func TestAServerThatDoesNotComeUpIsQuoted(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	stop(t, start(t, dir))
	check(t, os.Truncate(filepath.Join(dir, "postgres", "global", "pg_control"), 100))
	_, err := tryStart(t, dir)
	wantError(t, err, "Postgres did not come up", "log/postgres.log", "pg_control")
	if left := running(t, dir); len(left) > 0 {
		t.Errorf("a failed start left behind: %v", left)
	}
}

func TestACancelledStartLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, after := range []time.Duration{0, 50 * time.Millisecond, 500 * time.Millisecond, time.Second} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, Options{Dir: dir})
		cancel()
		if err == nil { // a fast machine
			stop(t, s)
			continue
		}
		if left := running(t, dir); len(left) > 0 {
			t.Errorf("cancelled after %v, left behind: %v", after, left)
		}
	}
	stop(t, start(t, dir))
}

func TestThrowawayServersEndWithTheirProcess(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	w, line := startWorker(t, dir, throwaway)
	if line != "ready" {
		t.Fatal(line)
	}
	if len(running(t, dir)) == 0 {
		t.Fatal("nothing runs")
	}
	w.kill()
	eventually(t, "the servers end", func() bool { return len(running(t, dir)) == 0 })
}

func TestSettingsForAnotherPostgresDoNotGetInTheWay(t *testing.T) {
	for name, value := range map[string]string{"PGPORT": "1", "PGDATA": "/nowhere", "PGDATABASE": "none"} {
		t.Setenv(name, value)
	}
	s := start(t, folder(t))
	defer stop(t, s)
	check(t, postgres(t, s).Ping(t.Context()))
}

func TestWriteEnvIsReadBackAsItWas(t *testing.T) {
	dir := t.TempDir()
	vars := map[string]string{
		"DATABASE_URL": "postgres://licenseledger@/licenseledger?host=/a/b&port=5432",
		"REDIS_URL":    "unix:/a/b/redis.sock",
		"SMTP_URL":     `file:/home/o'neil/$HOME/"mail"/x`,
		"PLAIN":        `C:\new $HOME "quoted" # not a comment`,
		"EMPTY":        "",
		"ZEROS":        "007",
	}
	check(t, WriteEnv(dir, map[string]string{"OLD": "gone"}))
	check(t, WriteEnv(dir, vars))
	got, err := godotenv.Read(filepath.Join(dir, "env"))
	check(t, err)
	if fmt.Sprint(got) != fmt.Sprint(vars) {
		t.Errorf("got  %v\nwant %v", got, vars)
	}
	out, err := exec.Command("sh", "-c", `. "$0" && printf '%s|%s' "$SMTP_URL" "$PLAIN"`, filepath.Join(dir, "env")).Output()
	check(t, err)
	if want := vars["SMTP_URL"] + "|" + vars["PLAIN"]; string(out) != want {
		t.Errorf("a shell reads %s, want %s", out, want)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v, %v; want only env", files, err)
	}
	for _, bad := range []map[string]string{{"A": "two\nlines"}, {"A": `'and\`}, {"NOT A NAME": "x"}, {"": "x"}} {
		wantError(t, WriteEnv(dir, bad), "cannot be written")
	}
}

func TestSharedBuffersAreAQuarterOfTheMemoryWithinBounds(t *testing.T) {
	for memory, want := range map[uint64]uint64{0: 32, 64 << 20: 32, 4 << 30: 1024, 8 << 30: 2048, 512 << 30: 2048} {
		if got := sharedBuffers(memory); got != want {
			t.Errorf("of %d MB: %d MB, want %d", memory>>20, got, want)
		}
	}
}
