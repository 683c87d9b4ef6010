package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

var storePage = store.Page{}

const ndjson = "application/x-ndjson"

func TestACommand(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal"})
	a := l.ask(request{path: "/v1/commands", token: token, body: buy("po/1", "10")}).is(t, "accepted", http.StatusAccepted, `{"ids":["po/1"]}`)
	if a.header.Get("Location") != "/v1/commands/po%2F1" {
		t.Error(a.header)
	}
	l.ask(request{path: a.header.Get("Location") + "?wait=30s", token: token}).is(t, "outcome", http.StatusOK,
		`"status":"applied"`, `"lot":"portal~po/1~1"`, `"amount":"1200.00"`)
	l.ask(request{path: "/v1/commands", token: token, body: buy("po/1", "10")}).is(t, "the same again", http.StatusAccepted, `{"ids":["po/1"]}`)
	l.ask(request{path: "/v1/commands", token: token, body: buy("po/1", "11")}).is(t, "other content", http.StatusConflict, `"reason":"id_reused"`, `"field":"id"`)
	l.ask(request{path: "/v1/commands", token: token, body: strings.Replace(buy("po-2", "1"), `"pro"`, `"none"`, 1)}).is(t, "rejected", http.StatusAccepted)
	if o := l.becomes(token, "po-2"); o.Status != domain.Rejected || *o.Reason != domain.ProductNotFound {
		t.Errorf("%+v", o)
	}
	l.ask(request{path: "/v1/commands/nothing", token: token}).is(t, "nothing", http.StatusNotFound)
	other := l.token(domain.Source{Source: "shop"})
	l.ask(request{path: "/v1/commands/po-2", token: other}).is(t, "another source's", http.StatusNotFound)
}

func TestTheWholeCatalogAtOnce(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal"})
	lines := "\xef\xbb\xbf" + buy("1", "1") + "\r\n\n" + buy("2", "2") + "\n" + buy("1", "1") + "\n" + buy("3", "3")
	l.ask(request{path: "/v1/commands", token: token, contentType: ndjson, body: lines}).is(t, "several", http.StatusAccepted, `{"ids":["1","2","1","3"]}`)
	for _, id := range []string{"1", "2", "3"} {
		if o := l.becomes(token, id); o.Status != domain.Applied {
			t.Errorf("%+v", o)
		}
	}
	a := l.ask(request{path: "/v1/commands", token: token, contentType: ndjson, body: buy("4", "4") + "\n" + buy("2", "5")})
	a.is(t, "one reused", http.StatusConflict, `"line":2`, `"id":"2"`, "1 of 2 commands are accepted")
	if o := l.becomes(token, "4"); o.Status != domain.Applied {
		t.Errorf("%+v", o)
	}
}

// On any invalid line nothing is accepted, and every error is listed.
func TestABadLine(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{})
	token := l.token(domain.Source{Source: "portal"})
	lines := buy("1", "1") + "\n" + buy("2", "0") + "\nnonsense\n" + strings.Replace(buy("3", "1"), `"body"`, `"source":"shop","body"`, 1)
	l.ask(request{path: "/v1/commands", token: token, contentType: ndjson, body: lines}).is(t, "bad lines", http.StatusUnprocessableEntity,
		`"reason":"invalid"`, `"line":2,"field":"quantity"`, `"line":3,"field":"line"`, `"line":4,"field":"source"`)
	l.ask(request{path: "/v1/commands/1", token: token}).is(t, "the good line", http.StatusNotFound)
}

