package jobs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"text/tabwriter"

	"github.com/licenseledger/licenseledger/jobs"
)

// TestAYearOfInvoices lives the year of the examples on a ledger of its own: it
// gives the same outcomes as after the other stories, and these invoices.
func TestAYearOfInvoices(t *testing.T) {
	l := start(t)
	l.run([]jobs.Command{parse(t, storiesBegin)})
	var outcomes bytes.Buffer
	for _, o := range l.file("../examples/year.ndjson") {
		outcomes.Write(mustJSON(t, o))
		outcomes.WriteByte('\n')
	}
	golden(t, "../examples/golden/year.ndjson", outcomes.Bytes())
	golden(t, "../examples/golden/year.invoices.txt", l.invoiceTable())
	l.verify()
}

// invoiceTable lists all invoices by period, then number.
func (l *ledger) invoiceTable() []byte {
	l.t.Helper()
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "number\ttype\tcontract\tperiod\tissued on\tcurrency\tnet\tVAT\ttotal")
	for _, doc := range l.texts(`SELECT convert_from(documents.content, 'UTF8') FROM documents JOIN invoices USING (contract, period)
		WHERE format = 'json' ORDER BY period, seller, n`) {
		var i struct {
			Number, Contract, Period, Currency, Net, Total string

			Type     int
			IssuedOn string `json:"issued_on"`
			VAT      []struct{ Category, Rate string }
			VATTotal string `json:"vat_total"`
		}
		check(l.t, json.Unmarshal([]byte(doc), &i))
		vat := i.VATTotal
		for _, v := range i.VAT {
			vat += " " + v.Category + " " + v.Rate
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.Number, i.Type, i.Contract, i.Period, i.IssuedOn, i.Currency, i.Net, vat, i.Total)
	}
	check(l.t, w.Flush())
	return table.Bytes()
}
