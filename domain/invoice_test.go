package domain_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
)

func ptr[T any](v T) *T { return &v }

// november has a line of every kind.
func november() domain.InvoiceFacts {
	f := billed("2026-11")
	f.Products = map[domain.ProductID]domain.Name{"pro": "Lumen Professional", "basic": "Lumen Starter"}
	f.Customers = map[domain.AccountID]domain.Name{"acme": "=Acme & Söhne", "northwind": "Northwind", "beta": "Beta, \"the\" second"}
	f.Taxes = []domain.Tax{
		{Country: "IE", Category: "S", FromOn: dated("2012-01-01"), Rate: money("23")},
		{Country: "IE", Category: "S", FromOn: dated("2026-11-15"), Rate: money("22.5")},
		{Country: "IE", Category: "Z", FromOn: dated("2026-11-20"), Rate: money("0")},
		{Country: "PL", Category: "S", FromOn: dated("2026-11-20"), Rate: money("8")},
	}
	seatsOf := func(id domain.SubscriptionID, account domain.AccountID, product domain.ProductID, before int64, changes ...change) domain.SeatMonth {
		m := seatMonth(f.Contract, "", before, changes)
		m.Subscription.Subscription, m.Subscription.Account, m.Subscription.Product = id, account, product
		return m
	}
	f.Seats = []domain.SeatMonth{
		seatsOf("s-2", "acme", "pro", 0, change{at: "2026-11-20 09:30", delta: 10}),
		seatsOf("s-1", "acme", "pro", 3, change{at: "2026-11-30 00:00", delta: 1}),
		seatsOf("s-3", "beta", "basic", 1),
		seatsOf("s-4", "beta", "pro", 0, change{at: "2026-11-30 12:00", delta: 1}),
	}
	bought := dated("2026-11-03")
	f.Charges = []domain.Charge{
		{No: 9, N: 1, Account: "acme", Kind: "correction", Quantity: 1, UnitPrice: domain.Price{Decimal: money("-12.5")}, Amount: money("-12.50"), Adjusts: dated("2026-09-01"), FromOn: dated("2026-09-01"), ToOn: dated("2026-09-30"), Note: "counted twice"},
		{No: 5, N: 1, Account: "northwind", Product: "pro", Kind: "stock", Quantity: 100, UnitPrice: priced("120.00"), Amount: money("12000"), EffectiveOn: bought, FromOn: bought, ToOn: bought, PurchaseOrder: "PO-7", Note: "Q4\nstock"},
		{No: 6, N: 1, Account: "acme", Product: "pro", Kind: "purchase", Quantity: 3, UnitPrice: priced("249.90"), Amount: money("30.81"), EffectiveOn: bought, FromOn: bought, ToOn: bought, Days: ptr(int64(15)), DaysInPeriod: ptr(int64(365))},
		{No: 7, N: 1, Account: "acme", Product: "basic", Kind: "term", Quantity: 1, UnitPrice: priced("99.999"), Amount: money("100.00"), EffectiveOn: bought, FromOn: bought, ToOn: dated("2027-11-02"), Days: ptr(int64(365)), DaysInPeriod: ptr(int64(365))},
		{No: 8, N: 1, Account: "acme", Product: "basic", Kind: "seats", Quantity: 2, UnitPrice: priced("99.999"), Amount: money("192.87"), EffectiveOn: dated("2026-11-16"), FromOn: dated("2026-11-16"), ToOn: dated("2027-11-02"), Days: ptr(int64(352)), DaysInPeriod: ptr(int64(365))},
		{No: 4, N: 1, Account: "acme", Product: "pro", Kind: "renewal", Quantity: 1, UnitPrice: priced("120"), Amount: money("120.00"), EffectiveOn: bought, FromOn: bought, ToOn: bought},
	}
	return f
}

// The expectations are kept as files: go test ./domain -update rewrites them.
func TestInvoiceAsReportAndCSV(t *testing.T) {
	t.Parallel()
	i, missing := november().Invoice()
	if missing != nil {
		t.Fatal(missing)
	}
	i.Finalise(domain.InvoiceNumber("V-", 1), dated("2026-12-01"), 30)
	asJSON, err := i.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if err := json.Indent(&report, append(asJSON, '\n'), "", "  "); err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := i.WriteCSV(&table); err != nil {
		t.Fatal(err)
	}
	for file, got := range map[string][]byte{"testdata/invoice.json": report.Bytes(), "testdata/invoice.csv": table.Bytes()} {
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s says something else:\n%s", file, firstDifference(want, got))
		}
	}
}