func TestWhatIsWrongWithACommand(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{MaxBatchBytes: 2 << 20})
	token := l.token(domain.Source{Source: "portal"})
	long := func(n int) string {
		return strings.Replace(buy("1", "1"), `"quantity"`, strings.Repeat(" ", n)+`"quantity"`, 1)
	}
	for what, c := range map[string]struct {
		request
		status int
		words  string
	}{
		"a field":                  {request{body: buy("1", `"x"`)}, http.StatusUnprocessableEntity, `"field":"quantity"`},
		"no field":                 {request{body: `{"id":"1","kind":"stock.purchase","actor":"a@b.example","body":{}}`}, http.StatusUnprocessableEntity, `"field":"contract"`},
		"a kind":                   {request{body: `{"id":"1","kind":"stock.purchas","body":{}}`}, http.StatusUnprocessableEntity, `did you mean stock.purchase?`},
		"no JSON":                  {request{body: `{`}, http.StatusUnprocessableEntity, `not valid JSON`},
		"nothing":                  {request{method: http.MethodPost}, http.StatusBadRequest, `required`},
		"only blanks":              {request{body: " "}, http.StatusUnprocessableEntity, `"field":"body"`},
		"no lines":                 {request{body: "\n", contentType: ndjson}, http.StatusUnprocessableEntity, `no command`},
		"another source":           {request{body: strings.Replace(buy("1", "1"), `"body"`, `"source":"default","body"`, 1)}, http.StatusUnprocessableEntity, `"field":"source"`},
		"not UTF-8":                {request{body: buy("\xff", "1")}, http.StatusUnprocessableEntity, `UTF-8`},
		"a form":                   {request{body: "a=b", contentType: "application/x-www-form-urlencoded"}, http.StatusUnsupportedMediaType, ``},
		"too long for a command":   {request{body: long(1 << 20)}, http.StatusRequestEntityTooLarge, `1048576`},
		"too long for its kind":    {request{body: long(65 << 10)}, http.StatusUnprocessableEntity, `65536`},
		"too long at all":          {request{body: long(3 << 20), contentType: ndjson}, http.StatusRequestEntityTooLarge, ``},
		"a key of several":         {request{body: buy("1", "1"), contentType: ndjson, header: map[string]string{"Idempotency-Key": "1"}}, http.StatusUnprocessableEntity, `"field":"header.Idempotency-Key"`},
		"another key":              {request{body: buy("1", "1"), header: map[string]string{"Idempotency-Key": "2"}}, http.StatusUnprocessableEntity, `"field":"id"`},
		"a key that is no id":      {request{body: strings.Replace(buy("1", "1"), `"id":"1",`, ``, 1), header: map[string]string{"Idempotency-Key": "a b"}}, http.StatusUnprocessableEntity, `"field":"id"`},
		"a parameter that is none": {request{path: "/v1/commands?dry_run=true", body: buy("1", "1")}, http.StatusUnprocessableEntity, `dry_run`},
		"another method":           {request{path: "/v1/commands", method: http.MethodDelete}, http.StatusMethodNotAllowed, ``},
		"nowhere":                  {request{path: "/v2/commands", body: "{}"}, http.StatusNotFound, `/v2/commands`},
	} {
		if c.token = token; c.path == "" {
			c.path = "/v1/commands"
		}
		a := l.ask(c.request).is(t, what, c.status, c.words)
		var p struct {
			Title, Detail string
			Status        int
		}
		if a.into(t, &p); p.Status != c.status || p.Title != http.StatusText(c.status) || p.Detail == "" {
			t.Errorf("%s: %s", what, a.body)
		}
	}
	l.ask(request{path: "/v1/commands/1", token: token}).is(t, "what was sent", http.StatusNotFound)
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal"})
	without := strings.Replace(buy("x", "1"), `"id":"x",`, ``, 1)
	for _, r := range []request{
		{body: without, header: map[string]string{"Idempotency-Key": "key-1"}},
		{body: without, header: map[string]string{"Idempotency-Key": `"key-1"`}},
		{body: buy("key-1", "1"), header: map[string]string{"Idempotency-Key": "key-1"}},
		{body: buy("key-1", "1")},
	} {
		r.path, r.token = "/v1/commands", token
		l.ask(r).is(t, fmt.Sprint(r.header), http.StatusAccepted, `{"ids":["key-1"]}`)
	}
	l.ask(request{path: "/v1/commands", token: token, body: strings.Replace(without, `"quantity":1`, `"quantity":2`, 1), header: map[string]string{"Idempotency-Key": "key-1"}}).
		is(t, "other content", http.StatusConflict, `"id_reused"`)
	if o := l.becomes(token, "key-1"); o.Status != domain.Applied {
		t.Errorf("%+v", o)
	}
}

