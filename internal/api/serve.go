package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
)

// Serve answers what comes in until the context ends, then what is under way.
func (a *API) Serve(ctx context.Context, listener net.Listener) error {
	const maxHeaderBytes = 16 << 10
	timeouts := a.options.Timeouts
	server := &http.Server{
		Handler:           a,
		ReadHeaderTimeout: timeouts.ReadHeader,
		ReadTimeout:       timeouts.Read,
		WriteTimeout:      timeouts.Write,
		IdleTimeout:       timeouts.Idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(a.options.Log.Handler(), slog.LevelDebug), // what clients do wrong
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving HTTP: %w", err)
	case <-ctx.Done():
	}
	a.Stop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeouts.Shutdown)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		a.options.Log.Warn("requests that were under way have been cut off", "after", timeouts.Shutdown)
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("ending the HTTP server: %w", err)
	}
	return nil
}
