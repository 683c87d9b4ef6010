package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// commands is the journal, the newest first, or what waits in it, the oldest first.
func (c *console) commands(ctx context.Context, r *http.Request) (*page, error) {
	show := r.URL.Query().Get("show")
	from, err := place(r, "from")
	if err != nil {
		return nil, err
	}
	p := &page{Title: "Commands", Nav: "commands"}
	for _, t := range []struct{ text, show string }{{"Latest", ""}, {"Waiting", "waiting"}, {"Dead", "dead"}} {
		p.Tabs = append(p.Tabs, tab{t.text, at("commands", "show", t.show), t.show == show})
	}
	var rows []store.CommandRow
	empty := "No command has been sent yet."
	switch show {
	case "":
		rows, err = c.ledger.LatestCommands(ctx, from, pageRows+1)
	case "waiting", "dead":
		p.Refresh = at("commands", "show", show)
		empty = map[string]string{"waiting": "Nothing waits: every command has its outcome.", "dead": "No command is dead."}[show]
		rows, err = c.ledger.PendingCommands(ctx, show == "dead", from, pageRows+1)
	default:
		return nil, errInput
	}
	if err != nil {
		return nil, err
	}
	t := commandTable(rows[:min(pageRows, len(rows))])
	t.Empty = empty
	if len(rows) > pageRows {
		t.More = &cell{Text: "Next page", Href: at("commands", "show", show, "from", strconv.FormatInt(rows[pageRows-1].Seq, 10))}
	}
	if from != 0 {
		t.First = at("commands", "show", show)
	}
	p.Sections = []section{{ID: "list", Title: map[string]string{"": "The newest first", "waiting": "What waits, the oldest first", "dead": "The dead, the oldest first"}[show], Table: t}}
	return p, nil
}

func commandTable(rows []store.CommandRow) *table {
	t := &table{Head: []column{{Label: "Command"}, {Label: "State"}, {Label: "Kind"}, {Label: "Actor"}, {Label: "Accepted"}, {Label: "Why"}}, Empty: "No command has been sent yet."}
	for _, r := range rows {
		why := text(r.Reason)
		if r.Attempts > 0 {
			why.Sub = counted(r.Attempts, "attempt")
		}
		t.Rows = append(t.Rows, []cell{command(r.Source, r.ID), state(r.Status), id(r.Kind), user(r.Actor), instant(r.AcceptedAt), why})
	}
	return t
}

// command is the life of one, from its acceptance to its mails.
func (c *console) command(ctx context.Context, r *http.Request) (*page, error) {
	q := r.URL.Query()
	var life store.CommandLife
	no, err := place(r, "no")
	switch {
	case err != nil:
		return nil, err
	case no > 0:
		life, err = c.ledger.CommandOf(ctx, no)
	default:
		life, err = c.ledger.CommandLife(ctx, q.Get("source"), q.Get("id"))
	}
	if errors.Is(err, store.ErrNotFound) && no == 0 {
		return c.refused(ctx, q.Get("source"), q.Get("id"))
	}
	if err != nil {
		return nil, err
	}
	p := &page{Title: commandName(life.Source, life.ID), Kicker: life.Kind, Nav: "commands", Badge: life.Status, Crumbs: []cell{text("Commands").to(at("commands"))}}
	if life.Status == string(store.Waiting) {
		p.Refresh = at("command", "source", life.Source, "id", life.ID)
	}
	if life.Status == string(store.Dead) {
		p.Notices = append(p.Notices, deadNotice(life))
	}
	mails, err := c.mailsOf(ctx, life.No)
	if err != nil {
		return nil, err
	}
	p.Sections = append(p.Sections, section{ID: "life", Title: "From acceptance to mail", Steps: steps(life, mails)}, section{ID: "names", Title: "What it names", Facts: named(life)})
	if err := c.effects(ctx, life, p); err != nil {
		return nil, err
	}
	if len(mails) > 0 {
		p.Sections = append(p.Sections, section{ID: "mails", Title: "Mails it caused", Table: mailTable(mails)})
	}
	p.Sections = append(p.Sections, section{ID: "content", Title: "Its content", Text: indented(life.Body)})
	if life.Result != nil {
		p.Sections = append(p.Sections, section{ID: "result", Title: "Its result", Text: indented(*life.Result)})
	}
	return p, c.refusals(ctx, life.Source, life.ID, p)
}

