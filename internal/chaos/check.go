package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/jobs"
)

// check verifies every invariant on a ledger at rest.
func (w *world) check(ctx context.Context) error {
	steps := []func(context.Context) error{
		w.checkCommands, w.checkLedger, w.checkReplay, w.checkInvoices, w.checkMail, w.checkAccess, w.checkOrder, w.checkQueue, w.checkWorkers,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return fmt.Errorf("checking the invariants: %w", err)
		}
	}
	return nil
}

// fail notes a broken invariant.
func (w *world) fail(format string, args ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
	w.log.Error("an invariant is broken", "what", w.failures[len(w.failures)-1])
}

// checkCommands is I1: what was acknowledged has exactly one outcome, for ever
// the one that was told, and nothing is there that nobody sent.
func (w *world) checkCommands(ctx context.Context) error {
	rows, err := w.pool.Query(ctx, `
		SELECT c.source, c.id, count(o.seq), coalesce(max(o.status), ''), coalesce(max(o.reason), ''), bool_or(p.dead_at IS NOT NULL), coalesce(max(p.error), '')
		FROM commands AS c LEFT JOIN outcomes AS o USING (seq) LEFT JOIN pending AS p USING (seq)
		WHERE c.source <> '~'
		GROUP BY c.source, c.id`)
	if err != nil {
		return err
	}
	found := map[key]bool{}
	var k key
	var outcomes int
	var status, reason, why string
	var dead *bool
	_, err = pgx.ForEachRow(rows, []any{&k.source, &k.id, &outcomes, &status, &reason, &dead, &why}, func() error {
		found[k] = true
		s := w.oracle.sent[k]
		switch {
		case s == nil:
			w.fail("I1: command %s of %s is in the journal, and nobody has sent it", k.id, k.source)
		case dead != nil && *dead:
			w.fail("I1: command %s of %s is dead: %s", k.id, k.source, why)
		case outcomes != 1:
			w.fail("I1: command %s of %s has %d outcomes", k.id, k.source, outcomes)
		case s.outcome != nil && (string(s.outcome.Status) != status || s.outcome.Reason != nil && string(*s.outcome.Reason) != reason):
			w.fail("I1: command %s of %s was told to be %s, but is %s %s", k.id, k.source, text(s.outcome), status, reason)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k, s := range w.oracle.sent {
		if s.acked && !found[k] {
			w.fail("I1: command %s of %s was acknowledged, and is lost", k.id, k.source)
		}
	}
	return w.checkTwice(ctx)
}

// checkTwice wants no id in the journal twice, whatever the constraints say.
func (w *world) checkTwice(ctx context.Context) error {
	n, err := w.count(ctx, "SELECT count(*) FROM (SELECT FROM commands GROUP BY source, id HAVING count(*) > 1) AS twice")
	if n > 0 {
		w.fail("I1: %d ids are in the journal twice", n)
	}
	return err
}

// checkLedger asks the program itself, as the operator would.
func (w *world) checkLedger(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, w.binary, "check")
	cmd.Env = []string{"DATABASE_URL=" + w.postgres.url(), "REDIS_URL=unix:" + w.redis.socket}
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "ok" {
		w.fail("I2: worker check: %v\n%.2000s", err, out)
	}
	return nil
}

func (w *world) checkReplay(ctx context.Context) error {
	return w.replay.compare(ctx, w.pool, w.oracle, w.fail)
}

// checkMail is I5: every mail was taken once; more often only if the record says
// so; never only where the server refused it for good.
func (w *world) checkMail(ctx context.Context) error {
	rows, err := w.pool.Query(ctx, "SELECT message_id, recipient, state, doubtful, error FROM mail")
	if err != nil {
		return err
	}
	w.mail.mu.Lock()
	defer w.mail.mu.Unlock()
	known := map[string]bool{}
	var id, recipient, state, why string
	var doubtful bool
	w.sent, w.doubted, w.twice = 0, 0, 0
	_, err = pgx.ForEachRow(rows, []any{&id, &recipient, &state, &doubtful, &why}, func() error {
		known[id] = true
		taken := w.mail.taken[id]
		switch {
		case state == "failed" && recipient == nobodyHere && taken == 0:
			return nil
		case state != "sent":
			w.fail("I5: the mail %s to %s is %s: %s", id, recipient, state, why)
		case taken == 0:
			w.fail("I5: the mail %s to %s is recorded as sent, and never arrived", id, recipient)
		case taken > 1 && !doubtful:
			w.fail("I5: the mail %s to %s arrived %d times, and nothing says so", id, recipient, taken)
		case taken > 1:
			w.twice++
		}
		w.sent++
		if doubtful {
			w.doubted++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id := range w.mail.taken {
		if !known[id] {
			w.fail("I5: a mail %s arrived that the ledger does not know", id)
		}
	}
	return w.checkMailRows(ctx)
}

// checkMailRows wants one row per event, recipient and cause.
func (w *world) checkMailRows(ctx context.Context) error {
	n, err := w.count(ctx, "SELECT count(*) FROM (SELECT FROM mail GROUP BY key HAVING count(*) > 1) AS twice")
	if n > 0 {
		w.fail("I5: %d mails have two rows", n)
	}
	return err
}

// checkAccess is I6: nothing left a holding of an account that the actor's
// account could not reach, now or at any time before.
func (w *world) checkAccess(ctx context.Context) error {
	rows, err := w.pool.Query(ctx, `
		WITH RECURSIVE was_parent AS (
			SELECT DISTINCT c.body ->> 'id' AS account, c.body ->> 'parent' AS parent
			FROM commands AS c JOIN outcomes AS o USING (seq)
			WHERE c.kind = 'account.put' AND o.status = 'applied' AND c.body ->> 'parent' IS NOT NULL
		), reach AS (
			SELECT account::text AS account, account::text AS below FROM accounts
			UNION
			SELECT r.account, p.account FROM reach AS r JOIN was_parent AS p ON p.parent = r.below
		), held AS (
			SELECT lot::text AS holding, account FROM lots UNION ALL SELECT license, account FROM licenses
		)
		SELECT format('%s %s by %s of %s took %s of %s out of %s, which is of %s', c.kind, c.id, c.actor, u.account, m.quantity, m.product, h.holding, h.account)
		FROM movements AS m
		JOIN outcomes AS o USING (no)
		JOIN commands AS c USING (seq)
		JOIN users AS u ON u.user_id = c.actor
		JOIN held AS h ON h.holding = m.from_holding
		WHERE NOT EXISTS (SELECT FROM reach AS r WHERE r.account = u.account AND r.below = h.account)
		  AND NOT (c.kind = 'license.pull' AND EXISTS (SELECT FROM links AS l WHERE l.source = h.account AND l.account = c.body ->> 'account'))
		  AND NOT EXISTS (SELECT FROM commands AS moved WHERE moved.kind = 'user.put' AND moved.body ->> 'id' = c.actor AND moved.body ->> 'account' <> u.account)`)
	if err != nil {
		return err
	}
	sentences, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, sentence := range sentences {
		w.fail("I6: %s", sentence)
	}
	return err
}

// checkOrder: what fell due at an instant was done after everything that had
// been accepted before it.
func (w *world) checkOrder(ctx context.Context) error {
	rows, err := w.pool.Query(ctx, `
		SELECT format('%s, due at %s, was decided before what was accepted at %s', id, accepted_at, later)
		FROM (
			SELECT c.id, c.source, c.accepted_at,
			       min(c.accepted_at) FILTER (WHERE c.source <> '~' AND c.kind <> 'clock.advance')
			       OVER (ORDER BY o.no DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS later
			FROM commands AS c JOIN outcomes AS o USING (seq)
		) AS decided
		WHERE source = '~' AND later < accepted_at
		LIMIT 5`)
	if err != nil {
		return err
	}
	sentences, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, sentence := range sentences {
		w.fail("I4: %s", sentence)
	}
	return err
}

// checkWorkers wants no worker to have ended by a bug.
func (w *world) checkWorkers(context.Context) error {
	for i, worker := range w.workers {
		worker.mu.Lock()
		if worker.crashed != "" {
			w.fail("I7: worker %d ended by itself: %s", i+1, worker.crashed)
		}
		worker.mu.Unlock()
	}
	for {
		select {
		case contradiction := <-w.load.problems:
			w.fail("I1: %s", contradiction)
		default:
			return nil
		}
	}
}

// checkQueue is the other half of I7: what living workers took from Redis comes
// to an end there too. Tasks of killed workers and of a Redis that forgot are
// asynq's to find, minutes later or never; they name what has its outcome.
func (w *world) checkQueue(ctx context.Context) error {
	if !w.gentle {
		return nil
	}
	client := w.redis.client()
	defer client.Close()
	active := "asynq:{" + jobs.Queue + "}:active"
	var left int64
	for until := w.now().Add(15 * time.Second); w.now().Before(until); sleep(ctx, 200*time.Millisecond) {
		n, err := client.LLen(ctx, active).Result()
		if err != nil {
			return err
		}
		if left = n; left == 0 {
			return nil
		}
	}
	w.fail("I7: %d tasks are under way in Redis, and nobody works on them", left)
	return nil
}

func (w *world) count(ctx context.Context, sql string) (n int64, err error) {
	err = w.pool.QueryRow(ctx, sql).Scan(&n)
	return n, err
}
