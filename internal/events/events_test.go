package events_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// ledger is a running worker's core on real servers, with a client.
type ledger struct {
	t      *testing.T
	store  *store.Store
	feed   *events.Feed
	client *jobs.Client
	pool   *pgxpool.Pool
}

func start(t *testing.T) *ledger {
	t.Helper()
	databaseURL, redisURL := testdb.URL(t), testdb.Redis(t)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	s, err := store.Open(t.Context(), databaseURL)
	check(t, err)
	check(t, s.SetClockMode(t.Context(), true))
	redis, err := jobs.OpenRedis(redisURL)
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	batcher := jobs.NewBatcher(s, jobs.DefaultBatchCap, log).RenderWith(notify.Documents)
	server := jobs.NewServer(redis, batcher, log)
	done := make(chan struct{})
	go func() { batcher.Run(ctx); close(done) }()
	check(t, server.Start())
	client, err := jobs.Connect(t.Context(), databaseURL, redisURL, log)
	check(t, err)
	pool, err := pgxpool.New(t.Context(), databaseURL)
	check(t, err)
	t.Cleanup(func() {
		server.Shutdown()
		cancel()
		<-done
		check(t, client.Close())
		pool.Close()
		s.Close()
		check(t, redis.Close())
	})
	return &ledger{t: t, store: s, feed: events.NewFeed(s), client: client, pool: pool}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run sends commands, each decided after the one before it.
func (l *ledger) run(lines ...string) {
	l.t.Helper()
	var commands []jobs.Command
	for _, line := range lines {
		c, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			l.t.Fatalf("%s: %v", line, problems)
		}
		commands = append(commands, c)
	}
	_, err := l.client.Do(l.t.Context(), commands, jobs.Run{Serial: true, Wait: true, Timeout: time.Minute})
	check(l.t, err)
}

func (l *ledger) file(name string) {
	l.t.Helper()
	f, err := os.Open(filepath.Join("../../examples", name+".ndjson"))
	check(l.t, err)
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	check(l.t, scanner.Err())
	l.run(lines...)
}

// all reads to the end, in pages.
func (l *ledger) all(after store.EventCursor, limit int, filter events.Filter) []events.Event {
	l.t.Helper()
	var read []events.Event
	for {
		page, next, err := l.feed.Events(l.t.Context(), after, limit, filter)
		check(l.t, err)
		read = append(read, page...)
		if next == after {
			return read
		}
		after = next
	}
}

const storiesBegin = `{"id":"now","kind":"clock.advance","body":{"to":"2026-03-02T09:00:00Z"}}`

// Whatever the examples bring about is told: every type of event at least once,
// without a name, an address or a word that somebody wrote.
func TestEveryTypeIsTold(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.run(storiesBegin)
	for _, story := range []string{"catalog", "demo", "1-stock", "2-device-purchase", "3-sales-and-links", "4-orders-and-learners", "5-subscriptions", "year"} {
		l.file(story)
	}
	told := l.all(store.EventCursor{}, 1000, events.Filter{})
	schema := compiled(t)
	seen := map[string]int{}
	for i, e := range told {
		text, err := json.Marshal(e)
		check(t, err)
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		check(t, err)
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		seen[e.Type]++
		typ, known := events.TypeNamed(e.Type)
		if !known || e.SpecVersion != "1.0" || e.Subject == "" || !strings.HasPrefix(e.Source, "urn:uuid:") || e.ID != e.Cursor().String() {
			t.Errorf("%+v", e)
		}
		if i > 0 && told[i-1].Cursor().Compare(e.Cursor()) >= 0 {
			t.Errorf("%s after %s", e.ID, told[i-1].ID)
		}
		var data map[string]any
		check(t, json.Unmarshal(e.Data, &data))
		if data[typ.Subject] != e.Subject {
			t.Errorf("%s: subject %s, %s %v", e.ID, e.Subject, typ.Subject, data[typ.Subject])
		}
		if personal.Match(e.Data) {
			t.Errorf("%s tells more than it should: %s", e.ID, e.Data)
		}
	}
	for _, typ := range events.Types {
		if seen[typ.Name] == 0 {
			t.Errorf("%s was never told", typ.Name)
		}
	}
}

// compiled is the schema as a validator reads it that knows nothing of us.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(events.Schema()))
	check(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	check(t, compiler.AddResource("event", document))
	schema, err := compiler.Compile("event")
	check(t, err)
	return schema
}

// personal is what examples call people and companies, and mail addresses.
var personal = regexp.MustCompile(`@|Ada |Mia |Northwind|Street|"(name|note|why|detail|actor|on_behalf_of)":`)
