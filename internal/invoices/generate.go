// Package invoices makes up invoices, to test with them what is made of
// invoices. All follow from made-up facts by the domain's own rules, so their
// sums are right and their VAT is what the law says.
package invoices

import (
	"flag"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
)

// Times tries a property so often that draws PDFs or starts programs, or as often
// as the flag of rapid says.
func Times(t *testing.T, n string, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks").Value
	if before := checks.String(); before == "100" {
		if err := checks.Set(n); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Set(before) }()
	}
	rapid.Check(t, property)
}

// Generate draws a finalised invoice or credit note: of any VAT category, also
// of several rates, in currencies with and without minor digits, mostly short
// and sometimes of hundreds of lines, between parties with all sorts of names.
func Generate(t *rapid.T) *domain.Invoice {
	f := someFacts(t)
	customers := rapid.IntRange(1, 6).Draw(t, "customers")
	for n := range customers {
		f.Customers[customer(n)] = aName.Draw(t, "customer's name")
	}
	f.Customers[f.Reseller.Account] = f.Reseller.Name
	for n := range rapid.IntRange(1, 4).Draw(t, "products") {
		f.Products[product(n)] = aName.Draw(t, "product's name")
	}
	who := func() domain.AccountID {
		if n := rapid.IntRange(0, customers).Draw(t, "whose"); n < customers {
			return customer(n)
		}
		return f.Reseller.Account
	}
	what := func() domain.ProductID {
		return product(rapid.IntRange(0, len(f.Products)-1).Draw(t, "which product"))
	}
	credited := rapid.IntRange(0, 5).Draw(t, "credited") == 0
	if !credited {
		for n := range rapid.IntRange(0, 5).Draw(t, "subscriptions") {
			f.Seats = append(f.Seats, someSeats(t, f, domain.Subscription{
				Subscription: domain.SubscriptionID("s-" + strconv.Itoa(n)), Account: who(), Product: what(),
			}))
		}
	}
	for n := range howMany(t) {
		charge := adjustment
		if !credited && rapid.IntRange(0, 3).Draw(t, "of this month") > 0 {
			charge = aCharge
		}
		c := charge(t, f)
		c.No, c.N, c.Contract, c.Period, c.Currency, c.Account = int64(n+1), 1, f.Contract.Contract, f.Month, f.Contract.Currency, who()
		if c.Adjusts == 0 || rapid.Bool().Draw(t, "for a product") {
			c.Product = what()
		}
		if credited {
			c.Amount = c.Amount.Abs().Neg()
			c.UnitPrice = domain.Price{Decimal: c.Amount}
		}
		f.Charges = append(f.Charges, c)
	}
	i, missing := f.Invoice()
	if missing != nil {
		t.Fatal(missing)
	}
	prefix := rapid.SampledFrom([]domain.Name{"V-", "LUM/", "Ö", ""}).Draw(t, "prefix")
	i.Finalise(domain.InvoiceNumber(prefix, rapid.Int64Range(1, 1_999_999).Draw(t, "number")),
		f.Month.AddMonths(1)+domain.Date(rapid.Int32Range(0, 40).Draw(t, "issued")), f.Contract.PaymentTermsDays)
	return i
}

func howMany(t *rapid.T) int {
	if rapid.IntRange(0, 15).Draw(t, "long") == 0 {
		return rapid.IntRange(60, 500).Draw(t, "charges")
	}
	return rapid.IntRange(1, 12).Draw(t, "charges")
}

func customer(n int) domain.AccountID { return domain.AccountID("customer-" + strconv.Itoa(n)) }
func product(n int) domain.ProductID  { return domain.ProductID("product-" + strconv.Itoa(n)) }

// sides are where seller and reseller are, and whether the reseller has a VAT
// number: together they lead to each category.
var sides = []struct {
	seller, reseller domain.Country
	number           domain.Name
}{
	{"IE", "IE", "IE3628739UH"},
	{"IE", "DE", "DE136695976"},
	{"IE", "DE", ""},
	{"IE", "EL", "EL094259216"},
	{"DE", "AT", "ATU62895905"},
	{"IE", "US", ""},
	{"DE", "TR", ""},
	{"US", "IE", "IE3628739UH"},
	{"US", "JP", ""},
	{"CH", "CH", "CHE-116.281.710 MWST"},
	{"TR", "TR", ""},
}

