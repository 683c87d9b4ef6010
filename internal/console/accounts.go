package console

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// accounts are the resellers at the top; everybody else is below them.
func (c *console) accounts(ctx context.Context, r *http.Request) (*page, error) {
	after := r.URL.Query().Get("after")
	rows, err := c.ledger.AccountsBelow(ctx, "", after, pageRows+1)
	if err != nil {
		return nil, err
	}
	t := accountTable(rows[:min(pageRows, len(rows))], "No account has been put yet.")
	if len(rows) > pageRows {
		t.More = &cell{Text: "Next page", Href: at("accounts", "after", rows[pageRows-1].Account)}
	}
	if after != "" {
		t.First = at("accounts")
	}
	return &page{
		Title: "Accounts", Nav: "accounts", Lead: "Resellers that have none above them. What is below is on their pages.",
		Sections: []section{{ID: "list", Title: "Resellers", Table: t}},
	}, nil
}

func accountTable(rows []store.AccountRow, empty string) *table {
	t := &table{Head: []column{{Label: "Account"}, {Label: "Name"}, {Label: "Kind"}, {Label: "Status"}, {Label: "Package"}}, Empty: empty}
	for _, r := range rows {
		status := state(r.Status)
		if r.Trial {
			status.Sub = "on trial"
		}
		t.Rows = append(t.Rows, []cell{account(r.Account), text(r.Name), text(r.Kind), status, optional(r.Package)})
	}
	return t
}

// part is something that an account has. It is read after a row, so many and one more.
type part struct {
	name, title, empty string
	head               []column
	read               func(ctx context.Context, c *console, account, after string, limit int) (rows [][]cell, cursors []string, err error)
}

// account is one account with the beginning of each of its parts, or one part of it whole.
func (c *console) account(ctx context.Context, r *http.Request) (*page, error) {
	q := r.URL.Query()
	a, err := c.ledger.Account(ctx, q.Get("id"))
	if err != nil {
		return nil, err
	}
	p := &page{Title: a.Account, Kicker: words(a.Kind), Nav: "accounts", Badge: a.Status, Lead: a.Name, Crumbs: []cell{text("Accounts").to(at("accounts"))}}
	if a.Parent != nil {
		p.Crumbs = append(p.Crumbs, account(*a.Parent))
	}
	if a.Trial {
		p.Notices = append(p.Notices, notice{Tone: "warn", Text: "On trial: it receives no licenses until it is put with trial: false."})
	}
	show := q.Get("show")
	if show != "" {
		p.Crumbs = append(p.Crumbs, account(a.Account))
		p.Badge, p.Lead = "", ""
	} else if a.Package != nil {
		p.Lead += " · package " + *a.Package
	}
	for _, part := range parts {
		if show != "" && part.name != show {
			continue
		}
		s, err := part.section(ctx, c, a.Account, show != "", q.Get("after"))
		if err != nil {
			return nil, err
		}
		if show != "" {
			p.Kicker = part.title
		}
		if show != "" || len(s.Table.Rows) > 0 || part.always() {
			p.Sections = append(p.Sections, s)
		}
	}
	if len(p.Sections) == 0 {
		return nil, errInput
	}
	return p, nil
}

// always says whether a part is shown even if there is nothing of it.
func (p part) always() bool { return p.name == "summary" || p.name == "history" }

func (p part) section(ctx context.Context, c *console, name string, whole bool, after string) (section, error) {
	limit, more := glance, "Show all"
	if whole {
		limit, more = pageRows, "Next page"
	} else {
		after = ""
	}
	rows, cursors, err := p.read(ctx, c, name, after, limit+1)
	if err != nil {
		return section{}, err
	}
	t := &table{Head: p.head, Rows: rows[:min(limit, len(rows))], Empty: p.empty}
	if len(rows) > limit {
		next := ""
		if whole {
			next = cursors[limit-1]
		}
		t.More = &cell{Text: more, Sub: p.title, Href: at("account", "id", name, "show", p.name, "after", next)}
	}
	if after != "" {
		t.First = at("account", "id", name, "show", p.name)
	}
	return section{ID: p.name, Title: p.title, Table: t}, nil
}

// reported is a part that is one of the reports.
func reported[R interface{ Cursor() string }](report func(*store.Store, context.Context, string, store.Page) iter.Seq2[R, error], show func(R) []cell) func(context.Context, *console, string, string, int) ([][]cell, []string, error) {
	return func(ctx context.Context, c *console, account, after string, limit int) (rows [][]cell, cursors []string, err error) {
		for row, err := range report(c.ledger, ctx, account, store.Page{Limit: limit, After: after}) {
			if err != nil {
				return nil, nil, err
			}
			rows, cursors = append(rows, show(row)), append(cursors, row.Cursor())
		}
		return rows, cursors, nil
	}
}

