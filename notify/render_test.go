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
	for name, s := range samples() {
		m := s.mail
		t.Run(name, func(t *testing.T) {
			raw := encode(t, claimed(m))
			got := readBack(t, raw).golden()
			path := filepath.Join("testdata", name+".golden")
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
			if again := encode(t, claimed(m)); !bytes.Equal(raw, again) {
				t.Error("the second attempt has other bytes than the first")
			}
		})
	}
}

func TestSubjects(t *testing.T) {
	one := assigned().Params
	one.Licenses = []domain.MailLicense{{Product: "Starter", Quantity: 1}}
	for _, c := range []struct {
		event  string
		params domain.MailParams
		want   string
	}{
		{domain.MailAssigned, assigned().Params, "10 Professional licenses for Acme are active"},
		{domain.MailAssigned, one, "1 Starter license for Acme is active"},
		{domain.MailAssigned, assignedFromSeveralLots().Params, "1,211 Professional licenses for Acme are active"},
		{domain.MailAssigned, seatsAssigned().Params, "5 Professional seats for Acme are active"},
		{domain.MailSold, sold(1).Params, "5 Professional licenses sold to Acme"},
		{domain.MailSold, sold(2).Params, "5 Professional and 2 Gateway licenses sold to Acme"},
		{domain.MailSold, sold(3).Params, "1,000,007 licenses of 3 products sold to Acme"},
		{domain.MailSold, soldByDeployment(1).Params, "5 Professional licenses sold to Acme and deployed as Acme Cork"},
		{domain.MailPulled, pulled(1).Params, "Northwind took 10 Professional licenses from Northwind Labs"},
		{domain.MailLinked, linked().Params, "Northwind can now take licenses from Northwind Labs"},
		{domain.MailRequested, seatsRequested().Params, "1 Professional seat requested for Acme"},
		{domain.MailRequested, requested().Params, "25 Professional licenses requested for Acme"},
		{domain.MailRejected, rejected().Params, "Order rejected: 2 Professional licenses for Acme"},
		{domain.MailRejected, seatsRejected().Params, "Order rejected: 1 Professional seat for Acme"},
		{domain.MailSubscriptionEnded, ended().Params, "Subscription ended: 15 Professional seats for Acme"},
		{domain.MailSubscriptionEnded, endedEmpty().Params, "Subscription ended: Professional for Acme"},
		{domain.MailStockExpiring, stock("", 1200).Params, "1,200 Professional licenses in stock expire after 29 November 2027"},
		{domain.MailStockExpired, stock("", 1).Params, "1 Professional license in stock has expired"},
		{domain.MailLicenseExpiring, expiring("", 10).Params, "10 Professional licenses of Acme expire after 29 November 2027"},
		{domain.MailLicenseExpired, expiring("", 1).Params, "1 Professional license of Acme has expired"},
		{domain.MailSubscriptionRenewing, renewing(30).Params, "Subscription renews on 30 November 2027: 30 Professional seats for Acme"},
		{domain.MailSubscriptionRenewed, renewed().Params, "Subscription renewed: 30 Professional seats for Acme"},
		{domain.MailInvoiceIssued, issued().Params, "Invoice NW-000041 for November 2026: EUR 12,345.06, due on 31 December 2026"},
		{domain.MailInvoiceIssued, issuedForNothing().Params, "Invoice NW-000041 for November 2026: EUR 0.00"},
		{domain.MailInvoiceIssued, credited().Params, "Credit note NW-000042 for November 2026: EUR 1,190.00"},
		{domain.MailMonthClosed, closed().Params, "November 2026 for Contoso Licensing Ltd: 2 invoices"},
		{domain.MailMonthClosed, closedWithAttention().Params, "November 2026 for Contoso Licensing Ltd: 2 invoices and 1 credit note, 2 things need attention"},
		{domain.MailMonthClosed, closedWithoutInvoices().Params, "November 2026 for Contoso Licensing Ltd: no invoices, 1 thing needs attention"},
	} {
		for _, locale := range []domain.Locale{"en", "en-GB", "tlh", ""} {
			if got, err := Subject(c.event, locale, c.params); err != nil || got != c.want {
				t.Errorf("subject in %q: %q, %v; want %q", locale, got, err, c.want)
			}
		}
	}
	if _, err := Subject("license.eaten", "en", one); err == nil {
		t.Error("an event without words has a subject")
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

func TestFigures(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -123: "-123", -1234: "-1,234"} {
		if got := englishNumber(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
	for amount, want := range map[string]string{"0.00": "0.00", "999.5": "999.5", "1234567": "1,234,567", "-123456.78": "-123,456.78"} {
		if got := englishAmount(amount); got != want {
			t.Errorf("%s is written %s", amount, got)
		}
	}
	for amount, want := range map[string]string{"-1190.00": "1190.00", "7.10": "-7.10", "0.00": "0.00", "0": "0"} {
		if got := negated(amount); got != want {
			t.Errorf("%s is credited as %s", amount, got)
		}
	}
	if got := englishDate(domain.NewDate(2026, 11, 30)); got != "30 November 2026" {
		t.Error(got)
	}
}