func TestNothingToInvoice(t *testing.T) {
	t.Parallel()
	f := billed("2026-11")
	f.Seats = []domain.SeatMonth{seatMonth(f.Contract, "", 0, []change{{at: "2026-11-30 10:00", delta: 3}})}
	if i, missing := f.Invoice(); i != nil || missing != nil {
		t.Errorf("got %v, %v", i, missing)
	}
}

func TestCreditNoteNamesTheLatestInvoice(t *testing.T) {
	t.Parallel()
	f := november()
	f.Latest = domain.Preceding{Number: "V-000007", IssuedOn: dated("2026-11-01")}
	if i, _ := f.Invoice(); i.Type != domain.TypeInvoice || i.Preceding != nil {
		t.Errorf("type %d names %v", i.Type, i.Preceding)
	}
	f.Charges, f.Seats = f.Charges[:1], nil
	i, _ := f.Invoice()
	if i.Type != domain.TypeCreditNote || i.Preceding.Number != "V-000007" || !i.Net.Equal(money("-12.5")) || !i.Total.Equal(money("-15.38")) {
		t.Errorf("type %d names %v, %s and %s with VAT", i.Type, i.Preceding, i.Net, i.Total)
	}
	f.Charges = append(f.Charges, correction(10, dated("2026-09-01"), "12.50"))
	if i, _ = f.Invoice(); i.Type != domain.TypeInvoice || !i.Total.IsZero() {
		t.Errorf("type %d over %s", i.Type, i.Total)
	}
}

func TestVATByWhereSellerAndResellerAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seller, reseller domain.Country
		number           domain.Name
		month            string
		want             string
	}{
		{"CH", "CH", "", "2026-11", "S 8.1"},
		{"EL", "GR", "", "2026-11", "S 24"},
		{"GR", "EL", "EL1", "2026-11", "S 24"},
		{"CH", "IE", "IE1", "2026-11", "O 0"},
		{"US", "US", "", "2026-11", "O 0"},
		{"CH", "CH", "", "2023-11", "O 0"}, // no rate on file yet
		{"IE", "CH", "", "2026-11", "G 0"},
		{"IE", "IE", "IE1", "2026-11", "S 23"},
		{"IE", "IE", "IE1", "2020-11", "S 21"},
		{"IE", "IE", "IE1", "2021-02", "S 21"}, // the rate changes with the first of March
		{"IE", "IE", "IE1", "2021-03", "S 23"},
		{"IE", "PL", "PL1", "2026-11", "AE 0"},
		{"IE", "PL", "", "2026-11", "S 23"},
		{"IE", "EL", "EL1", "2026-11", "AE 0"},
		{"IE", "GB", "GB1", "2020-12", "AE 0"},
		{"IE", "GB", "GB1", "2021-01", "G 0"},
		{"GB", "IE", "IE1", "2021-01", "O 0"},
		{"HR", "IE", "IE1", "2013-06", "O 0"},
		{"HR", "IE", "IE1", "2013-07", "AE 0"},
		{"IT", "IT", "", "2026-11", "S 22"}, // from its last day on
		{"DE", "DE", "", "2026-11", "no VAT rate of DE for 2026-11-30 is on file"},
		{"DE", "PL", "", "2026-11", "no VAT rate of DE for 2026-11-30 is on file"},
		{"DE", "PL", "PL1", "2026-11", "AE 0"},
		{"IE", "IE", "", "1999-12", "no VAT rate of IE for 1999-12-31 is on file"},
	} {
		f := billed(c.month)
		f.Seller.Address.Country, f.Reseller.Address.Country, f.Reseller.VATNumber = c.seller, c.reseller, c.number
		f.Seats = []domain.SeatMonth{seatMonth(f.Contract, "", 1, nil)}
		f.Taxes = []domain.Tax{
			{Country: "IE", Category: "S", FromOn: dated("2021-03-01"), Rate: money("23")},
			{Country: "IE", Category: "S", FromOn: dated("2020-09-01"), Rate: money("21")},
			{Country: "GR", Category: "S", FromOn: dated("2016-06-01"), Rate: money("24")},
			{Country: "CH", Category: "S", FromOn: dated("2024-01-01"), Rate: money("8.1")},
			{Country: "IT", Category: "S", FromOn: dated("2026-11-30"), Rate: money("22")},
			{Country: "DE", Category: "S", FromOn: dated("2026-12-01"), Rate: money("19")},
		}
		i, missing := f.Invoice()
		var got string
		if missing != nil {
			got = missing.String()
		} else {
			got = string(i.VAT[0].Category) + " " + i.VAT[0].Rate.String()
		}
		if got != c.want {
			t.Errorf("%s to %s %q in %s: %s, want %s", c.seller, c.reseller, c.number, c.month, got, c.want)
		}
	}
}

