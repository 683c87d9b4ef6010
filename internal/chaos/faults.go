package main

import (
	"context"
	"slices"
	"time"
)

// fault is something that goes wrong for a while, and is over when run returns.
type fault struct {
	name   string
	lane   int  // faults of different lanes happen at the same time
	rough  bool // kills or stops something, or makes Redis forget
	disk   bool // needs a disk that can be filled
	time   bool // needs libfaketime
	long   bool // not in a quick run
	weight int
	run    func(ctx context.Context, w *world, h happening) error
}

// happening is a fault of the plan with what was drawn for it.
type happening struct {
	fault *fault
	after time.Duration // since the one before it in its lane
	lasts time.Duration
	which int // of workers, links, troubles
}

const (
	laneServers = iota
	laneWorkers
	laneLinks
	lanes
)

var faults = append(slices.Clone(breakages), mailFaults()...)

var breakages = []fault{
	{name: "worker killed", lane: laneWorkers, rough: true, weight: 6, run: killWorker},
	{name: "worker stopped for a while", lane: laneWorkers, rough: true, weight: 1, run: stopWorker},
	{name: "worker stopped for minutes", lane: laneWorkers, rough: true, long: true, weight: 1, run: stopWorkerLong},
	{name: "rolling restart", lane: laneWorkers, weight: 2, run: rollingRestart},
	{name: "tasks come again", lane: laneWorkers, weight: 3, run: repeatTasks},
	{name: "clock of a worker wrong by 2 h", lane: laneWorkers, weight: 1, run: stepWorker},
	{name: "leases of a wrong clock", lane: laneWorkers, rough: true, weight: 1, run: shiftLeases},

	{name: "Redis killed", lane: laneServers, rough: true, weight: 2, run: killRedis},
	{name: "Redis emptied", lane: laneServers, rough: true, weight: 1, run: flushRedis},
	{name: "Redis lost its file", lane: laneServers, rough: true, weight: 1, run: loseRedis},
	{name: "Redis full", lane: laneServers, rough: true, weight: 1, run: fillRedis},
	{name: "Postgres killed", lane: laneServers, rough: true, weight: 2, run: killPostgres},
	{name: "Postgres stopped at once", lane: laneServers, rough: true, weight: 1, run: stopPostgres},
	{name: "backends terminated", lane: laneServers, weight: 2, run: terminateBackends},
	{name: "disk full", lane: laneServers, rough: true, disk: true, weight: 2, run: fillDisk},
	{name: "clock of Postgres wrong by 2 h", lane: laneServers, rough: true, time: true, weight: 1, run: stepPostgres},

	{name: "link cut", lane: laneLinks, weight: 4, run: onLink(func(time.Duration) manner { return manner{refuse: true} })},
	{name: "workers cut off from Redis", lane: laneLinks, weight: 2, run: cutOffRedis},
	{name: "link slow", lane: laneLinks, weight: 4, run: onLink(func(d time.Duration) manner { return manner{delay: d / 50} })},
	{name: "link half open", lane: laneLinks, weight: 4, run: onLink(func(time.Duration) manner { return manner{silent: true} })},
	{name: "connections reset", lane: laneLinks, weight: 2, run: resetLinks},
	{name: "replies lost", lane: laneLinks, weight: 4, run: onLink(func(time.Duration) manner { return manner{lose: 5} })},
	{name: "commits reported failed", lane: laneLinks, weight: 6, run: loseCommits},
}

func killWorker(_ context.Context, w *world, h happening) error {
	w.workers[h.which%len(w.workers)].kill()
	return nil
}

func stopWorker(ctx context.Context, w *world, h happening) error {
	w.workers[h.which%len(w.workers)].pause(ctx, 2*h.lasts)
	return nil
}

// stopWorkerLong lets leases end: those of asynq last half a minute, those of mails too.
func stopWorkerLong(ctx context.Context, w *world, h happening) error {
	d := []time.Duration{40 * time.Second, 70 * time.Second, 120 * time.Second}[h.which%3]
	w.workers[h.which%len(w.workers)].pause(ctx, d)
	return nil
}

// rollingRestart ends one worker after the other. One that a broken link keeps
// from ending is killed in the end, as an init system would.
func rollingRestart(ctx context.Context, w *world, _ happening) error {
	for _, worker := range w.workers {
		if err := worker.restart(); err != nil {
			w.log.Warn("a restart was rough", "error", err)
		}
		sleep(ctx, 500*time.Millisecond)
	}
	return nil
}

func killRedis(ctx context.Context, w *world, h happening) error {
	w.redis.kill()
	sleep(ctx, h.lasts)
	return w.redis.start(ctx)
}

