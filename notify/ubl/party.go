package ubl

import (
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

func (w writer) party(p domain.Party) party {
	out := party{
		Identifier: clean(p.ID), Name: clean(p.Name), ContactEmail: optional(clean(p.Email)),
		Address: address{
			Line1: clean(p.Address.Line1), Line2: clean(p.Address.Line2),
			City: clean(p.Address.City), PostCode: clean(p.Address.PostalCode), Country: isoCountry(p.Address.Country),
		},
	}
	if p.Email != "" {
		// EM is the scheme of mail addresses. Whoever takes part in Peppol has another
		// address there, which the one who sends for the seller looks up.
		out.ElectronicAddress = &electronicAddress{"EM", clean(p.Email)}
	}
	if number := w.vatIdentifier(p); number != "" && !w.untaxed() {
		out.VATRegistration = &vatRegistration{number, vatScheme}
	}
	return out
}

// isoCountry is the country's code in addresses: ISO 3166 has GR for Greece.
func isoCountry(c domain.Country) domain.Country {
	if c == "EL" {
		return "GR"
	}
	return c
}

// vatIdentifier is a VAT number with the prefix of the country that gave it, as
// rule BR-CO-09 wants it: the party's own unless it is that of another member.
func (w writer) vatIdentifier(p domain.Party) string {
	number, prefix := compact(p.VATNumber), string(isoCountry(p.Address.Country))
	if prefix == "GR" { // VAT alone writes EL
		number, prefix = strings.TrimPrefix(number, "GR"), "EL"
	}
	rest, prefixed := strings.CutPrefix(number, prefix)
	switch {
	case rest == "":
		return ""
	case prefixed:
		return number
	}
	if first := number[:min(2, len(number))]; first == "XI" || domain.InEU(domain.Country(first), w.IssuedOn) { // XI is Northern Ireland
		return number
	}
	return prefix + number
}
