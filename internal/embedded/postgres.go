package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sys/unix"
)

// startPostgres takes over the Postgres of the folder, or starts it.
func (s *Servers) startPostgres(ctx context.Context) error {
	home := s.postgres.home
	if err := home.end(ctx, orphaned, syscall.SIGQUIT, syscall.SIGKILL); err != nil {
		return fmt.Errorf("end the Postgres of a deleted folder: %w", err)
	}
	if err := s.initPostgres(ctx); err != nil {
		return fmt.Errorf("make the database folder: %w", err)
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for {
		err := s.tryPostgres(ctx)
		if err == nil || !errors.Is(err, errHeld) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", err, context.Cause(ctx))
		case <-enough.C:
			return err
		case <-time.After(10 * pollTime):
		}
	}
}

// errHeld marks a start that failed because an earlier Postgres of the folder is
// not quite gone.
var errHeld = errors.New("an earlier Postgres is still ending")

func (s *Servers) tryPostgres(ctx context.Context) error {
	procs, err := s.postgres.home.processes()
	if err != nil {
		return err
	}
	if pid := s.postmaster(procs); pid != 0 {
		s.postgres.child = nil
		err := s.postgres.await(ctx, pid, s.pingPostgres)
		if err == nil {
			s.log.Info("took over the running Postgres", "pid", pid)
			return nil
		}
		if ctx.Err() != nil || errors.Is(err, errForeign) {
			return err
		}
		// It may have lost its socket, or be on its way out.
		s.log.Warn("starting Postgres anew", "err", err)
		if err := s.stopPostgres(ctx); err != nil {
			return err
		}
	} else if len(procs) > 0 {
		// A killed postmaster leaves busy backends that keep the memory of
		// the database, and no new server may start beside them.
		if err := s.stopPostgres(ctx); err != nil {
			return err
		}
	}
	if err := s.clearRemains(); err != nil {
		return err
	}
	if err := s.launchPostgres(); err != nil {
		return err
	}
	err = s.postgres.await(ctx, 0, s.pingPostgres)
	if err == nil {
		return nil
	}
	for _, sign := range []string{"pre-existing shared memory block", "\"postmaster.pid\" already exists"} {
		if strings.Contains(err.Error(), sign) {
			s.postgres.child = nil
			return fmt.Errorf("%w: %w", errHeld, err)
		}
	}
	return err
}

// postmaster finds the process that leads the others: the one Postgres wrote
// down, as long as it is one of ours, else one with children. Backends have
// none, so what a killed postmaster leaves is no postmaster.
func (s *Servers) postmaster(procs []process) int {
	recorded := s.recordedPid()
	found := 0
	for _, p := range procs {
		if p.pid == recorded {
			return p.pid
		}
		for _, q := range procs {
			if q.parent == p.pid {
				found = p.pid
			}
		}
	}
	return found
}

func (s *Servers) recordedPid() int {
	b, err := os.ReadFile(filepath.Join(s.postgres.home.dir, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, _ := strconv.Atoi(first)
	return pid
}

// clearRemains removes the lock files of a server that is known to be gone, if
// their pid now belongs to a stranger. Postgres would take any other Postgres
// for the one of this folder; small pids come back after a reboot.
func (s *Servers) clearRemains() error {
	pid := s.recordedPid()
	if pid == 0 || unix.Kill(pid, 0) != nil {
		return nil // no such process, or one that Postgres does not mind
	}
	if _, ours := s.postgres.home.look(pid); ours {
		return nil
	}
	for _, f := range []string{
		filepath.Join(s.postgres.home.dir, "postmaster.pid"),
		filepath.Join(s.postgresSockets(), postgresSocket+".lock"),
	} {
		if err := os.Remove(f); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove an old lock file: %w", err)
		}
	}
	return nil
}

// initPostgres makes the data of a new folder. It works aside and renames, so
// that a killed initdb leaves nothing that looks like data.
func (s *Servers) initPostgres(ctx context.Context) error {
	if _, err := os.Stat(s.postgres.home.dir); err == nil {
		if _, err := os.Stat(filepath.Join(s.postgres.home.dir, "PG_VERSION")); err != nil {
			return fmt.Errorf("%s is no Postgres data folder: %w", s.postgres.home.dir, err)
		}
		return nil
	}
	old, _ := filepath.Glob(filepath.Join(s.dir, "postgres.new-*")) // best effort
	for _, dir := range old {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove an unfinished folder: %w", err)
		}
	}
	// Text sorts by bytes, but knows its letters where the system can.
	out, err := s.initdb(ctx, "C.UTF-8")
	if err != nil && strings.Contains(out, "invalid locale") {
		out, err = s.initdb(ctx, "C")
	}
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, lastLines(out, 8))
	}
	return nil
}

