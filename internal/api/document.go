package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// DocumentPath is where the OpenAPI document is, without a token.
const DocumentPath = "/openapi.json"

const (
	securityScheme = "token"
	componentsPath = "#/components/schemas/"
)

const description = `Commands for LicenseLedger, what became of them, what happened, reports and invoices.

Every request shows a token that the operator gave: "Authorization: Bearer llt_…".

A command is accepted (202) when it is in the journal; its outcome follows, and is asked for with wait. Sending it again, with the same id, is always safe: after 408, 429, 500, 503 or no answer do so, after Retry-After if the answer has it. After any other error mend the request first; errors names every field.`

func configuration() huma.Config {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "LicenseLedger", Version: "1", Description: description},
			Components: &huma.Components{
				Schemas: newRegistry(),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					securityScheme: {Type: "http", Scheme: "bearer", Description: "What `enqueue source token NAME` printed."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
	return config
}

// register adds the routes and returns the document of all of them.
func (a *API) register(on huma.API) []byte {
	a.routes(on)
	document := on.OpenAPI()
	command := &huma.Schema{Ref: componentsPath + "Command"}
	for _, path := range []string{"/v1/commands", "/v1/previews"} {
		content := document.Paths[path].Post.RequestBody
		content.Required = true
		content.Content[oneCommand] = &huma.MediaType{Schema: command}
	}
	document.Paths["/v1/commands"].Post.RequestBody.Content[manyCommands].Schema = &huma.Schema{
		Type: huma.TypeString, Description: "Commands, one JSON object a line.",
	}
	files := document.Paths["/v1/invoices/{number}/{format}"].Get.Responses["200"]
	files.Content = map[string]*huma.MediaType{}
	for _, contentType := range fileTypes {
		files.Content[strings.TrimSuffix(contentType, "; charset=utf-8")] = &huma.MediaType{Schema: &huma.Schema{}}
	}
	finish(document.Components.Schemas.Map())
	text, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		panic(err) // it is made of what can be written
	}
	return append(text, '\n')
}

// Document is the OpenAPI document.
func (a *API) Document() []byte { return a.document }

// commandSchemas are the schemas of all kinds of commands, as jobs has them, by
// the name that they have in the document.
func commandSchemas() map[string]*huma.Schema {
	text := bytes.ReplaceAll(jobs.CommandSchema(), []byte(`"#/$defs/`), []byte(`"`+componentsPath))
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var whole struct {
		Defs map[string]map[string]any `json:"$defs"`
	}
	if err := decoder.Decode(&whole); err != nil {
		panic(err) // jobs wrote it
	}
	schemas := map[string]*huma.Schema{}
	for name, schema := range whole.Defs {
		schemas[name] = &huma.Schema{Extensions: schema}
	}
	for _, kind := range jobs.Kinds {
		describeCommand(kind, whole.Defs[kind.Name])
	}
	any := &huma.Schema{
		Description:   "A command of any kind. Its source is that of the token.",
		Discriminator: &huma.Discriminator{PropertyName: "kind", Mapping: map[string]string{}},
	}
	for _, kind := range jobs.KindNames() {
		any.OneOf = append(any.OneOf, &huma.Schema{Ref: componentsPath + kind})
		any.Discriminator.Mapping[kind] = componentsPath + kind
	}
	schemas["Command"] = any
	return schemas
}

// describeCommand adds what concerns who has this document alone.
func describeCommand(kind jobs.Kind, schema map[string]any) {
	properties := schema["properties"].(map[string]any)
	describe := func(name, text string) { properties[name].(map[string]any)["description"] = text }
	describe("id", "Yours, and unique for ever among the commands of your source: sending the same again does nothing twice.")
	describe("source", "That of the token. Leave it out.")
	delete(properties["source"].(map[string]any), "default") // elsewhere a source is named, here a token is shown
	describe("preview", "The token of a preview: refuses the command as preview_stale if what the preview relied on has changed since. Not part of what makes commands the same.")
	var reasons []string
	for _, reason := range domain.ReasonsOf(kind.Example()) {
		reasons = append(reasons, string(reason))
	}
	schema["description"] = fmt.Sprintf("%s Reasons to refuse it: %s.", schema["description"], strings.Join(reasons, ", "))
}

// newRegistry holds the schemas of commands, and names those of answers so that
// none is taken for another.
func newRegistry() huma.Registry {
	taken := commandSchemas()
	maps.Copy(taken, eventSchemas())
	registry := huma.NewMapRegistry(componentsPath, func(t reflect.Type, hint string) string {
		name := huma.DefaultSchemaNamer(t, hint)
		if taken[name] != nil {
			return name + "Shown"
		}
		return name
	})
	for name, schema := range taken {
		registry.Map()[name] = schema
	}
	for shown, as := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[domain.Date]():      reflect.TypeFor[dateText](),
		reflect.TypeFor[domain.Period]():    reflect.TypeFor[periodText](),
		reflect.TypeFor[domain.Price]():     reflect.TypeFor[amountText](),
		reflect.TypeFor[store.Instant]():    reflect.TypeFor[instantText](),
		reflect.TypeFor[jobs.Outcome]():     reflect.TypeFor[outcome](),
		reflect.TypeFor[jobs.Preview]():     reflect.TypeFor[preview](),
		reflect.TypeFor[store.InvoiceRow](): reflect.TypeFor[invoice](),
		reflect.TypeFor[events.Event]():     reflect.TypeFor[anyEvent](),
	} {
		registry.RegisterTypeAlias(shown, as)
	}
	return registry
}

