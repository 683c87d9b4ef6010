package api_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/jobs"
)

// rows reads all pages of a report.
func (l *ledger) rows(token, path string) (all []json.RawMessage, pages int) {
	l.t.Helper()
	for next := path; next != ""; pages++ {
		if pages > 1000 {
			l.t.Fatal("no end of pages of " + path)
		}
		var page struct {
			Rows []json.RawMessage
			Next *string
		}
		l.ask(request{path: next, token: token}).is(l.t, next, http.StatusOK).into(l.t, &page)
		if page.Rows == nil {
			l.t.Fatalf("%s has no rows", next)
		}
		all, next = append(all, page.Rows...), ""
		if page.Next != nil {
			next = *page.Next
		}
	}
	return all, pages
}

// stories makes a ledger that has something of everything.
func (l *ledger) stories() *ledger {
	l.t.Helper()
	l.work()
	one := func(line string) {
		command, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			l.t.Fatal(problems)
		}
		l.run([]jobs.Command{command})
	}
	one(`{"id":"clock-0","kind":"clock.advance","body":{"to":"2026-03-02T09:00:00Z"}}`)
	for _, file := range []string{"catalog", "1-stock", "2-device-purchase", "3-sales-and-links", "4-orders-and-learners", "5-subscriptions"} {
		l.file(file)
	}
	one(`{"id":"link","kind":"account.link","actor":"ada@northwind.example","body":{"account":"northwind","source":"northwind-labs","approved_by":"lena@labs.example"}}`)
	return l
}

// Every report in pages of any size is what it is at once, which is what the
// command line shows.
func TestReports(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).stories()
	token := l.token(domain.Source{Source: "portal"})
	enqueue := t.TempDir() + "/enqueue"
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", enqueue, "../../cmd/enqueue").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for path, show := range map[string]string{
		"/v1/stock?account=northwind":                  "stock --account northwind",
		"/v1/licenses?account=acme":                    "licenses --account acme",
		"/v1/orders?account=acme":                      "orders --account acme",
		"/v1/orders?account=acme&state=assigned":       "orders --account acme --state assigned",
		"/v1/subscriptions?account=acme":               "subscriptions --account acme",
		"/v1/deployments?account=northwind":            "deployments --account northwind",
		"/v1/history?account=northwind":                "history --account northwind",
		"/v1/summary?account=acme":                     "summary --account acme",
		"/v1/accounts?account=northwind":               "accounts --account northwind",
		"/v1/contracts?account=northwind":              "contracts --account northwind",
		"/v1/learners?account=gamma":                   "learners --account gamma",
		"/v1/links?account=northwind":                  "links --account northwind",
		"/v1/charges?contract=C-NORTH":                 "charges --contract C-NORTH",
		"/v1/invoices":                                 "invoices",
		"/v1/invoices?period=2026-03":                  "invoices --period 2026-03",
		"/v1/mail":                                     "mail",
		"/v1/schedule":                                 "schedule",
		"/v1/stock?account=nobody":                     "stock --account nobody",
		"/v1/orders?account=acme&purchase_order=A%2D7": "orders --account acme --purchase-order A-7",
	} {
		out, err := exec.CommandContext(t.Context(), enqueue, append(strings.Fields("show "+show), "--json", "--database-url", l.databaseURL, "--redis-url", l.redisURL)...).Output()
		check(t, err)
		var want []json.RawMessage
		check(t, json.Unmarshal(out, &want))
		got, _ := l.rows(token, path)
		same := func(a, b json.RawMessage) bool { return string(a) == string(b) }
		if !slices.EqualFunc(got, want, same) {
			t.Errorf("%s has other rows than show %s:\n%s\n%s", path, show, got, want)
		}
		if len(want) == 0 && !strings.Contains(path, "nobody") && !strings.Contains(path, "purchase_order") {
			t.Errorf("%s has no rows to try", path)
		}
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		if len(want) <= 60 {
			paged, pages := l.rows(token, path+sep+"limit=3")
			if !slices.EqualFunc(paged, want, same) || pages != max(1, (len(want)+2)/3) {
				t.Errorf("%s has other rows in %d pages: %s", path, pages, paged)
			}
		}
	}
	l.files(token)
}

// files compares the files of an invoice with what the store has.
func (l *ledger) files(token string) {
	l.t.Helper()
	var first struct{ Number string }
	all, _ := l.rows(token, "/v1/invoices")
	check(l.t, json.Unmarshal(all[0], &first))
	for format, contentType := range map[string]string{"pdf": "application/pdf", "xml": "application/xml", "csv": "text/csv; charset=utf-8", "json": "application/json"} {
		a := l.ask(request{path: "/v1/invoices/" + first.Number + "/" + format, token: token}).is(l.t, format, http.StatusOK)
		want, err := l.store.Document(l.t.Context(), first.Number, format)
		check(l.t, err)
		if a.body != string(want) || len(want) == 0 || a.header.Get("Content-Type") != contentType || !strings.Contains(a.header.Get("Content-Disposition"), first.Number+"."+format) {
			l.t.Errorf("%s: %v", format, a.header)
		}
	}
	l.ask(request{path: "/v1/invoices/X-1/pdf", token: token}).is(l.t, "no invoice", http.StatusNotFound)
	l.ask(request{path: "/v1/invoices/" + first.Number + "/doc", token: token}).is(l.t, "no format", http.StatusUnprocessableEntity, `"field":"path.format"`)
}

