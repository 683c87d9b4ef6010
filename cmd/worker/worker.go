package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/internal/embedded"
	"github.com/licenseledger/licenseledger/internal/metrics"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/webhook"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/migrations"
	"github.com/licenseledger/licenseledger/notify"
)

// worker is everything that runs, wired together.
type worker struct {
	cli
	log *slog.Logger
	out io.Writer // where ready is said

	servers *embedded.Servers
	ledger  *store.Store
	redis   redis.UniversalClient
	watch   *redisWatch
	admin   *admin
	metrics *metrics.Metrics
}

// run works until the context ends, finishes what is under way, and returns.
func (w *worker) run(ctx context.Context) (err error) {
	if w.Embedded {
		if err := w.startServers(ctx); err != nil {
			return err
		}
		defer func() { err = firstError(err, w.stopServers(ctx)) }()
	}
	if err := w.FromData(); err != nil {
		return err
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	defer w.close()
	return w.work(ctx)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// startServers brings up the embedded servers and points unset settings at them.
func (w *worker) startServers(ctx context.Context) error {
	servers, err := embedded.Start(ctx, embedded.Options{Dir: w.Data, Log: w.log})
	if err != nil {
		return err
	}
	w.servers = servers
	w.DatabaseURL, w.RedisURL = servers.DatabaseURL, servers.RedisURL
	dir, err := filepath.Abs(w.Data)
	if err != nil {
		return fmt.Errorf("finding %s: %w", w.Data, err)
	}
	w.SMTPURL = firstSet(w.SMTPURL, "file:"+filepath.Join(dir, "mail"))
	w.MailFrom = firstSet(w.MailFrom, "licenseledger@localhost")
	return nil
}

func firstSet(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

const serverStopTime = 30 * time.Second

func (w *worker) stopServers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), serverStopTime)
	defer cancel()
	return w.servers.Stop(ctx)
}

// open migrates and connects, and serves the admin address.
func (w *worker) open(ctx context.Context) (err error) {
	if !w.NoMigrate {
		if err := migrations.Up(ctx, w.DatabaseURL); err != nil {
			return err
		}
	}
	if w.redis, err = jobs.OpenRedis(w.RedisURL); err != nil {
		return err
	}
	w.watch = newRedisWatch(func(ctx context.Context) error { return jobs.ProbeRedis(ctx, w.redis) }, now, w.log)
	if w.ledger, err = store.Open(ctx, w.DatabaseURL); err != nil {
		return err
	}
	if err := w.ledger.SetClockMode(ctx, w.TestClock); err != nil {
		return err
	}
	if err := w.warnOfHeldMail(ctx); err != nil {
		return err
	}
	w.observe()
	if w.admin, err = listenAdmin(ctx, w); err != nil {
		return err
	}
	if w.Embedded {
		return w.writeEnv()
	}
	return nil
}

func (w *worker) close() {
	if w.admin != nil {
		w.admin.close()
	}
	if w.ledger != nil {
		w.ledger.Close()
	}
	if w.redis != nil {
		_ = w.redis.Close() // nothing is under way any more
	}
}

// writeEnv tells other programs where the embedded servers are.
func (w *worker) writeEnv() error {
	vars := map[string]string{
		"DATABASE_URL": w.DatabaseURL, "REDIS_URL": w.RedisURL, "SMTP_URL": w.SMTPURL, "MAIL_FROM": w.MailFrom,
		"ADMIN_ADDR": w.admin.addr(),
	}
	if w.MailReplyTo != "" {
		vars["MAIL_REPLY_TO"] = w.MailReplyTo
	}
	return embedded.WriteEnv(w.Data, vars)
}

// work runs the parts. They end in the order in which they need each other: no
// more tasks, then what finds its own work, then the batches they wait for.
func (w *worker) work(ctx context.Context) error {
	batcher := jobs.NewBatcher(w.ledger, jobs.DefaultBatchCap, w.log).RenderWith(notify.Documents)
	server := jobs.NewServer(w.redis, batcher, w.log).QuietWhile(w.watch.away)
	sweeper := jobs.NewSweeper(w.ledger, batcher, w.log)
	sender, err := notify.New(w.ledger, notify.Settings{
		SMTPURL: w.SMTPURL, From: w.MailFrom, ReplyTo: w.MailReplyTo,
		Settled: w.metrics.Mail,
		DKIM:    notify.DKIM{KeyFile: w.DKIMKeyFile, Domain: w.DKIMDomain, Selector: w.DKIMSelector},
	}, w.log)
	if err != nil {
		return err
	}
	background := context.WithoutCancel(ctx)
	watching := start(background, w.watch.run)
	defer watching.stop()
	batching := start(background, batcher.Run)
	defer batching.stop()
	scheduler := jobs.NewScheduler(w.ledger, w.log).RenderWith(notify.Documents)
	finding := start(background, sweeper.Run, scheduler.Run, sender.Run, webhook.New(w.ledger, w.log, now).Run, w.checker().Run)
	defer finding.stop()
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Shutdown()

	w.log.Info("working", "test_clock", w.TestClock, "embedded", w.Embedded, "admin", w.admin.addr())
	fmt.Fprintln(w.out, "ready")
	<-ctx.Done()
	w.log.Info("ending: finishing what is under way")
	return nil
}

// group is goroutines that end together.
type group struct {
	cancel context.CancelFunc
	wait   sync.WaitGroup
}

func start(ctx context.Context, runs ...func(context.Context)) *group {
	ctx, cancel := context.WithCancel(ctx)
	g := &group{cancel: cancel}
	for _, run := range runs {
		g.wait.Go(func() { run(ctx) })
	}
	return g
}

func (g *group) stop() {
	g.cancel()
	g.wait.Wait()
}
