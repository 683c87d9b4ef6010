package api

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"mime"
	"net/http"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

type invoicesInput struct {
	Period   string `query:"period" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"Only those of this month." example:"2026-11"`
	Contract string `query:"contract" maxLength:"128" doc:"Only those under this contract. A source that is limited to an account must name one." example:"C-1"`
	PageInput
}

func (a *API) getInvoices(ctx context.Context, in *invoicesInput) (*rowsOutput[store.InvoiceRow], error) {
	if err := a.mayRead(ctx, billing, about{contract: domain.ContractID(in.Contract)}); err != nil {
		return nil, err
	}
	var period domain.Period
	if in.Period != "" {
		if err := period.UnmarshalJSON([]byte(`"` + in.Period + `"`)); err != nil {
			return nil, invalidField("query.period", err.Error())
		}
	}
	return onePage(ctx, in.PageInput, func(p store.Page) iter.Seq2[store.InvoiceRow, error] {
		return a.store.InvoicesReport(ctx, period, in.Contract, p)
	})
}

// fileTypes are the formats of an invoice's files.
var fileTypes = map[string]string{
	"pdf": "application/pdf", "xml": "application/xml", "csv": "text/csv; charset=utf-8", "json": "application/json",
}

type invoiceFileInput struct {
	Number string `path:"number" doc:"Of the invoice." example:"V-000001"`
	Format string `path:"format" enum:"pdf,xml,csv,json" doc:"PDF; UBL 2.1 by EN 16931; CSV; JSON."`
}

type invoiceFileOutput struct {
	ContentType        string `header:"Content-Type" hidden:"true"`
	ContentDisposition string `header:"Content-Disposition" doc:"A name for the file."`
	Body               []byte
}

// getInvoiceFile shows an invoice as it was made.
func (a *API) getInvoiceFile(ctx context.Context, in *invoiceFileInput) (*invoiceFileOutput, error) {
	contract, err := a.store.ContractOfInvoice(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	if err := a.mayRead(ctx, billing, about{contract: contract}); err != nil {
		return nil, err
	}
	if contract == "" {
		return nil, problem(http.StatusNotFound, fmt.Sprintf("there is no invoice %s", in.Number))
	}
	content, err := a.store.Document(ctx, in.Number, in.Format)
	if errors.Is(err, store.ErrNoDocument) {
		return nil, problem(http.StatusNotFound, fmt.Sprintf("the files of invoice %s are being made; try again", in.Number))
	}
	return &invoiceFileOutput{
		ContentType:        fileTypes[in.Format],
		ContentDisposition: mime.FormatMediaType("attachment", map[string]string{"filename": in.Number + "." + in.Format}),
		Body:               content,
	}, err
}
