package ubl_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
	"github.com/licenseledger/licenseledger/notify/ubl"
)

// FuzzXML writes an invoice with any text wherever there is some. It is
// well-formed, has no element that a harmless one has not, and no empty one.
func FuzzXML(f *testing.F) {
	for i, s := range []string{"Acme", "<a/>]]>", "&amp;&lt;", "\x00\x0b\ufffe", "\xff", "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;", "\u2028", "\U0010FFFF", "a\u0085b", "🚀"} {
		f.Add(uint8(i), s, s)
	}
	known := map[string]bool{}
	for _, i := range []*domain.Invoice{invoices.Sample(), invoices.Long(), invoices.CreditNote()} {
		invoices.Rename(i, "x", "x")
		document, err := ubl.XML(i)
		if err != nil {
			f.Fatal(err)
		}
		parse(f, document).walk(func(n *node) { known[n.name] = true })
	}
	f.Fuzz(func(t *testing.T, kind uint8, name, note string) {
		i := []func() *domain.Invoice{invoices.Sample, invoices.CreditNote}[kind%2]()
		invoices.Rename(i, domain.Name(name), domain.Note(note))
		document, err := ubl.XML(i)
		if err != nil {
			t.Fatal(err)
		}
		parse(t, document).walk(func(n *node) {
			if !known[n.name] {
				t.Fatalf("there is an element %s", n.name)
			}
			if strings.ContainsFunc(n.text, func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }) {
				t.Fatalf("%s is %q", n.name, n.text)
			}
			if len(n.children) == 0 && n.text == "" && domain.Name(name).Check() == "" && domain.Note(note).Check() == "" {
				t.Fatalf("%s is empty", n.name)
			}
		})
	})
}