// An adjustment is taxed as the month it adjusts was, also if the reseller has
// got a VAT number or moved since.
func TestAdjustmentsAreTaxedAsWhatTheyAdjust(t *testing.T) {
	t.Parallel()
	f := november()
	f.Charges = f.Charges[:1]
	f.Reseller.Address.Country, f.Reseller.VATNumber = "PL", "PL1"
	f.Then = map[domain.Date]domain.Parties{dated("2026-09-01"): billed("2026-09").Parties}
	i, _ := f.Invoice()
	if len(i.VAT) != 2 || i.VAT[0].Category != "AE" || i.VAT[1].Category != "S" || !i.VAT[1].Amount.Equal(money("-2.88")) {
		t.Errorf("%+v", i.VAT)
	}
	f.Taxes = nil
	if i, missing := f.Invoice(); i != nil || missing == nil || *missing != (domain.MissingRate{Country: "IE", On: dated("2026-09-30")}) {
		t.Errorf("%v, %v", i, missing)
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for _, name := range []domain.Name{"=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "＝1+1", "\t=1"} {
		f := november()
		f.Customers["acme"], f.Products["pro"], f.Contract.Contract = name, name, "@C"
		f.Charges[1].PurchaseOrder = name
		i, _ := f.Invoice()
		for _, row := range readCSV(t, i)[1:] {
			for n, cell := range row {
				if _, err := strconv.ParseFloat(cell, 64); err != nil && strings.ContainsAny(firstRune(strings.TrimSpace(cell)), "=+-@＝＋－＠") {
					t.Errorf("cell %d is %q", n, cell)
				}
			}
		}
	}
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func readCSV(t rapid.TB, i *domain.Invoice) [][]string {
	var table bytes.Buffer
	if err := i.WriteCSV(&table); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// An invoice adds up as EN 16931 wants it, its CSV sums to its net, and the
// order of the facts makes no difference to a byte.
func TestInvoicesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := billed("2026-11")
		c := aContract(t)
		f.Contract.TimeZone, f.Contract.DayCount, f.Contract.Currency = c.TimeZone, c.DayCount, c.Currency
		currency := string(f.Contract.Currency)
		for n := range rapid.IntRange(0, 4).Draw(t, "rates") {
			f.Taxes = append(f.Taxes, domain.Tax{Country: "IE", Category: "S", FromOn: dated("2026-11-30").AddMonths(int64(-n)), Rate: decimal.New(rapid.Int64Range(0, 9999).Draw(t, "rate"), -2)})
		}
		f.Taxes = append(f.Taxes, domain.Tax{Country: "IE", Category: "S", FromOn: 1, Rate: money("23")})
		for n := range rapid.IntRange(0, 12).Draw(t, "charges") {
			amount := decimal.New(rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "amount"), -domain.MinorDigits(currency))
			c := correction(int64(n), f.Month.AddMonths(-rapid.Int64Range(1, 6).Draw(t, "month")), amount.String())
			c.Account = rapid.SampledFrom([]domain.AccountID{"a", "b", "c"}).Draw(t, "customer")
			c.Product = rapid.SampledFrom([]domain.ProductID{"", "p", "q"}).Draw(t, "product")
			f.Charges = append(f.Charges, c)
		}
		for n := range rapid.IntRange(0, 6).Draw(t, "subscriptions") {
			m := aHistory(t, f.Contract, f.Month)
			m.Subscription.Subscription = domain.SubscriptionID(strconv.Itoa(n))
			m.Subscription.Account = rapid.SampledFrom([]domain.AccountID{"a", "b", "c"}).Draw(t, "customer")
			m.Subscription.Product = rapid.SampledFrom([]domain.ProductID{"p", "q"}).Draw(t, "product")
			f.Seats = append(f.Seats, m)
		}
		i, missing := f.Invoice()
		if missing != nil {
			t.Fatal(missing)
		}
		if i == nil {
			return
		}
		addsUp(t, i)
		grouped(t, i)
		first, rows := mustMarshal(t, i), readCSV(t, i)
		net, at := decimal.Zero, slices.Index(rows[0], "net")
		for _, row := range rows[1:] {
			net = net.Add(money(row[at]))
		}
		if !net.Equal(i.Net) {
			t.Fatalf("the CSV sums to %s, the invoice to %s", net, i.Net)
		}
		rand.Shuffle(len(f.Charges), func(a, b int) { f.Charges[a], f.Charges[b] = f.Charges[b], f.Charges[a] })
		slices.Reverse(f.Seats)
		slices.Reverse(f.Taxes)
		again, _ := f.Invoice()
		if !bytes.Equal(first, mustMarshal(t, again)) || !slices.EqualFunc(rows, readCSV(t, again), slices.Equal) {
			t.Fatalf("made again:\n%s\n%s", first, mustMarshal(t, again))
		}
	})
}