func TestWhatIsWrongWithAReport(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal"})
	for path, field := range map[string]string{
		"/v1/stock":                                   "query.account",
		"/v1/stock?account=":                          "query.account",
		"/v1/stock?account=northwind&limit=0":         "query.limit",
		"/v1/stock?account=northwind&limit=1001":      "query.limit",
		"/v1/stock?account=northwind&limit=x":         "query.limit",
		"/v1/stock?account=northwind&after=none":      "query.after",
		"/v1/stock?account=northwind&acount=x":        "query.acount",
		"/v1/orders?account=acme&state=new":           "query.state",
		"/v1/orders?account=acme&from=yesterday":      "query.from",
		"/v1/orders?account=acme&from=2026-02-30":     "query.from",
		"/v1/invoices?period=2026-13":                 "query.period",
		"/v1/commands/1?wait=soon":                    "query.wait",
		"/v1/commands/1?wait=31s":                     "query.wait",
		"/v1/events?wait=31s":                         "query.wait",
		"/v1/events?after=7":                          "query.after",
		"/v1/events?type=order.done":                  "query.type",
		"/v1/events?account=a%20b":                    "query.account",
		"/v1/history?account=northwind&after=a~b~c~d": "query.after",
	} {
		l.ask(request{path: path, token: token}).is(t, path, http.StatusUnprocessableEntity, `"reason":"invalid"`, `"field":"`+field+`"`)
	}
}

// A source with limits reads what is within them. What does not exist is answered
// like what is foreign.
func TestReadingWithinLimits(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).stories()
	var invoice struct{ Number, Contract string }
	all, _ := l.rows(l.token(domain.Source{Source: "erp"}), "/v1/invoices")
	check(t, json.Unmarshal(all[0], &invoice))

	subtree := l.token(domain.Source{Source: "portal", Account: "northwind"})
	above := l.token(domain.Source{Source: "atlas", Account: "atlas"})
	sibling := l.token(domain.Source{Source: "labs", Account: "northwind-labs"})
	customer := l.token(domain.Source{Source: "acme", Account: "acme"})
	business := l.token(domain.Source{Source: "shop", Scopes: []domain.Scope{domain.ScopeBusiness}})
	catalog := l.token(domain.Source{Source: "crm", Scopes: []domain.Scope{domain.ScopeCatalog}})
	finance := l.token(domain.Source{Source: "finance", Scopes: []domain.Scope{domain.ScopeBilling}})
	for _, c := range []struct {
		token, path string
		may         bool
	}{
		{subtree, "/v1/stock?account=northwind", true},
		{subtree, "/v1/stock?account=acme", true},
		{subtree, "/v1/stock?account=atlas", false},
		{subtree, "/v1/stock?account=nobody", false},
		{subtree, "/v1/orders?account=atlas", false},
		{subtree, "/v1/history?account=atlas", false},
		{subtree, "/v1/contracts?account=atlas", false},
		{subtree, "/v1/charges?contract=C-NORTH", true},
		{subtree, "/v1/charges?contract=C-ATLAS", false},
		{subtree, "/v1/charges?contract=C-NONE", false},
		{subtree, "/v1/invoices", false},
		{subtree, "/v1/invoices?contract=C-NORTH", true},
		{subtree, "/v1/invoices?contract=" + invoice.Contract, true},
		{subtree, "/v1/invoices/" + invoice.Number + "/pdf", true},
		{sibling, "/v1/invoices?contract=" + invoice.Contract, false},
		{above, "/v1/invoices/" + invoice.Number + "/pdf", true},
		{sibling, "/v1/invoices/" + invoice.Number + "/pdf", false},
		{subtree, "/v1/invoices/X-1/pdf", false},
		{subtree, "/v1/events?account=acme", true},
		{subtree, "/v1/events?account=atlas", false},
		{subtree, "/v1/events?account=nobody", false},
		{business, "/v1/events?type=order.assigned", true},
		{business, "/v1/events?type=invoice.issued", false},
		{finance, "/v1/events?type=invoice.issued", true},
		{finance, "/v1/events?type=order.assigned", false},
		{subtree, "/v1/mail", false},
		{subtree, "/v1/schedule", false},
		{customer, "/v1/licenses?account=acme", true},
		{customer, "/v1/licenses?account=northwind", false},
		{customer, "/v1/charges?contract=C-NORTH", false},
		{business, "/v1/stock?account=atlas", true},
		{business, "/v1/accounts?account=atlas", true},
		{business, "/v1/charges?contract=C-NORTH", false},
		{business, "/v1/invoices/" + invoice.Number + "/xml", false},
		{business, "/v1/mail", false},
		{catalog, "/v1/learners?account=gamma", true},
		{catalog, "/v1/stock?account=northwind", false},
		{finance, "/v1/invoices", true},
		{finance, "/v1/invoices/" + invoice.Number + "/csv", true},
		{finance, "/v1/summary?account=acme", false},
	} {
		if a := l.ask(request{path: c.path, token: c.token}); c.may {
			a.is(t, c.path, http.StatusOK)
		} else {
			a.is(t, c.path, http.StatusForbidden, `"reason":"out_of_scope"`)
		}
	}
}
