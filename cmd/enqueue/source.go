package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// sourceCommand administers upstreams. A source that is not added has neither
// keys nor limits.
type sourceCommand struct {
	Add    addSource    `cmd:"" help:"Add a source with its limits and show its first key, once. From then on what comes in its name must be signed."`
	List   listSources  `cmd:"" help:"List the sources with their keys."`
	Rotate rotateSource `cmd:"" help:"Give a source a second key and show it, once. The first stays good until it is revoked."`
	Token  addToken     `cmd:"" help:"Give a source a token for HTTP (enqueue serve) and show it, once. The one it has stays good until it is revoked."`
	Revoke revokeKey    `cmd:"" help:"End a key or a token at once. A source without any is closed."`
}

type addSource struct {
	Name    string   `arg:"" help:"Source, as commands name it."`
	Scope   []string `name:"scope" enum:"catalog,business,billing" placeholder:"SCOPE" help:"Only these kinds: catalog, business or billing; repeat the flag for several. Without it: all."`
	Account string   `name:"account" placeholder:"ACCOUNT" help:"Only what concerns this account and those below it."`
}

// Run adds a source.
func (c *addSource) Run(a *app) error {
	source := domain.Source{Source: c.Name, Account: domain.AccountID(c.Account)}
	if wrong := domain.CheckID(c.Name); wrong != "" {
		return invalidf("name: %s", wrong)
	}
	if wrong := source.Account.Check(); c.Account != "" && wrong != "" {
		return invalidf("account: %s", wrong)
	}
	for _, scope := range c.Scope {
		source.Scopes = append(source.Scopes, domain.Scope(scope))
	}
	return a.administer(func(s *store.Store) error {
		key, err := s.AddSource(a.ctx, source)
		if err != nil {
			return err
		}
		return a.showKey(key)
	})
}

type rotateSource struct {
	Name string `arg:"" help:"Source."`
}

// Run gives a source another key.
func (c *rotateSource) Run(a *app) error {
	return a.administer(func(s *store.Store) error {
		key, err := s.RotateKey(a.ctx, c.Name)
		if err != nil {
			return err
		}
		return a.showKey(key)
	})
}

type addToken struct {
	Name string `arg:"" help:"Source."`
}

// Run gives a source a token.
func (c *addToken) Run(a *app) error {
	return a.administer(func(s *store.Store) error {
		token, err := s.AddToken(a.ctx, c.Name)
		if err != nil {
			return err
		}
		a.note("token %s of source %s, for \"Authorization: Bearer\"; it is not shown again:", token.ID, token.Source)
		if a.json {
			return written(newEncoder(a.out).Encode(map[string]string{"source": token.Source, "id": token.ID, "token": api.FormatToken(token)}))
		}
		_, err = fmt.Fprintln(a.out, api.FormatToken(token))
		return written(err)
	})
}

type revokeKey struct {
	Name  string `arg:"" help:"Source."`
	KeyID string `arg:"" name:"key-id" help:"Id of the key (k1, k2 …) or the token (t1, t2 …)."`
}

// Run ends a key.
func (c *revokeKey) Run(a *app) error {
	return a.administer(func(s *store.Store) error {
		if err := s.RevokeKey(a.ctx, c.Name, c.KeyID); err != nil {
			return err
		}
		return a.done(map[string]any{"source": c.Name, "revoked": c.KeyID}, "%s of source %s is revoked", c.KeyID, c.Name)
	})
}

// administer runs on the ledger; what the user can mend is wrong usage.
func (a *app) administer(do func(*store.Store) error) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	err = do(s)
	for _, mendable := range []error{store.ErrSourceExists, store.ErrSourceUnknown, store.ErrKeyUnknown, store.ErrTooManyKeys} {
		if errors.Is(err, mendable) {
			return invalid{err}
		}
	}
	return err
}

// showKey prints a new key as SOURCE_KEY takes it.
func (a *app) showKey(key store.Key) error {
	a.note("key %s of source %s, for its SOURCE_KEY; it is not shown again:", key.ID, key.Source)
	if a.json {
		return written(newEncoder(a.out).Encode(map[string]string{"source": key.Source, "key": key.ID, "source_key": jobs.FormatKey(key)}))
	}
	_, err := fmt.Fprintln(a.out, jobs.FormatKey(key))
	return written(err)
}

type listSources struct{}

// sourceLine is a source for people.
type sourceLine struct {
	Source  string        `json:"source"`
	Scopes  string        `json:"scopes"`
	Account string        `json:"account"`
	AddedAt store.Instant `json:"added_at"`
	Keys    string        `json:"keys"`
	Tokens  string        `json:"tokens"`
}

// Run lists the sources.
func (c *listSources) Run(a *app) error {
	return a.administer(func(s *store.Store) error {
		sources, err := s.Sources(a.ctx)
		if err != nil {
			return err
		}
		if a.json || terminal(a.out) == 0 {
			return written(newEncoder(a.out).Encode(sources))
		}
		lines := make([]sourceLine, len(sources))
		for i, x := range sources {
			lines[i] = sourceLine{Source: x.Source, Scopes: strings.Join(x.Scopes, " "), Account: x.Account, AddedAt: x.AddedAt, Keys: keyWords(x.Keys), Tokens: keyWords(x.Tokens)}
		}
		newTable[sourceLine](a.out, terminal(a.out)).print(lines)
		return nil
	})
}

func keyWords(keys []store.SourceRowKey) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = k.Key
		if k.RevokedAt != nil {
			words[i] += " (revoked " + k.RevokedAt.Format(time.DateOnly) + ")"
		}
	}
	return strings.Join(words, ", ")
}
