package invoice

import "golang.org/x/text/language/display"

var english = words{
	tag:     "en",
	invoice: "Invoice", creditNote: "Credit note", draft: "Draft",
	billTo: "Billed to", vatNumber: "VAT number",
	number: "Number", issuedOn: "Issued on", dueOn: "Due on", period: "Period", contract: "Contract",
	currency: "Currency", terms: "Payment terms", dueAtOnce: "due at once",
	description: "Description", quantity: "Quantity", unitPrice: "Unit price", net: "Net",
	subtotal: "Subtotal", continued: "continued",
	flexible: "Seats, flexible plan", annualMonthly: "Seats, annual plan, paid by the month", annualYearly: "Seats, annual plan, paid by the year",
	licenses:       "Licenses",
	bought:         func(on string) string { return "Licenses, bought on " + on },
	boughtForStock: func(on string) string { return "Licenses for stock, bought on " + on },
	renewed:        func(on string) string { return "Licenses, renewed on " + on },
	adjustment:     func(month string) string { return "Adjustment of " + month },
	purchaseOrder:  "Purchase order",
	prorated: func(quantity, price, days, of string) string {
		return quantity + " × " + price + " × " + days + " ÷ " + of + " days"
	},
	startOfDay: "How days are counted: a seat is charged for every day at whose start it is there. The day on which it is added is free, the day on which it is removed is charged.",
	endOfDay:   "How days are counted: a seat is charged for every day at whose end it is there. The day on which it is added is charged, the day on which it is removed is free.",
	partOfTerm: "What runs for a part of a term is charged from the day on which it was bought to the last day of the term, both included.",
	vat:        "VAT", vatBase: "on", vatTotal: "VAT in total",
	reverseCharge: "Reverse charge: VAT is due by the recipient (Article 196, Directive 2006/112/EC).",
	export:        "Export outside the European Union: no VAT is charged.",
	notSubject:    "Not subject to VAT.",
	total:         "Total", totalDue: "Total due", totalCredited: "Total credited",
	payment: "Payment", reference: "Reference", iban: "IBAN", bic: "BIC",
	pay: func(amount, by string) string {
		return "Please transfer " + amount + " by " + by + " and give the reference."
	},
	nothingToPay: "There is nothing to pay.",
	credited:     "There is nothing to pay: the total is credited to you.",
	refersTo: func(number, on string) string {
		return "This credit note refers to invoice " + number + " of " + on + "."
	},
	page: func(n, of string) string { return "Page " + n + " of " + of },
	days: func(n string) string {
		if n == "1" {
			return "1 day"
		}
		return n + " days"
	},
	country: regions(display.English),
	months: [12]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	},
	day:       func(n string) string { return n },
	until:     " to ",
	thousands: ",", point: ".",
	money:   func(currency, amount string) string { return currency + nbsp + amount },
	percent: func(rate string) string { return rate + "%" },
}
