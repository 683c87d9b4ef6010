package api

import (
	"context"
	"iter"
	"net/url"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/notify"
)

// PageInput is which part of a report to show. (huma looks into embedded structs
// only if they are exported.)
type PageInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many rows at most."`
	After string `query:"after" maxLength:"512" doc:"Go on after this row. next has it."`
}

// AccountInput is which account a report is about.
type AccountInput struct {
	Account string `query:"account" required:"true" minLength:"1" maxLength:"128" doc:"Id of the account." example:"northwind"`
	PageInput
}

// rows are one page of a report.
type rows[R any] struct {
	Rows []R     `json:"rows" doc:"The rows, in their order."`
	Next *string `json:"next" doc:"Where the next page is, from the root of this server; null on the last."`
}

type rowsOutput[R any] struct{ Body rows[R] }

// cursored is a row that says how to go on after it.
type cursored interface{ Cursor() string }

// onePage reads a page, and a row more to know whether others follow.
func onePage[R cursored](ctx context.Context, in PageInput, report func(store.Page) iter.Seq2[R, error]) (*rowsOutput[R], error) {
	page := rows[R]{Rows: []R{}}
	for row, err := range report(store.Page{Limit: in.Limit + 1, After: in.After}) {
		if err != nil {
			return nil, err
		}
		if len(page.Rows) == in.Limit {
			next := nextPage(callOf(ctx).url, page.Rows[in.Limit-1].Cursor())
			page.Next = &next
			break
		}
		page.Rows = append(page.Rows, row)
	}
	return &rowsOutput[R]{Body: page}, nil
}

func nextPage(here *url.URL, cursor string) string {
	query := here.Query()
	query.Set("after", cursor)
	return here.EscapedPath() + "?" + query.Encode()
}

// reportOfAccount is a report in the words of the store.
type reportOfAccount[R any] func(*store.Store, context.Context, string, store.Page) iter.Seq2[R, error]

// ofAccount makes the handler of a report about an account.
func ofAccount[R cursored](a *API, who readers, report reportOfAccount[R]) func(context.Context, *AccountInput) (*rowsOutput[R], error) {
	return func(ctx context.Context, in *AccountInput) (*rowsOutput[R], error) {
		if err := a.mayRead(ctx, who, about{account: domain.AccountID(in.Account)}); err != nil {
			return nil, err
		}
		return onePage(ctx, in.PageInput, func(p store.Page) iter.Seq2[R, error] { return report(a.store, ctx, in.Account, p) })
	}
}

type ordersInput struct {
	AccountInput
	State         string `query:"state" enum:"requested,assigned,rejected,cancelled" doc:"Only these."`
	From          string `query:"from" format:"date" doc:"Requested on this day (in the contract's time zone) or later."`
	To            string `query:"to" format:"date" doc:"Requested on this day or earlier."`
	PurchaseOrder string `query:"purchase_order" maxLength:"200" doc:"Only those with this purchase-order number."`
}

func (a *API) getOrders(ctx context.Context, in *ordersInput) (*rowsOutput[store.OrderRow], error) {
	if err := a.mayRead(ctx, holdings, about{account: domain.AccountID(in.Account)}); err != nil {
		return nil, err
	}
	filter := store.OrderFilter{State: in.State, PurchaseOrder: in.PurchaseOrder}
	for _, day := range []struct {
		name, text string
		date       *domain.Date
	}{{"from", in.From, &filter.From}, {"to", in.To, &filter.To}} {
		if day.text == "" {
			continue
		}
		var err error
		if *day.date, err = domain.ParseDate(day.text); err != nil {
			return nil, invalidField("query."+day.name, err.Error())
		}
	}
	return onePage(ctx, in.PageInput, func(p store.Page) iter.Seq2[store.OrderRow, error] {
		return a.store.OrdersReport(ctx, in.Account, filter, p)
	})
}

type chargesInput struct {
	Contract string `query:"contract" required:"true" minLength:"1" maxLength:"128" doc:"Id of the contract." example:"C-1"`
	PageInput
}

func (a *API) getCharges(ctx context.Context, in *chargesInput) (*rowsOutput[store.ChargeRow], error) {
	if err := a.mayRead(ctx, billing, about{contract: domain.ContractID(in.Contract)}); err != nil {
		return nil, err
	}
	return onePage(ctx, in.PageInput, func(p store.Page) iter.Seq2[store.ChargeRow, error] {
		return a.store.ChargesReport(ctx, in.Contract, p)
	})
}

type mailInput struct {
	To string `query:"to" maxLength:"320" doc:"Only mails to this address."`
	PageInput
}

func (a *API) getMail(ctx context.Context, in *mailInput) (*rowsOutput[notify.MailRow], error) {
	if err := a.mayRead(ctx, operating, about{}); err != nil {
		return nil, err
	}
	return onePage(ctx, in.PageInput, func(p store.Page) iter.Seq2[notify.MailRow, error] {
		return notify.MailReport(ctx, a.store, store.MailFilter{To: in.To, Limit: p.Limit, After: p.After})
	})
}

func (a *API) getSchedule(ctx context.Context, in *PageInput) (*rowsOutput[store.ScheduleRow], error) {
	if err := a.mayRead(ctx, operating, about{}); err != nil {
		return nil, err
	}
	return onePage(ctx, *in, func(p store.Page) iter.Seq2[store.ScheduleRow, error] { return a.store.ScheduleReport(ctx, p) })
}
