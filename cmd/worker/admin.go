package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/joho/godotenv"
)

const defaultAdminAddr = "127.0.0.1:9464"

// admin serves health, metrics and the console to the operator.
type admin struct {
	listener net.Listener
	server   *http.Server
}

// listenAdmin serves the admin address. The default one being taken only warns:
// two workers on one machine are no mistake. One that was set must work.
func listenAdmin(ctx context.Context, w *worker) (*admin, error) {
	if w.AdminAddr == "off" {
		return &admin{}, nil
	}
	listener, err := adminListener(ctx, w)
	if err != nil && w.AdminAddr == "" {
		w.log.Warn("no admin address: the default is taken; set ADMIN_ADDR to another, or to off", "addr", defaultAdminAddr, "error", err)
		return &admin{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listening on ADMIN_ADDR %s: %w", w.AdminAddr, err)
	}
	handler, err := w.withConsole(ctx, listener, adminHandler(w))
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	a := &admin{listener: listener, server: &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
	}}
	go func() {
		if err := a.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			w.log.Error("the admin address is not served any more", "error", err)
		}
	}()
	return a, nil
}

func adminListener(ctx context.Context, w *worker) (net.Listener, error) {
	var config net.ListenConfig
	switch {
	case w.AdminAddr != "":
		return config.Listen(ctx, "tcp", w.AdminAddr)
	case !w.Embedded:
		return config.Listen(ctx, "tcp", defaultAdminAddr)
	}
	// A data folder keeps its address from start to start, if it is still free.
	vars, _ := godotenv.Read(filepath.Join(w.Data, "env"))
	if before := vars["ADMIN_ADDR"]; before != "" && before != "off" {
		if listener, err := config.Listen(ctx, "tcp", before); err == nil {
			return listener, nil
		}
	}
	return config.Listen(ctx, "tcp", "127.0.0.1:0")
}

func (a *admin) addr() string {
	if a.listener == nil {
		return "off"
	}
	return a.listener.Addr().String()
}

func (a *admin) close() {
	if a.server != nil {
		_ = a.server.Close() // only health checks are under way
	}
}

func adminHandler(w *worker) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", w.alive)
	mux.HandleFunc("GET /readyz", w.ready)
	mux.Handle("GET /metrics", w.metrics.Handler())
	return mux
}
