package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

const testKey = "6f1d3c52-7f0b-5a53-9f6e-0d6a3a2f4b11"

func claimed(m domain.Mail) store.ClaimedMail {
	m.No, m.N = 12, 1
	m.CreatedAt = time.Date(2026, 11, 30, 9, 30, 0, 0, time.UTC)
	return store.ClaimedMail{Mail: m, Attempts: 1, Token: 1, MessageID: "<" + testKey + "@licenses.example>"}
}

func testSender(t *testing.T) sender {
	t.Helper()
	s, err := newSender("ledger@licenses.example", "Help Desk <help@licenses.example>")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGoldenMails(t *testing.T) {
	for _, l := range languages {
		for name, sample := range samples() {
			m := claimed(in(l, sample))
			t.Run(l.tag+"/"+name, func(t *testing.T) {
				raw := encode(t, m)
				got := readBack(t, raw).golden()
				path := filepath.Join("testdata", l.tag, name+".golden")
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("the mail differs from %s (-update rewrites it):\n%s", path, got)
				}
				if again := encode(t, m); !bytes.Equal(raw, again) {
					t.Error("the second attempt has other bytes than the first")
				}
			})
		}
	}
}

func TestLongNamesAreCut(t *testing.T) {
	family := "👩\u200D👩\u200D👧\u200D👦" // one character for the eye
	for _, name := range []string{
		strings.Repeat("x", 200), strings.Repeat("word ", 40), strings.Repeat("é", 100), strings.Repeat(family, 28), strings.Repeat("🇩🇪", 100),
	} {
		p := assigned().Params
		p.Account, p.Licenses[0].Product = domain.Name(name), domain.Name(name)
		got, err := Subject(domain.MailAssigned, "en", p)
		if err != nil {
			t.Fatal(err)
		}
		if n := utf8.RuneCountInString(got); n > maxSubject || !strings.HasPrefix(got, "10 ") || !strings.HasSuffix(got, "… are active") {
			t.Errorf("%d characters: %q", n, got)
		}
		// With four names, they are cut to less.
		p = soldByDeployment(2).Params
		p.Account, p.Deployment = domain.Name(name), domain.Name(name)
		p.Licenses[0].Product, p.Licenses[1].Product = domain.Name("a"+name), domain.Name("b"+name)
		deployed, err := Subject(domain.MailSold, "en", p)
		if err != nil {
			t.Fatal(err)
		}
		if n := utf8.RuneCountInString(deployed); n > maxSubject || !strings.Contains(deployed, "… licenses sold to ") || !strings.Contains(deployed, "… and deployed as ") {
			t.Errorf("%d characters: %q", n, deployed)
		}
		if strings.Contains(got, "\u200D…") || strings.Contains(got, "\u200D ") {
			t.Errorf("cut inside a combined character: %q", got)
		}
	}
}

// Every text of a mail is cleaned, also in fields that come later.
func TestAllParamsAreCleaned(t *testing.T) {
	var p domain.MailParams
	var fill func(reflect.Value) int
	fill = func(v reflect.Value) (texts int) {
		switch v.Kind() {
		case reflect.String:
			v.SetString("a\u202Eb\x00\rc")
			return 1
		case reflect.Struct:
			for i := range v.NumField() {
				texts += fill(v.Field(i))
			}
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			return fill(v.Index(0))
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			return fill(v.Elem())
		}
		return texts
	}
	texts := fill(reflect.ValueOf(&p).Elem())
	before := fmt.Sprintf("%+v %+v", p.Licenses, *p.Seats)
	got, err := json.Marshal(cleanParams(p, oneLine))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(got), `"ab c"`); n != texts || texts < 10 {
		t.Errorf("%d of %d texts are clean: %s", n, texts, got)
	}
	if after := fmt.Sprintf("%+v %+v", p.Licenses, *p.Seats); after != before {
		t.Error("cleaning changed the original")
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"abcdefgh", "abcdefgh"},
		{"abcdefghi", "abcdefg…"},
		{"abcdef ghi", "abcdef…"},
		{"abcdefe\u0301xyz", "abcdef…"},
		{"abcdef🇩🇪xyz", "abcdef…"},
		{"a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "a\u0301\u0301\u0301…"},
	} {
		if got := cut(c.in, 8); got != c.want {
			t.Errorf("cut(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
}
