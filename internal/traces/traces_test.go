package traces_test

import (
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/internal/traces"
	"github.com/licenseledger/licenseledger/internal/traces/export"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

func TestMain(m *testing.M) { testdb.Main(m) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// collect stands in for a collector of traces.
type collect struct {
	*httptest.Server
	mu    sync.Mutex
	spans []*otlp.Span
}

func newCollector(t *testing.T) *collect {
	t.Helper()
	c := &collect{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			t.Errorf("%s: %v", r.URL, err)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// work runs a worker until the test ends, and a client beside it.
func work(t *testing.T) (client *jobs.Client, stop func()) {
	t.Helper()
	databaseURL, redisURL, log := testdb.URL(t), testdb.Redis(t), slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), databaseURL)
	check(t, err)
	redis, err := jobs.OpenRedis(redisURL)
	check(t, err)
	client, err = jobs.Connect(t.Context(), databaseURL, redisURL, log)
	check(t, err)
	batcher := jobs.NewBatcher(s, jobs.DefaultBatchCap, log).RenderWith(notify.Documents)
	server := jobs.NewServer(redis, batcher, log)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { batcher.Run(ctx) })
	check(t, server.Start())
	return client, func() {
		server.Shutdown()
		cancel()
		running.Wait()
		s.Close()
		check(t, client.Close())
		check(t, redis.Close())
	}
}

func tax(t *testing.T, id, country string) jobs.Command {
	t.Helper()
	c, problems := jobs.Parse([]byte(`{"id":"` + id + `","kind":"tax.put","body":{"country":"` + country + `","rate":"25","from":"2026-01-01"}}`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

// Off unless the environment says where traces go; then a command is followed
// from who enqueued it through Redis into the SQL of its batch.
func TestACommandIsFollowedIntoItsBatch(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	_, err := export.Start(t.Context(), "test", slog.Default())
	check(t, err)
	if traces.On() || traces.SQL() != nil || traces.Read(map[string]string{traces.Header: someParent}) != nil {
		t.Fatal("traces are on although nobody wants them")
	}
	c := newCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	stop, err := export.Start(t.Context(), "test", slog.Default())
	check(t, err)
	client, end := work(t)
	_, err = client.Do(t.Context(), []jobs.Command{tax(t, "a", "SE"), tax(t, "b", "DK")}, jobs.Run{Wait: true, Timeout: 30 * time.Second})
	check(t, err)
	_, err = client.Do(t.Context(), []jobs.Command{tax(t, "c", "FI")}, jobs.Run{Wait: true, Timeout: 30 * time.Second}) // along with others
	check(t, err)
	end()
	stop()
	enqueued := map[string]bool{}
	batches := 0
	for _, s := range c.spans {
		if s.Name == "enqueue" {
			enqueued[hex.EncodeToString(s.SpanId)] = true
		}
	}
	linked := map[string]bool{}
	for _, s := range c.spans {
		if s.Name != "batch" {
			continue
		}
		batches++
		for _, l := range s.Links {
			linked[hex.EncodeToString(l.SpanId)] = true
		}
		if !c.hasBelow(s.SpanId, "INSERT") && !c.hasBelow(s.SpanId, "batch") {
			t.Errorf("no SQL belongs to batch %x: %v", s.SpanId, c.names())
		}
	}
	if len(enqueued) != 2 || batches == 0 {
		t.Fatalf("%d enqueued, %d batches: %v", len(enqueued), batches, c.names())
	}
	for id := range enqueued {
		if !linked[id] {
			t.Errorf("no batch is linked with %s", id)
		}
	}
	readsWhatIsWritten(t)
}

func (c *collect) names() (names []string) {
	for _, s := range c.spans {
		names = append(names, s.Name)
	}
	return names
}

func (c *collect) hasBelow(parent []byte, name string) bool {
	for _, s := range c.spans {
		if string(s.ParentSpanId) == string(parent) && strings.Contains(s.Name, name) {
			return true
		}
	}
	return false
}

const someParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// Whoever may write tasks writes what they like into their headers.
func readsWhatIsWritten(t *testing.T) {
	t.Helper()
	for header, want := range map[string]int{
		"": 0, someParent: 1, "nonsense": 0, "nonsense " + someParent + " ": 1, strings.Repeat(someParent+" ", 1000): 32, strings.Repeat(" ", 100_000): 0,
	} {
		spans := traces.Read(map[string]string{traces.Header: header})
		if len(spans) != want {
			t.Errorf("%.40q: %d spans", header, len(spans))
		}
		if want == 1 && traces.Write(spans)[traces.Header] != someParent {
			t.Errorf("%v", traces.Write(spans))
		}
	}
}
