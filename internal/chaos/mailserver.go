package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// trouble is how the mail server fails.
type trouble struct {
	name  string
	verb  string // of SMTP, at which it answers as below; greeting and dot are the first and the last
	code  int    // answered instead of success
	stall time.Duration
	drop  bool // the connection, without an answer; at the dot, the mail has been taken by then
	tls   bool // offers STARTTLS and then speaks no TLS
}

// troubles are the ways in which mail servers fail. A definite no (5xx) to the
// sender or the content would rightly be final, so those are temporary here.
var troubles = []trouble{
	{name: "refuses the connection", verb: "greeting", code: 421},
	{name: "refuses EHLO", verb: "EHLO", code: 421},
	{name: "refuses MAIL", verb: "MAIL", code: 451},
	{name: "refuses RCPT", verb: "RCPT", code: 450},
	{name: "refuses DATA", verb: "DATA", code: 451},
	{name: "refuses the content", verb: "dot", code: 452},
	{name: "stalls", verb: "RCPT", stall: 3 * time.Second},
	{name: "stalls after the dot", verb: "dot", stall: 3 * time.Second},
	{name: "drops at MAIL", verb: "MAIL", drop: true},
	{name: "drops at DATA", verb: "DATA", drop: true},
	{name: "drops after the final dot", verb: "dot", drop: true},
	{name: "breaks TLS", tls: true},
}

// nobodyHere is refused for good at any time.
const nobodyHere = "bo@blue"

// mailServer takes mails and remembers them outside of the system. Without TLS:
// it is on this machine, where the worker asks for none.
type mailServer struct {
	listen  net.Listener
	now     func() time.Time
	trouble atomic.Pointer[trouble]

	mu      sync.Mutex
	taken   map[string]int // how often, by message id
	refused map[string]int // recipients, for good
	halves  int            // messages whose end never came
}

func newMailServer(now func() time.Time) (*mailServer, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the mail server: %w", err)
	}
	s := &mailServer{listen: listener, now: now, taken: map[string]int{}, refused: map[string]int{}}
	s.trouble.Store(&trouble{})
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go s.serve(conn)
			}
		}
	}()
	return s, nil
}

func (s *mailServer) address() string { return s.listen.Addr().String() }

func (s *mailServer) behave(t trouble) { s.trouble.Store(&t) }

// errHungUp says that the server ends the connection on purpose.
var errHungUp = errors.New("hung up")

// session is one connection to the mail server.
type session struct {
	server *mailServer
	conn   net.Conn
	lines  *textproto.Reader
}

func (s *mailServer) serve(conn net.Conn) {
	defer conn.Close()
	x := &session{server: s, conn: conn, lines: textproto.NewReader(bufio.NewReader(conn))}
	if x.answer("greeting", "220 mx.chaos ready") != nil {
		return
	}
	for {
		_ = conn.SetDeadline(s.now().Add(2 * time.Minute))
		line, err := x.lines.ReadLine()
		if err != nil || x.obey(line) != nil {
			return
		}
	}
}

func (x *session) obey(line string) error {
	verb, argument, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	switch verb {
	case "EHLO", "HELO":
		if x.server.trouble.Load().tls {
			return x.answer(verb, "250-mx.chaos\r\n250 STARTTLS")
		}
		return x.answer("EHLO", "250 mx.chaos")
	case "STARTTLS":
		if err := x.answer(verb, "220 go on"); err != nil {
			return err
		}
		_, _ = x.conn.Write([]byte("this is no TLS\r\n"))
		return errHungUp
	case "RCPT":
		if address := strings.Trim(strings.TrimPrefix(strings.ToUpper(argument), "TO:"), "<> "); address == strings.ToUpper(nobodyHere) {
			x.server.mu.Lock()
			x.server.refused[nobodyHere]++
			x.server.mu.Unlock()
			return x.say("550 5.1.1 no such user")
		}
		return x.answer(verb, "250 ok")
	case "DATA":
		return x.data()
	case "QUIT":
		_ = x.say("221 bye")
		return errHungUp
	}
	return x.answer(verb, "250 ok")
}

func (x *session) data() error {
	if x.server.trouble.Load().verb == "DATA" {
		return x.answer("DATA", "354 go on")
	}
	if err := x.say("354 go on"); err != nil {
		return err
	}
	dots := x.lines.DotReader()
	header, err := textproto.NewReader(bufio.NewReader(dots)).ReadMIMEHeader()
	if err == nil {
		_, err = io.Copy(io.Discard, dots)
	}
	x.server.mu.Lock()
	t := x.server.trouble.Load()
	if err != nil {
		x.server.halves++
	} else if t.verb != "dot" || t.code == 0 {
		x.server.taken[header.Get("Message-Id")]++
	}
	x.server.mu.Unlock()
	if err != nil {
		return err
	}
	return x.answer("dot", "250 taken")
}

// answer says yes, unless the trouble is about this verb.
func (x *session) answer(verb, yes string) error {
	t := x.server.trouble.Load()
	if t.verb != verb {
		return x.say(yes)
	}
	time.Sleep(t.stall)
	switch {
	case t.drop:
		return errHungUp
	case t.code != 0:
		return x.say(fmt.Sprintf("%d not now", t.code))
	}
	return x.say(yes)
}

func (x *session) say(line string) error {
	_, err := x.conn.Write([]byte(line + "\r\n"))
	return err
}
