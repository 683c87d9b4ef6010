package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/jobs"
)

func TestWaiting(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{})
	token := l.token(domain.Source{Source: "portal"})
	put := `{"id":"p","kind":"product.put","body":{"id":"x","name":"X","package":"p"}}`
	l.ask(request{path: "/v1/commands", token: token, body: put}).is(t, "accepted", http.StatusAccepted)
	began := time.Now()
	const waiting = `{"id":"p","kind":"product.put","status":"waiting","reason":null,"detail":null,"at":null,"result":null}`
	l.ask(request{path: "/v1/commands/p?wait=300ms", token: token}).is(t, "without a worker", http.StatusOK, waiting)
	if waited := time.Since(began); waited < 300*time.Millisecond || waited > 20*time.Second {
		t.Errorf("waited for %s", waited)
	}
	l.ask(request{path: "/v1/commands/p", token: token}).is(t, "without waiting", http.StatusOK, waiting)
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			l.ask(request{path: "/v1/commands/p?wait=30s", token: token}).is(t, "with a worker", http.StatusOK, `"applied"`)
		})
	}
	l.work()
	asking.Wait()
	if waited := time.Since(began); waited > 29*time.Second {
		t.Errorf("nobody was told; waited for %s", waited)
	}
}

// Who waits when the server ends is answered, and nobody is accepted any more.
func TestEndingWhileWaiting(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{})
	token := l.token(domain.Source{Source: "portal"})
	l.ask(request{path: "/v1/commands", token: token, body: buy("1", "1")}).is(t, "accepted", http.StatusAccepted)
	answered := make(chan answer, 1)
	go func() { answered <- l.ask(request{path: "/v1/commands/1?wait=30s", token: token}) }()
	select {
	case a := <-answered:
		t.Fatalf("did not wait: %+v", a)
	case <-time.After(300 * time.Millisecond):
	}
	began := time.Now()
	check(t, l.stop())
	(<-answered).is(t, "the one who waited", http.StatusOK, `"waiting"`)
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the end took %s", took)
	}
	if _, err := l.try(request{path: "/v1/commands/1", token: token}); err == nil {
		t.Error("it still answers")
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{RequestsPerSecond: 0.01, Burst: 3})
	one, other := l.token(domain.Source{Source: "one"}), l.token(domain.Source{Source: "other"})
	for range 3 {
		l.ask(request{path: "/v1/commands/x", token: one}).is(t, "within", http.StatusNotFound)
	}
	a := l.ask(request{path: "/v1/commands/x", token: one}).is(t, "beyond", http.StatusTooManyRequests)
	if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 100 {
		t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
	}
	l.ask(request{path: "/v1/commands/x", token: l.another("one")}).is(t, "with another token", http.StatusTooManyRequests)
	l.ask(request{path: "/v1/commands/x", token: other}).is(t, "another source", http.StatusNotFound)
}

// A client that sends slowly, or nothing, is not waited for longer than is said.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const short = 300 * time.Millisecond
	l := start(t, api.Options{Timeouts: api.Timeouts{ReadHeader: short, Read: short, Idle: short}})
	token := l.token(domain.Source{Source: "portal"})
	head := "POST /v1/commands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\n"
	for what, c := range map[string]struct{ sends, gets string }{
		"half a head":       {head, ""},
		"half a body":       {head + "Content-Length: 100\r\n\r\n{", "HTTP/1.1 408"},
		"nothing after one": {"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200"},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(l.url, "http://"))
		check(t, err)
		check(t, conn.SetDeadline(time.Now().Add(patience)))
		_, err = io.WriteString(conn, c.sends)
		check(t, err)
		got, err := io.ReadAll(bufio.NewReader(conn)) // until the server ends the connection
		if err != nil || !strings.HasPrefix(string(got), c.gets) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
		check(t, conn.Close())
	}
}

// proxy stands before Postgres, to be cut.
type proxy struct {
	listener net.Listener
	to       string

	mu  sync.Mutex
	cut bool
	all []net.Conn
}

func (p *proxy) run() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("unix", p.to)
		p.mu.Lock()
		if p.cut || err != nil {
			_ = from.Close()
		} else {
			p.all = append(p.all, from, to)
			go func() { _, _ = io.Copy(to, from) }()
			go func() { _, _ = io.Copy(from, to) }()
		}
		p.mu.Unlock()
	}
}

func (p *proxy) set(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	for _, conn := range p.all {
		_ = conn.Close()
	}
	p.all = nil
}

// Without Postgres nothing is accepted, and that is said; then it goes on.
func TestWithoutPostgres(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{})
	token := l.token(domain.Source{Source: "portal"})
	config, err := pgx.ParseConfig(l.databaseURL)
	check(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	p := &proxy{listener: listener, to: fmt.Sprintf("%s/.s.PGSQL.%d", config.Host, config.Port)}
	go p.run()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	check(t, err)
	through := url.URL{Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Path: "/" + config.Database}
	through.RawQuery = url.Values{"host": {host}, "port": {port}, "sslmode": {"disable"}}.Encode()
	client, err := jobs.Connect(t.Context(), through.String(), l.redisURL, l.log)
	check(t, err)
	t.Cleanup(func() { check(t, client.Close()) })
	l.url, _ = serve(t, client, api.Options{})
	l.ask(request{path: "/v1/commands", token: token, body: buy("1", "1")}).is(t, "before", http.StatusAccepted)
	p.set(true)
	a := l.ask(request{path: "/v1/commands", token: token, body: buy("2", "1")}).is(t, "meanwhile", http.StatusServiceUnavailable)
	if a.header.Get("Retry-After") == "" {
		t.Error(a.header)
	}
	p.set(false)
	for until := time.Now().Add(patience); ; {
		if a = l.ask(request{path: "/v1/commands", token: token, body: buy("2", "1")}); a.status == http.StatusAccepted || time.Now().After(until) {
			break
		}
	}
	a.is(t, "afterwards", http.StatusAccepted)
}

// Postgres gives the server no more than it needs.
func TestTheServersRights(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	conn, err := pgx.Connect(t.Context(), l.databaseURL)
	check(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "CREATE ROLE ledger_http NOLOGIN IN ROLE licenseledger_ingress, licenseledger_reader")
	check(t, err)
	client, err := jobs.Connect(t.Context(), l.databaseURL+"&role=ledger_http", l.redisURL, l.log)
	check(t, err)
	t.Cleanup(func() { check(t, client.Close()) })
	l.url, _ = serve(t, client, api.Options{})
	token := l.token(domain.Source{Source: "portal", Account: "northwind"})
	l.ask(request{path: "/v1/previews", token: token, body: buy("1", "1")}).is(t, "a preview", http.StatusOK, `"would":"applied"`)
	l.ask(request{path: "/v1/commands", token: token, body: buy("1", "1")}).is(t, "a command", http.StatusAccepted)
	if o := l.becomes(token, "1"); o.Status != domain.Applied {
		t.Errorf("%+v", o)
	}
	l.ask(request{path: "/v1/stock?account=northwind", token: token}).is(t, "a report", http.StatusOK, `"lot":"portal~1~1"`)
	_, err = conn.Exec(t.Context(), "SET ROLE ledger_http")
	check(t, err)
	for _, sql := range []string{"SELECT hash FROM source_tokens", "DELETE FROM pending", "INSERT INTO sources VALUES ('x', '{}', '')"} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("the server may %s", sql)
		}
	}
}
