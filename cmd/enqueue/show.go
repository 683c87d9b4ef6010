package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// showCommand are the reports, in the words that the store has for them.
type showCommand struct {
	Outcome       showOutcome       `cmd:"" help:"What became of a command."`
	Stock         showStock         `cmd:"" help:"Lots of an account."`
	Licenses      showLicenses      `cmd:"" help:"Licenses of an account."`
	Orders        showOrders        `cmd:"" help:"Orders of an account."`
	Subscriptions showSubscriptions `cmd:"" help:"Subscriptions of an account."`
	Deployments   showDeployments   `cmd:"" help:"Deployments that an account owns or has created."`
	History       showHistory       `cmd:"" help:"What was done and refused, oldest first."`
	Summary       showSummary       `cmd:"" help:"What an account has of each product, unexpired only."`
	Accounts      showAccounts      `cmd:"" help:"An account and what is below it."`
	Contracts     showContracts     `cmd:"" help:"Contracts of a reseller; for a customer, those of its reseller."`
	Learners      showLearners      `cmd:"" help:"Learners of an account and what they use."`
	Links         showLinks         `cmd:"" help:"Links to and from an account."`
	Charges       showCharges       `cmd:"" help:"What was charged once under a contract; seats by the month are on the invoices only."`
	Invoices      showInvoices      `cmd:"" help:"Invoices; with --json also their lines."`
	Schedule      showSchedule      `cmd:"" help:"What happens by itself, and when."`
	Mail          showMail          `cmd:"" help:"Mails, oldest first; in a folder of SMTP_URL=file:DIR the file is ID.eml."`
	Dead          showDead          `cmd:"" help:"Commands given up for a technical failure; enqueue retry puts one back."`
}

// pageFlags cut a report into pages.
type pageFlags struct {
	Limit *int   `name:"limit" placeholder:"N" help:"Rows at most; without it the report is complete."`
	After string `name:"after" placeholder:"CURSOR" help:"Begin after this row: its id, or what the page before printed after \"more:\"."`
}

// AfterApply checks the flags.
func (p pageFlags) AfterApply() error {
	if p.Limit != nil && *p.Limit < 1 {
		return errors.New("--limit: must be 1 or more")
	}
	return nil
}

type accountFlags struct {
	Account string `name:"account" required:"" placeholder:"ACCOUNT" help:"Id of the account."`
	pageFlags
}

type (
	showStock         struct{ accountFlags }
	showLicenses      struct{ accountFlags }
	showSubscriptions struct{ accountFlags }
	showDeployments   struct{ accountFlags }
	showHistory       struct{ accountFlags }
	showSummary       struct{ accountFlags }
	showAccounts      struct{ accountFlags }
	showContracts     struct{ accountFlags }
	showLearners      struct{ accountFlags }
	showLinks         struct{ accountFlags }
)

func (c *showStock) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).StockReport)
}

func (c *showLicenses) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).LicensesReport)
}

func (c *showSubscriptions) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).SubscriptionsReport)
}

func (c *showDeployments) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).DeploymentsReport)
}

func (c *showHistory) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).HistoryReport)
}

func (c *showSummary) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).SummaryReport)
}

func (c *showAccounts) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).AccountsReport)
}

func (c *showContracts) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).ContractsReport)
}

func (c *showLearners) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).LearnersReport)
}

func (c *showLinks) Run(a *app) error {
	return ofAccount(a, c.accountFlags, (*store.Store).LinksReport)
}

type showOrders struct {
	accountFlags
	State         string `name:"state" placeholder:"STATE" help:"Only these: requested, assigned, rejected or cancelled."`
	From          day    `name:"from" placeholder:"DATE" help:"Requested on this day (in the contract's time zone) or later."`
	To            day    `name:"to" placeholder:"DATE" help:"Requested on this day or earlier."`
	PurchaseOrder string `name:"purchase-order" aliases:"purchase_order" placeholder:"NUMBER" help:"Only those with this purchase-order number."`
}

// day is a date as a flag.
type day domain.Date

// UnmarshalText reads YYYY-MM-DD.
func (d *day) UnmarshalText(text []byte) error {
	date, err := domain.ParseDate(string(text))
	*d = day(date)
	return err
}

var orderStates = []string{
	string(domain.OrderRequested), string(domain.OrderAssigned), string(domain.OrderRejected), string(domain.OrderCancelled),
}

func (c *showOrders) AfterApply() error {
	if c.State != "" && !slices.Contains(orderStates, c.State) {
		return fmt.Errorf("--state: %q is not one of %s", c.State, strings.Join(orderStates, ", "))
	}
	return nil
}

func (c *showOrders) Run(a *app) error {
	filter := store.OrderFilter{State: c.State, From: domain.Date(c.From), To: domain.Date(c.To), PurchaseOrder: c.PurchaseOrder}
	return show(a, c.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[store.OrderRow, error] {
		return s.OrdersReport(a.ctx, c.Account, filter, p)
	})
}

