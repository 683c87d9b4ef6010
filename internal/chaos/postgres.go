package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is a private server whose death is part of the plan.
type postgres struct {
	bin, data, wal, sockets string
	logFile                 string
	account                 *syscall.Credential // nil: ourselves
	faketime                string              // offset for libfaketime, empty: none
	// commitDelay is a pause before each commit becomes durable; it widens the
	// gaps in which things can go wrong.
	commitDelay time.Duration
	child       *child
	kills       int
}

// newPostgres makes a database folder. Its write-ahead log lies apart, so that
// its disk can be filled.
func newPostgres(dir, wal string) (*postgres, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // Debian's place
	if onPath, err := exec.LookPath("postgres"); err == nil {
		bins = append(bins, onPath)
	}
	if len(bins) == 0 {
		return nil, errors.New("no Postgres is installed; `make setup` installs it")
	}
	slices.Sort(bins)
	p := &postgres{
		bin: filepath.Dir(bins[len(bins)-1]), data: filepath.Join(dir, "postgres"), wal: filepath.Join(wal, "wal"),
		sockets: filepath.Join(dir, "sockets"), logFile: filepath.Join(dir, "postgres.log"), commitDelay: 3 * time.Millisecond,
	}
	for _, folder := range []string{p.data, p.wal, p.sockets} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, fmt.Errorf("making the folders of Postgres: %w", err)
		}
	}
	if err := p.chooseAccount(); err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(p.bin, "initdb"), "-D", p.data, "-X", p.wal, "--wal-segsize=1", "-U", "licenseledger", "-E", "UTF8",
		"--locale=C", "--auth-local=trust", "--auth-host=reject", "--no-sync")
	cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Credential: p.account}, "/"
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return p, nil
}

// chooseAccount finds somebody to be, because Postgres does not run as root.
func (p *postgres) chooseAccount() error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		p.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, folder := range []string{p.data, p.wal, p.sockets} {
			if err := os.Chown(folder, int(uid), int(gid)); err != nil {
				return fmt.Errorf("giving Postgres its folders: %w", err)
			}
		}
		return nil
	}
	return errors.New("there is neither a user postgres nor nobody to run Postgres as")
}

func (p *postgres) socket() string { return filepath.Join(p.sockets, ".s.PGSQL.5432") }

// url is the way around all links, for the harness itself.
func (p *postgres) url() string {
	return "postgres:///licenseledger?user=licenseledger&host=" + p.sockets + "&port=5432"
}

// start brings the server up, waiting for what a killed one has left, or for a
// running one that recovers by itself.
func (p *postgres) start(ctx context.Context) error {
	patient, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if !p.child.running() {
			if err := p.launch(); err != nil {
				return err
			}
		}
		switch {
		case p.answers(ctx):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case patient.Err() != nil:
			return fmt.Errorf("starting Postgres: it does not come up; see %s", p.logFile)
		}
		time.Sleep(50 * time.Millisecond) // a backend of the killed server keeps the memory for a moment
	}
}

func (p *postgres) launch() (err error) {
	cmd := exec.Command(filepath.Join(p.bin, "postgres"), "-D", p.data, "-k", p.sockets,
		"-c", "listen_addresses=", "-c", "port=5432", "-c", "max_connections=200", "-c", "shared_buffers=128MB",
		"-c", "max_wal_size=32MB", "-c", "min_wal_size=4MB", "-c", "log_min_messages=panic",
		"-c", fmt.Sprintf("commit_delay=%d", p.commitDelay.Microseconds()), "-c", "commit_siblings=0")
	cmd.SysProcAttr, cmd.Dir = &syscall.SysProcAttr{Credential: p.account}, "/"
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}, faketimeEnv(p.faketime)...)
	p.child, err = launch(cmd, p.logFile)
	return err
}

func (p *postgres) answers(ctx context.Context) bool {
	conn, err := p.connect(ctx, "postgres")
	if err != nil {
		return false
	}
	_ = conn.Close(ctx)
	return true
}

func (p *postgres) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(p.url())
	if err != nil {
		return nil, err
	}
	config.Database, config.ConnectTimeout = database, 5*time.Second
	return pgx.ConnectConfig(ctx, config)
}

// exec runs a statement on a connection of its own.
func (p *postgres) exec(ctx context.Context, database, sql string) error {
	conn, err := p.connect(ctx, database)
	if err != nil {
		return fmt.Errorf("connecting to Postgres: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("executing %.60s: %w", sql, err)
	}
	return nil
}

func (p *postgres) kill() {
	p.kills++
	p.child.kill()
}

// immediately is pg_ctl stop -m immediate: no checkpoint, recovery at the next start.
func (p *postgres) immediately() {
	p.kills++
	_ = p.child.end(syscall.SIGQUIT, 20*time.Second) // it always says that it was no good end
}
