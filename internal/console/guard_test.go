package console

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

var quiet = slog.New(slog.DiscardHandler)

const secret = "correct-horse-battery"

// guardedBy is a console whose pages are not read: only who gets in matters.
func guardedBy(t *testing.T, s Settings) http.Handler {
	t.Helper()
	s.Log = quiet
	if s.Now == nil {
		s.Now = time.Now
	}
	h, err := New(t.Context(), nil, s)
	check(t, err)
	return h
}

// open is the address of a page that needs no ledger.
const open = Home + "search"

func TestOnLoopbackOnlyKnownNamesAreAnswered(t *testing.T) {
	h := guardedBy(t, Settings{Loopback: true, Host: "ops.internal"})
	for host, want := range map[string]int{
		"localhost": 200, "localhost:9464": 200, "127.0.0.1:9464": 200, "[::1]:9464": 200, "LOCALHOST.": 200, "ops.internal:9464": 200,
		"evil.example": 421, "evil.example:9464": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, open, nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestBeyondLoopbackATokenIsNeeded(t *testing.T) {
	closed := guardedBy(t, Settings{})
	if w := get(t, closed, open); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "ADMIN_TOKEN") {
		t.Errorf("without a token: %d %s", w.Code, w.Body)
	}
	for _, loopback := range []bool{true, false} {
		h := guardedBy(t, Settings{Loopback: loopback, Token: secret})
		w := get(t, h, open+"?q=acme")
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `name="next" value="/console/search?q=acme"`) {
			t.Errorf("asked without the token: %d %s", w.Code, w.Body)
		}
		if w := get(t, h, Home+"assets/console.css"); w.Code != http.StatusOK {
			t.Errorf("the form to sign in has no style: %d", w.Code)
		}
		for given, want := range map[string]int{"Bearer " + secret: 200, "Bearer " + secret + "x": 401, "Bearer": 401, "": 401, secret: 200} {
			r := httptest.NewRequest(http.MethodGet, open, nil)
			r.Header.Set("Authorization", given)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("Authorization %q: %d, want %d", given, w.Code, want)
			}
		}
	}
	if _, err := New(t.Context(), nil, Settings{Token: "short", Log: quiet}); err == nil {
		t.Error("a token that can be guessed is taken")
	}
}

func signIn(h http.Handler, token, next, origin string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://ops.example"+Home+"login", strings.NewReader(url.Values{"token": {token}, "next": {next}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestSigningIn(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	settings := Settings{Token: secret, Now: func() time.Time { return now }}
	h := guardedBy(t, settings)
	if r := signIn(h, "wrong", Home, "http://ops.example"); r.Code != http.StatusUnauthorized || r.Header().Get("Set-Cookie") != "" {
		t.Errorf("the wrong token: %d %v", r.Code, r.Header())
	}
	if r := signIn(h, secret, Home, "http://evil.example"); r.Code != http.StatusForbidden {
		t.Errorf("another site signs in: %d", r.Code)
	}
	for next, want := range map[string]string{open + "?q=a": open + "?q=a", "https://evil.example/": Home, "//evil.example/console/": Home, "/console/\\evil": Home, "": Home, "/metrics": Home} {
		if r := signIn(h, secret, next, "http://ops.example"); r.Code != http.StatusSeeOther || r.Header().Get("Location") != want {
			t.Errorf("to %q: %d %s, want %s", next, r.Code, r.Header().Get("Location"), want)
		}
	}
	cookie, err := http.ParseSetCookie(signIn(h, secret, Home, "http://ops.example").Header().Get("Set-Cookie"))
	check(t, err)
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != Home || strings.Contains(cookie.Value, secret) {
		t.Errorf("the cookie is %v", cookie)
	}
	with := func(h http.Handler, value string) int {
		r := httptest.NewRequest(http.MethodGet, open, nil)
		r.AddCookie(&http.Cookie{Name: cookieName, Value: value})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	other := settings
	other.Token = secret + "2"
	_, code, _ := strings.Cut(cookie.Value, ".")
	for name, got := range map[string][2]int{
		"this worker":           {with(h, cookie.Value), 200},
		"another worker":        {with(guardedBy(t, settings), cookie.Value), 200},
		"another token":         {with(guardedBy(t, other), cookie.Value), 401},
		"prolonged by its user": {with(h, "9999999999."+code), 401},
		"nonsense":              {with(h, "x"), 401},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %d, want %d", name, got[0], got[1])
		}
	}
	now = now.Add(sessionTime)
	if code := with(h, cookie.Value); code != http.StatusUnauthorized {
		t.Errorf("after its end: %d", code)
	}
}
