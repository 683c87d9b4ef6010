package domain_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// billingCases are figures of other billing systems, of vendors' own examples
// and of the examples of EN 16931. Those under not_applicable follow other
// rules than ours; it says which.
type billingCases struct {
	Amounts []struct {
		ID       string
		Quantity int64
		Price    string
		Days, Of int64
		Currency domain.Currency
		Amount   string
	}
	Months []struct {
		ID       string
		Zone     string
		DayCount domain.DayCount `json:"day_count"`
		Month    string
		Events   []struct {
			At    string // local time
			Delta int64
		}
		Spans         []string
		Price, Amount string
	}
	Terms []struct {
		ID       string
		From, To string
		Months   int64
	}
	Days []struct {
		ID       string
		From, To string
		Days     int
	}
	VAT []struct {
		ID     string
		Groups []struct {
			Rate string
			Nets []string
		}
		VAT              []string
		Net, Total       string
		Type             int
		Seller, Reseller domain.Country
		Category         domain.TaxCategory
	}
	NotApplicable map[string]string `json:"not_applicable"`
	Sources       map[string]string
}

func readBillingCases(t *testing.T) billingCases {
	t.Helper()
	raw, err := os.ReadFile("testdata/billing-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases billingCases
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestEveryBillingCaseIsTriedOrHasAReasonNotTo(t *testing.T) {
	t.Parallel()
	cases, used := readBillingCases(t), map[string]bool{}
	for _, c := range cases.Amounts {
		used[c.ID] = true
	}
	for _, c := range cases.Months {
		used[c.ID] = true
	}
	for _, c := range cases.Terms {
		used[c.ID] = true
	}
	for _, c := range cases.Days {
		used[c.ID] = true
	}
	for _, c := range cases.VAT {
		used[c.ID] = true
	}
	for id := range cases.Sources {
		if used[id] == (cases.NotApplicable[id] != "") {
			t.Errorf("%s is neither tried nor left out, or both", id)
		}
	}
	if n := len(used) + len(cases.NotApplicable); n != len(cases.Sources) {
		t.Errorf("%d cases for %d sources", n, len(cases.Sources))
	}
}

func TestBillingAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range readBillingCases(t).Amounts {
		got := domain.Money(domain.Prorated(c.Quantity, priced(c.Price), c.Days, c.Of, c.Currency), string(c.Currency))
		if got != c.Amount {
			t.Errorf("%s: %d × %s × %d/%d = %s, want %s", c.ID, c.Quantity, c.Price, c.Days, c.Of, got, c.Amount)
		}
	}
}

func TestBillingMonths(t *testing.T) {
	t.Parallel()
	for _, c := range readBillingCases(t).Months {
		contract := domain.Contract{TimeZone: domain.ZoneName(c.Zone), DayCount: c.DayCount}
		m := domain.SeatMonth{Subscription: domain.Subscription{Plan: domain.Flexible}, Prices: []domain.PriceChange{{UnitPrice: priced("1")}}}
		if c.Price != "" {
			m.Prices[0].UnitPrice = priced(c.Price)
		}
		for _, e := range c.Events {
			m.Changes = append(m.Changes, seats(contract, e.At, e.Delta))
		}
		spans := m.Spans(contract, dated(c.Month+"-01"))
		if got := shown(spans); strings.Join(got, "; ") != strings.Join(c.Spans, "; ") {
			t.Errorf("%s: %v, want %v", c.ID, got, c.Spans)
		}
		if c.Amount != "" && domain.Money(spans[0].Amount("EUR"), "EUR") != c.Amount {
			t.Errorf("%s: %s, want %s", c.ID, spans[0].Amount("EUR"), c.Amount)
		}
	}
}

func TestBillingTermsAndDays(t *testing.T) {
	t.Parallel()
	cases := readBillingCases(t)
	for _, c := range cases.Terms {
		if got := dated(c.From).AddMonths(c.Months); got != dated(c.To) {
			t.Errorf("%s: %s + %d months = %s, want %s", c.ID, c.From, c.Months, got, c.To)
		}
	}
	for _, c := range cases.Days {
		if got := int(dated(c.To) - dated(c.From)); got != c.Days {
			t.Errorf("%s: %s to %s is %d days, want %d", c.ID, c.From, c.To, got, c.Days)
		}
	}
}

// Every rate of a case is in force in a month of its own, which is adjusted.
func TestBillingVAT(t *testing.T) {
	t.Parallel()
	for _, c := range readBillingCases(t).VAT {
		f := billed("2026-11")
		f.Seller.Address.Country, f.Reseller.Address.Country = "PL", "PL"
		if c.Seller != "" {
			f.Seller.Address.Country, f.Reseller.Address.Country = c.Seller, c.Reseller
			f.Reseller.VATNumber = "with"
		}
		for i, g := range c.Groups {
			month := domain.NewDate(2025, time.Month(i+1), 1)
			f.Taxes = append(f.Taxes, domain.Tax{Country: f.Seller.Address.Country, Category: "S", FromOn: month, Rate: decimal.RequireFromString(g.Rate)})
			for _, net := range g.Nets {
				f.Charges = append(f.Charges, correction(int64(len(f.Charges)), month, net))
			}
		}
		i, missing := f.Invoice()
		if missing != nil {
			t.Fatalf("%s: %s", c.ID, missing)
		}
		var got []string
		for _, v := range i.VAT {
			got = append(got, domain.Money(v.Amount, "EUR"))
			if c.Category != "" && v.Category != c.Category {
				t.Errorf("%s: category %s", c.ID, v.Category)
			}
		}
		if strings.Join(got, " ") != strings.Join(c.VAT, " ") || domain.Money(i.Net, "EUR") != c.Net || domain.Money(i.Total, "EUR") != c.Total {
			t.Errorf("%s: VAT %v on %s makes %s; want %v, %s, %s", c.ID, got, i.Net, i.Total, c.VAT, c.Net, c.Total)
		}
		if want := max(c.Type, domain.TypeInvoice); i.Type != want {
			t.Errorf("%s: type %d, want %d", c.ID, i.Type, want)
		}
	}
}

func dated(s string) domain.Date {
	d, err := domain.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func priced(s string) domain.Price {
	p, err := domain.ParsePrice(s)
	if err != nil {
		panic(err)
	}
	return p
}

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// seats changes seats at a local time of the contract.
func seats(c domain.Contract, local string, delta int64) domain.SeatChange {
	at, err := time.ParseInLocation("2006-01-02 15:04", local, c.Zone())
	if err != nil {
		panic(err)
	}
	return domain.SeatChange{EffectiveAt: at.UTC(), EffectiveOn: c.Today(at), Delta: delta}
}

func shown(spans []domain.SeatSpan) []string {
	var all []string
	for _, s := range spans {
		all = append(all, fmt.Sprintf("%d %s..%s %d/%d", s.Quantity, s.From, s.To, s.Days, s.DaysInMonth))
	}
	return all
}

// billed are the facts of a month without anything to invoice.
func billed(month string) domain.InvoiceFacts {
	return domain.InvoiceFacts{
		Parties: domain.Parties{
			Seller:   domain.Seller{Seller: "lumen", Address: domain.Address{Country: "IE"}},
			Reseller: domain.Account{Account: "northwind", Address: domain.Address{Country: "IE"}},
		},
		Contract: domain.Contract{
			Contract: "C-1", Seller: "lumen", Reseller: "northwind", Currency: "EUR", TimeZone: "Europe/Dublin", DayCount: domain.StartOfDay,
			PaymentTermsDays: 30,
		},
		Month: dated(month + "-01"),
	}
}

func correction(no int64, month domain.Date, amount string) domain.Charge {
	return domain.Charge{
		No: no, N: 1, Account: "acme", Kind: "correction", Quantity: 1, UnitPrice: domain.Price{Decimal: money(amount)}, Amount: money(amount),
		Adjusts: month, FromOn: month, ToOn: month.AddMonths(1) - 1,
	}
}
