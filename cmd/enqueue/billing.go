package main

import (
	"errors"
	"iter"
	"os"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// month is a period as a flag or argument.
type month domain.Period

// UnmarshalText reads YYYY-MM.
func (m *month) UnmarshalText(text []byte) error {
	return (*domain.Period)(m).UnmarshalJSON([]byte(`"` + string(text) + `"`))
}

type showInvoices struct {
	Period   month  `name:"period" placeholder:"YYYY-MM" help:"Only those of this month."`
	Contract string `name:"contract" placeholder:"CONTRACT" help:"Only those under this contract."`
	pageFlags
}

func (c *showInvoices) Run(a *app) error {
	return show(a, c.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[store.InvoiceRow, error] {
		return s.InvoicesReport(a.ctx, domain.Period(c.Period), c.Contract, p)
	})
}

type showSchedule struct{ pageFlags }

func (c *showSchedule) Run(a *app) error {
	return show(a, c.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[store.ScheduleRow, error] {
		return s.ScheduleReport(a.ctx, p)
	})
}

type invoiceCommand struct {
	Number string `arg:"" help:"Number of the invoice."`
	Format string `name:"format" required:"" placeholder:"FORMAT" help:"pdf, xml, csv or json." enum:"pdf,xml,csv,json"`
	Output string `name:"output" short:"o" placeholder:"FILE" help:"File to write; without it, standard output."`
}

// Run writes an invoice as it was made.
func (c *invoiceCommand) Run(a *app) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	content, err := s.Document(a.ctx, c.Number, c.Format)
	if errors.Is(err, store.ErrNoDocument) {
		return invalidf("no invoice %s", c.Number)
	}
	if err != nil {
		return err
	}
	if c.Output != "" {
		return written(os.WriteFile(c.Output, content, 0o600))
	}
	_, err = a.out.Write(content)
	return written(err)
}

type closeMonthCommand struct {
	Period month `arg:"" help:"Month, as YYYY-MM."`
	DryRun bool  `name:"dry-run" help:"Show the invoices of the month, also of the running one; nothing is written or sent."`
}

// Run closes what is due, or shows what would be invoiced.
func (c *closeMonthCommand) Run(a *app) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	if c.DryRun {
		return c.dryRun(a, s)
	}
	if err := jobs.NewScheduler(s, a.settings.Logger()).RenderWith(notify.Documents).Look(a.ctx); err != nil {
		return err
	}
	return show(a, pageFlags{}, func(s *store.Store, p store.Page) iter.Seq2[store.InvoiceRow, error] {
		return s.InvoicesReport(a.ctx, domain.Period(c.Period), "", p)
	})
}

func (c *closeMonthCommand) dryRun(a *app, s *store.Store) error {
	var rows []store.InvoiceRow
	err := s.DryRun(a.ctx, domain.Period(c.Period), func(i *domain.Invoice, contract domain.ContractID, missing string) error {
		if missing != "" {
			a.note("contract %s: %s", contract, missing)
			return nil
		}
		row, err := store.RowOf(i)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return err
	}
	return show(a, pageFlags{}, func(*store.Store, store.Page) iter.Seq2[store.InvoiceRow, error] {
		return func(yield func(store.InvoiceRow, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	})
}