func TestAPreview(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal", Account: "northwind"})
	a := l.ask(request{path: "/v1/previews", token: token, body: buy("1", "10")}).is(t, "a preview", http.StatusOK, `"would":"applied"`, `"contract":{"contract":"C-NORTH"`)
	var p jobs.Preview
	a.into(t, &p)
	l.ask(request{path: "/v1/commands/1", token: token}).is(t, "nothing has happened", http.StatusNotFound)
	with := strings.Replace(buy("1", "10"), `"body"`, `"preview":"`+p.Token+`","body"`, 1)
	l.ask(request{path: "/v1/commands", token: token, body: with}).is(t, "with its token", http.StatusAccepted)
	if o := l.becomes(token, "1"); o.Status != domain.Applied {
		t.Errorf("%+v", o)
	}
	l.ask(request{path: "/v1/previews", token: token, body: buy("1", "11")}).is(t, "a used id", http.StatusOK, `"would":"rejected","reason":"id_reused"`)
	foreign := `{"id":"2","kind":"stock.purchase","actor":"olga@atlas.example","body":{"contract":"C-ATLAS","account":"atlas","product":"pro","quantity":1}}`
	l.ask(request{path: "/v1/previews", token: token, body: foreign}).is(t, "a foreign one", http.StatusOK, `"reason":"out_of_scope"`)
	l.ask(request{path: "/v1/previews", token: token, body: buy("1", "0")}).is(t, "an invalid one", http.StatusUnprocessableEntity, `"field":"quantity"`)
	l.ask(request{path: "/v1/previews", token: token, body: buy("1", "1"), contentType: ndjson}).is(t, "several", http.StatusUnsupportedMediaType)
	l.ask(request{path: "/v1/previews", token: token, body: `{"id":"3","kind":"clock.advance","body":{"to":"2030-01-01T00:00:00Z"}}`}).
		is(t, "the clock", http.StatusUnprocessableEntity, `"field":"kind"`)
}

// What a command may do is a rule like others; the outcome says it.
func TestOutsideOfItsScope(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "shop", Scopes: []domain.Scope{domain.ScopeBusiness}, Account: "northwind"})
	for id, body := range map[string]string{
		"kind":    `{"id":"kind","kind":"product.put","body":{"id":"x","name":"X","package":"p"}}`,
		"account": `{"id":"account","kind":"stock.purchase","actor":"olga@atlas.example","body":{"contract":"C-ATLAS","account":"atlas","product":"pro","quantity":1}}`,
	} {
		l.ask(request{path: "/v1/commands", token: token, body: body}).is(t, id, http.StatusAccepted)
		if o := l.becomes(token, id); o.Status != domain.Rejected || *o.Reason != domain.OutOfScope {
			t.Errorf("%+v", o)
		}
	}
	used := `{"id":"kind","kind":"product.put","body":{"id":"x","name":"Y","package":"p"}}`
	l.ask(request{path: "/v1/commands", token: token, body: used}).is(t, "a used id", http.StatusForbidden, `"reason":"out_of_scope"`)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	first := l.token(domain.Source{Source: "portal"})
	second := l.another("portal")
	if _, err := l.store.AddToken(t.Context(), "portal"); err == nil {
		t.Error("a third token")
	}
	stranger := l.token(domain.Source{Source: "shop"})
	l.ask(request{path: "/v1/commands", token: first, body: buy("1", "1")}).is(t, "the first", http.StatusAccepted)
	l.ask(request{path: "/v1/commands", token: second, body: buy("1", "1")}).is(t, "the second", http.StatusAccepted)
	l.ask(request{path: "/v1/commands", token: stranger, body: buy("1", "2")}).is(t, "an id is a source's own", http.StatusAccepted)
	for token, by := range map[string]string{first: "portal", stranger: "shop"} {
		if o := l.becomes(token, "1"); o.Status != domain.Applied || !strings.Contains(string(o.Result), by+"~1~1") {
			t.Errorf("%+v", o)
		}
	}
	check(t, l.store.RevokeKey(t.Context(), "portal", "t1"))
	l.ask(request{path: "/v1/commands", token: first, body: buy("2", "1")}).is(t, "a revoked one", http.StatusUnauthorized, "revoked")
	l.ask(request{path: "/v1/commands", token: second, body: buy("2", "1")}).is(t, "the other", http.StatusAccepted)
	third := l.another("portal")
	l.ask(request{path: "/v1/commands/2?wait=30s", token: third}).is(t, "a new one", http.StatusOK, `"applied"`)

	sources, err := l.store.Sources(t.Context())
	check(t, err)
	listed, err := json.Marshal(sources)
	check(t, err)
	for _, token := range []string{first, second, third} {
		if strings.Contains(string(listed), token[4:]) {
			t.Error("the list shows a token")
		}
	}
	if sources[0].Source != "portal" || len(sources[0].Tokens) != 3 || sources[0].Tokens[0].RevokedAt == nil {
		t.Errorf("%+v", sources)
	}
}
