package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/migrations"
)

// health is what /readyz answers.
type health struct {
	Status   string `json:"status"` // ready, degraded or unready
	Postgres part   `json:"postgres"`
	Schema   part   `json:"schema"`
	Redis    part   `json:"redis"`
}

type part struct {
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// healthPatience bounds a look at each server.
const healthPatience = 2 * time.Second

// alive says that the process lives, nothing else: whoever restarts what is not
// alive must not do so because Postgres is away.
func (w *worker) alive(out http.ResponseWriter, _ *http.Request) {
	answer(out, http.StatusOK, map[string]string{"status": "ok"})
}

// ready says whether commands can be executed. Without Redis they can: the
// sweeper finds them in the journal, some seconds later.
func (w *worker) ready(out http.ResponseWriter, r *http.Request) {
	h := w.health(r.Context())
	code := http.StatusOK
	if h.Status == "unready" {
		code = http.StatusServiceUnavailable
	}
	answer(out, code, h)
}

func answer(out http.ResponseWriter, code int, body any) {
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(code)
	_ = json.NewEncoder(out).Encode(body) // whoever asked has gone
}

// health keeps what the servers say to the log: addresses and users are nobody
// else's business.
func (w *worker) health(ctx context.Context) health {
	h := health{Status: "ready", Postgres: part{OK: true}, Schema: part{OK: true}, Redis: part{OK: true}}
	w.look(ctx, func(ctx context.Context) error { return jobs.ProbeRedis(ctx, w.redis) }, func(err error) {
		h.Status, h.Redis = "degraded", part{Detail: jobs.RedisTrouble(err)}
		w.log.Debug("degraded", "error", err) // the watch warns, once
	})
	w.look(ctx, func(ctx context.Context) error { _, _, err := w.ledger.Clock(ctx); return err }, func(err error) {
		h.Status, h.Postgres = "unready", part{Detail: "Postgres cannot be reached, or has no ledger"}
		h.Schema = part{Detail: "unknown"}
		w.log.Warn("not ready", "error", err)
	})
	if !h.Postgres.OK {
		return h
	}
	var have int64
	w.look(ctx, func(ctx context.Context) (err error) { have, err = w.ledger.SchemaVersion(ctx); return err }, func(err error) {
		if errors.Is(err, store.ErrSchemaHidden) {
			h.Schema.Detail, have = err.Error(), migrations.Latest()
			return
		}
		h.Status, h.Schema = "unready", part{Detail: "unknown"}
		w.log.Warn("not ready", "error", err)
	})
	if want := migrations.Latest(); h.Schema.OK && have < want {
		h.Status, h.Schema = "unready", part{Detail: fmt.Sprintf("version %d, but this worker needs %d: run `worker migrate`", have, want)}
	}
	return h
}

func (w *worker) look(ctx context.Context, at func(context.Context) error, failed func(error)) {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	if err := at(ctx); err != nil {
		failed(err)
	}
}