type showCharges struct {
	Contract string `name:"contract" required:"" placeholder:"CONTRACT" help:"Id of the contract."`
	pageFlags
}

func (c *showCharges) Run(a *app) error {
	return show(a, c.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[store.ChargeRow, error] {
		return s.ChargesReport(a.ctx, c.Contract, p)
	})
}

type showMail struct {
	To    string `name:"to" placeholder:"ADDRESS" help:"Only mails to this address."`
	State string `name:"state" placeholder:"STATE" help:"Only these: pending, sending, sent, failed or in_doubt."`
	pageFlags
}

var mailStates = []string{
	string(store.MailPending), string(store.MailSending), string(store.MailSent), string(store.MailFailed), string(store.MailInDoubt),
}

func (c *showMail) AfterApply() error {
	if c.State != "" && !slices.Contains(mailStates, c.State) {
		return fmt.Errorf("--state: %q is not one of %s", c.State, strings.Join(mailStates, ", "))
	}
	return nil
}

func (c *showMail) Run(a *app) error {
	return show(a, c.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[notify.MailRow, error] {
		return notify.MailReport(a.ctx, s, store.MailFilter{To: c.To, State: c.State, Limit: p.Limit, After: p.After})
	})
}

type showOutcome struct {
	ID     string `arg:"" help:"Id of the command."`
	Source string `name:"source" default:"default" placeholder:"ID" help:"Source of the command (default: default)."`
}

func (c *showOutcome) Run(a *app) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	outcome, _, err := findOutcome(a, s, c.Source, c.ID)
	if err != nil {
		return err
	}
	if a.json || terminal(a.out) == 0 {
		return written(newEncoder(a.out).Encode(outcome))
	}
	return a.describeOutcome(outcome, terminal(a.out))
}

func findOutcome(a *app, s *store.Store, source, id string) (jobs.Outcome, int64, error) {
	outcome, seq, found, err := jobs.FindOutcome(a.ctx, s, source, id)
	if err == nil && !found {
		err = invalidf("no command %s of source %s", id, source)
	}
	return outcome, seq, err
}

// cursored is a row that says how to go on after it.
type cursored interface{ Cursor() string }

func ofAccount[R cursored](a *app, f accountFlags, report reportOfAccount[R]) error {
	return show(a, f.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[R, error] { return report(s, a.ctx, f.Account, p) })
}

// show prints a report: as a JSON array or as a table, row by row.
func show[R cursored](a *app, f pageFlags, rows func(*store.Store, store.Page) iter.Seq2[R, error]) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	page, limit := store.Page{After: f.After}, 0
	if f.Limit != nil {
		limit = *f.Limit
		page.Limit = limit + 1 // one more tells whether there is more
	}
	out := bufio.NewWriterSize(a.out, 64<<10)
	p := newPrinter[R](out, a.json, terminal(a.out))
	printed, more, err := copyRows(p, rows(s, page), limit)
	if err != nil {
		_ = out.Flush() // what it was worth has been said by the error
		if errors.Is(err, store.ErrCursor) {
			return invalidf("--after: %w", err)
		}
		return err
	}
	p.end()
	if err := written(out.Flush()); err != nil {
		return err
	}
	switch {
	case more != "":
		a.note("more: --after %s", more)
	case printed == 0 && !a.json:
		a.note("nothing to show")
	}
	return nil
}

// copyRows prints up to limit rows (0: all); more is the cursor of the last one if others follow.
func copyRows[R cursored](p *printer[R], rows iter.Seq2[R, error], limit int) (printed int, more string, err error) {
	last := ""
	for row, err := range rows {
		if err != nil {
			return printed, "", err
		}
		if limit > 0 && printed == limit {
			return printed, last, nil
		}
		if err := p.row(row); err != nil {
			return printed, "", err
		}
		printed, last = printed+1, row.Cursor()
	}
	return printed, "", nil
}

// printer prints rows as they come.
type printer[R any] struct {
	out   io.Writer
	json  bool
	table *grid[R]
	wait  []R // rows of a table that are printed together
	any   bool
}

// together is how many rows of a table are printed at once.
const together = 500

func newPrinter[R any](out io.Writer, asJSON bool, width int) *printer[R] {
	return &printer[R]{out: out, json: asJSON, table: newTable[R](out, width)}
}

func (p *printer[R]) row(row R) error {
	if !p.json {
		p.wait = append(p.wait, row)
		if len(p.wait) == together {
			p.table.print(p.wait)
			p.wait = p.wait[:0]
		}
		return nil
	}
	separator := ","
	if !p.any {
		separator, p.any = "[", true
	}
	if _, err := io.WriteString(p.out, separator); err != nil {
		return written(err)
	}
	return written(newEncoder(p.out).Encode(row)) // ends the line
}

func (p *printer[R]) end() {
	switch {
	case p.json && p.any:
		fmt.Fprintln(p.out, "]")
	case p.json:
		fmt.Fprintln(p.out, "[]")
	case len(p.wait) > 0:
		p.table.print(p.wait)
	}
}
