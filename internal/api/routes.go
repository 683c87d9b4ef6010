package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/licenseledger/licenseledger/internal/store"
)

// routes is the table of everything that can be asked.
func (a *API) routes(on huma.API) {
	post, get := http.MethodPost, http.MethodGet

	handle(a, on, a.sending(post, "/v1/commands", http.StatusAccepted, "postCommands", "Hand over one command, or several, one a line. What is answered with 202 is in the journal and is not lost."), a.postCommands)
	handle(a, on, asking(get, "/v1/commands/{id}", "getOutcome", "What became of a command that this source has sent. Waiting is an answer, too."), a.getOutcome)
	handle(a, on, a.sending(post, "/v1/previews", http.StatusOK, "postPreview", "What a command would do, with nothing changed and no id used up."), a.postPreview)

	handle(a, on, asking(get, "/v1/stock", "getStock", "Lots of an account."), ofAccount(a, holdings, (*store.Store).StockReport))
	handle(a, on, asking(get, "/v1/licenses", "getLicenses", "Licenses of an account."), ofAccount(a, holdings, (*store.Store).LicensesReport))
	handle(a, on, asking(get, "/v1/orders", "getOrders", "Orders of an account."), a.getOrders)
	handle(a, on, asking(get, "/v1/subscriptions", "getSubscriptions", "Subscriptions of an account."), ofAccount(a, holdings, (*store.Store).SubscriptionsReport))
	handle(a, on, asking(get, "/v1/deployments", "getDeployments", "Deployments that an account owns or has created."), ofAccount(a, holdings, (*store.Store).DeploymentsReport))
	handle(a, on, asking(get, "/v1/history", "getHistory", "What was done and refused, oldest first."), ofAccount(a, holdings, (*store.Store).HistoryReport))
	handle(a, on, asking(get, "/v1/summary", "getSummary", "What an account has of each product, unexpired only."), ofAccount(a, holdings, (*store.Store).SummaryReport))
	handle(a, on, asking(get, "/v1/links", "getLinks", "Links to and from an account."), ofAccount(a, holdings, (*store.Store).LinksReport))

	handle(a, on, asking(get, "/v1/accounts", "getAccounts", "An account and what is below it."), ofAccount(a, catalog, (*store.Store).AccountsReport))
	handle(a, on, asking(get, "/v1/contracts", "getContracts", "Contracts of a reseller; for a customer, those of its reseller."), ofAccount(a, catalog, (*store.Store).ContractsReport))
	handle(a, on, asking(get, "/v1/learners", "getLearners", "Learners of an account and what they use."), ofAccount(a, catalog, (*store.Store).LearnersReport))

	handle(a, on, asking(get, "/v1/charges", "getCharges", "Charges under a contract."), a.getCharges)
	handle(a, on, asking(get, "/v1/invoices", "getInvoices", "Invoices, with their lines."), a.getInvoices)
	handle(a, on, asking(get, "/v1/invoices/{number}/{format}", "getInvoiceFile", "An invoice as a file, as it was made."), a.getInvoiceFile)

	handle(a, on, asking(get, "/v1/events", "getEvents", "What happened, in the order of the ledger, and with wait as it happens."), a.getEvents)

	handle(a, on, asking(get, "/v1/mail", "getMail", "Mails that have been written. For sources without any limit."), a.getMail)
	handle(a, on, asking(get, "/v1/schedule", "getSchedule", "What happens by itself, and when. For sources without any limit."), a.getSchedule)
}

// asking describes a request without a body.
func asking(method, path, id, summary string) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary,
		Security: []map[string][]string{{securityScheme: {}}},
		Errors: []int{
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout,
			http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
		},
	}
}

// sending describes a request with commands.
func (a *API) sending(method, path string, status int, id, summary string) huma.Operation {
	op := asking(method, path, id, summary)
	op.DefaultStatus = status
	op.Errors = append(op.Errors, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	op.MaxBodyBytes = a.options.MaxBatchBytes + 1 // huma refuses a body of just that size
	op.BodyReadTimeout = a.options.Timeouts.Read
	op.SkipValidateBody = true // jobs knows better what is wrong
	return op
}
