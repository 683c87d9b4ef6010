// Package console serves the operator's console: read-only pages about what goes
// on in the ledger, on the admin address.
//
// It reads through the connections that commands do not use, two pages at a time
// at most, each for a few seconds at most, and by index. What it shows was written
// by others, so every page is escaped, and runs no script.
package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

//go:embed assets
var assets embed.FS

// Settings say who may look.
type Settings struct {
	Loopback bool   // the address can be reached from this machine only
	Host     string // by which the address is set, if by a name
	Token    string // who knows it may look; without one, whoever reaches a loopback address
	Now      func() time.Time
	Log      *slog.Logger

	// RedisTrouble says why Redis cannot be used; it is empty while it can.
	RedisTrouble func() string
}

// Home is where the console begins; all of it is below.
const Home = "/console/"

const (
	pageTime     = 5 * time.Second  // for everything that a page reads
	fileTime     = 20 * time.Second // for a file of an invoice
	pagesAtOnce  = 2                // further ones wait
	shortestWord = 16               // of a token, in bytes
)

type console struct {
	Settings
	ledger *store.Store
	slots  chan struct{}
	check  *checker
}

// New makes the console. Checks of the ledger end with ctx.
func New(ctx context.Context, ledger *store.Store, s Settings) (http.Handler, error) {
	if s.Token != "" && len(s.Token) < shortestWord {
		return nil, fmt.Errorf("ADMIN_TOKEN has %d characters; it needs at least %d (openssl rand -hex 16 makes one)", len(s.Token), shortestWord)
	}
	if !s.Loopback && s.Token == "" {
		s.Log.Warn("the console is closed: the admin address can be reached from other machines; set ADMIN_TOKEN to open it")
	}
	c := &console{Settings: s, ledger: ledger, slots: make(chan struct{}, pagesAtOnce), check: &checker{ctx: ctx, ledger: ledger, now: s.Now, log: s.Log}}
	return c.routes(), nil
}

func (c *console) routes() http.Handler {
	open := http.NewServeMux() // for everybody who may reach it
	open.Handle("GET "+Home+"assets/", http.StripPrefix(Home, http.FileServerFS(assets)))
	open.HandleFunc("POST "+Home+"login", c.login)
	open.HandleFunc("POST "+Home+"logout", c.logout)

	inner := http.NewServeMux() // for those with the token
	open.Handle(Home, c.authenticated(c.sound(inner)))
	for path, view := range map[string]view{
		"{$}":      c.today,
		"commands": c.commands,
		"command":  c.command,
		"accounts": c.accounts,
		"account":  c.account,
		"contract": c.contract,
		"thing":    c.thing,
		"invoices": c.invoices,
		"invoice":  c.invoice,
		"mails":    c.mails,
		"mail":     c.mail,
	} {
		inner.HandleFunc("GET "+Home+path, c.page(view))
	}
	inner.HandleFunc("GET "+Home+"search", c.search)
	inner.HandleFunc("GET "+Home+"file", c.file)
	inner.HandleFunc("POST "+Home+"check", c.startCheck)
	inner.HandleFunc(Home, func(w http.ResponseWriter, r *http.Request) { c.fail(w, r, store.ErrNotFound) })
	return c.guarded(http.NewCrossOriginProtection().Handler(open))
}

// view reads what a page shows.
type view func(ctx context.Context, r *http.Request) (*page, error)

func (c *console) page(v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, done, err := c.slot(r.Context(), pageTime)
		if err != nil {
			c.fail(w, r, err)
			return
		}
		p, err := v(ctx, r)
		done()
		if err != nil {
			c.fail(w, r, err)
			return
		}
		c.write(w, r, http.StatusOK, p)
	}
}

// slot waits until few enough others read.
func (c *console) slot(ctx context.Context, limit time.Duration) (context.Context, func(), error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	select {
	case c.slots <- struct{}{}:
		return ctx, func() { <-c.slots; cancel() }, nil
	case <-ctx.Done():
		cancel()
		return nil, nil, ctx.Err()
	}
}

// errInput says that a page was asked for what cannot be.
var errInput = errors.New("cannot be shown")

// errAnswered says that there is no page because there is another answer.
var errAnswered = errors.New("answered already")

// fail answers with a page that says what can be done.
func (c *console) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := &page{}
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, store.ErrNotFound):
		status, p.Title, p.Lead = http.StatusNotFound, "Not found", "There is nothing at this address. Ids are case-sensitive; the search above finds what begins as you type."
	case errors.Is(err, store.ErrCursor), errors.Is(err, errInput):
		status, p.Title, p.Lead = http.StatusBadRequest, "Cannot be shown", "This address is not one that the console makes. Begin again with one of the pages above."
	case errors.Is(err, errAnswered), errors.Is(err, context.Canceled):
		return // there is an answer, or nobody reads it any more
	case errors.Is(err, context.DeadlineExceeded):
		status, p.Title, p.Lead = http.StatusServiceUnavailable, "Too busy", "Reading this took too long, so it was given up; commands come first. Try again in a moment."
	case store.Unreachable(err):
		status, p.Title, p.Lead = http.StatusServiceUnavailable, "Postgres cannot be reached", "Commands that were accepted are safe and will be done when it is back. The worker's log says more."
	default:
		p.Title, p.Lead = "Something went wrong", "The page could not be made. The worker's log says why."
	}
	if status >= http.StatusInternalServerError {
		c.Log.Warn("a page of the console could not be made", "path", r.URL.Path, "error", err)
	}
	c.write(w, r, status, p)
}