// Values that are written in another way than Go would by itself.
type (
	dateText    string
	periodText  string
	amountText  string
	instantText string
)

// Schema describes a date.
func (dateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date"}
}

// Schema describes a month.
func (periodText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9]{4}-[0-9]{2}$"}
}

// Schema describes an amount or a price.
func (amountText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^-?[0-9]+(\.[0-9]+)?$`, Description: "An exact decimal."}
}

// Schema describes an instant.
func (instantText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// missing are dates and instants that may be null, which their Go types do not say.
var missing = map[string][]string{
	"ContractRow":        {"ends_on"},
	"ContractResult":     {"ends_on"},
	"SubscriptionRow":    {"term_ends_on"},
	"SubscriptionResult": {"term_ends_on"},
	"LearnerRow":         {"expires_on"},
	"OrderRow":           {"assigned_at"},
	"MailRow":            {"sent_at"},
	"ScheduleRow":        {"last_run_at"},
}

// finish makes the schemas of answers say what may be null, and nothing of
// fields that a later version may add.
func finish(schemas map[string]*huma.Schema) {
	for name, schema := range schemas {
		if schema.Extensions == nil {
			schema.AdditionalProperties = nil
		}
		for _, field := range missing[name] {
			schema.Properties[field].Nullable = true
		}
	}
}

// What is sent as it is stored, described.
type (
	outcome struct {
		ID     string     `json:"id"`
		Kind   string     `json:"kind"`
		Status string     `json:"status" enum:"applied,rejected,dead,waiting" doc:"applied and rejected are final. waiting has no outcome yet: ask again. dead failed for a technical reason and waits for the operator, who may put it back."`
		Reason *string    `json:"reason" doc:"Why it was rejected; the description of each kind lists its reasons. More may come."`
		Detail *string    `json:"detail" doc:"The same in a sentence, with the figures that matter."`
		At     *instant   `json:"at" doc:"The instant it took effect."`
		Result resultOrNo `json:"result"`
	}
	preview struct {
		ID     string     `json:"id"`
		Kind   string     `json:"kind"`
		Status string     `json:"status" enum:"preview"`
		Would  string     `json:"would" enum:"applied,rejected,dead,waiting"`
		Reason *string    `json:"reason"`
		Detail *string    `json:"detail"`
		At     *instant   `json:"at"`
		Result resultOrNo `json:"result"`
		Token  string     `json:"token" doc:"Makes a command that carries it as preview stale if what it relied on has changed. Empty if this very command has been sent before: then this is what became of it."`
	}
	instant    string
	resultOrNo struct{}
)

// Schema describes an instant, or none.
func (instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// Schema describes a result, or none.
func (resultOrNo) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[domain.Result](), true, ""), {Type: "null"}}}
}

// invoice is an invoice as domain writes it.
type invoice struct {
	Number   *string       `json:"number"`
	Type     int64         `json:"type" doc:"380, or 381 for a credit note."`
	Seller   string        `json:"seller"`
	Contract string        `json:"contract"`
	Account  string        `json:"account"`
	Period   domain.Period `json:"period"`
	Currency string        `json:"currency"`
	IssuedOn domain.Date   `json:"issued_on"`
	DueOn    domain.Date   `json:"due_on"`
	Lines    []invoiceLine `json:"lines"`
	VAT      []invoiceVAT  `json:"vat"`
	Net      amountText    `json:"net"`
	VATTotal amountText    `json:"vat_total"`
	Total    amountText    `json:"total"`
}

type invoiceLine struct {
	Customer     string      `json:"customer"`
	Product      *string     `json:"product"`
	Description  string      `json:"description"`
	Quantity     int64       `json:"quantity"`
	UnitPrice    amountText  `json:"unit_price"`
	From         domain.Date `json:"from" doc:"First day charged."`
	To           domain.Date `json:"to" doc:"Last day charged."`
	Days         *int64      `json:"days"`
	DaysInPeriod *int64      `json:"days_in_period"`
	DayCount     *string     `json:"day_count"`
	Net          amountText  `json:"net"`
	VATCategory  string      `json:"vat_category"`
	VATRate      amountText  `json:"vat_rate"`
}

type invoiceVAT struct {
	Category string     `json:"category"`
	Rate     amountText `json:"rate"`
	Base     amountText `json:"base"`
	Amount   amountText `json:"amount"`
}
