package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/migrations"
)

// world is the system under test, what it talks to, and what breaks it.
type world struct {
	options
	dir  string
	disk *disk
	out  io.Writer
	log  *slog.Logger

	postgres *postgres
	redis    *redisServer
	mail     *mailServer
	workers  []*worker

	// Every way between two programs leads through a link.
	workerPostgres, workerRedis, workerMail, loadPostgres, loadRedis *link

	pool   *pgxpool.Pool // around the links
	load   *load
	oracle *oracle
	replay *replay
	chance *rand.Rand // of the plan

	gentle   bool // nothing was killed in this round, and Redis forgot nothing
	done     map[string]int
	failures []string
	slowest  time.Duration // from healing to rest

	sent, doubted, twice int // mails
	invoices, lines      int
}

const workers = 2

// quiet keeps the Redis client from telling that Redis is away.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// newWorld starts everything and waits until the world of the commands exists.
func newWorld(ctx context.Context, o options, out io.Writer) (w *world, err error) {
	w = &world{options: o, out: out, done: map[string]int{}, chance: rand.New(rand.NewPCG(o.seed, 2))} //nolint:gosec // repeatable on purpose
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.dir, err = makeFolder(); err != nil {
		return w, err
	}
	logFile, err := os.OpenFile(filepath.Join(w.dir, "chaos.log"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return w, fmt.Errorf("opening the log: %w", err)
	}
	w.log = slog.New(slog.NewTextHandler(logFile, nil))
	redis.SetLogger(quiet{})
	if w.disk, err = mountDisk(w.dir); err != nil {
		fmt.Fprintf(out, "SKIPPED: full disks, because no small one can be mounted: %v\n", err)
	}
	if faketimeLibrary() == "" {
		fmt.Fprintln(out, "SKIPPED: a wrong clock of Postgres, because libfaketime is not installed (apt-get install libfaketime)")
	}
	for _, step := range []func(context.Context) error{w.startServers, w.connectLinks, w.startLoad} {
		if err := step(ctx); err != nil {
			return w, err
		}
	}
	w.startWorkers()
	if err := w.load.begin(ctx); err != nil {
		return w, fmt.Errorf("making the world: %w", err)
	}
	return w, nil
}

// makeFolder makes the folder of a run and removes what killed runs left.
func makeFolder() (string, error) {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	for _, dir := range old {
		var pid int
		name := strings.TrimPrefix(filepath.Base(dir), folderPrefix)
		if _, err := os.Stat(filepath.Join(dir, "kept")); err == nil {
			continue
		}
		if _, err := fmt.Sscanf(name, "%d-", &pid); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			unmount(filepath.Join(dir, "disk"))
			_ = os.RemoveAll(dir)
		}
	}
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	return dir, os.Chmod(dir, 0o711) //nolint:gosec // Postgres is somebody else and must get through
}

const folderPrefix = "licenseledger-chaos-"

func (w *world) startServers(ctx context.Context) (err error) {
	home := w.dir
	if w.disk != nil {
		home = w.disk.dir
	}
	if w.postgres, err = newPostgres(w.dir, home); err != nil {
		return err
	}
	if w.mutated {
		w.postgres.commitDelay = 10 * time.Millisecond
	}
	if w.redis, err = newRedis(w.dir, home); err != nil {
		return err
	}
	if w.mail, err = newMailServer(w.now); err != nil {
		return err
	}
	if err := errors.Join(w.postgres.start(ctx), w.redis.start(ctx)); err != nil {
		return err
	}
	if err := w.postgres.exec(ctx, "postgres", "CREATE DATABASE licenseledger"); err != nil {
		return err
	}
	if err := migrations.Up(ctx, w.postgres.url()); err != nil {
		return err
	}
	if w.mutated {
		if err := w.prepareMutant(ctx); err != nil {
			return err
		}
	}
	w.pool, err = openPool(ctx, w.postgres.url())
	return err
}

func (w *world) connectLinks(context.Context) error {
	for _, l := range []struct {
		to   **link
		name string
		dial string // network
		at   string
	}{
		{&w.workerPostgres, "worker to Postgres", "unix", w.postgres.socket()},
		{&w.workerRedis, "worker to Redis", "unix", w.redis.socket},
		{&w.workerMail, "worker to mail server", "tcp", w.mail.address()},
		{&w.loadPostgres, "load to Postgres", "unix", w.postgres.socket()},
		{&w.loadRedis, "load to Redis", "unix", w.redis.socket},
	} {
		made, err := newLink(l.name, dialer(l.dial, l.at))
		if err != nil {
			return err
		}
		*l.to = made
	}
	return nil
}

