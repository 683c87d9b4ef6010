package notify

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/licenseledger/licenseledger/internal/store"
)

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func ed25519Key(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// keyFile writes a key as the tools do.
func keyFile(t *testing.T, kind string, key crypto.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if private, isRSA := key.(*rsa.PrivateKey); isRSA && kind == "RSA PRIVATE KEY" {
		der = x509.MarshalPKCS1PrivateKey(private)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// record is what the domain's administrator publishes.
func record(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	if short, isEd25519 := public.(ed25519.PublicKey); isEd25519 {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(short)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// verify checks a mail's signature as a receiver does, with a name server that
// knows one record.
func verify(raw []byte, record string) error {
	checked, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "mail2026._domainkey.licenses.example" {
			return nil, fmt.Errorf("there is no %s", name)
		}
		return []string{record}, nil
	}})
	switch {
	case err != nil:
		return err
	case len(checked) != 1:
		return fmt.Errorf("%d signatures", len(checked))
	case checked[0].Domain != "licenses.example":
		return fmt.Errorf("signed by %s", checked[0].Domain)
	}
	return checked[0].Err
}

func TestSignature(t *testing.T) {
	short := ed25519Key(t)
	for name, c := range map[string]struct {
		file   string
		public crypto.PublicKey
	}{
		"RSA, PKCS 1":    {keyFile(t, "RSA PRIVATE KEY", rsaKey()), rsaKey().Public()},
		"RSA, PKCS 8":    {keyFile(t, "PRIVATE KEY", rsaKey()), rsaKey().Public()},
		"Ed25519":        {keyFile(t, "PRIVATE KEY", short), short.Public()},
		"another's key":  {keyFile(t, "PRIVATE KEY", short), rsaKey().Public()},
		"key exchanged":  {keyFile(t, "PRIVATE KEY", short), ed25519Key(t).Public()},
		"files attached": {keyFile(t, "PRIVATE KEY", short), short.Public()},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := readDKIM(DKIM{KeyFile: c.file, Domain: "licenses.example", Selector: "mail2026"})
			if err != nil {
				t.Fatal(err)
			}
			s := testSender(t)
			s.dkim = key
			var attachments []Attachment
			if name == "files attached" {
				attachments = invoiceFiles()
			}
			raw := encodeWith(t, s, claimed(issued()), attachments)
			err = verify(raw, record(t, c.public))
			if wrong := strings.Contains(name, "another") || strings.Contains(name, "exchanged"); wrong != (err != nil) {
				t.Fatalf("%v", err)
			}
			if again := encodeWith(t, s, claimed(issued()), attachments); !bytes.Equal(raw, again) {
				t.Error("the second attempt has other bytes than the first")
			}
			for was, is := range map[string]string{"From: ": "From: Eve <eve@evil.example>\r\nFrom: ", "12,345.06": "92,345.06", "Subject: ": "Subject: x\r\nSubject: "} {
				if tampered := bytes.Replace(raw, []byte("\r\n"+was), []byte("\r\n"+is), 1); !bytes.Equal(raw, tampered) && verify(tampered, record(t, c.public)) == nil {
					t.Errorf("%q instead of %q was not noticed", is, was)
				}
			}
		})
	}
}

func TestSignatureOverHostileNames(t *testing.T) {
	key := ed25519Key(t)
	s := testSender(t)
	s.dkim = &dkimKey{domain: "licenses.example", selector: "mail2026", key: key}
	for name, bad := range hostileNames {
		if err := verify(encodeWith(t, s, claimed(hostile(requested(), bad)), nil), record(t, key.Public())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Both ways out sign.
func TestSignedOnTheWay(t *testing.T) {
	t.Parallel()
	w, server, key := newWorld(t), startServer(t, nil), ed25519Key(t)
	dir := t.TempDir()
	settings := Settings{
		From: "ledger@licenses.example", DKIM: DKIM{KeyFile: keyFile(t, "PRIVATE KEY", key), Domain: "licenses.example", Selector: "mail2026"},
	}
	for _, settings.SMTPURL = range []string{"smtp://" + server.address, "file:" + dir} {
		if _, err := w.pool.Exec(t.Context(), "TRUNCATE mail"); err != nil {
			t.Fatal(err)
		}
		for n := range 8 {
			w.add(n+1, "grace@acme.example")
		}
		s, err := New(w.st, settings, slog.New(slog.NewTextHandler(w.log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		stop := w.start(s)
		w.until(store.MailSent)
		stop()
	}
	var raws [][]byte
	for _, r := range server.received() {
		raws = append(raws, r.raw)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
	}
	if len(raws) != 16 || strings.Contains(w.log.String(), "DKIM_DOMAIN") {
		t.Errorf("%d mails\n%s", len(raws), w.log)
	}
	for _, raw := range raws {
		if err := verify(raw, record(t, key.Public())); err != nil {
			t.Error(err)
		}
	}
}

func TestDKIMSettings(t *testing.T) {
	good := keyFile(t, "PRIVATE KEY", rsaKey())
	elliptic, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	noKey := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(noKey, []byte("s3cret that is no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d       DKIM
		problem string
	}{
		{DKIM{}, ""},
		{DKIM{good, "licenses.example", "mail2026"}, ""},
		{DKIM{good, "licenses.example", "a.b-c"}, ""},
		{DKIM{good, "licenses.example", ""}, "DKIM_SELECTOR must be set, too"},
		{DKIM{good, "", "mail2026"}, "DKIM_DOMAIN must be set, too"},
		{DKIM{"", "licenses.example", "mail2026"}, "DKIM_KEY_FILE must be set, too"},
		{DKIM{good, "licenses.example; x=y", "mail2026"}, "DKIM_DOMAIN"},
		{DKIM{good, "licenses.example", "mail\r\n2026"}, "DKIM_SELECTOR"},
		{DKIM{good, strings.Repeat("a.", 40) + "example", "mail2026"}, "DKIM_DOMAIN"},
		{DKIM{good + ".gone", "licenses.example", "mail2026"}, "no such file"},
		{DKIM{noKey, "licenses.example", "mail2026"}, "not an RSA or Ed25519 key"},
		{DKIM{keyFile(t, "PRIVATE KEY", elliptic), "licenses.example", "mail2026"}, "not an RSA or Ed25519 key"},
		{DKIM{keyFile(t, "RSA PUBLIC KEY", rsaKey()), "licenses.example", "mail2026"}, "not an RSA or Ed25519 key"},
	} {
		for _, url := range []string{"", "smtp://mx.example"} {
			_, err := New(nil, Settings{SMTPURL: url, From: "ledger@licenses.example", DKIM: c.d}, slog.New(slog.NewTextHandler(io.Discard, nil)))
			switch {
			case c.problem == "" && err != nil:
				t.Errorf("%+v: %v", c, err)
			case c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem) || strings.Contains(err.Error(), "s3cret")):
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}

// A signature of somebody else does not speak for the sender; the operator is told.
func TestDKIMDomainOfAnother(t *testing.T) {
	for from, warned := range map[string]bool{
		"ledger@licenses.example": false, "ledger@mail.licenses.example": false, "ledger@other.example": true, "ledger@morelicenses.example": true,
	} {
		log := &logged{}
		settings := Settings{SMTPURL: "smtp://mx.example", From: from, DKIM: DKIM{keyFile(t, "PRIVATE KEY", rsaKey()), "licenses.example", "s"}}
		if _, err := New(nil, settings, slog.New(slog.NewTextHandler(log, nil))); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "DKIM_DOMAIN is not the domain"); got != warned {
			t.Errorf("%s: %s", from, log)
		}
	}
}