func (s *Servers) initdb(ctx context.Context, ctype string) (string, error) {
	dir, err := os.MkdirTemp(s.dir, "postgres.new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir) // nothing is there any more after success
	if err := s.account.own(dir); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, s.tools.initdb)
	names, err := s.account.admit(cmd, dir)
	if err != nil {
		return "", err
	}
	defer dismiss(cmd)
	cmd.Args = append(cmd.Args, "-D", names[0], "-U", "licenseledger", "-E", "UTF8",
		"--locale=C", "--lc-ctype="+ctype, "--data-checksums", "--auth-local=trust", "--auth-host=reject")
	if s.throwaway {
		cmd.Args = append(cmd.Args, "--no-sync")
	}
	cmd.Env = serverEnv()
	cmd.Dir = "/" // Postgres must be able to return to where it was started
	out, err := cmd.CombinedOutput()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return string(out), err
	}
	return string(out), os.Rename(dir, s.postgres.home.dir)
}

func (s *Servers) launchPostgres() error {
	cmd := exec.Command(s.tools.postgres)
	names, err := s.account.admit(cmd, s.postgres.home.dir, s.postgresSockets())
	if err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	defer dismiss(cmd)
	cmd.Args = append(cmd.Args, "-D", names[0], "-k", names[1])
	for _, setting := range s.postgresSettings() {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	cmd.Env = serverEnv()
	cmd.Dir = "/"
	return s.postgres.launch(cmd, s.throwaway)
}

// postgresSettings go on the command line: the data folder of an older version
// of the program is then run with the settings of this one.
func (s *Servers) postgresSettings() []string {
	settings := []string{
		"listen_addresses=",
		"port=5432", // names the socket; a PGPORT could change it
		"max_connections=200",
		"wal_compression=lz4",
	}
	if s.throwaway {
		return append(settings,
			"shared_buffers=128MB", "max_wal_size=256MB", "wal_level=minimal", "max_wal_senders=0",
			"fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return append(settings,
		fmt.Sprintf("shared_buffers=%dMB", sharedBuffers(memory())), "max_wal_size=8GB",
		"fsync=on", "synchronous_commit=on")
}

// sharedBuffers is a quarter of the memory within sensible bounds, in MB.
func sharedBuffers(memory uint64) uint64 {
	return min(max(memory>>20/4, 32), 2048)
}

// memory is what this machine, or the container we are in, may use.
func memory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	total := uint64(info.Totalram) * uint64(info.Unit) //nolint:unconvert // narrower on some machines
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64); err == nil {
			total = min(total, limit)
		}
	}
	return total
}

// connect opens a connection to one of the databases.
func (s *Servers) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(s.DatabaseURL)
	if err != nil {
		return nil, err
	}
	cfg.Database = database
	return pgx.ConnectConfig(ctx, cfg)
}

// pingPostgres asks for a sign of life, and whether it is our database that
// gives it.
func (s *Servers) pingPostgres(ctx context.Context) error {
	conn, err := s.connect(ctx, "postgres")
	if err != nil {
		var pgErr *pgconn.PgError
		if errors.As(err, &pgErr) && pgErr.Code == "57P03" { // cannot_connect_now
			return fmt.Errorf("%w: %w", errBusy, err)
		}
		return err
	}
	defer conn.Close(ctx)
	var got int64
	if err := conn.QueryRow(ctx, "select system_identifier from pg_control_system()").Scan(&got); err != nil {
		return err
	}
	want, err := s.systemIdentifier()
	if err != nil {
		return err
	}
	if uint64(got) != want {
		return fmt.Errorf("%w: system identifier %d, the data folder has %d", errForeign, got, want)
	}
	return nil
}

// systemIdentifier reads which database the folder holds. It is the first field
// of the control file.
func (s *Servers) systemIdentifier() (uint64, error) {
	b, err := os.ReadFile(filepath.Join(s.postgres.home.dir, "global", "pg_control"))
	if err != nil {
		return 0, err
	}
	if len(b) < 8 {
		return 0, errors.New("the control file of the data folder is cut off")
	}
	return binary.NativeEndian.Uint64(b), nil
}

func (s *Servers) createDatabase(ctx context.Context) error {
	err := s.ensureDatabase(ctx, "licenseledger")
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

func (s *Servers) ensureDatabase(ctx context.Context, name string) error {
	conn, err := s.connect(ctx, "postgres")
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	return err
}

// stopPostgres ends the server with a checkpoint where that is quick enough.
// Backends without a postmaster can only be told to drop everything.
func (s *Servers) stopPostgres(ctx context.Context) error {
	procs, err := s.postgres.home.processes()
	if err != nil {
		return err
	}
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL}
	if s.postmaster(procs) == 0 {
		signals = signals[1:]
	}
	return s.postgres.stop(ctx, signals...)
}