func (w *world) links() []*link {
	return []*link{w.workerPostgres, w.workerRedis, w.workerMail, w.loadPostgres, w.loadRedis}
}

func databaseURL(l *link) string {
	return fmt.Sprintf("postgres://licenseledger@127.0.0.1:%d/licenseledger?sslmode=disable&connect_timeout=5", l.port())
}

func redisURL(l *link) string { return fmt.Sprintf("redis://127.0.0.1:%d", l.port()) }

func (w *world) startLoad(ctx context.Context) (err error) {
	if w.oracle, err = openOracle(filepath.Join(w.dir, "oracle.ndjson")); err != nil {
		return err
	}
	client, err := jobs.Connect(ctx, databaseURL(w.loadPostgres), redisURL(w.loadRedis), w.log)
	if err != nil {
		return err
	}
	if err := client.Store().SetClockMode(ctx, true); err != nil {
		return err
	}
	began, _, err := client.Store().Clock(ctx)
	if err != nil {
		return err
	}
	w.load, w.replay = newLoad(w.seed, client, w.oracle, w.log), newReplay(began)
	if w.mutated {
		w.load.pace, w.load.movePause = 15*time.Millisecond, 20*time.Millisecond
	}
	return nil
}

func (w *world) startWorkers() {
	for i := range workers {
		clock := filepath.Join(w.dir, fmt.Sprintf("worker-%d.clock", i+1))
		worker := &worker{
			binary: w.binary, logFile: filepath.Join(w.dir, fmt.Sprintf("worker-%d.log", i+1)), clock: clock,
			env: append(mutantEnv(), "CHAOS_CLOCK="+clock,
				"DATABASE_URL="+databaseURL(w.workerPostgres), "REDIS_URL="+redisURL(w.workerRedis),
				fmt.Sprintf("SMTP_URL=smtp://127.0.0.1:%d", w.workerMail.port()), "MAIL_FROM=ledger@chaos.example", "ADMIN_ADDR=off"),
		}
		worker.run()
		w.workers = append(w.workers, worker)
	}
}

// close ends everything. What a failing run leaves is kept to be looked at.
func (w *world) close() {
	for _, worker := range w.workers {
		_ = worker.retire(syscall.SIGKILL)
	}
	if w.load != nil {
		_ = w.load.client.Close()
	}
	if w.pool != nil {
		w.pool.Close()
	}
	for _, l := range w.links() {
		if l != nil {
			l.close()
		}
	}
	if w.mail != nil {
		_ = w.mail.listen.Close()
	}
	if w.postgres != nil && w.postgres.child.running() {
		w.postgres.immediately()
	}
	if w.redis != nil && w.redis.child.running() {
		w.redis.kill()
	}
	if w.keep || len(w.failures) > 0 {
		_ = os.WriteFile(filepath.Join(w.dir, "kept"), nil, 0o600) // if not, the next run tidies it up
		fmt.Fprintf(w.out, "logs, oracle and data: %s\n", w.dir)
		return
	}
	if w.disk != nil {
		unmount(w.disk.dir)
	}
	_ = os.RemoveAll(w.dir)
}

// round lets faults happen for a while, heals everything, waits until the system
// is at rest and checks every invariant.
func (w *world) round(ctx context.Context, faults time.Duration) error {
	loading, stop := context.WithCancel(ctx)
	defer stop()
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		w.load.run(loading)
	}()
	w.gentle = true
	w.happen(ctx, faults)
	stop()
	<-loaded
	if err := w.heal(ctx); err != nil {
		return fmt.Errorf("healing: %w", err)
	}
	if err := w.rest(ctx); err != nil {
		return err
	}
	return w.check(ctx)
}

// heal makes all links and servers work, restarts the workers, and has
// everything accepted that is in doubt.
func (w *world) heal(ctx context.Context) error {
	for _, l := range w.links() {
		l.heal()
	}
	w.mail.behave(trouble{})
	if w.disk != nil {
		w.disk.empty()
	}
	if err := errors.Join(w.postgres.start(ctx), w.redis.start(ctx)); err != nil {
		return err
	}
	if err := w.load.resolve(ctx); err != nil {
		return err
	}
	if w.quick { // half a minute after killed workers is too long here
		if _, err := w.pool.Exec(ctx, "UPDATE pending SET next_at = clock_timestamp() WHERE dead_at IS NULL"); err != nil {
			return fmt.Errorf("hurrying commands: %w", err)
		}
	}
	return w.hurryMail(ctx)
}

