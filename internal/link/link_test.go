//go:build linux

package link_test

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/licenseledger/licenseledger/internal/link"
)

// option reads a setting of a connection from the kernel.
func option(t *testing.T, conn *net.TCPConn, level, name int) int {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	value := 0
	if err := raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), level, name) }); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// A machine that says nothing any more is given up within half a minute: by
// keepalive when nothing is under way, else by the bound on what is not acknowledged.
func TestAConnectionIsWatched(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := link.Watch(conn); err != nil {
		t.Fatal(err)
	}
	tcp := conn.(*net.TCPConn)
	get := func(name int) int { return option(t, tcp, unix.IPPROTO_TCP, name) }
	if option(t, tcp, unix.SOL_SOCKET, unix.SO_KEEPALIVE) == 0 {
		t.Error("there is no keepalive")
	}
	idle := time.Duration(get(unix.TCP_KEEPIDLE)+get(unix.TCP_KEEPINTVL)*get(unix.TCP_KEEPCNT)) * time.Second
	unanswered := time.Duration(get(unix.TCP_USER_TIMEOUT)) * time.Millisecond
	if idle > 30*time.Second || unanswered != link.Patience || unanswered > 30*time.Second {
		t.Errorf("given up after %s, or %s", idle, unanswered)
	}
}

func TestOtherConnectionsAreLeftAlone(t *testing.T) {
	t.Parallel()
	one, other := net.Pipe()
	defer one.Close()
	defer other.Close()
	if err := link.Watch(one); err != nil {
		t.Error(err)
	}
}
