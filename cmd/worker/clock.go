//go:build !chaos

package main

import "time"

// now is the worker's own clock. It times what metrics, the console and webhooks
// show; what becomes of commands goes by the clock of Postgres.
var now = time.Now
