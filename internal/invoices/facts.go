package invoices

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
)

// names are what companies, towns and products are called, and what somebody
// calls them who means no good.
var names = []domain.Name{
	"Northwind Traders Ltd.", "Müller & Söhne GmbH", "Lumen Professional",
	"Şişli Yazılım Çözümleri A.Ş.", "Iğdır İletişim", "Zażółć Gęślą Jaźń sp. z o.o.", "Ελληνικά Λογισμικά Α.Ε.", "Phần mềm Nguyễn Ước",
	"ООО «Ромашка»", "株式会社ライセンス", "東京都千代田区丸の内", "Rocket 🚀 Labs 👩‍💻", "Nguye\u0302\u0303n decomposed", "שלום בע״מ", "شركة البرمجيات",
	"<b>Bold</b> & \"quoted\" 'name' ]]>", "%s %d {{.}} ${HOME} $(id)", "=1+1", "\\ (unbalanced ) \\n", "a\u00adb\u200bc\u202edesrever\u2066", "{nb}",
	domain.Name("Donaudampfschifffahrtsgesellschaftskapitän" + strings.Repeat("smütze", 20)),
	domain.Name(strings.Repeat("Very long company name ", 8) + "Ltd."),
	domain.Name(strings.Repeat("W", 200)),
	domain.Name(strings.Repeat("長", 200)),
}

// aName is most often a plain one.
var aName = rapid.OneOf(
	rapid.SampledFrom(names[:3]),
	rapid.SampledFrom(names),
	rapid.Custom(func(t *rapid.T) domain.Name {
		name := domain.Name(rapid.StringOfN(rapid.Rune(), 1, domain.MaxNameLength, -1).Draw(t, "name"))
		if name.Check() != "" {
			return "Acme"
		}
		return name
	}),
)

var aNote = rapid.SampledFrom([]domain.Note{
	"", "counted twice", "Q4 stock\nfor the new branch\n\n\tsee mail of 3 November", domain.Note(strings.Repeat("as agreed on the phone, ", 80)),
})

func aPrice(t *rapid.T) domain.Price {
	return domain.Price{Decimal: decimal.New(rapid.Int64Range(0, 9_999_999).Draw(t, "price"), -rapid.Int32Range(0, 6).Draw(t, "digits"))}
}

// someSeats is a month of a subscription on a plan that is charged by the month.
func someSeats(t *rapid.T, f domain.InvoiceFacts, x domain.Subscription) domain.SeatMonth {
	x.Contract = f.Contract.Contract
	x.Plan = rapid.SampledFrom([]domain.Plan{domain.Flexible, domain.AnnualMonthly}).Draw(t, "plan")
	m := domain.SeatMonth{Subscription: x, Before: rapid.Int64Range(0, 500).Draw(t, "before")}
	m.Prices = []domain.PriceChange{{At: (f.Month - 40).StartIn(f.Contract.Zone()), UnitPrice: aPrice(t)}}
	seats := m.Before
	days := rapid.SliceOfN(rapid.Int32Range(0, 27), 0, 5).Draw(t, "days")
	slices.Sort(days)
	for _, day := range days {
		at := (f.Month + domain.Date(day)).StartIn(f.Contract.Zone()).Add(time.Duration(rapid.IntRange(0, 1200).Draw(t, "minute")) * time.Minute)
		least := int64(0)
		if x.Plan == domain.Flexible {
			least = -seats
		}
		delta := rapid.Int64Range(least, 40).Draw(t, "delta")
		seats += delta
		m.Changes = append(m.Changes, domain.SeatChange{EffectiveAt: at, EffectiveOn: f.Contract.Today(at), Delta: delta})
		if x.Plan == domain.Flexible && rapid.IntRange(0, 3).Draw(t, "new price") == 0 {
			m.Prices = append(m.Prices, domain.PriceChange{At: at, UnitPrice: aPrice(t)})
		}
	}
	return m
}

// aCharge is what was bought in the month: licenses for a full term or up to
// the end of an older batch, or seats for a year or what is left of it.
func aCharge(t *rapid.T, f domain.InvoiceFacts) domain.Charge {
	on := f.Month + domain.Date(rapid.Int32Range(0, 27).Draw(t, "on"))
	c := domain.Charge{
		Kind:     rapid.SampledFrom([]string{"purchase", "stock", "renewal", "purchase to an end", "term", "seats", "yearly renewal"}).Draw(t, "kind"),
		Quantity: rapid.OneOf(rapid.Int64Range(1, 50), rapid.Int64Range(1, domain.MaxQuantity)).Draw(t, "quantity"), UnitPrice: aPrice(t),
		EffectiveOn: on, FromOn: on, ToOn: on,
	}
	if rapid.Bool().Draw(t, "with purchase order") {
		c.PurchaseOrder = rapid.SampledFrom([]domain.Name{"PO-7", "4500012345", "Bestellung Nr. 17/Ü"}).Draw(t, "purchase order")
	}
	c.Note = aNote.Draw(t, "note")
	end := on.AddMonths(12)
	year := int64(end - on)
	left := rapid.Int64Range(1, year).Draw(t, "left")
	switch c.Kind {
	case "purchase to an end":
		c.Kind, c.Days, c.DaysInPeriod = "purchase", &left, &year
	case "seats":
		c.ToOn, c.Days, c.DaysInPeriod, c.PurchaseOrder, c.Note = on+domain.Date(left)-1, &left, &year, "", "" //nolint:gosec // a year at most
	case "term", "yearly renewal":
		c.ToOn, c.Days, c.DaysInPeriod, c.PurchaseOrder, c.Note = end-1, &year, &year, "", ""
		if c.Kind != "term" {
			c.Kind = "renewal"
		}
	}
	days, of := int64(1), int64(1)
	if c.Days != nil {
		days, of = *c.Days, *c.DaysInPeriod
	}
	c.Amount = domain.Prorated(c.Quantity, c.UnitPrice, days, of, f.Contract.Currency)
	return c
}

// adjustment puts right one of the months before.
func adjustment(t *rapid.T, f domain.InvoiceFacts) domain.Charge {
	month := f.Month.AddMonths(-rapid.Int64Range(1, 4).Draw(t, "months ago"))
	amount := decimal.New(rapid.Int64Range(1, 5_000_000).Draw(t, "amount"), -domain.MinorDigits(string(f.Contract.Currency)))
	if rapid.Bool().Draw(t, "in the reseller's favour") {
		amount = amount.Neg()
	}
	return domain.Charge{
		Kind: "correction", Quantity: 1, UnitPrice: domain.Price{Decimal: amount}, Amount: amount, Adjusts: month,
		EffectiveOn: f.Month, FromOn: month, ToOn: month.AddMonths(1) - 1, Note: aNote.Draw(t, "reason"),
	}
}
