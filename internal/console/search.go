package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/internal/store"
)

const (
	longestQuery = 4 << 10 // bytes of an address behind the question mark
	foundEach    = 8       // of each sort
)

// sound answers addresses that no page of ours has, before they reach Postgres.
func (c *console) sound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		values, err := url.ParseQuery(r.URL.RawQuery)
		bad := err != nil || len(r.URL.RawQuery) > longestQuery
		for _, all := range values {
			for _, value := range all {
				bad = bad || !utf8.ValidString(value) || strings.ContainsRune(value, 0)
			}
		}
		if bad {
			c.fail(w, r, errInput)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// search goes to what has the id, if that is one thing, else it lists what
// begins with it.
func (c *console) search(w http.ResponseWriter, r *http.Request) {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	c.page(func(ctx context.Context, _ *http.Request) (*page, error) {
		p := &page{Title: "Search", Nav: "search", Query: query}
		if query == "" {
			p.Lead = "Type the id of a command, account, user, contract, license, lot, order, subscription or deployment, an invoice number, a mail or a mail address. Its beginning is enough."
			return p, nil
		}
		found, err := c.ledger.Search(ctx, query, foundEach)
		if err != nil {
			return nil, err
		}
		if only := theOne(found); only != nil {
			http.Redirect(w, r, only.Href, http.StatusSeeOther)
			return nil, errAnswered
		}
		t := &table{Head: []column{{Label: "Found"}, {Label: "What"}, {Label: "Of"}}, Empty: "Nothing begins with this. Ids are case-sensitive."}
		for _, exact := range []bool{true, false} {
			for _, f := range found {
				if f.Exact == exact {
					t.Rows = append(t.Rows, []cell{foundCell(f), text(f.Sort), text(f.Of)})
				}
			}
		}
		p.Title = "Search for " + query
		p.Sections = []section{{ID: "found", Title: "What begins with it", Table: t}}
		return p, nil
	})(w, r)
}

// theOne is where to go: what is meant exactly, or all that was found.
func theOne(found []store.FoundRow) *cell {
	var exact []store.FoundRow
	for _, f := range found {
		if f.Exact {
			exact = append(exact, f)
		}
	}
	if len(exact) == 0 {
		exact = found
	}
	if len(exact) != 1 {
		return nil
	}
	only := foundCell(exact[0])
	return &only
}

func foundCell(f store.FoundRow) cell {
	switch f.Sort {
	case "command":
		return commandNamed(f.ID)
	case "account":
		return account(f.ID)
	case "user":
		return id(f.ID).to(at("account", "id", f.Of))
	case "contract":
		return contract(f.ID)
	case "invoice":
		number, period := f.ID, ""
		if i := strings.LastIndexByte(f.ID, ' '); i > 0 {
			number, period = f.ID[:i], f.ID[i+1:]
		}
		return id(number).to(at("invoice", "contract", f.Of, "period", period))
	case "mail":
		return id(f.ID).to(at("mail", "id", f.ID))
	}
	return thing(f.Sort, f.ID)
}
