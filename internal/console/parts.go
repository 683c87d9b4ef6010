package console

import (
	"context"
	"iter"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// parts are what an account has, in the order in which its page shows them.
var parts = []part{
	{
		"summary", "What it has", "It has no licenses and no stock.",
		[]column{{Label: "Product"}, {Label: "Owned", Right: true}, {Label: "Available", Right: true}, {Label: "Deployed", Right: true}, {Label: "Allocated", Right: true}, {Label: "Stock", Right: true}},
		reported((*store.Store).SummaryReport, func(r store.SummaryRow) []cell {
			return []cell{id(r.Product), number(r.Owned), number(r.Available), number(r.Deployed), number(r.Allocated), number(r.Stock)}
		}),
	},
	{
		"stock", "Stock", "It has no stock.",
		[]column{{Label: "Lot"}, {Label: "State"}, {Label: "Product"}, {Label: "Remaining", Right: true}, {Label: "Bought", Right: true}, {Label: "Contract"}, {Label: "Purchased"}, {Label: "Valid through"}},
		reported((*store.Store).StockReport, func(r store.StockRow) []cell {
			return []cell{thing("lot", r.Lot), state(r.State), id(r.Product), number(r.Remaining), number(r.Quantity), contract(r.Contract), date(r.PurchasedOn), through(r.ExpiresOn)}
		}),
	},
	{
		"licenses", "Licenses", "It has no licenses.",
		[]column{{Label: "License"}, {Label: "State"}, {Label: "Product"}, {Label: "Quantity", Right: true}, {Label: "Available", Right: true}, {Label: "Deployed", Right: true}, {Label: "Allocated", Right: true}, {Label: "From"}, {Label: "Valid through"}},
		reported((*store.Store).LicensesReport, func(r store.LicenseRow) []cell {
			return []cell{thing("license", r.License), state(r.State), id(r.Product), number(r.Quantity), number(r.Available), number(r.Deployed), number(r.Allocated), date(r.StartsOn), through(r.ExpiresOn)}
		}),
	},
	{
		"orders", "Orders", "It has ordered nothing.",
		[]column{{Label: "Order"}, {Label: "State"}, {Label: "Kind"}, {Label: "Product"}, {Label: "Quantity", Right: true}, {Label: "Purchase order"}, {Label: "Requested"}, {Label: "Assigned"}},
		reported(func(s *store.Store, ctx context.Context, account string, p store.Page) iter.Seq2[store.OrderRow, error] {
			return s.OrdersReport(ctx, account, store.OrderFilter{}, p)
		}, func(r store.OrderRow) []cell {
			return []cell{thing("order", r.Order), state(r.State), text(r.Kind), id(r.Product), number(r.Quantity), optional(r.PurchaseOrder), instant(r.RequestedAt), instant(r.AssignedAt)}
		}),
	},
	{
		"subscriptions", "Subscriptions", "It has no subscriptions.",
		[]column{{Label: "Subscription"}, {Label: "State"}, {Label: "Product"}, {Label: "Plan"}, {Label: "Seats", Right: true}, {Label: "Cap", Right: true}, {Label: "Term from"}, {Label: "Term through"}, {Label: "Renewal"}},
		reported((*store.Store).SubscriptionsReport, func(r store.SubscriptionRow) []cell {
			most := cell{}
			if r.Cap != nil {
				most = number(*r.Cap)
			}
			return []cell{thing("subscription", r.Subscription), state(r.State), id(r.Product), text(strings.ReplaceAll(r.Plan, "_", ", ")), number(r.Seats), most, date(r.TermStartsOn), through(r.TermEndsOn), optional(r.Renewal)}
		}),
	},
	{
		"deployments", "Deployments", "It has no deployments.",
		[]column{{Label: "Deployment"}, {Label: "State"}, {Label: "Name"}, {Label: "Owner"}, {Label: "Created by"}, {Label: "Holds"}},
		reported((*store.Store).DeploymentsReport, func(r store.DeploymentRow) []cell {
			var holds []string
			for _, item := range r.Items {
				holds = append(holds, grouped(item.Quantity)+" "+item.Product)
			}
			name := ""
			if r.Name != nil {
				name = *r.Name
			}
			return []cell{thing("deployment", r.Deployment), state(r.State), text(name), account(r.Owner), account(r.Account), text(strings.Join(holds, ", "))}
		}),
	},
	{
		"learners", "Learners", "It has no learners.",
		[]column{{Label: "Learner"}, {Label: "Status"}, {Label: "Product"}, {Label: "License"}, {Label: "Valid through"}},
		reported((*store.Store).LearnersReport, func(r store.LearnerRow) []cell {
			license := cell{}
			if r.License != nil {
				license = thing("license", *r.License)
			}
			return []cell{id(r.Learner), state(r.Status), optional(r.Product), license, through(r.ExpiresOn)}
		}),
	},
	{
		"links", "Links", "It is linked with nobody.",
		[]column{{Label: "Receives from"}, {Label: "Receiver"}, {Label: "Since"}},
		reported((*store.Store).LinksReport, func(r store.LinkRow) []cell {
			return []cell{account(r.Source), account(r.Account), instant(r.LinkedAt)}
		}),
	},
	{
		"contracts", "Contracts", "There is no contract.",
		[]column{{Label: "Contract"}, {Label: "Status"}, {Label: "Seller"}, {Label: "Reseller"}, {Label: "Currency"}, {Label: "First day"}, {Label: "Last day"}},
		reported((*store.Store).ContractsReport, func(r store.ContractRow) []cell {
			return []cell{contract(r.Contract), state(r.Status), id(r.Seller), account(r.Reseller), text(r.Currency), date(r.StartsOn), date(r.EndsOn)}
		}),
	},
	{
		"invoices", "Invoices", "There is no invoice yet.", invoiceHead,
		listed(func(s *store.Store, ctx context.Context, account, before string, limit int) ([]store.InvoiceHead, error) {
			return s.LatestInvoices(ctx, store.InvoiceFilter{Reseller: account, Before: before, Limit: limit})
		}, store.InvoiceHead.Cursor, invoiceCells),
	},
	{
		"below", "Accounts below it", "There is no account below it.",
		[]column{{Label: "Account"}, {Label: "Name"}, {Label: "Kind"}, {Label: "Status"}, {Label: "Package"}},
		listed((*store.Store).AccountsBelow, store.AccountRow.Cursor, func(r store.AccountRow) []cell {
			return accountTable([]store.AccountRow{r}, "").Rows[0]
		}),
	},
	{
		"users", "Users", "It has no users.",
		[]column{{Label: "User"}, {Label: "Name"}, {Label: "Roles"}},
		listed((*store.Store).Users, func(r store.UserRow) string { return r.User }, func(r store.UserRow) []cell {
			return []cell{id(r.User), text(r.Name), text(strings.Join(r.Roles, ", "))}
		}),
	},
	{
		"history", "History, the newest first", "Nothing has happened yet.",
		[]column{{Label: "Command"}, {Label: "Status"}, {Label: "At"}, {Label: "Kind"}, {Label: "Actor"}, {Label: "What"}},
		listed((*store.Store).LatestHistory, store.HistoryRow.Cursor, historyCells),
	},
}

func historyCells(r store.HistoryRow) []cell {
	actor, what := cell{}, cell{}
	if r.Actor != nil {
		actor = user(*r.Actor)
	}
	if r.OnBehalfOf != nil {
		actor.Sub = "for " + *r.OnBehalfOf
	}
	if r.Summary != nil {
		what = text(*r.Summary)
	}
	if r.Reason != nil {
		what.Sub, what.Plain = *r.Reason, true
	}
	return []cell{commandNamed(r.Command), state(r.Status), instant(r.At), id(r.Kind), actor, what}
}

func priceText(p *domain.Price) string {
	if p == nil {
		return ""
	}
	return p.String()
}
