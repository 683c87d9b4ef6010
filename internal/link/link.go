// Package link has a connection that leads nowhere any more be noticed: one whose
// other side lost its power, or its address, or is behind a firewall that has
// forgotten it. Without this it takes a quarter of an hour.
package link

import (
	"crypto/tls"
	"net"
	"time"
)

// Patience is how long a connection may be without an answer from the other
// side's machine, whether something was sent or not.
const Patience = 25 * time.Second

// probing asks the other side's machine after ten silent seconds, every five, and
// gives up after three times without an answer.
var probing = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3}

// Watch looks after a connection over TCP, also below TLS. Others need it not.
func Watch(conn net.Conn) error {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	if err := tcp.SetKeepAliveConfig(probing); err != nil {
		return err
	}
	return bound(tcp)
}
