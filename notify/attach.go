package notify

import (
	"context"
	"fmt"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// attached are the formats in which an invoice goes out with its mail, in that
// order, and their media types.
var attached = []struct{ format, mediaType string }{
	{"pdf", "application/pdf"}, {"xml", "application/xml"}, {"csv", "text/csv; charset=utf-8"},
}

// invoiceFiles are the documents of the invoice that a mail brings. They never
// change, so they are the same at every attempt.
func (s *Sender) invoiceFiles(ctx context.Context, m store.ClaimedMail) ([]Attachment, error) {
	if m.Event != domain.MailInvoiceIssued {
		return nil, nil
	}
	invoice := invoiceOf(m.Params)
	documents, err := s.store.Documents(ctx, invoice.Contract, invoice.Period)
	if err != nil {
		return nil, err
	}
	var files []Attachment
	for _, a := range attached {
		if content, made := documents[a.format]; made { // invoices of earlier versions have fewer
			files = append(files, Attachment{Name: invoice.Number + "." + a.format, ContentType: a.mediaType, Content: content})
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("invoice %s has no documents", invoice.Number)
	}
	return files, nil
}
