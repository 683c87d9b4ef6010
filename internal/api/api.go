// Package api is LicenseLedger over HTTP, for upstreams that are not written in
// Go: commands, previews, outcomes, reports and invoices.
//
// Start reading with routes.go, the table of everything that can be asked. What
// is checked, decided and shown is the same as elsewhere; here is only the way
// from a request to it and back.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/time/rate"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// Options are what may differ between servers.
type Options struct {
	RequestsPerSecond float64 // of each source, 0: as many as come
	Burst             int     // how many of them may come at once
	MaxBatchBytes     int64   // of a request with many commands, 0: DefaultMaxBatchBytes
	Timeouts          Timeouts
	Log               *slog.Logger
}

// DefaultMaxBatchBytes is how long a request with many commands may be.
const DefaultMaxBatchBytes = 8 << 20

// API answers requests.
type API struct {
	client   *jobs.Client
	store    *store.Store
	options  Options
	mux      *http.ServeMux
	document []byte
	outcomes *waitingRoom
	feed     *events.Feed

	mu       sync.Mutex
	limiters map[string]*rate.Limiter // by source
}

// New makes the API of a ledger. What it answers lasts as long as the client.
func New(client *jobs.Client, options Options) *API {
	if options.MaxBatchBytes == 0 {
		options.MaxBatchBytes = DefaultMaxBatchBytes
	}
	options.Timeouts = options.Timeouts.orDefaults()
	a := &API{
		client: client, store: client.Store(), options: options, mux: http.NewServeMux(),
		outcomes: newWaitingRoom(client.Store()), feed: events.NewFeed(client.Store()), limiters: map[string]*rate.Limiter{},
	}
	a.document = a.register(humago.New(a.mux, configuration()))
	return a
}

// Stop has everybody who waits for an outcome answered with what is known.
func (a *API) Stop() { a.outcomes.close() }

// call is one request, as its handler sees it.
type call struct {
	holder store.TokenHolder
	url    *url.URL
}

type callKey struct{}

func callOf(ctx context.Context) call { return ctx.Value(callKey{}).(call) }

// ServeHTTP looks at the token, then at the path.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if value := recover(); value != nil {
			a.options.Log.Error("a request ended in a panic", "method", r.Method, "path", r.URL.Path, "panic", value, "stack", string(debug.Stack()))
			problem(http.StatusInternalServerError, unexpected).write(w)
		}
	}()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == DocumentPath && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(a.document) // who went away needs no document
		return
	}
	holder, refused := a.authenticate(r)
	if refused == nil {
		refused = a.limit(holder.Source.Source)
	}
	if refused != nil {
		refused.write(w)
		return
	}
	handler, pattern := a.mux.Handler(r)
	if pattern == "" {
		notRouted(handler, r).write(w)
		return
	}
	a.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, call{holder: holder, url: r.URL})))
}

// notRouted puts what the router says to a request that nothing is for.
func notRouted(handler http.Handler, r *http.Request) *Problem {
	said := &statusOnly{header: http.Header{}}
	handler.ServeHTTP(said, r)
	if allowed := said.header.Get("Allow"); allowed != "" {
		p := problem(http.StatusMethodNotAllowed, r.Method+" is not for "+r.URL.Path)
		p.header = http.Header{"Allow": {allowed}}
		return p
	}
	return problem(http.StatusNotFound, "nothing is at "+r.URL.Path)
}

// statusOnly is a response of which the body is not kept.
type statusOnly struct{ header http.Header }

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (s *statusOnly) WriteHeader(int)             {}

// handle registers a handler whose errors are answered as problems.
func handle[I, O any](a *API, on huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	huma.Register(on, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, a.asProblem(ctx, err)
		}
		return out, nil
	})
}

// Timeouts bound what one client can hold up.
type Timeouts struct {
	ReadHeader, Read, Write, Idle time.Duration
	// Shutdown is how long what is under way may take when the server ends.
	Shutdown time.Duration
}

func (t Timeouts) orDefaults() Timeouts {
	for _, d := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{
		{&t.ReadHeader, 5 * time.Second},
		{&t.Read, MaxWait + 15*time.Second}, // net/http ends a request with it, also one that waits
		{&t.Write, MaxWait + 30*time.Second},
		{&t.Idle, 2 * time.Minute},
		{&t.Shutdown, 20 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
	}
	return t
}
