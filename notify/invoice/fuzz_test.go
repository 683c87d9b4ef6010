package invoice

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
)

var (
	startXref = regexp.MustCompile(`startxref\n([0-9]+)\n%%EOF\n?$`)
	xrefEntry = regexp.MustCompile(`([0-9]{10}) [0-9]{5} n`)
	streams   = regexp.MustCompile(`(?s)/Length ([0-9]+)[^>]*>>\nstream\n`)
)

// sound checks the structure of a PDF: every object is where the file says it
// is, and every stream is as long as it says and can be unpacked. Programs that
// others made check more, in other tests; they are too slow for this one.
func sound(pdf []byte) error {
	end := startXref.FindSubmatch(pdf)
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.")) || end == nil {
		return errors.New("no begin or no end")
	}
	at, err := strconv.Atoi(string(end[1]))
	if err != nil || at >= len(pdf) || !bytes.HasPrefix(pdf[at:], []byte("xref\n")) {
		return fmt.Errorf("no table of objects at %d", at)
	}
	for n, entry := range xrefEntry.FindAllSubmatch(pdf[at:], -1) {
		at, err := strconv.Atoi(string(entry[1]))
		if err != nil || at >= len(pdf) || !bytes.HasPrefix(pdf[at:], fmt.Appendf(nil, "%d 0 obj", n+1)) {
			return fmt.Errorf("object %d is not at %d", n+1, at)
		}
	}
	for _, place := range streams.FindAllSubmatchIndex(pdf, -1) {
		length, err := strconv.Atoi(string(pdf[place[2]:place[3]]))
		if err != nil || place[1]+length >= len(pdf) || !bytes.HasPrefix(bytes.TrimLeft(pdf[place[1]+length:], "\n"), []byte("endstream")) {
			return fmt.Errorf("the stream at %d has not %d bytes", place[0], length)
		}
		if !bytes.Contains(pdf[max(0, place[0]-80):place[1]], []byte("FlateDecode")) {
			continue
		}
		unpacked, err := zlib.NewReader(bytes.NewReader(pdf[place[1] : place[1]+length]))
		if err == nil {
			_, err = io.Copy(io.Discard, unpacked)
		}
		if err != nil {
			return fmt.Errorf("the stream at %d: %w", place[0], err)
		}
	}
	return nil
}

// FuzzPDF draws an invoice with any text wherever there is some.
func FuzzPDF(f *testing.F) {
	for i, s := range []string{"Acme", "(a) \\) endobj", "שלום \u202e", "👩\u200d💻", "\xff\xfe", "a\x00b", "株式会社", "Z\u0310\u0310\u0310", "%PDF-1.7\nendstream\nendobj", "\U000E0067", "\ufffe\uffff", "1\n\n\n\n2"} {
		f.Add(uint8(i), s, s)
	}
	tongues := []domain.Locale{"en", "de", "tr", "fr"}
	f.Fuzz(func(t *testing.T, kind uint8, name, note string) {
		if len(name) > 4000 || len(note) > 10_000 {
			return // no field is as long
		}
		i := []func() *domain.Invoice{invoices.Sample, invoices.CreditNote}[kind%2]()
		invoices.Rename(i, domain.Name(name), domain.Note(note))
		i.Locale = tongues[kind/2%4]
		pdf, err := PDF(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := sound(pdf); err != nil {
			t.Fatal(err)
		}
	})
}
