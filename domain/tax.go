package domain

import "maps"

// EU membership is data with dates: the first day in, the first day out.
var euMembers = func() map[Country][2]Date {
	since := func(y int, countries ...Country) map[Country][2]Date {
		m := map[Country][2]Date{}
		for _, c := range countries {
			m[c] = [2]Date{NewDate(y, 1, 1), 0}
		}
		return m
	}
	members := map[Country][2]Date{}
	for _, wave := range []map[Country][2]Date{
		since(1958, "BE", "DE", "FR", "IT", "LU", "NL"), since(1973, "DK", "IE"), since(1981, "GR"), since(1986, "ES", "PT"),
		since(1995, "AT", "FI", "SE"), since(2007, "BG", "RO"),
	} {
		for c, dates := range wave {
			members[c] = dates
		}
	}
	for _, c := range []Country{"CY", "CZ", "EE", "HU", "LT", "LV", "MT", "PL", "SI", "SK"} {
		members[c] = [2]Date{NewDate(2004, 5, 1), 0}
	}
	members["HR"] = [2]Date{NewDate(2013, 7, 1), 0}
	members["GB"] = [2]Date{NewDate(1973, 1, 1), NewDate(2021, 1, 1)} // its VAT left with the end of the transition
	return members
}()

// InEU says whether a country's VAT is that of the EU on a day. Greece writes EL
// before its VAT numbers.
func InEU(c Country, on Date) bool {
	dates, member := euMembers[vatCountry(c)]
	return member && on >= dates[0] && (dates[1] == 0 || on < dates[1])
}

func vatCountry(c Country) Country {
	if c == "EL" {
		return "GR"
	}
	return c
}

// VATCategory is the category of EN 16931 under which a seller invoices a
// reseller. sellerRate says whether a rate of the seller's own country is on file.
func VATCategory(seller Country, reseller Account, on Date, sellerRate bool) TaxCategory {
	buyer := vatCountry(reseller.Address.Country)
	same := buyer == vatCountry(seller)
	switch {
	case !InEU(seller, on) && same && sellerRate:
		return "S"
	case !InEU(seller, on):
		return "O"
	case !InEU(buyer, on):
		return "G"
	case same || reseller.VATNumber == "":
		return "S"
	}
	return "AE"
}

// carriesForeignVAT says whether invoices of a contract would carry VAT in
// another currency than the seller's.
func (d *Decision) carriesForeignVAT(s Seller, reseller Account, c Contract) bool {
	if s.Currency == "" || s.Currency == c.Currency {
		return false
	}
	today := c.Today(d.At)
	return VATCategory(s.Address.Country, reseller, today, d.rateOnFile(s.Address.Country, today)) == "S"
}

func (d *Decision) rateOnFile(c Country, on Date) bool {
	_, onFile := RateOn(maps.Values(d.Taxes.rows), c, on)
	return onFile
}

// needOneVATCurrency refuses what would make a contract invoice VAT in another
// currency than its seller's.
func (d *Decision) needOneVATCurrency(s Seller, reseller Account, c Contract) {
	if d.carriesForeignVAT(s, reseller, c) {
		d.refuse(CurrencyMismatch, "invoices of contract %s would carry VAT in %s; seller %s takes it in %s", c.Contract, c.Currency, s.Seller, s.Currency)
	}
}