func deadNotice(life store.CommandLife) notice {
	shell := "enqueue retry " + life.ID
	if life.Source != domain.DefaultSource {
		shell += " --source " + life.Source
	}
	return notice{Tone: "bad", Text: "Given up after " + counted(life.Attempts, "attempt") + ". Nothing of it was applied, and later commands go on. When what failed is put right, put it back with:", Shell: shell}
}

func steps(life store.CommandLife, mails []store.MailRow) []step {
	accepted := step{Tone: "good", Title: "Accepted into the journal", At: instant(life.AcceptedAt), Cells: []cell{text("from source"), id(life.Source)}}
	if life.Actor != "" {
		accepted.Cells = append(accepted.Cells, text("sent by"), user(life.Actor))
	}
	if life.OnBehalfOf != "" {
		accepted.Cells = append(accepted.Cells, text("on behalf of"), account(life.OnBehalfOf))
	}
	if life.KeyID != "" {
		accepted.Cells = append(accepted.Cells, text("signed with key"), id(life.KeyID))
	}
	all := []step{accepted}
	if life.Attempts > 0 {
		tried := step{Tone: "warn", Title: counted(life.Attempts, "attempt") + " without an outcome", Cells: []cell{text(life.Error)}}
		all = append(all, tried)
	}
	switch life.Status {
	case string(store.Dead):
		all = append(all, step{Tone: "bad", Title: "Dead", At: instant(life.DeadAt), Cells: []cell{text("waits for the operator")}})
	case string(store.Waiting):
		waits := step{Tone: "calm", Title: "Waiting for its outcome", Cells: []cell{text("next looked at"), instant(life.NextAt)}}
		if life.After != nil && *life.After > 0 {
			waits.Cells = append(waits.Cells, text("decided only after entry "+strconv.FormatInt(*life.After, 10)+" of the journal"))
		}
		all = append(all, waits)
	case string(domain.Applied):
		all = append(all, step{Tone: "good", Title: "Applied", At: instant(life.At), Cells: []cell{text(life.Summary).and("number " + strconv.FormatInt(life.No, 10) + " in the ledger")}})
	default:
		all = append(all, step{Tone: "warn", Title: "Rejected: " + life.Reason, At: instant(life.At), Cells: []cell{text(life.Detail)}})
	}
	return append(all, mailSteps(mails)...)
}

// mailSteps is what became of the mails, counted by state.
func mailSteps(mails []store.MailRow) []step {
	counts := map[string]int64{}
	var last store.Instant
	for _, m := range mails {
		counts[string(m.State)]++
		if m.SentAt.After(last.Time) {
			last = m.SentAt
		}
	}
	if len(mails) == 0 {
		return nil
	}
	s := step{Tone: "good", Title: counted(int64(len(mails)), "mail"), At: instant(last)}
	for _, name := range mailStates {
		if counts[name] > 0 {
			s.Cells = append(s.Cells, state(name).and(grouped(counts[name])))
		}
	}
	if counts["sent"] < int64(len(mails)) {
		s.Tone = "calm"
	}
	return []step{s}
}

// moves are the kinds whose from and to are accounts.
var moves = []string{"stock.transfer", "license.sell", "license.pull"}

// named is what a command's content names, each with its page.
func named(life store.CommandLife) []fact {
	var body map[string]json.RawMessage
	_ = json.Unmarshal([]byte(life.Body), &body) // a body that is no object names nothing
	facts := []fact{{Label: "Kind", Cells: []cell{id(life.Kind)}}}
	noun, _, put := strings.Cut(life.Kind, ".put")
	for _, field := range []string{"id", "account", "from", "to", "owner", "source", "parent", "reseller", "contract", "product", "quantity", "seats", "cap", "delta", "order", "lot", "license", "subscription", "deployment", "learner", "note"} {
		var value string
		raw, given := body[field]
		if json.Unmarshal(raw, &value) != nil {
			value = string(raw) // a number
		}
		if !given || value == "" || value == "null" {
			continue
		}
		sort := field
		if field == "id" && put {
			sort = noun
		}
		facts = append(facts, fact{Label: words(field), Cells: []cell{leading(life.Kind, sort, value)}})
	}
	return facts
}

