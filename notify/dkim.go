package notify

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// DKIM says with which key mails are signed and where receivers find the other
// half of it; the zero value: they are not signed.
type DKIM struct {
	KeyFile  string // PEM: RSA or Ed25519
	Domain   string
	Selector string
}

// dkimKey signs mails.
type dkimKey struct {
	domain, selector string
	key              crypto.Signer
}

// leastKeyBits is what receivers must take at least (RFC 8301).
const leastKeyBits = 1024

var (
	hostPattern     = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	selectorPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
)

func readDKIM(d DKIM) (*dkimKey, error) {
	if d == (DKIM{}) {
		return nil, nil
	}
	for _, setting := range []struct{ name, value string }{
		{"DKIM_KEY_FILE", d.KeyFile}, {"DKIM_DOMAIN", d.Domain}, {"DKIM_SELECTOR", d.Selector},
	} {
		if setting.value == "" {
			return nil, fmt.Errorf("%s must be set, too: DKIM_KEY_FILE, DKIM_DOMAIN and DKIM_SELECTOR belong together", setting.name)
		}
	}
	if len(d.Domain) > longestTag || !hostPattern.MatchString(d.Domain) {
		return nil, fmt.Errorf("reading DKIM_DOMAIN: %q is not a domain like licenses.example of up to %d characters", d.Domain, longestTag)
	}
	if len(d.Selector) > longestTag || !selectorPattern.MatchString(d.Selector) {
		return nil, fmt.Errorf("reading DKIM_SELECTOR: %q is not a selector like mail2026 of up to %d characters", d.Selector, longestTag)
	}
	pem, err := os.ReadFile(d.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("reading DKIM_KEY_FILE: %w", err)
	}
	key, err := gomail.PrivKeyFromPEM(pem)
	if err != nil {
		return nil, fmt.Errorf("reading DKIM_KEY_FILE: %s is not an RSA or Ed25519 key in PEM: %w", d.KeyFile, err)
	}
	if public, isRSA := key.Public().(*rsa.PublicKey); isRSA && public.N.BitLen() < leastKeyBits {
		return nil, fmt.Errorf("reading DKIM_KEY_FILE: %s has %d bits; receivers want %d at least", d.KeyFile, public.N.BitLen(), leastKeyBits)
	}
	return &dkimKey{domain: d.Domain, selector: d.Selector, key: key}, nil
}

// covers tells whether receivers take the signature for that of a sender (RFC 7489,
// relaxed alignment, without asking who registers names).
func (k *dkimKey) covers(domain string) bool {
	domain = strings.ToLower(domain)
	return domain == k.domain || strings.HasSuffix(domain, "."+k.domain) || strings.HasSuffix(k.domain, "."+domain)
}

// longestTag is how long a part of the signature's header may be: go-mail signs
// what it is about to break, so that receivers would see another text than it
// signed. The names of the signed headers are such a part, too.
const longestTag = 70

// signer signs with a time that is the same at every attempt. Each mail has its
// own: go-mail's keep notes in them, and mails are made in parallel.
func (k *dkimKey) signer(at time.Time) *gomail.DKIMSigner {
	s := gomail.NewDKIMSigner(k.domain, k.selector, k.key)
	s.NowFunc = func() time.Time { return at }
	s.SignHeaders("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Content-Type")
	s.OversignHeaders("From", "Subject") // nobody can add another
	return s
}