func flushRedis(ctx context.Context, w *world, _ happening) error { return w.redis.flush(ctx) }

func loseRedis(ctx context.Context, w *world, h happening) error {
	w.redis.kill()
	if err := w.redis.forget(); err != nil {
		return err
	}
	sleep(ctx, h.lasts)
	return w.redis.start(ctx)
}

func fillRedis(ctx context.Context, w *world, h happening) error {
	if err := w.redis.limit(ctx, "1mb"); err != nil {
		return err
	}
	sleep(ctx, h.lasts)
	return w.redis.limit(ctx, "0")
}

func killPostgres(ctx context.Context, w *world, h happening) error {
	w.postgres.kill()
	sleep(ctx, h.lasts)
	return w.postgres.start(ctx)
}

func stopPostgres(ctx context.Context, w *world, h happening) error {
	w.postgres.immediately()
	sleep(ctx, h.lasts)
	return w.postgres.start(ctx)
}

// terminateBackends does so over and over, so that it hits every sort of moment.
func terminateBackends(ctx context.Context, w *world, h happening) error {
	for until := w.now().Add(h.lasts); w.now().Before(until); sleep(ctx, 150*time.Millisecond) {
		err := w.postgres.exec(ctx, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'licenseledger' AND random() < 0.6")
		if err != nil {
			return err
		}
	}
	return nil
}

// fillDisk leaves no space for the write-ahead log, nor for Redis. Postgres may
// give up for good then; it is started again once there is space.
func fillDisk(ctx context.Context, w *world, h happening) error {
	if err := w.disk.fill(); err != nil {
		return err
	}
	sleep(ctx, h.lasts+2*time.Second)
	w.disk.empty()
	if !w.redis.child.running() {
		if err := w.redis.start(ctx); err != nil {
			return err
		}
	}
	sleep(ctx, time.Second) // it may be recovering by itself
	return w.postgres.start(ctx)
}

func offset(h happening) string { return []string{"+7200", "-7200"}[h.which%2] }

// stepWorker puts the clock of a worker wrong; shiftLeases does what asynq in it
// would then do.
func stepWorker(ctx context.Context, w *world, h happening) error {
	worker := w.workers[h.which%len(w.workers)]
	if err := worker.misread([]string{"2h", "-2h"}[h.which/2%2]); err != nil {
		return err
	}
	sleep(ctx, 2*h.lasts)
	return worker.misread("")
}

func stepPostgres(ctx context.Context, w *world, h happening) error {
	for _, offset := range []string{offset(h), ""} {
		w.postgres.immediately()
		w.postgres.faketime = offset
		if err := w.postgres.start(ctx); err != nil {
			return err
		}
		sleep(ctx, h.lasts)
	}
	return nil
}

// onLink lets one of the links behave badly for a while.
func onLink(how func(lasts time.Duration) manner) func(context.Context, *world, happening) error {
	return func(ctx context.Context, w *world, h happening) error {
		l := w.links()[h.which%len(w.links())]
		w.log.Info("fault", "link", l.name)
		l.behave(how(h.lasts))
		sleep(ctx, 2*h.lasts)
		l.heal()
		return nil
	}
}

// cutOffRedis catches tasks between their end and saying so: for longer than
// asynq tries at once, and over and over.
func cutOffRedis(ctx context.Context, w *world, h happening) error {
	for until := w.now().Add(2 * h.lasts); w.now().Before(until) && ctx.Err() == nil; {
		w.workerRedis.behave(manner{refuse: true})
		sleep(ctx, 1200*time.Millisecond)
		w.workerRedis.heal()
		sleep(ctx, 600*time.Millisecond)
	}
	return nil
}

func resetLinks(_ context.Context, w *world, _ happening) error {
	for _, l := range w.links() {
		l.cut()
	}
	return nil
}

// loseCommits lets Postgres commit and nobody hear of it.
func loseCommits(ctx context.Context, w *world, h happening) error {
	w.workerPostgres.behave(manner{lose: 3, commits: true})
	sleep(ctx, 2*h.lasts)
	w.workerPostgres.heal()
	return nil
}

// mailFaults are one for each trouble of mail servers.
func mailFaults() []fault {
	var list []fault
	for _, t := range troubles {
		list = append(list, fault{name: "mail server " + t.name, lane: laneLinks, weight: 1, run: func(ctx context.Context, w *world, h happening) error {
			w.mail.behave(t)
			sleep(ctx, 2*h.lasts)
			w.mail.behave(trouble{})
			return nil
		}})
	}
	return list
}
