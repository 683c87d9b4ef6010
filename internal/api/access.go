package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/time/rate"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// tokenPrefix lets people, and programs that look for leaked secrets, see what a
// token is.
const tokenPrefix = "llt_"

// FormatToken writes a new token as clients send it.
func FormatToken(t store.Token) string {
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(t.Secret)
}

// hashOf reads the token of a request; nil if there is none.
func hashOf(r *http.Request) []byte {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	text, prefixed := strings.CutPrefix(strings.TrimSpace(token), tokenPrefix)
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !strings.EqualFold(scheme, "Bearer") || !prefixed || err != nil || len(secret) != store.TokenBytes {
		return nil
	}
	return store.HashToken(secret)
}

// authenticate finds out who asks. It is looked up each time, so that a token
// that is revoked ends at once.
func (a *API) authenticate(r *http.Request) (store.TokenHolder, *Problem) {
	hash := hashOf(r)
	if hash == nil {
		return store.TokenHolder{}, unauthorized("give a token: Authorization: Bearer " + tokenPrefix + "…")
	}
	holder, found, err := a.store.Holder(r.Context(), hash)
	if err != nil {
		a.options.Log.Warn("a token could not be looked up", "error", err)
		p := problem(http.StatusServiceUnavailable, "the ledger cannot be reached; try again")
		p.header = http.Header{"Retry-After": {strconv.Itoa(retrySeconds)}}
		return holder, p
	}
	if !found {
		return holder, unauthorized("this token is nobody's, or it has been revoked")
	}
	return holder, nil
}

func unauthorized(detail string) *Problem {
	p := problem(http.StatusUnauthorized, detail).because(domain.SignatureInvalid)
	p.header = http.Header{"Www-Authenticate": {`Bearer realm="LicenseLedger"`}}
	return p
}

// limit refuses what a source asks too often.
func (a *API) limit(source string) *Problem {
	if a.options.RequestsPerSecond == 0 {
		return nil
	}
	a.mu.Lock()
	limiter := a.limiters[source]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Limit(a.options.RequestsPerSecond), max(a.options.Burst, 1))
		a.limiters[source] = limiter
	}
	a.mu.Unlock()
	reservation := limiter.Reserve()
	delay := reservation.Delay()
	if delay == 0 {
		return nil
	}
	reservation.Cancel()
	p := problem(http.StatusTooManyRequests, fmt.Sprintf("source %s may send %g requests a second", source, a.options.RequestsPerSecond))
	p.header = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(delay.Seconds())))}}
	return p
}

// readers are the scopes of which a source needs one to read something. None
// means: only sources without any limit.
type readers []domain.Scope

var (
	holdings  = readers{domain.ScopeBusiness}
	catalog   = readers{domain.ScopeCatalog, domain.ScopeBusiness}
	billing   = readers{domain.ScopeBilling}
	operating = readers{}
)

// about is whose something is that is to be read.
type about struct {
	account  domain.AccountID
	contract domain.ContractID
}

// mayRead refuses what is outside of a source's limits. What does not exist is
// answered like what is foreign.
func (a *API) mayRead(ctx context.Context, who readers, whose about) error {
	source := callOf(ctx).holder.Source
	limited := len(source.Scopes) > 0 || source.Account != ""
	inScope := func(scope domain.Scope) bool { return slices.Contains(who, scope) }
	switch {
	case !limited:
		return nil
	case len(who) == 0:
		return outOfScope("this is for sources without any limit, and %s has one", source.Source)
	case len(source.Scopes) > 0 && !slices.ContainsFunc(source.Scopes, inScope):
		return outOfScope("this needs the scope %s, which source %s lacks", joined(who), source.Source)
	}
	return a.covers(ctx, source, whose)
}

// covers refuses what is outside of the accounts that a source is limited to.
func (a *API) covers(ctx context.Context, source domain.Source, whose about) error {
	if source.Account == "" {
		return nil
	}
	covered, err := a.store.Covers(ctx, source.Account, whose.account, whose.contract)
	if err == nil && !covered {
		err = outOfScope("source %s is limited to %s and the accounts below it", source.Source, source.Account)
	}
	return err
}

func joined(scopes readers) string {
	words := make([]string, len(scopes))
	for i, scope := range scopes {
		words[i] = string(scope)
	}
	return strings.Join(words, " or ")
}

func outOfScope(format string, args ...any) error {
	return problem(http.StatusForbidden, fmt.Sprintf(format, args...)).because(domain.OutOfScope)
}
