package console

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// A page is a title, perhaps some figures, and sections, each a list of facts, of
// steps, a table or a text. One template draws them all, so that all are alike.
type page struct {
	Title    string
	Kicker   string // what sort of thing the title names
	Nav      string // the entry of the navigation that it belongs to
	Crumbs   []cell
	Badge    string
	Lead     string
	Tabs     []tab
	Notices  []notice
	Figures  []figure
	Sections []section

	Refresh string // where the page is renewed by itself, if it makes sense
	Stop    string // where it is not, if it is now
	Login   *login
	Check   *checkForm
	Query   string // stays in the field of the search

	// What write adds.
	Path    string
	SignOut bool
}

type login struct {
	Next  string
	Wrong bool
}

type tab struct {
	Text, Href string
	Current    bool
}

type notice struct {
	Tone  string // good, warn or bad
	Text  string
	Shell string // what to type
}

type figure struct {
	Label, Value, Sub string
	Tone              string
	Href              string
}

type section struct {
	ID, Title string
	Note      string
	Facts     []fact
	Steps     []step
	Table     *table
	Text      string
}

type fact struct {
	Label string
	Cells []cell
}

// step is an event in the life of a command.
type step struct {
	Tone  string
	Title string
	At    cell
	Cells []cell
}

type table struct {
	Head  []column
	Rows  [][]cell // the first cell names the row
	Empty string   // what is said without rows
	More  *cell    // the next page
	First string   // the first page, on others
}

type column struct {
	Label string
	Right bool
}

// cell is a text and how it is shown.
type cell struct {
	Text  string
	Sub   string // beside it, less important
	Href  string
	Badge bool   // a state
	Time  string // for machines
	Plain bool   // not an id
	Right bool
	Label string // of its column, for narrow screens
}

func text(s string) cell { return cell{Text: s, Plain: true} }

func id(s string) cell { return cell{Text: s} }

func state(s string) cell { return cell{Text: s, Badge: true} }

func number(n int64) cell { return cell{Text: grouped(n), Plain: true} }

func optional(s *string) cell {
	if s == nil {
		return cell{}
	}
	return id(*s)
}

func date(d domain.Date) cell { return cell{Text: d.String(), Time: d.String(), Plain: true} }

// through is the last valid day of what ends as a day begins.
func through(d domain.Date) cell {
	if d == 0 {
		return cell{}
	}
	return date(d - 1)
}

func instant(i store.Instant) cell {
	if i.IsZero() {
		return cell{}
	}
	return cell{Text: i.UTC().Format(time.DateTime), Time: i.String(), Plain: true}
}

// Fit says how an id is broken where there is little room: a short one not at
// all, a longer one behind its signs, a very long one anywhere.
func (c cell) Fit() string {
	switch {
	case len(c.Text) <= len("subscription.renew"):
		return "short"
	case len(c.Text) <= 40:
		return "mid"
	}
	return ""
}

// Pieces are the text, cut behind the signs that ids have.
func (c cell) Pieces() []string {
	var pieces []string
	rest := c.Text
	for !c.Plain && c.Fit() != "short" {
		i := strings.IndexAny(rest, "@~:/")
		if i < 0 {
			break
		}
		pieces, rest = append(pieces, rest[:i+1]), rest[i+1:]
	}
	return append(pieces, rest)
}

func (c cell) to(href string) cell {
	c.Href = href
	return c
}

func (c cell) and(sub string) cell {
	c.Sub = sub
	return c
}

// words is an identifier of the ledger as a label: quantity_available is "Quantity available".
func words(name string) string {
	name = strings.ReplaceAll(name, "_", " ")
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// grouped writes a number with spaces that do not break a line.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "\u202f" + digits[at:]
	}
	return sign + digits
}

// counted is a number with a word, in the right number.
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// at is an address of the console. Ids stand in the query, because they may be
// anything, also "..".
func at(path string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return Home + path
}

func account(name string) cell {
	if name == "" {
		return cell{}
	}
	return id(name).to(at("account", "id", name))
}

func contract(name string) cell {
	if name == "" {
		return cell{}
	}
	return id(name).to(at("contract", "id", name))
}

func thing(sort, name string) cell {
	if name == "" {
		return cell{}
	}
	return id(name).to(at("thing", "sort", sort, "id", name))
}

// user leads to the account, which the search knows.
func user(name string) cell {
	if name == "" {
		return cell{}
	}
	return id(name).to(at("search", "q", name))
}

func command(source, name string) cell {
	return id(commandName(source, name)).to(at("command", "source", source, "id", name))
}

func commandName(source, name string) string {
	if source == domain.DefaultSource {
		return name
	}
	return source + "~" + name
}

// commandNamed is a command as reports name it.
func commandNamed(name string) cell { return command(store.SourceAndID(name)) }
