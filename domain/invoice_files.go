package domain

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// invoiceJSON is the invoice as reports show it.
type invoiceJSON struct {
	Number   *string      `json:"number"`
	Type     int          `json:"type"`
	Seller   SellerID     `json:"seller"`
	Contract ContractID   `json:"contract"`
	Account  AccountID    `json:"account"`
	Period   Period       `json:"period"`
	Currency Currency     `json:"currency"`
	IssuedOn Date         `json:"issued_on"`
	DueOn    Date         `json:"due_on"`
	Lines    []lineJSON   `json:"lines"`
	VAT      []vatSumJSON `json:"vat"`
	Net      string       `json:"net"`
	VATTotal string       `json:"vat_total"`
	Total    string       `json:"total"`
}

type lineJSON struct {
	Customer     AccountID   `json:"customer"`
	Product      *ProductID  `json:"product"`
	Description  string      `json:"description"`
	Quantity     int64       `json:"quantity"`
	UnitPrice    Price       `json:"unit_price"`
	From         Date        `json:"from"`
	To           Date        `json:"to"`
	Days         *int64      `json:"days"`
	DaysInPeriod *int64      `json:"days_in_period"`
	DayCount     *DayCount   `json:"day_count"`
	Net          string      `json:"net"`
	VATCategory  TaxCategory `json:"vat_category"`
	VATRate      string      `json:"vat_rate"`
}

type vatSumJSON struct {
	Category TaxCategory `json:"category"`
	Rate     string      `json:"rate"`
	Base     string      `json:"base"`
	Amount   string      `json:"amount"`
}

// JSON writes the invoice as reports show it.
func (i *Invoice) JSON() ([]byte, error) {
	currency := string(i.Currency)
	out := invoiceJSON{
		Number: orNull(i.Number), Type: i.Type, Seller: SellerID(i.Seller.ID), Contract: i.Contract, Account: AccountID(i.Reseller.ID),
		Period: Period(i.Month), Currency: i.Currency, IssuedOn: i.IssuedOn, DueOn: i.DueOn,
		Lines: make([]lineJSON, len(i.Lines)), VAT: make([]vatSumJSON, len(i.VAT)),
		Net: Money(i.Net, currency), VATTotal: Money(i.VATTotal, currency), Total: Money(i.Total, currency),
	}
	for n, l := range i.Lines {
		out.Lines[n] = lineJSON{
			Customer: l.Customer, Product: orNull(l.Product), Description: l.Text(), Quantity: l.Quantity, UnitPrice: l.UnitPrice.Price,
			From: l.From, To: l.To, Days: l.Days, DaysInPeriod: l.DaysInPeriod, DayCount: orNull(l.DayCount),
			Net: Money(l.Net, currency), VATCategory: l.VATCategory, VATRate: l.VATRate.String(),
		}
	}
	for n, v := range i.VAT {
		out.VAT[n] = vatSumJSON{v.Category, v.Rate.String(), Money(v.Base, currency), Money(v.Amount, currency)}
	}
	return json.Marshal(out)
}

func orNull[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

var csvHeader = []string{
	"number", "type", "seller", "contract", "account", "period", "currency", "issued_on", "due_on",
	"customer", "customer_name", "product", "product_name", "description", "purchase_order", "quantity", "unit_price",
	"from", "to", "days", "days_in_period", "day_count", "net", "vat_category", "vat_rate",
}

// WriteCSV writes a header and one row per customer and charge, in every
// language alike. Whoever sums up a column sums up the invoice: there are no
// rows of totals.
func (i *Invoice) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{csvHeader}
	for _, l := range i.Lines {
		rows = append(rows, []string{
			text(i.Number), strconv.Itoa(i.Type), text(i.Seller.ID), text(i.Contract), text(i.Reseller.ID), Period(i.Month).String(),
			string(i.Currency), i.IssuedOn.String(), i.DueOn.String(),
			text(l.Customer), text(l.CustomerName), text(l.Product), text(l.ProductName), text(l.Text()), text(l.PurchaseOrder),
			strconv.FormatInt(l.Quantity, 10), l.UnitPrice.String(), l.From.String(), l.To.String(),
			number(l.Days), number(l.DaysInPeriod), string(l.DayCount),
			Money(l.Net, string(i.Currency)), string(l.VATCategory), l.VATRate.String(),
		})
	}
	return out.WriteAll(rows)
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// text is a cell that a spreadsheet takes as text: upstream chooses names and
// notes, and what looks like a formula would be run by whoever opens the file.
func text[T ~string](s T) string {
	begin := strings.TrimLeftFunc(string(s), unicode.IsSpace)
	if begin != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(begin)[0]) || strings.HasPrefix(string(s), "\t") || strings.HasPrefix(string(s), "\r") {
		return "'" + string(s)
	}
	return string(s)
}
