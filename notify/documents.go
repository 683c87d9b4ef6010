package notify

import (
	"bytes"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	invoicepdf "github.com/licenseledger/licenseledger/notify/invoice"
	"github.com/licenseledger/licenseledger/notify/ubl"
)

// Documents makes all documents of an invoice.
func Documents(i *domain.Invoice) (store.Documents, error) {
	asJSON, err := i.JSON()
	if err != nil {
		return nil, err
	}
	var asCSV bytes.Buffer
	if err := i.WriteCSV(&asCSV); err != nil {
		return nil, err
	}
	asXML, err := ubl.XML(i)
	if err != nil {
		return nil, err
	}
	asPDF, err := invoicepdf.PDF(i)
	if err != nil {
		return nil, err
	}
	return store.Documents{"json": asJSON, "csv": asCSV.Bytes(), "xml": asXML, "pdf": asPDF}, nil
}
