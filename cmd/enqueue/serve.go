package main

import (
	"net"
	"time"

	"github.com/licenseledger/licenseledger/internal/api"
)

// serveCommand is the API over HTTP; docs/http.md tells how to use it.
type serveCommand struct {
	Addr         string  `name:"addr" env:"HTTP_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen, without TLS (default: 127.0.0.1:8080)."`
	Rate         float64 `name:"rate" default:"100" placeholder:"N" help:"Requests a second that each source may send; 0 for no limit (default: 100)."`
	Burst        int     `name:"burst" default:"200" placeholder:"N" help:"How many of them may come at once (default: 200)."`
	MaxBodyBytes int64   `name:"max-body-bytes" default:"8388608" placeholder:"N" help:"How long a request with many commands may be (default: 8388608)."`
}

// serveShutdown is how long requests that are under way may take after a signal.
const serveShutdown = 20 * time.Second

// Run answers requests until it is told to end.
func (c *serveCommand) Run(a *app) error {
	if c.Rate < 0 || c.Burst < 1 || c.MaxBodyBytes < 1 {
		return invalidf("--rate must be 0 or more, --burst and --max-body-bytes 1 or more")
	}
	untilInterrupted.Store(int64(serveShutdown + time.Second))
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return invalidf("--addr: %w", err)
	}
	defer listener.Close()
	client, err := a.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	a.note("serving http://%s", listener.Addr())
	return api.New(client, api.Options{
		RequestsPerSecond: c.Rate, Burst: c.Burst, MaxBatchBytes: c.MaxBodyBytes,
		Timeouts: api.Timeouts{Shutdown: serveShutdown}, Log: a.settings.Logger(),
	}).Serve(a.ctx, listener)
}
