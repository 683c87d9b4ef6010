package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

var invoiceHead = []column{{Label: "Number"}, {Label: "Month"}, {Label: "Reseller"}, {Label: "Contract"}, {Label: "Issued"}, {Label: "Due"}, {Label: "Net", Right: true}, {Label: "VAT", Right: true}, {Label: "Total", Right: true}}

func invoiceTable(rows []store.InvoiceHead) *table {
	t := &table{Head: invoiceHead, Empty: "No month has been invoiced yet."}
	for _, r := range rows {
		t.Rows = append(t.Rows, invoiceCells(r))
	}
	return t
}

func invoiceCells(r store.InvoiceHead) []cell {
	money := func(d decimal.Decimal) cell { return text(domain.Money(d, r.Currency)) }
	number := id(r.Number).to(at("invoice", "contract", r.Contract, "period", domain.Period(r.Period).String()))
	if r.Type == creditNote {
		number.Sub = "credit note"
	}
	return []cell{number, text(domain.Period(r.Period).String()), account(r.Reseller), contract(r.Contract), date(r.IssuedOn), date(r.DueOn), money(r.Net), money(r.VATTotal), money(r.Total).and(r.Currency)}
}

const creditNote = 381

// invoices are all, or those under a contract, the newest first.
func (c *console) invoices(ctx context.Context, r *http.Request) (*page, error) {
	q := r.URL.Query()
	f := store.InvoiceFilter{Contract: q.Get("contract"), Before: q.Get("from"), Limit: pageRows + 1}
	rows, err := c.ledger.LatestInvoices(ctx, f)
	if err != nil {
		return nil, err
	}
	p := &page{Title: "Invoices", Nav: "invoices"}
	if f.Contract != "" {
		p.Kicker, p.Crumbs = "Under "+f.Contract, []cell{text("Invoices").to(at("invoices")), contract(f.Contract)}
	}
	t := invoiceTable(rows[:min(pageRows, len(rows))])
	if len(rows) > pageRows {
		t.More = &cell{Text: "Next page", Href: at("invoices", "contract", f.Contract, "from", rows[pageRows-1].Cursor())}
	}
	if f.Before != "" {
		t.First = at("invoices", "contract", f.Contract)
	}
	p.Sections = []section{{ID: "list", Title: "The newest first", Table: t}}
	return p, nil
}

const (
	linesShown = 200
	linesRead  = 5000 // beyond, an invoice is shown without its lines; its files have them
)

// invoiceLine is what the page shows of a line.
type invoiceLine struct {
	Customer    string      `json:"customer"`
	Product     *string     `json:"product"`
	Description string      `json:"description"`
	Quantity    int64       `json:"quantity"`
	UnitPrice   string      `json:"unit_price"`
	From        domain.Date `json:"from"`
	To          domain.Date `json:"to"`
	Net         string      `json:"net"`
	Category    string      `json:"vat_category"`
	Rate        string      `json:"vat_rate"`
}

