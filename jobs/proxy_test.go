package jobs_test

import (
	"bytes"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// proxy stands between a worker and Postgres and, every so often, keeps the
// answer to a commit to itself and cuts the connection: the commit is reported
// as failed, but has happened.
type proxy struct {
	t       *testing.T
	backend string
	every   int64
	commits atomic.Int64
	lost    atomic.Int64
}

// newProxy returns the address to connect to instead.
func newProxy(t *testing.T, databaseURL string, every int64) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	check(t, err)
	query := u.Query()
	name := ".s.PGSQL." + query.Get("port")
	p := &proxy{t: t, backend: filepath.Join(query.Get("host"), name), every: every}
	dir, err := os.MkdirTemp("", "proxy") // shorter than t.TempDir: the address of a socket has 107 bytes at most
	check(t, err)
	listener, err := net.Listen("unix", filepath.Join(dir, name))
	check(t, err)
	t.Cleanup(func() {
		_ = listener.Close()
		_ = os.RemoveAll(dir)
	})
	go p.serve(listener)
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	return p, u.String()
}

func (p *proxy) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // the test has ended
		}
		server, err := net.Dial("unix", p.backend)
		if err != nil {
			p.t.Errorf("the proxy cannot reach Postgres: %v", err)
			_ = client.Close()
			return
		}
		c := &proxied{client: client, server: server}
		go c.requests(p)
		go c.answers(p)
	}
}

type proxied struct {
	client, server net.Conn
	cut            atomic.Bool // the next answer is not passed on
}

func (c *proxied) close() {
	_ = c.client.Close()
	_ = c.server.Close()
}

// commit is the message with which pgx ends a transaction.
var commit = []byte("Q\x00\x00\x00\x0bcommit\x00")

func (c *proxied) requests(p *proxy) {
	defer c.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.Contains(buffer[:n], commit) && p.commits.Add(1)%p.every == 0 {
			c.cut.Store(true)
		}
		if _, err := c.server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (c *proxied) answers(p *proxy) {
	defer c.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.server.Read(buffer)
		if err != nil {
			return
		}
		if c.cut.Load() {
			if bytes.Contains(buffer[:n], []byte("COMMIT")) {
				p.lost.Add(1)
			}
			return
		}
		if _, err := c.client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
