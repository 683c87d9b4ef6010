package invoice

import "golang.org/x/text/language/display"

var german = words{ //nolint:gosec // a credit note is no credential
	tag:     "de",
	invoice: "Rechnung", creditNote: "Gutschrift", draft: "Entwurf",
	billTo: "Rechnung an", vatNumber: "USt-IdNr.",
	number: "Nummer", issuedOn: "Ausgestellt am", dueOn: "Fällig am", period: "Leistungszeitraum", contract: "Vertrag",
	currency: "Währung", terms: "Zahlungsziel", dueAtOnce: "sofort fällig",
	description: "Beschreibung", quantity: "Menge", unitPrice: "Einzelpreis", net: "Netto",
	subtotal: "Zwischensumme", continued: "Fortsetzung",
	flexible: "Plätze, flexibler Tarif", annualMonthly: "Plätze, Jahrestarif, monatlich bezahlt", annualYearly: "Plätze, Jahrestarif, jährlich bezahlt",
	licenses:       "Lizenzen",
	bought:         func(on string) string { return "Lizenzen, gekauft am " + on },
	boughtForStock: func(on string) string { return "Lizenzen für den Bestand, gekauft am " + on },
	renewed:        func(on string) string { return "Lizenzen, verlängert am " + on },
	adjustment:     func(month string) string { return "Korrektur für " + month },
	purchaseOrder:  "Bestellnummer",
	prorated: func(quantity, price, days, of string) string {
		return quantity + " × " + price + " × " + days + " ÷ " + of + " Tage"
	},
	startOfDay: "So werden Tage gezählt: Ein Platz wird für jeden Tag berechnet, an dessen Beginn er besteht. Der Tag, an dem er hinzukommt, ist frei; der Tag, an dem er wegfällt, wird berechnet.",
	endOfDay:   "So werden Tage gezählt: Ein Platz wird für jeden Tag berechnet, an dessen Ende er besteht. Der Tag, an dem er hinzukommt, wird berechnet; der Tag, an dem er wegfällt, ist frei.",
	partOfTerm: "Was für einen Teil einer Laufzeit gilt, wird vom Tag des Kaufs bis zum letzten Tag der Laufzeit berechnet, beide eingeschlossen.",
	vat:        "USt.", vatBase: "auf", vatTotal: "USt. gesamt",
	reverseCharge: "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge): Die Umsatzsteuer schuldet der Empfänger (Artikel 196 der Richtlinie 2006/112/EG).",
	export:        "Ausfuhr aus der Europäischen Union: Es wird keine Umsatzsteuer berechnet.",
	notSubject:    "Nicht umsatzsteuerbar.",
	total:         "Gesamtbetrag", totalDue: "Zu zahlen", totalCredited: "Gutgeschrieben",
	payment: "Zahlung", reference: "Verwendungszweck", iban: "IBAN", bic: "BIC",
	pay: func(amount, by string) string {
		return "Bitte überweisen Sie " + amount + " bis zum " + by + " und geben Sie den Verwendungszweck an."
	},
	nothingToPay: "Es ist nichts zu zahlen.",
	credited:     "Es ist nichts zu zahlen: Der Gesamtbetrag wird Ihnen gutgeschrieben.",
	refersTo: func(number, on string) string {
		return "Diese Gutschrift bezieht sich auf die Rechnung " + number + " vom " + on + "."
	},
	page: func(n, of string) string { return "Seite " + n + " von " + of },
	days: func(n string) string {
		if n == "1" {
			return "1 Tag"
		}
		return n + " Tage"
	},
	country: regions(display.German),
	months: [12]string{
		"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
	},
	day:       func(n string) string { return n + "." },
	until:     " bis ",
	thousands: ".", point: ",",
	money:   func(currency, amount string) string { return amount + nbsp + currency },
	percent: func(rate string) string { return rate + nbsp + "%" },
}