// leading is a value with the page of what it names.
func leading(kind, field, value string) cell {
	switch field {
	case "account", "owner", "parent", "reseller", "source":
		return account(value)
	case "from", "to":
		if slices.Contains(moves, kind) {
			return account(value)
		}
	case "contract":
		return contract(value)
	case "user":
		return user(value)
	case "order", "lot", "license", "subscription", "deployment":
		return thing(field, value)
	case "note":
		return text(value)
	}
	return id(value)
}

// effects are the rows that a command wrote.
func (c *console) effects(ctx context.Context, life store.CommandLife, p *page) error {
	if life.No == 0 || life.Status != string(domain.Applied) {
		return nil
	}
	moved, err := c.ledger.Movements(ctx, life.No, pageRows)
	if err != nil {
		return err
	}
	charged, err := c.ledger.Charged(ctx, life.No, pageRows)
	if err != nil {
		return err
	}
	note := ""
	if len(moved) == pageRows || len(charged) == pageRows {
		note = fmt.Sprintf("The first %d.", pageRows)
	}
	if len(moved) > 0 {
		t := &table{Head: []column{{Label: "Product"}, {Label: "Quantity", Right: true}, {Label: "From"}, {Label: "To"}}}
		for _, m := range moved {
			t.Rows = append(t.Rows, []cell{id(m.Product), number(m.Quantity), holding(m.From), holding(m.To)})
		}
		p.Sections = append(p.Sections, section{ID: "moved", Title: "Licenses it moved", Note: note, Table: t})
	}
	if len(charged) > 0 {
		t := &table{Head: []column{{Label: "Product"}, {Label: "What"}, {Label: "Quantity", Right: true}, {Label: "Unit price", Right: true}, {Label: "Amount", Right: true}, {Label: "Contract"}, {Label: "Account"}, {Label: "Day"}}}
		for _, m := range charged {
			amount := domain.Money(m.Amount.Decimal, m.Currency) + " " + m.Currency
			t.Rows = append(t.Rows, []cell{id(m.Product), id(m.Kind), number(m.Quantity), text(m.UnitPrice.String()), text(amount), contract(m.Contract), account(m.Account), date(m.EffectiveOn)})
		}
		p.Sections = append(p.Sections, section{ID: "charged", Title: "Amounts it charged", Note: note, Table: t})
	}
	return nil
}

// holding is a lot, a batch of licenses, or where all come from and go.
func holding(name string) cell {
	if name == "issued" || name == "expired" {
		return text(name)
	}
	return id(name).to(at("search", "q", name))
}

// refused is a command that never got into the journal.
func (c *console) refused(ctx context.Context, source, name string) (*page, error) {
	p := &page{
		Title: commandName(source, name), Kicker: "Command", Nav: "commands", Badge: "rejected", Crumbs: []cell{text("Commands").to(at("commands"))},
		Lead: "What came with this id was refused at the door. It did not use the id up.",
	}
	if err := c.refusals(ctx, source, name, p); err != nil {
		return nil, err
	}
	if len(p.Sections) == 0 {
		return nil, store.ErrNotFound
	}
	return p, nil
}

func (c *console) refusals(ctx context.Context, source, name string, p *page) error {
	rows, err := c.ledger.Refusals(ctx, source, name)
	if err != nil || len(rows) == 0 {
		return err
	}
	t := &table{Head: []column{{Label: "At"}, {Label: "Kind"}, {Label: "Actor"}, {Label: "Reason"}, {Label: "Detail"}}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []cell{instant(r.At), id(r.Kind), user(r.Actor), id(r.Reason), text(r.Detail)})
	}
	p.Sections = append(p.Sections, section{ID: "refused", Title: "Refused under the same id", Table: t})
	return nil
}

// longestText is how much of a content a page shows; a command of the catalog
// may be a mebibyte.
const longestText = 64 << 10

func indented(raw string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(raw), "", "  "); err == nil {
		raw = b.String()
	}
	if len(raw) > longestText {
		raw = strings.ToValidUTF8(raw[:longestText], "") + "\n… cut off here"
	}
	return raw
}
