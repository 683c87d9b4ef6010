// Package invoice makes the documents of an invoice. pdf.go begins the PDF:
// pdf_opening, pdf_lines and pdf_closing say what is on it, pdf_flow puts that
// onto pages, pdf_text and pdf_fonts know how wide letters are, and pdf_canvas
// draws. What it says in a language is in one file per language.
package invoice

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// PDF is the invoice as people read it, in the language of its reader (English
// if there are no words for that one). The same invoice gives the same bytes, on
// every machine that has the same Japanese font or none: what has Japanese
// letters is drawn with a font of the machine, if one of those that it looks
// for is installed. Letters that no font has are shown as □.
//
// It can be called by several goroutines at once.
func PDF(i *domain.Invoice) (file []byte, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			file, err = nil, fmt.Errorf("drawing invoice %s: %v", i.Number, problem)
		}
	}()
	s := newSheet(i)
	head, y := s.opening()
	strips := append(s.table(), s.closing()...)
	pages := paginate(strips, y)
	c := newCanvas()
	s.describe(c)
	for n, page := range pages {
		c.addPage()
		if n == 0 {
			head(c)
		}
		for _, p := range page {
			p.draw(c, p.y)
		}
		s.margins(c, n+1, len(pages))
	}
	var out bytes.Buffer
	if err := c.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("drawing invoice %s: %w", i.Number, err)
	}
	return out.Bytes(), nil
}

// sheet is an invoice with the words for it.
type sheet struct {
	*domain.Invoice
	*words
	// priceFraction is how wide the longest fraction of a unit price is, so that
	// all are in line.
	priceFraction float64
}

func newSheet(i *domain.Invoice) *sheet {
	s := &sheet{Invoice: i, words: wordsFor(i.Locale)}
	for _, l := range i.Lines {
		_, fraction := s.unitPrice(l)
		s.priceFraction = max(s.priceFraction, figures.width(fraction))
	}
	return s
}

func (s *sheet) credits() bool { return s.Type == domain.TypeCreditNote }

// payable says whether there is something to pay: a total may be 0, and the VAT
// on what is given back can even outweigh it.
func (s *sheet) payable() bool { return !s.credits() && s.Total.IsPositive() }

// shown is an amount as it is printed: on a credit note, what is credited.
func (s *sheet) shown(d decimal.Decimal) decimal.Decimal {
	if s.credits() {
		return d.Neg()
	}
	return d
}

func (s *sheet) printed(d decimal.Decimal) string { return s.amount(s.shown(d), s.Currency) }

func (s *sheet) withCurrency(d decimal.Decimal) string {
	return s.money(string(s.Currency), s.printed(d))
}

// title is Invoice V-000042.
func (s *sheet) title() string {
	name := s.words.invoice
	if s.credits() {
		name = s.creditNote
	}
	if s.Number == "" {
		return name + " (" + s.draft + ")"
	}
	return name + " " + s.Number
}

// subject is what it is about, in one line.
func (s *sheet) subject() string { return s.title() + ", " + s.month(s.Month) }

// describe writes the PDF's properties. There is no time of making: the same
// invoice is the same file.
func (s *sheet) describe(c *canvas) {
	made := time.Unix(0, 0).UTC()
	if s.IssuedOn != 0 {
		made = s.IssuedOn.StartIn(time.UTC)
	}
	title, seller, subject := clean(s.title()), clean(string(s.Seller.Name)), clean(s.subject())
	c.pdf.SetCreationDate(made)
	c.pdf.SetModificationDate(made)
	c.pdf.SetTitle(title, true)
	c.pdf.SetAuthor(seller, true)
	c.pdf.SetSubject(subject, true)
	c.pdf.SetCreator("LicenseLedger", true)
	c.pdf.SetLang(s.tag)
	var x bytes.Buffer
	fmt.Fprintf(&x, xmp, escaped(title), escaped(seller), escaped(subject), s.tag, made.Format(time.RFC3339))
	c.pdf.SetXmpMetadata(x.Bytes())
}

// xmp says the same once more, as newer readers and archives want it.
const xmp = `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>%s</xmp:CreateDate><xmp:CreatorTool>LicenseLedger</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`

func escaped(s string) string {
	var x bytes.Buffer
	if err := xml.EscapeText(&x, []byte(s)); err != nil {
		panic(err) // a buffer takes everything
	}
	return x.String()
}
