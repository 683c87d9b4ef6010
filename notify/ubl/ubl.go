// Package ubl writes invoices as UBL 2.1 XML that conforms to EN 16931, in the
// form of Peppol BIS Billing 3. Its texts are in English, whatever language the
// readers of the other documents have: programs read it.
package ubl

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

const (
	namespace     = "urn:oasis:names:specification:ubl:schema:xsd:"
	specification = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
	process       = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
)

// Codes of UNTDID 4461, for how to pay.
const (
	creditTransfer = 30
	sepaTransfer   = 58
)

// XML writes a finalised invoice. The same invoice gives the same bytes.
func XML(i *domain.Invoice) ([]byte, error) {
	if i.Number == "" {
		return nil, errors.New("an invoice has no XML before it has its number and its dates")
	}
	out, err := xml.MarshalIndent(writer{i}.document(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing invoice %s as XML: %w", i.Number, err)
	}
	return append([]byte(xml.Header), append(out, '\n')...), nil
}

// writer writes one invoice.
type writer struct{ *domain.Invoice }

func (w writer) credits() bool { return w.Type == domain.TypeCreditNote }

// signed gives an amount the sign it has in the document: a credit note says by
// its type that it credits, so what it credits is above zero there.
func (w writer) signed(d decimal.Decimal) decimal.Decimal {
	if w.credits() {
		return d.Neg()
	}
	return d
}

func (w writer) amount(d decimal.Decimal) amount {
	return amount{w.Currency, domain.Money(w.signed(d), string(w.Currency))}
}

func (w writer) document() document {
	kind := "Invoice"
	if w.credits() {
		kind = "CreditNote"
	}
	order := w.commonPurchaseOrder()
	d := document{
		XMLName:   xml.Name{Local: kind},
		Namespace: namespace + kind + "-2", AggregateComponents: namespace + "CommonAggregateComponents-2", BasicComponents: namespace + "CommonBasicComponents-2",
		SpecificationIdentifier: specification, BusinessProcessType: process,
		InvoiceNumber: clean(w.Number), IssueDate: w.IssuedOn.String(), Note: w.note(), Currency: w.Currency,
		// Peppol wants a reference of the buyer's or a purchase order; the contract is what both sides know.
		BuyerReference: string(w.Contract), ContractReference: string(w.Contract),
		InvoicingPeriod: w.period(), PurchaseOrder: optional(clean(order)),
		Seller: w.party(w.Seller), Buyer: w.party(w.Reseller),
		PaymentInstructions: w.payment(), PaymentTerms: w.paymentTerms(),
		TotalVAT: w.amount(w.VATTotal), VATBreakdown: w.vatBreakdown(),
		SumOfLines: w.amount(w.Net), TotalWithoutVAT: w.amount(w.Net), TotalWithVAT: w.amount(w.Total), AmountDue: w.amount(w.Total),
	}
	if w.credits() {
		d.CreditNoteTypeCode = w.Type
	} else {
		d.InvoiceTypeCode = w.Type
		if w.toPay() {
			d.PaymentDueDate = w.DueOn.String()
		}
	}
	if p := w.Preceding; p != nil {
		d.PrecedingInvoice = &precedingInvoice{clean(p.Number), p.IssuedOn.String()}
	}
	for n, l := range w.Lines {
		d.Lines = append(d.Lines, w.line(n+1, l, order == ""))
	}
	return d
}

// note names the month: the invoicing period may be longer.
func (w writer) note() string {
	year, month, _ := w.Month.YMD()
	return fmt.Sprintf("%s %d, contract %s", month, year, w.Contract)
}

// period is the month, made longer where lines begin before it (adjustments) or
// end after it (yearly terms): a line outside it breaks rules R110 and R111 of Peppol.
func (w writer) period() period {
	start, end := w.Month, w.Month.AddMonths(1)-1
	for _, l := range w.Lines {
		start, end = min(start, l.From), max(end, l.To)
	}
	return period{start.String(), end.String()}
}

// commonPurchaseOrder is the one that all lines name. Others stand in the notes
// of their lines: the standard has one purchase order per invoice.
func (w writer) commonPurchaseOrder() domain.Name {
	if len(w.Lines) == 0 {
		return ""
	}
	first := w.Lines[0].PurchaseOrder
	for _, l := range w.Lines {
		if l.PurchaseOrder != first {
			return ""
		}
	}
	return first
}

func (w writer) toPay() bool { return w.Total.IsPositive() }

func (w writer) payment() *payment {
	iban := compact(w.Seller.IBAN)
	if iban == "" || !w.toPay() {
		return nil
	}
	p := &payment{MeansCode: creditTransfer, RemittanceInfo: clean(w.Number), Account: iban, Provider: optional(compact(w.Seller.BIC))}
	if w.Currency == "EUR" && len(iban) > 2 && domain.InEU(domain.Country(iban[:2]), w.IssuedOn) {
		p.MeansCode = sepaTransfer
	}
	if w.credits() { // in UBL, a CreditNote has its due date here
		p.DueDate = w.DueOn.String()
	}
	return p
}

func (w writer) paymentTerms() string {
	switch {
	case w.toPay():
		return fmt.Sprintf("To be paid by %s, %d days after the date of issue", w.DueOn, w.DueOn-w.IssuedOn)
	case w.Total.IsZero():
		return "Nothing is to be paid"
	}
	return "Nothing is to be paid: the amount is credited"
}

// clean drops control characters and white space around the text, and replaces
// what else XML 1.0 cannot say: an element must not be empty.
func clean[T ~string](s T) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r >= 0x7F && r < 0xA0:
			return -1
		case r == 0xFFFE || r == 0xFFFF: // a name may be nothing but these
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(string(s), "\uFFFD")))
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// compact is how identifiers are written that people write with spaces.
func compact(s domain.Name) string {
	return strings.ToUpper(strings.Join(strings.Fields(clean(s)), ""))
}
