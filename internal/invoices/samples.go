package invoices

import (
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// Sample is a small invoice from Ireland to Germany, so under reverse charge.
func Sample() *domain.Invoice {
	f := november()
	f.Seats = []domain.SeatMonth{
		seats(f, "s-1", "acme", "pro", domain.Flexible, "12.50", 40, change{20, 10}),
		seats(f, "s-2", "acme", "edge", domain.AnnualMonthly, "8.00", 25),
	}
	f.Charges = []domain.Charge{bought(f, 1, "globex", "stock", 100, "120.00", "PO-4711", "Q4 stock")}
	return finalised(f, 42)
}

// Long is an invoice of several pages: many customers, every kind of line, and
// two rates, because an adjustment is taxed as what it adjusts.
func Long() *domain.Invoice {
	f := november()
	f.Reseller.Address.Country, f.Reseller.VATNumber = "IE", "IE3628739UH"
	companies := []domain.Name{
		"Acme Corporation", "Brücke & Partner GmbH", "Çelik Sanayi A.Ş.", "Δέλτα Πληροφορική", "Elżbieta Wójcik sp. z o.o.", "Fjord Data AS",
		"Globex International Holding and Financial Services Limited, trading as Globex", "Hooli", "Initech", "Nguyễn Phần Mềm",
	}
	for n, name := range companies {
		id := domain.AccountID(fmt.Sprintf("c-%02d", n))
		f.Customers[id] = name
		f.Seats = append(f.Seats,
			seats(f, "a-"+strconv.Itoa(n), id, "pro", domain.Flexible, "12.50", int64(n), change{4, 12}, change{11, -3}, change{20, 10}),
			seats(f, "b-"+strconv.Itoa(n), id, "edge", domain.AnnualMonthly, "8.3333", 25, change{16, 5}))
		if n%3 == 0 {
			left := bought(f, int64(10+n), id, "seats", 3, "99.00", "", "")
			days, year := int64(200), int64(365)
			left.ToOn, left.Days, left.DaysInPeriod = left.FromOn+199, &days, &year
			left.Amount = domain.Prorated(left.Quantity, left.UnitPrice, days, year, left.Currency)
			f.Charges = append(f.Charges, left, bought(f, int64(30+n), id, "purchase", 1200, "249.90", domain.Name("PO-2026-00"+strconv.Itoa(n)), "for the branch in Cork\nas agreed with Ms O’Brien"))
		}
		if n%4 == 1 {
			f.Charges = append(f.Charges, put(f, int64(50+n), id, "-37.50", "seats counted twice"))
		}
	}
	f.Taxes = append(f.Taxes, domain.Tax{Country: "IE", Category: "S", FromOn: f.Month.AddMonths(-1), Rate: decimal.NewFromInt(24)})
	return finalised(f, 43)
}

// CreditNote gives back more than the month came to.
func CreditNote() *domain.Invoice {
	f := november()
	f.Latest = domain.Preceding{Number: "V-000041", IssuedOn: f.Month + 1}
	f.Seats = []domain.SeatMonth{seats(f, "s-1", "acme", "pro", domain.Flexible, "12.50", 2)}
	f.Charges = []domain.Charge{
		put(f, 1, "acme", "-480.00", "40 seats were counted twice"),
		put(f, 2, "globex", "-1200.00", "licenses returned under the trial agreement"),
	}
	return finalised(f, 44)
}

// november are the facts of a month without anything to invoice.
func november() domain.InvoiceFacts {
	return domain.InvoiceFacts{
		Parties: domain.Parties{
			Seller: domain.Seller{
				Seller: "lumen", Name: "Lumen Software Ltd.", VATNumber: "IE6388047V", Currency: "EUR", Email: "billing@lumen.example",
				Address: domain.Address{Line1: "12 Harbour Street", City: "Dublin", PostalCode: "D02 X285", Country: "IE"},
				IBAN:    "IE29AIBK93115212345678", BIC: "AIBKIE2D", InvoicePrefix: "V-",
			},
			Reseller: domain.Account{
				Account: "northwind", Name: "Nordwind Lizenzhandel GmbH", VATNumber: "DE136695976", Locale: "en",
				Address: domain.Address{Line1: "Große Elbstraße 27", Line2: "Haus C", City: "Hamburg", PostalCode: "22767", Country: "DE"},
			},
		},
		Contract: domain.Contract{
			Contract: "C-1", Seller: "lumen", Reseller: "northwind", Currency: "EUR", TimeZone: "Europe/Dublin", DayCount: domain.StartOfDay,
			PaymentTermsDays: 30, FinanceEmails: []domain.Email{"rechnungen@nordwind.example"},
		},
		Month:     domain.NewDate(2026, 11, 1),
		Products:  map[domain.ProductID]domain.Name{"pro": "Lumen Professional", "edge": "Lumen Edge Gateway"},
		Customers: map[domain.AccountID]domain.Name{"acme": "Acme Corporation", "globex": "Globex & Söhne"},
		Taxes:     []domain.Tax{{Country: "IE", Category: "S", FromOn: domain.NewDate(2021, 3, 1), Rate: decimal.NewFromInt(23)}},
	}
}

// change is seats added or taken away on a day of the month, at ten in the morning.
type change struct {
	day   domain.Date
	delta int64
}

func seats(f domain.InvoiceFacts, id string, who domain.AccountID, what domain.ProductID, plan domain.Plan, price string, before int64, changes ...change) domain.SeatMonth {
	m := domain.SeatMonth{
		Subscription: domain.Subscription{Subscription: domain.SubscriptionID(id), Contract: f.Contract.Contract, Account: who, Product: what, Plan: plan},
		Before:       before,
		Prices:       []domain.PriceChange{{At: (f.Month - 40).StartIn(f.Contract.Zone()), UnitPrice: priced(price)}},
	}
	for _, c := range changes {
		at := (f.Month + c.day - 1).StartIn(f.Contract.Zone()).Add(10 * 3600e9)
		m.Changes = append(m.Changes, domain.SeatChange{EffectiveAt: at, EffectiveOn: f.Contract.Today(at), Delta: c.delta})
	}
	return m
}

func bought(f domain.InvoiceFacts, no int64, who domain.AccountID, kind string, quantity int64, price string, order domain.Name, note domain.Note) domain.Charge {
	on := f.Month + 2
	return domain.Charge{
		No: no, N: 1, Contract: f.Contract.Contract, Period: f.Month, Account: who, Product: "pro", Kind: kind, Quantity: quantity,
		UnitPrice: priced(price), Amount: domain.Prorated(quantity, priced(price), 1, 1, f.Contract.Currency), Currency: f.Contract.Currency,
		EffectiveOn: on, FromOn: on, ToOn: on, PurchaseOrder: order, Note: note,
	}
}

// put puts right the month before the last.
func put(f domain.InvoiceFacts, no int64, who domain.AccountID, amount string, why domain.Note) domain.Charge {
	month, d := f.Month.AddMonths(-2), decimal.RequireFromString(amount)
	return domain.Charge{
		No: no, N: 1, Contract: f.Contract.Contract, Period: f.Month, Account: who, Product: "pro", Kind: "correction", Quantity: 1,
		UnitPrice: domain.Price{Decimal: d}, Amount: d, Currency: f.Contract.Currency, EffectiveOn: f.Month, FromOn: month,
		ToOn: month.AddMonths(1) - 1, Adjusts: month, Note: why,
	}
}

func finalised(f domain.InvoiceFacts, n int64) *domain.Invoice {
	i, missing := f.Invoice()
	if missing != nil {
		panic(missing)
	}
	i.Finalise(domain.InvoiceNumber("V-", n), f.Month.AddMonths(1), f.Contract.PaymentTermsDays)
	return i
}

func priced(s string) domain.Price {
	p, err := domain.ParsePrice(s)
	if err != nil {
		panic(err)
	}
	return p
}