// someFacts are the facts of a month with nothing to invoice yet.
func someFacts(t *rapid.T) domain.InvoiceFacts {
	side := rapid.SampledFrom(sides).Draw(t, "sides")
	month := domain.NewDate(2024, time.Month(rapid.IntRange(1, 60).Draw(t, "month")), 1)
	f := domain.InvoiceFacts{
		Parties: domain.Parties{Seller: aSeller(t, side.seller), Reseller: aReseller(t, side.reseller, side.number)},
		Month:   month,
		Contract: domain.Contract{
			Contract: rapid.SampledFrom([]domain.ContractID{"C-1", "C-NORTHWIND-2026", "contracts/eu/000000000000000000000000000000000000000000000017"}).Draw(t, "contract"),
			Currency: rapid.SampledFrom([]domain.Currency{"EUR", "USD", "JPY"}).Draw(t, "currency"),
			TimeZone: rapid.SampledFrom([]domain.ZoneName{"Europe/Dublin", "UTC", "Asia/Tokyo", "America/New_York"}).Draw(t, "zone"),
			DayCount: rapid.SampledFrom([]domain.DayCount{domain.StartOfDay, domain.EndOfDay}).Draw(t, "day_count"),

			PaymentTermsDays: rapid.SampledFrom([]int64{0, 1, 14, 30, 90}).Draw(t, "payment terms"),
			FinanceEmails:    []domain.Email{"invoices@northwind.example"},
		},
		Products:  map[domain.ProductID]domain.Name{},
		Customers: map[domain.AccountID]domain.Name{},
		Taxes:     someTaxes(side.seller, month),
		Then:      map[domain.Date]domain.Parties{},
		Latest:    domain.Preceding{Number: "V-000041", IssuedOn: month + 1},
	}
	f.Contract.Seller, f.Contract.Reseller = f.Seller.Seller, f.Reseller.Account
	if rapid.Bool().Draw(t, "moved") {
		then := f.Parties
		then.Reseller = aReseller(t, then.Seller.Address.Country, "")
		f.Then[month.AddMonths(-1)] = then
	}
	if rapid.IntRange(0, 3).Draw(t, "first invoice") == 0 {
		f.Latest = domain.Preceding{}
	}
	return f
}

// someTaxes has a rate that changed lately, so that what adjusts an earlier
// month has another. The USA have none.
func someTaxes(seller domain.Country, month domain.Date) []domain.Tax {
	rates := map[domain.Country][2]string{
		"IE": {"23", "21"}, "DE": {"19", "16"}, "CH": {"8.1", "7.7"}, "TR": {"20", "18"},
	}
	rate, known := rates[seller]
	if !known {
		return nil
	}
	return []domain.Tax{
		{Country: seller, Category: "S", FromOn: domain.NewDate(2012, 1, 1), Rate: decimal.RequireFromString(rate[1])},
		{Country: seller, Category: "S", FromOn: month.AddMonths(-2), Rate: decimal.RequireFromString(rate[0])},
	}
}

func aSeller(t *rapid.T, country domain.Country) domain.Seller {
	s := domain.Seller{
		Seller: "lumen", Name: aName.Draw(t, "seller"), Address: anAddress(t, country), Email: "billing@lumen.example",
		VATNumber: "IE6388047V", IBAN: "IE29AIBK93115212345678", BIC: "AIBKIE2D",
	}
	if country == "US" {
		s.VATNumber, s.IBAN, s.BIC = "", "", ""
	}
	return s
}

func aReseller(t *rapid.T, country domain.Country, number domain.Name) domain.Account {
	return domain.Account{
		Account: "northwind", Name: aName.Draw(t, "reseller"), Address: anAddress(t, country), VATNumber: number,
		Locale: rapid.SampledFrom([]domain.Locale{"en", "de", "de-AT", "tr", "fr", ""}).Draw(t, "locale"),
	}
}

func anAddress(t *rapid.T, country domain.Country) domain.Address {
	a := domain.Address{Line1: aName.Draw(t, "line1"), City: aName.Draw(t, "city"), PostalCode: "D02 X285", Country: country}
	if rapid.Bool().Draw(t, "second line") {
		a.Line2 = aName.Draw(t, "line2")
	}
	return a
}