// invoice is one invoice with its files and lines.
func (c *console) invoice(ctx context.Context, r *http.Request) (*page, error) {
	name, period, err := invoiceAsked(r)
	if err != nil {
		return nil, err
	}
	i, err := c.ledger.Invoice(ctx, name, period, linesRead)
	if err != nil {
		return nil, err
	}
	p := &page{Title: i.Number, Kicker: "Invoice", Nav: "invoices", Crumbs: []cell{text("Invoices").to(at("invoices"))}, Lead: "For " + period.String() + ", under contract " + i.Contract + "."}
	if i.Type == creditNote {
		p.Kicker = "Credit note"
	}
	money := func(d decimal.Decimal) string { return domain.Money(d, i.Currency) + " " + i.Currency }
	p.Figures = []figure{{Label: "Net", Value: money(i.Net)}, {Label: "VAT", Value: money(i.VATTotal)}, {Label: "Total", Value: money(i.Total), Tone: "main"}}
	p.Sections = append(p.Sections, files(i), section{ID: "facts", Title: "Who and when", Facts: []fact{
		{"Seller", []cell{id(i.Seller)}},
		{"Reseller", []cell{account(i.Reseller)}},
		{"Contract", []cell{contract(i.Contract)}},
		{"Month", []cell{text(period.String())}},
		{"Issued", []cell{date(i.IssuedOn)}},
		{"Due", []cell{date(i.DueOn)}},
		{"Lines", []cell{number(i.Lines)}},
	}})
	s := section{ID: "lines", Title: "Lines"}
	if i.Parts == nil {
		s.Note = "It has " + counted(i.Lines, "line") + ", too many for a page; its files have them."
		p.Sections = append(p.Sections, s)
		return p, nil
	}
	if s.Table, err = lineTable(i.Parts.Lines[:min(linesShown, len(i.Parts.Lines))]); err != nil {
		return nil, err
	}
	if len(i.Parts.Lines) > linesShown {
		s.Note = fmt.Sprintf("The first %d of %s; its files have all.", linesShown, counted(int64(len(i.Parts.Lines)), "line"))
	}
	p.Sections = append(p.Sections, s)
	return p, nil
}

func lineTable(raw []json.RawMessage) (*table, error) {
	t := &table{Head: []column{{Label: "Customer"}, {Label: "What"}, {Label: "Quantity", Right: true}, {Label: "Unit price", Right: true}, {Label: "First day"}, {Label: "Last day"}, {Label: "VAT"}, {Label: "Net", Right: true}}}
	for _, one := range raw {
		var l invoiceLine
		if err := json.Unmarshal(one, &l); err != nil {
			return nil, fmt.Errorf("reading a line: %w", err)
		}
		t.Rows = append(t.Rows, []cell{account(l.Customer), text(l.Description), number(l.Quantity), text(l.UnitPrice), date(l.From), date(l.To), text(l.Rate + "\u00a0%\u00a0" + l.Category), text(l.Net)})
	}
	return t, nil
}

func files(i store.InvoiceWhole) section {
	t := &table{Head: []column{{Label: "File"}, {Label: "Size", Right: true}, {Label: "SHA-256"}}, Empty: "Its files are still being made."}
	for _, f := range i.Files {
		name := text(i.Number + "." + f.Format).to(at("file", "contract", i.Contract, "period", domain.Period(i.Period).String(), "format", f.Format))
		t.Rows = append(t.Rows, []cell{name, text(size(f.Bytes)), id(f.SHA256)})
	}
	return section{ID: "files", Title: "Files", Note: "As they were made and mailed; they never change.", Table: t}
}

func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return counted(bytes, "byte")
	case bytes < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1000_000)
}

func invoiceAsked(r *http.Request) (string, domain.Period, error) {
	var period domain.Period
	asked, err := json.Marshal(r.URL.Query().Get("period"))
	if err == nil {
		err = period.UnmarshalJSON(asked)
	}
	if err != nil {
		return "", 0, fmt.Errorf("the month %w", errors.Join(errInput, err))
	}
	return r.URL.Query().Get("contract"), period, nil
}

var (
	mediaTypes = map[string]string{"pdf": "application/pdf", "xml": "application/xml", "csv": "text/csv; charset=utf-8", "json": "application/json"}
	unsafeName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// file is an invoice in a format, to be saved, never shown by the browser.
func (c *console) file(w http.ResponseWriter, r *http.Request) {
	name, period, err := invoiceAsked(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	format := r.URL.Query().Get("format")
	ctx, done, err := c.slot(r.Context(), fileTime)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	number, content, err := c.ledger.DocumentOf(ctx, name, period, format)
	done()
	if err != nil {
		c.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", mediaTypes[format])
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": unsafeName.ReplaceAllString(number, "_") + "." + format}))
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(content) //nolint:gosec // to be saved as a file, in a sandbox, with its type; whoever asked may be gone
	}
}
