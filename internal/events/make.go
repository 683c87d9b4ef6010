package events

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// makeEvents makes the events of one command or mail.
func makeEvents(h store.Happening) ([]Event, error) {
	switch {
	case h.Source == "":
		return eventOfMail(h)
	case h.Status == string(domain.Rejected):
		t := types[CommandRejected]
		id := (&domain.Envelope{Source: h.Source, ID: h.ID}).Base()
		e, err := envelope(h, 1, t, id, Rejected{Caused{id}, h.Kind, domain.Reason(h.Reason)})
		return []Event{e}, err
	}
	r, err := readResult(h)
	if err != nil {
		return nil, err
	}
	var events []Event
	for i, name := range typesOf(h, r) {
		e, err := eventOfCommand(h, int64(i+1), types[name], r)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// fields are members of JSON objects by name.
type fields map[string]json.RawMessage

// result is what a command and its outcome say.
type result struct {
	fields  fields
	order   bool
	expired bool
	plan    domain.Plan // of the subscription that it shows
}

// idOf is how the data of an event calls the field id of a body.
var idOf = map[string]string{
	"seller.put": "seller", "product.put": "product", "account.put": "account", "user.put": "", "contract.put": "contract",
	"learner.put": "learner", "learner.erase": "learner",
}

// readResult lays what is known of the rows, the body and the result on each
// other. A subscription stands in a result as an object; its members become
// fields like others.
func readResult(h store.Happening) (r result, err error) {
	r.fields = fields{}
	var body, said, subscription fields
	for _, part := range []struct {
		into *fields
		text json.RawMessage
	}{{&r.fields, h.Facts}, {&body, h.Body}, {&said, h.Result}} {
		if len(part.text) == 0 {
			continue
		}
		if err := json.Unmarshal(part.text, part.into); err != nil {
			return r, fmt.Errorf("reading %s: %w", h.Kind, err)
		}
	}
	if id, named := idOf[h.Kind]; named {
		r.fields.put(id, body["id"])
		delete(body, "id")
	}
	if h.Kind == "renewal.change" { // the seats of the next term
		body.put("renewal_seats", body["seats"])
	}
	if h.Kind == "subscription.end" {
		body.put("renewal", json.RawMessage(`"`+domain.End+`"`))
	}
	if nested := said["subscription"]; len(nested) > 0 {
		if err := json.Unmarshal(nested, &subscription); err != nil {
			return r, fmt.Errorf("reading the subscription of %s: %w", h.Kind, err)
		}
		delete(said, "subscription")
		if err := json.Unmarshal(subscription["plan"], &r.plan); err != nil {
			return r, fmt.Errorf("reading the plan of %s: %w", h.Kind, err)
		}
	}
	_, r.order = said["order"]
	_, expired := r.fields["quantity"]
	r.expired = expired && string(r.fields["quantity"]) != "null"
	for _, part := range []fields{body, said, subscription} {
		for name, value := range part {
			r.fields.put(name, value)
		}
	}
	return r, nil
}

func (f fields) put(name string, value json.RawMessage) {
	if name != "" && len(value) > 0 {
		f[name] = value
	}
}

func eventOfCommand(h store.Happening, n int64, t Type, r result) (Event, error) {
	command, err := json.Marshal((&domain.Envelope{Source: h.Source, ID: h.ID}).Base())
	if err != nil {
		return Event{}, fmt.Errorf("writing the id of %s: %w", h.Kind, err)
	}
	r.fields.put("command", command)
	all, err := json.Marshal(r.fields)
	if err != nil {
		return Event{}, fmt.Errorf("writing the fields of %s: %w", h.Kind, err)
	}
	data := reflect.New(t.data) // its fields, and no others, are told
	if err := json.Unmarshal(all, data.Interface()); err != nil {
		return Event{}, fmt.Errorf("reading the fields of %s: %w", h.Kind, err)
	}
	var subject string
	if err := json.Unmarshal(r.fields[t.Subject], &subject); err != nil {
		return Event{}, fmt.Errorf("reading the subject of %s: %w", h.Kind, err)
	}
	return envelope(h, n, t, subject, data.Interface())
}

func eventOfMail(h store.Happening) ([]Event, error) {
	var params domain.MailParams
	if err := json.Unmarshal(h.Body, &params); err != nil {
		return nil, fmt.Errorf("reading the params of %s: %w", h.Kind, err)
	}
	t := types[h.Kind]
	var e Event
	var err error
	switch i, m := params.Invoice, params.Month; {
	case i != nil:
		e, err = envelope(h, h.N, t, h.Account, InvoiceIssued{
			Number: i.Number, Type: i.Type, Contract: i.Contract, Account: domain.AccountID(h.Account), Period: i.Period, Currency: i.Currency,
			IssuedOn: i.IssuedOn, DueOn: i.DueOn, Net: i.Net, VATTotal: i.VAT, Total: i.Total,
		})
	case m != nil:
		closed := MonthClosed{
			Seller: m.Seller, Period: m.Period, Invoices: m.Issued, CreditNotes: m.Credited, NeedsAttention: m.AttentionCount, Totals: []MonthTotal{},
		}
		for _, x := range m.Totals {
			closed.Totals = append(closed.Totals, MonthTotal{Currency: x.Currency, Net: x.Net, VATTotal: x.VAT, Total: x.Total})
		}
		e, err = envelope(h, h.N, t, string(m.Seller), closed)
	}
	return []Event{e}, err
}