func mustMarshal(t rapid.TB, i *domain.Invoice) []byte {
	raw, err := json.Marshal(i)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// addsUp checks sums and VAT with fractions of whole numbers.
func addsUp(t rapid.TB, i *domain.Invoice) {
	digits := domain.MinorDigits(string(i.Currency))
	net, vatTotal := decimal.Zero, decimal.Zero
	for _, v := range i.VAT {
		base := decimal.Zero
		for _, l := range i.Lines {
			if l.VATCategory == v.Category && l.VATRate.Equal(v.Rate) {
				base = base.Add(l.Net)
			}
		}
		if !base.Equal(v.Base) {
			t.Fatalf("base of %s %s is %s, want %s", v.Category, v.Rate, v.Base, base)
		}
		exact := new(big.Rat).Mul(base.Rat(), new(big.Rat).Quo(v.Rate.Rat(), big.NewRat(100, 1)))
		off := new(big.Rat).Sub(v.Amount.Rat(), exact)
		half := new(big.Rat).Quo(decimal.New(1, -digits).Rat(), big.NewRat(2, 1))
		if off.Abs(off).Cmp(half) > 0 || off.Cmp(half) == 0 && v.Amount.Abs().Rat().Cmp(exact.Abs(exact)) < 0 {
			t.Fatalf("%s %% of %s is not %s", v.Rate, base, v.Amount)
		}
		net, vatTotal = net.Add(base), vatTotal.Add(v.Amount)
	}
	if !net.Equal(i.Net) || !vatTotal.Equal(i.VATTotal) || !net.Add(vatTotal).Equal(i.Total) {
		t.Fatalf("%s + %s = %s, want %s + %s", i.Net, i.VATTotal, i.Total, net, vatTotal)
	}
	if i.Net.IsNegative() != (i.Type == domain.TypeCreditNote) {
		t.Fatalf("type %d over %s", i.Type, i.Net)
	}
	for _, amount := range []decimal.Decimal{i.Net, i.VATTotal, i.Total} {
		if !amount.Equal(amount.Round(digits)) {
			t.Fatalf("%s %s", amount, i.Currency)
		}
	}
}

// grouped checks that lines go by customer, then product, each once.
func grouped(t rapid.TB, i *domain.Invoice) {
	seen := map[string]bool{}
	var group, customer string
	for _, l := range i.Lines {
		next := string(l.Customer) + " " + string(l.Product)
		if next != group && (seen[next] || customer > string(l.Customer)) {
			t.Fatalf("%q comes after %q", next, group)
		}
		group, customer = next, string(l.Customer)
		seen[group] = true
	}
}
