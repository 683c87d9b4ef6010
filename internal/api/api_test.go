package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

var update = flag.Bool("update", false, "write what is made from the code")

func TestMain(m *testing.M) {
	if os.Getenv(serveOn) != "" {
		serveUntilKilled()
	}
	testdb.Main(m)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ledger is a ledger with a worker and the API before it.
type ledger struct {
	t                     *testing.T
	databaseURL, redisURL string
	log                   *slog.Logger
	store                 *store.Store
	client                *jobs.Client
	url                   string // of the API
	stop                  func() error
}

// patience is how long something may take on a machine that is busy.
const patience = 30 * time.Second

// start makes a ledger with the catalog of the examples and serves it. Nothing
// is executed before work.
func start(t *testing.T, options api.Options) *ledger {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	l := &ledger{t: t, log: log, databaseURL: testdb.URL(t), redisURL: testdb.Redis(t)}
	var err error
	l.store, err = store.Open(t.Context(), l.databaseURL)
	check(t, err)
	t.Cleanup(l.store.Close)
	check(t, l.store.SetClockMode(t.Context(), true))
	l.client, err = jobs.Connect(t.Context(), l.databaseURL, l.redisURL, log)
	check(t, err)
	t.Cleanup(func() { check(t, l.client.Close()) })
	l.url, l.stop = serve(t, l.client, options)
	return l
}

// serve serves on a free port until the test ends, or stop.
func serve(t *testing.T, client *jobs.Client, options api.Options) (url string, stop func() error) {
	t.Helper()
	options.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended, result := make(chan struct{}), error(nil)
	go func() {
		result = api.New(client, options).Serve(ctx, listener)
		close(ended)
	}()
	stop = func() error {
		cancel()
		<-ended
		return result
	}
	t.Cleanup(func() { check(t, stop()) })
	return "http://" + listener.Addr().String(), stop
}

// work starts a worker and has it execute files of commands.
func (l *ledger) work(files ...string) *ledger {
	l.t.Helper()
	redis, err := jobs.OpenRedis(l.redisURL)
	check(l.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	batcher := jobs.NewBatcher(l.store, jobs.DefaultBatchCap, l.log).RenderWith(notify.Documents)
	server, sweeper := jobs.NewServer(redis, batcher, l.log), jobs.NewSweeper(l.store, batcher, l.log)
	done := make(chan struct{}, 2)
	go func() { batcher.Run(ctx); done <- struct{}{} }()
	go func() { sweeper.Run(ctx); done <- struct{}{} }()
	check(l.t, server.Start())
	l.t.Cleanup(func() {
		server.Shutdown()
		cancel()
		<-done
		<-done
		check(l.t, redis.Close())
	})
	for _, file := range files {
		l.file(file)
	}
	return l
}

func (l *ledger) file(name string) {
	l.t.Helper()
	file, err := os.Open("../../examples/" + name + ".ndjson")
	check(l.t, err)
	defer file.Close()
	var commands []jobs.Command
	check(l.t, jobs.CheckLines(l.t.Context(), file, jobs.Parse, func(line jobs.Line) {
		for _, p := range line.Problems {
			l.t.Fatalf("%s:%d: %s", name, line.Number, p)
		}
		commands = append(commands, line.Command)
	}))
	l.run(commands)
}

func (l *ledger) run(commands []jobs.Command) {
	l.t.Helper()
	_, err := l.client.Do(l.t.Context(), commands, jobs.Run{Serial: true, Wait: true, Timeout: 2 * patience})
	check(l.t, err)
}

// token adds a source and returns a token of it.
func (l *ledger) token(source domain.Source) string {
	l.t.Helper()
	_, err := l.store.AddSource(l.t.Context(), source)
	check(l.t, err)
	return l.another(source.Source)
}

func (l *ledger) another(source string) string {
	l.t.Helper()
	token, err := l.store.AddToken(l.t.Context(), source)
	check(l.t, err)
	return api.FormatToken(token)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// request is what to ask. Without a method it is a GET, or a POST if there is a body.
type request struct {
	method, path, token, body, contentType string
	header                                 map[string]string
}

// ask asks, and wants the answer to be as the document says.
func (l *ledger) ask(r request) answer {
	l.t.Helper()
	a, err := l.try(r)
	check(l.t, err)
	documented(l.t, r, a)
	return a
}

func (l *ledger) try(r request) (answer, error) {
	method := r.method
	if method == "" {
		method = http.MethodGet
		if r.body != "" {
			method = http.MethodPost
		}
	}
	ctx, cancel := context.WithTimeout(l.t.Context(), 2*patience)
	defer cancel()
	asked, err := http.NewRequestWithContext(ctx, method, l.url+r.path, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if r.token != "" {
		asked.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.body != "" {
		asked.Header.Set("Content-Type", "application/json")
	}
	if r.contentType != "" {
		asked.Header.Set("Content-Type", r.contentType)
	}
	for name, value := range r.header {
		asked.Header.Set(name, value)
	}
	got, err := http.DefaultClient.Do(asked)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return answer{status: got.StatusCode, header: got.Header, body: string(body)}, err
}

// is wants a status and words in the body.
func (a answer) is(t *testing.T, what string, status int, words ...string) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d, want %d\n%s", what, a.status, status, a.body)
	}
	for _, word := range words {
		if !strings.Contains(a.body, word) {
			t.Errorf("%s: no %s in\n%s", what, word, a.body)
		}
	}
	if contentType, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); a.status >= 400 && contentType != "application/problem+json" {
		t.Errorf("%s: a problem as %s", what, contentType)
	}
	return a
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(a.body)))
	if err := decoder.Decode(v); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
}

// becomes waits for the outcome of a command.
func (l *ledger) becomes(token, id string) jobs.Outcome {
	l.t.Helper()
	var o jobs.Outcome
	l.ask(request{path: "/v1/commands/" + id + "?wait=30s", token: token}).is(l.t, id, http.StatusOK)
	l.ask(request{path: "/v1/commands/" + id, token: token}).into(l.t, &o)
	return o
}

// buy is a purchase that the catalog of the examples allows.
func buy(id string, quantity string) string {
	return `{"id":"` + id + `","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":` + quantity + `}}`
}
