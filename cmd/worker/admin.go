package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/joho/godotenv"

	"github.com/licenseledger/licenseledger/internal/store"
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
	handler, err := w.withConsole(ctx, listener, adminHandler(w.ledger, w.log))
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

func adminHandler(ledger *store.Store, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := ledger.Clock(r.Context()); err != nil {
			log.Warn("not ready", "error", err)
			http.Error(w, "Postgres cannot be reached", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ready")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		backlog, err := ledger.Backlog(r.Context())
		if err != nil {
			log.Warn("no metrics", "error", err)
			http.Error(w, "Postgres cannot be reached", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		for _, m := range []struct {
			name, help string
			value      any
		}{
			{"licenseledger_commands_waiting", "Commands without an outcome.", backlog.Waiting},
			{"licenseledger_commands_dead", "Commands given up for a technical failure.", backlog.Dead},
			{"licenseledger_oldest_waiting_seconds", "Age of the oldest command without an outcome.", backlog.OldestSeconds},
		} {
			_, _ = fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n%s %v\n", m.name, m.help, m.name, m.name, m.value)
		}
	})
	return mux
}
