package main

import (
	"context"
	"net"
	"net/http"

	"github.com/licenseledger/licenseledger/internal/console"
)

// withConsole adds the operator's console to what the admin address serves.
func (w *worker) withConsole(ctx context.Context, listener net.Listener, health http.Handler) (http.Handler, error) {
	host, _, _ := net.SplitHostPort(w.AdminAddr) // it listens, so it is an address, or the default
	bound, isTCP := listener.Addr().(*net.TCPAddr)
	pages, err := console.New(ctx, w.ledger, console.Settings{
		Loopback: isTCP && bound.IP.IsLoopback(), Host: host, Token: w.AdminToken, Now: now, Log: w.log,
		RedisTrouble: w.watch.Trouble,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", health)
	mux.Handle(console.Home, pages)
	mux.Handle("GET /{$}", http.RedirectHandler(console.Home, http.StatusSeeOther))
	return mux, nil
}
