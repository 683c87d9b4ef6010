package link

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// bound ends the connection when what was sent is not acknowledged: keepalive
// looks only where nothing is under way.
func bound(tcp *net.TCPConn) error {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(Patience.Milliseconds()))
	})
	return errors.Join(err, refused)
}