// hurryMail lets mails be sent that wait for the end of a lease or a back-off,
// which takes a minute and proves nothing more. Those that a worker is sending
// right now are among them: they are marked as doubtful then.
func (w *world) hurryMail(ctx context.Context) error {
	_, err := w.pool.Exec(ctx, "UPDATE mail SET next_at = clock_timestamp() WHERE waits AND next_at < 'infinity' AND (state <> 'sending' OR next_at < clock_timestamp() + interval '15 seconds')")
	return err
}

// restTime is how long after healing everything must have come to rest (I7).
func (o options) restTime() time.Duration {
	if o.mutated {
		return 45 * time.Second // after killed workers, it is half a minute
	}
	return 100 * time.Second
}

const restless = `
SELECT (SELECT count(*) FROM pending WHERE dead_at IS NULL)
     + (SELECT count(*) FROM mail WHERE waits)
     + (SELECT count(*) FROM closes WHERE state = 'sealed')
     + (SELECT count(*) FROM undocumented)
     + (SELECT count(*) FROM billing WHERE next_close_at <= ledger_now())
     + (SELECT count(*) FROM lots WHERE next_due_at <= ledger_now())
     + (SELECT count(*) FROM licenses WHERE next_due_at <= ledger_now())
     + (SELECT count(*) FROM subscriptions WHERE next_due_at <= ledger_now())`

// rest waits until nothing waits any more.
func (w *world) rest(ctx context.Context) error {
	began := w.now()
	told := began
	for {
		if w.now().Sub(told) > 5*time.Second {
			told = w.now()
			w.log.Info("still waiting", "since", w.now().Sub(began), "for", w.waiting(ctx))
		}
		left, err := w.count(ctx, restless)
		if err != nil {
			return fmt.Errorf("waiting for rest: %w", err)
		}
		if left == 0 {
			w.slowest = max(w.slowest, w.now().Sub(began))
			return nil
		}
		if w.now().Sub(began) > w.restTime() {
			w.fail("I7: %d things still wait %s after healing: %s", left, w.restTime(), w.waiting(ctx))
			return nil
		}
		if err := w.hurryMail(ctx); err != nil {
			return err
		}
		sleep(ctx, 200*time.Millisecond)
	}
}

// waiting says what waits, for the report.
func (w *world) waiting(ctx context.Context) string {
	var text string
	_ = w.pool.QueryRow(ctx, `
		SELECT coalesce((SELECT string_agg(format('%s %s', kind, error), ', ') FROM (SELECT kind, p.error FROM pending AS p JOIN commands USING (seq) WHERE dead_at IS NULL LIMIT 5) AS x), '')
		    || coalesce((SELECT string_agg(format('mail %s: %s', state, error), ', ') FROM (SELECT state, error FROM mail WHERE waits LIMIT 5) AS x), '')
		    || coalesce((SELECT string_agg(format('close of %s: %s', contract, state), ', ') FROM (SELECT contract, state FROM closes WHERE state = 'sealed' LIMIT 5) AS x), '')`).Scan(&text)
	return text
}

// summary is the last line.
func (w *world) summary(took time.Duration) string {
	all, acked := w.oracle.counts()
	var faults []string
	for name, n := range w.done {
		faults = append(faults, fmt.Sprintf("%d× %s", n, name))
	}
	slices.Sort(faults)
	verdict := "ok"
	if len(w.failures) > 0 {
		verdict = fmt.Sprintf("FAILED (%d)", len(w.failures))
	}
	restarts := 0
	for _, worker := range w.workers {
		restarts += worker.restarts
	}
	return fmt.Sprintf("chaos %s: CHAOS_SEED=%d, %s, %d commands (%d acknowledged, %d sent again, %d calls failed), %d clock moves, %d outcomes replayed, %d invoices of %d lines, %d mails (%d in doubt once, %d of them twice), %d worker starts, slowest rest %s; faults: %s",
		verdict, w.seed, took.Round(time.Second), all, acked, w.load.repeats.Load(), w.load.errors.Load(), w.load.moves, w.replay.all,
		w.invoices, w.lines, w.sent, w.doubted, w.twice, restarts, w.slowest.Round(100*time.Millisecond), strings.Join(faults, ", "))
}