// listed is a part that is read as a list.
func listed[R any](read func(*store.Store, context.Context, string, string, int) ([]R, error), cursor func(R) string, show func(R) []cell) func(context.Context, *console, string, string, int) ([][]cell, []string, error) {
	return func(ctx context.Context, c *console, account, after string, limit int) (rows [][]cell, cursors []string, err error) {
		all, err := read(c.ledger, ctx, account, after, limit)
		for _, row := range all {
			rows, cursors = append(rows, show(row)), append(cursors, cursor(row))
		}
		return rows, cursors, err
	}
}

// contract is one contract, what it sells and what was invoiced under it.
func (c *console) contract(ctx context.Context, r *http.Request) (*page, error) {
	k, err := c.ledger.Contract(ctx, r.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	p := &page{Title: k.Contract, Kicker: "Contract", Nav: "accounts", Badge: k.Status, Crumbs: []cell{text("Accounts").to(at("accounts")), account(k.Reseller)}}
	until := date(k.EndsOn)
	if k.EndsOn == 0 {
		until = text("no end")
	}
	who := []cell{text("nobody may buy")}
	if len(k.CreatePermission) > 0 {
		who = nil
		for _, name := range k.CreatePermission {
			who = append(who, user(name))
		}
	}
	p.Sections = append(p.Sections, section{ID: "terms", Title: "Terms", Facts: []fact{
		{"Seller", []cell{id(k.Seller)}},
		{"Reseller", []cell{account(k.Reseller)}},
		{"First day", []cell{date(k.StartsOn)}},
		{"Last day", []cell{until}},
		{"Currency", []cell{text(k.Currency)}},
		{"Time zone", []cell{text(k.TimeZone)}},
		{"May buy", who},
	}})
	t := &table{Head: []column{{Label: "Product"}, {Label: "Name"}, {Label: "Package"}, {Label: "Term", Right: true}, {Label: "Flexible", Right: true}, {Label: "Annual, monthly", Right: true}, {Label: "Annual, yearly", Right: true}}, Empty: "It sells nothing."}
	for _, o := range k.Products {
		row := []cell{id(o.Product), text(o.Name), id(o.Package)}
		for _, price := range []*domain.Price{o.Prices.Term, o.Prices.Flexible, o.Prices.AnnualMonthly, o.Prices.AnnualYearly} {
			row = append(row, text(priceText(price)))
		}
		t.Rows = append(t.Rows, row)
	}
	p.Sections = append(p.Sections, section{ID: "products", Title: "Products and prices", Note: "Per license and term, per seat and month, per seat and month of a year, per seat and year.", Table: t})
	invoices, err := c.ledger.LatestInvoices(ctx, store.InvoiceFilter{Contract: k.Contract, Limit: 13})
	if err != nil {
		return nil, err
	}
	list := invoiceTable(invoices[:min(12, len(invoices))])
	if len(invoices) > 12 {
		list.More = &cell{Text: "All invoices", Href: at("invoices", "contract", k.Contract)}
	}
	p.Sections = append(p.Sections, section{ID: "invoices", Title: "Invoices", Table: list})
	return p, nil
}

// thing is a lot, a batch of licenses, an order, a subscription or a deployment.
func (c *console) thing(ctx context.Context, r *http.Request) (*page, error) {
	sort, name := r.URL.Query().Get("sort"), r.URL.Query().Get("id")
	t, err := c.ledger.Thing(ctx, sort, name)
	if err != nil {
		return nil, err
	}
	p := &page{Title: name, Kicker: words(sort), Nav: "accounts", Crumbs: []cell{text("Accounts").to(at("accounts")), account(t.Account)}}
	facts := []fact{{"Account", []cell{account(t.Account)}}}
	if t.Contract != "" {
		facts = append(facts, fact{"Contract", []cell{contract(t.Contract)}})
	}
	facts = append(facts, fact{"Made by", []cell{text("the command with number " + fmt.Sprint(t.No)).to(at("command", "no", fmt.Sprint(t.No)))}})
	more, err := ordered(t.Fields)
	if err != nil {
		return nil, err
	}
	p.Sections = []section{{ID: "facts", Title: "What is known of it", Facts: append(facts, more...)}}
	return p, nil
}

// ordered reads the fields of an object, in their order, as far as they say something.
func ordered(raw json.RawMessage) (facts []fact, err error) {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("reading what is known: %w", err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("reading what is known: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("reading what is known: %w", err)
		}
		field := fmt.Sprint(name)
		var said string
		if json.Unmarshal(value, &said) != nil {
			said = string(value)
		}
		if said == "" || said == "null" || said == "false" || said == "[]" {
			continue
		}
		facts = append(facts, fact{words(field), []cell{leadingFact(field, said)}})
	}
	return facts, nil
}

func leadingFact(field, value string) cell {
	switch field {
	case "state":
		return state(value)
	case "requested_by":
		return user(value)
	case "created_by":
		return account(value)
	case "subscription":
		return thing("subscription", value)
	}
	return text(value)
}
