package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// manner is how a link treats what passes it.
type manner struct {
	refuse  bool          // cut: nothing connects, what was connected is cut
	silent  bool          // half open: connections stay, nothing arrives
	delay   time.Duration // before every piece, in both directions
	lose    int64         // every n-th reply is lost with its connection, after the request has arrived
	commits bool          // of Postgres: only replies to commits are lost
}

// link is a TCP proxy between two programs.
type link struct {
	name    string
	dial    func() (net.Conn, error)
	listen  net.Listener
	manner  atomic.Pointer[manner]
	lost    atomic.Int64 // replies
	counted atomic.Int64

	mu    sync.Mutex
	pairs map[*pair]bool
}

func newLink(name string, dial func() (net.Conn, error)) (*link, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the link %s: %w", name, err)
	}
	l := &link{name: name, dial: dial, listen: listener, pairs: map[*pair]bool{}}
	l.manner.Store(&manner{})
	go l.serve()
	return l, nil
}

func dialer(network, address string) func() (net.Conn, error) {
	return func() (net.Conn, error) { return net.DialTimeout(network, address, 5*time.Second) }
}

func (l *link) port() int { return l.listen.Addr().(*net.TCPAddr).Port }

func (l *link) close() {
	_ = l.listen.Close()
	l.cut()
}

// behave changes how the link treats what passes. Connections that have lost
// bytes do not come back: they are cut, as a keepalive would cut them.
func (l *link) behave(m manner) {
	before := l.manner.Swap(&m)
	if m.refuse || before.silent {
		l.cut()
	}
}

// heal lets everything pass.
func (l *link) heal() { l.behave(manner{}) }

// cut ends all connections; new ones are treated as before.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pairs {
		p.close()
	}
	clear(l.pairs)
}

func (l *link) serve() {
	for {
		client, err := l.listen.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		go l.connect(client)
	}
}

func (l *link) connect(client net.Conn) {
	if l.manner.Load().refuse {
		_ = client.Close()
		return
	}
	server, err := l.dial()
	if err != nil {
		_ = client.Close()
		return
	}
	p := &pair{link: l, client: client, server: server}
	l.mu.Lock()
	l.pairs[p] = true
	l.mu.Unlock()
	go p.pass(server, client, p.request)
	go p.pass(client, server, p.reply)
}

// pair is one connection through a link.
type pair struct {
	link           *link
	client, server net.Conn
	doomed         atomic.Bool // its next reply is lost, and it with it
}

func (p *pair) close() {
	_ = p.client.Close()
	_ = p.server.Close()
}

func (p *pair) forget() {
	p.close()
	p.link.mu.Lock()
	defer p.link.mu.Unlock()
	delete(p.link.pairs, p)
}

// pass hands pieces on as long as they may go.
func (p *pair) pass(to, from net.Conn, mayGo func([]byte) bool) {
	defer p.forget()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		m := p.link.manner.Load()
		if m.delay > 0 {
			time.Sleep(m.delay)
		}
		for p.link.manner.Load().silent {
			time.Sleep(20 * time.Millisecond) // cut when the link is heard again
		}
		if !mayGo(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// commit is the message with which pgx ends a transaction.
var commit = []byte("Q\x00\x00\x00\x0bcommit\x00")

func (p *pair) request(piece []byte) bool {
	m := p.link.manner.Load()
	if m.lose > 0 && (!m.commits || bytes.Contains(piece, commit)) && p.link.counted.Add(1)%m.lose == 0 {
		p.doomed.Store(true)
	}
	return true
}

func (p *pair) reply([]byte) bool {
	if p.doomed.Load() {
		p.link.lost.Add(1)
		return false
	}
	return true
}
