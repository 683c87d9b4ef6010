//go:build !linux

package link

import "net"

// bound is for Linux alone; elsewhere keepalive has to do.
func bound(*net.TCPConn) error { return nil }
