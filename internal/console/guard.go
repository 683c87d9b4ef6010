package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// guarded is for every request, also without the token.
func (c *console) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cache-Control":                "no-store",
		} {
			w.Header().Set(name, value)
		}
		switch {
		case !c.Loopback && c.Token == "":
			http.Error(w, "The console is closed: this address can be reached from other machines, and ADMIN_TOKEN is not set.", http.StatusForbidden)
		case c.Token == "" && !c.knownHost(r.Host):
			http.Error(w, "The console answers to localhost, to addresses, and to the name in ADMIN_ADDR.", http.StatusMisdirectedRequest)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// knownHost keeps out the pages of others that have let their own name point to
// this machine: a browser would let them read what it takes for theirs. A token
// does so too, because cookies belong to a name.
func (c *console) knownHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return true // an address is nobody's name
	}
	return host == "localhost" || host != "" && host == strings.ToLower(c.Host)
}

const (
	cookieName  = "licenseledger_console"
	sessionTime = 12 * time.Hour
)

// authenticated lets those through who have the token: as a cookie of the login
// form, or as a bearer.
func (c *console) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if c.Token == "" || c.hasSession(r) || c.isToken(bearer) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", "Bearer")
		c.write(w, r, http.StatusUnauthorized, loginPage(r.URL.RequestURI(), false))
	})
}

// isToken takes the same time for every wrong token.
func (c *console) isToken(given string) bool {
	want, got := sha256.Sum256([]byte(c.Token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// A session is the instant of its end, and a code that only who knows the token
// can make, so that every worker with the same token takes it.
func (c *console) session(end int64) string {
	code := hmac.New(sha256.New, []byte(c.Token))
	code.Write([]byte("licenseledger console until " + strconv.FormatInt(end, 10)))
	return strconv.FormatInt(end, 10) + "." + hex.EncodeToString(code.Sum(nil))
}

func (c *console) hasSession(r *http.Request) bool {
	for _, cookie := range r.CookiesNamed(cookieName) {
		until, _, _ := strings.Cut(cookie.Value, ".")
		end, err := strconv.ParseInt(until, 10, 64)
		if err == nil && c.Now().Unix() < end && hmac.Equal([]byte(c.session(end)), []byte(cookie.Value)) {
			return true
		}
	}
	return false
}

func (c *console) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	next := r.PostFormValue("next")
	if !isPlace(next) {
		next = Home
	}
	if c.Token != "" && !c.isToken(r.PostFormValue("token")) {
		c.Log.Warn("a wrong token for the console", "from", r.RemoteAddr)
		c.write(w, r, http.StatusUnauthorized, loginPage(next, true))
		return
	}
	if c.Token != "" {
		end := c.Now().Add(sessionTime)
		c.setCookie(w, r, c.session(end.Unix()), int(sessionTime.Seconds()))
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (c *console) logout(w http.ResponseWriter, r *http.Request) {
	c.setCookie(w, r, "", -1)
	http.Redirect(w, r, Home, http.StatusSeeOther)
}

func (c *console) setCookie(w http.ResponseWriter, r *http.Request, value string, seconds int) {
	//nolint:gosec // Secure where there is TLS; a proxy says so in a header, which can only make the cookie stricter
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: Home, MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	})
}

// isPlace says whether an address is one of the console, and not somewhere else.
func isPlace(address string) bool {
	return strings.HasPrefix(address, Home) && !strings.ContainsAny(address, "\\\r\n")
}
