package console

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

func TestMain(m *testing.M) { testdb.Main(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lived is a ledger on which the stories and the year of the examples have
// happened, with mails sent, and some that wait; then the worker has stopped, one
// command is dead and one waits.
func lived(t *testing.T) (databaseURL string, s *store.Store) {
	t.Helper()
	databaseURL, redisURL := testdb.URL(t), testdb.Redis(t)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	s, err := store.Open(t.Context(), databaseURL)
	check(t, err)
	t.Cleanup(s.Close)
	check(t, s.SetClockMode(t.Context(), true))
	client, err := jobs.Connect(t.Context(), databaseURL, redisURL, log)
	check(t, err)
	t.Cleanup(func() { check(t, client.Close()) })
	redis, err := jobs.OpenRedis(redisURL)
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	batcher := jobs.NewBatcher(s, jobs.DefaultBatchCap, log).RenderWith(notify.Documents)
	server := jobs.NewServer(redis, batcher, log)
	var running sync.WaitGroup
	running.Go(func() { batcher.Run(ctx) })
	check(t, server.Start())
	stop := sync.OnceFunc(func() { server.Shutdown(); cancel(); running.Wait(); check(t, redis.Close()) })
	t.Cleanup(stop)

	run(t, client, `{"id":"begin","kind":"clock.advance","body":{"to":"2026-03-02T09:00:00Z"}}`)
	for _, name := range []string{"catalog", "demo", "1-stock", "2-device-purchase", "3-sales-and-links", "4-orders-and-learners", "5-subscriptions", "year"} {
		run(t, client, lines(t, "../../examples/"+name+".ndjson")...)
	}
	send(t, s, log)
	run(t, client, hostile...)
	stop()
	for _, line := range stuck {
		c, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		check(t, client.Enqueue(t.Context(), c))
	}
	kill(t, s, "default", "po-4711")
	return databaseURL, s
}

// hostile are names that would like to be markup, or other names.
var hostile = []string{
	`{"id":"odd-1","kind":"account.put","body":{"id":"zz","kind":"reseller","name":"<script>alert(1)</script>\u202Egpj.exe\u2066","address":{"line1":"1 Street","city":"Cork","postal_code":"T12","country":"IE"}}}`,
	`{"id":"odd-2","kind":"account.put","body":{"id":"..","kind":"customer","parent":"zz","name":"` + longName + `","package":"professional","address":{"line1":"1 Street","city":"Cork","postal_code":"T12","country":"IE"}}}`,
	`{"id":"odd-3","kind":"user.put","source":"shop/eu","body":{"id":"uma@zz.example","account":"zz","name":"Uma שלום","roles":["manager"]}}`,
	`{"id":"odd-4","kind":"stock.transfer","actor":"cora@y-clare.example","body":{"from":"y-clare","to":"y-tara","product":"y-suite","quantity":2}}`,
}

const longName = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

var stuck = []string{
	`{"id":"po-4711","kind":"stock.transfer","actor":"cora@y-clare.example","body":{"from":"y-clare","to":"y-tara","product":"y-suite","quantity":3}}`,
	`{"id":"po-4712","kind":"stock.purchase","actor":"cora@y-clare.example","body":{"contract":"Y-CLARE","account":"y-clare","product":"y-suite","quantity":5,"note":"for <b>May</b>"}}`,
}

func lines(t *testing.T, file string) (all []string) {
	t.Helper()
	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		all = append(all, scanner.Text())
	}
	return all
}

func run(t *testing.T, client *jobs.Client, lines ...string) {
	t.Helper()
	var commands []jobs.Command
	for _, line := range lines {
		c, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			t.Fatalf("%s: %v", line, problems)
		}
		commands = append(commands, c)
	}
	_, err := client.Do(t.Context(), commands, jobs.Run{Serial: true, Wait: true, Timeout: time.Minute})
	check(t, err)
}

// send sends the mails that there are.
func send(t *testing.T, s *store.Store, log *slog.Logger) {
	t.Helper()
	sender, err := notify.New(s, notify.Settings{SMTPURL: "file:" + t.TempDir(), From: "ledger@lumen.example"}, log)
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { sender.Run(ctx) })
	for left := 1; left > 0; time.Sleep(20 * time.Millisecond) {
		rows, err := s.WaitingMail(ctx, "", 1)
		check(t, err)
		left = len(rows)
	}
	cancel()
	running.Wait()
}

// kill lets a command fail until it is dead.
func kill(t *testing.T, s *store.Store, source, id string) {
	t.Helper()
	entry, found, err := s.Find(t.Context(), source, id)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	for dead := false; !dead; {
		dead, err = s.Fail(t.Context(), entry.Seq, errors.New(`saving lots: ERROR: could not extend file "base/16384/16702": No space left on device (SQLSTATE 53100)`), 0)
		check(t, err)
	}
}

// opened is the console on a loopback address, without a token.
func opened(t *testing.T, s *store.Store) http.Handler {
	t.Helper()
	h, err := New(t.Context(), s, Settings{Loopback: true, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	check(t, err)
	return h
}
