package api_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/jobs"
)

const documentFile = "../../docs/openapi.json"

// TestTheDocumentIsFresh wants docs/openapi.json to be what is served. -update
// rewrites it; internal/api/testdata/client says what to do then.
func TestTheDocumentIsFresh(t *testing.T) {
	l := start(t, api.Options{})
	a, err := l.try(request{path: api.DocumentPath})
	check(t, err)
	got := a.is(t, "the document", http.StatusOK, `"openapi": "3.1.0"`).body
	if *update {
		check(t, os.WriteFile(documentFile, []byte(got), 0o644))
	}
	want, err := os.ReadFile(documentFile)
	check(t, err)
	if got != string(want) {
		t.Error("docs/openapi.json differs from what is served; make client writes it anew")
	}
}

// media is what a body may be, by its type.
type media map[string]struct{ Schema json.RawMessage }

type document struct {
	Paths map[string]map[string]struct {
		RequestBody struct{ Content media }
		Responses   map[string]struct{ Content media }
		Security    []map[string][]string
	}
	Components struct{ Schemas map[string]map[string]any }
}

// read reads the document; everything in it can be compiled as a JSON Schema.
var read = sync.OnceValues(func() (document, *jsonschema.Compiler) {
	text, err := os.ReadFile(documentFile)
	if err != nil {
		panic(err)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		panic(err)
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	forbidOthers(whole.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any))
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", whole); err != nil {
		panic(err)
	}
	return d, compiler
})

// forbidOthers has the tests notice a field that the document does not name.
func forbidOthers(schemas map[string]any) {
	for _, schema := range schemas {
		if s := schema.(map[string]any); s["properties"] != nil && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
	}
}

func compiled(t *testing.T, pointer ...string) *jsonschema.Schema {
	t.Helper()
	_, compiler := read()
	for i := range pointer {
		pointer[i] = strings.NewReplacer("~", "~0", "/", "~1").Replace(pointer[i])
	}
	where := "openapi.json#/" + strings.Join(pointer, "/")
	compiling.Lock()
	defer compiling.Unlock()
	schema, err := compiler.Compile(where) // it remembers
	check(t, err)
	return schema
}

var compiling sync.Mutex

// documented wants an answer to be one that the document has for the request.
func documented(t *testing.T, r request, a answer) {
	t.Helper()
	d, _ := read()
	path, _, _ := strings.Cut(r.path, "?")
	method := strings.ToLower(r.method)
	if method == "" {
		method = "get"
		if r.body != "" {
			method = "post"
		}
	}
	for template, methods := range d.Paths {
		if !matches(template, path) || methods[method].Responses == nil {
			continue
		}
		status := strconv.Itoa(a.status)
		if _, listed := methods[method].Responses[status]; !listed {
			status = "default"
		}
		contentType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
		check(t, err)
		if _, ok := methods[method].Responses[status].Content[contentType]; !ok {
			t.Errorf("%s %s: %d as %s is not in the document", method, path, a.status, contentType)
			return
		}
		if !strings.HasSuffix(contentType, "json") {
			return
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
		check(t, err)
		if err := compiled(t, "paths", template, method, "responses", status, "content", contentType, "schema").Validate(value); err != nil {
			t.Errorf("%s %s: %v\n%s", method, path, err, a.body)
		}
	}
}

func matches(template, path string) bool {
	parts, given := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(parts, given, func(part, given string) bool { return strings.HasPrefix(part, "{") || part == given })
}

// The document says of each kind what jobs says.
func TestTheDocumentKnowsAllKinds(t *testing.T) {
	d, _ := read()
	for _, kind := range jobs.Kinds {
		var own struct {
			Properties struct{ Body json.RawMessage }
		}
		check(t, json.Unmarshal(bytes.ReplaceAll(kind.Schema(), []byte("#/$defs/"), []byte("#/components/schemas/")), &own))
		described, err := json.Marshal(d.Components.Schemas[kind.Name]["properties"].(map[string]any)["body"])
		check(t, err)
		if !sameJSON(t, own.Properties.Body, described) {
			t.Errorf("%s is\n%s\nin the document, and should be\n%s", kind.Name, described, own.Properties.Body)
		}
	}
	for name := range d.Components.Schemas {
		compiled(t, "components", "schemas", name)
	}
	command := compiled(t, "components", "schemas", "Command")
	for line, good := range map[string]bool{buy("1", "1"): true, buy("1", "0"): false, strings.Replace(buy("1", "1"), "stock.purchase", "stock.transfer", 1): false} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		check(t, err)
		if err := command.Validate(value); (err == nil) != good {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	check(t, json.Unmarshal(a, &x))
	check(t, json.Unmarshal(b, &y))
	first, err := json.Marshal(x)
	check(t, err)
	second, err := json.Marshal(y)
	check(t, err)
	return bytes.Equal(first, second)
}

// Nothing but the document is there without a token, and the document says so.
func TestEverythingWantsAToken(t *testing.T) {
	l := start(t, api.Options{})
	d, _ := read()
	if len(d.Paths) < 19 {
		t.Errorf("only %v", slices.Sorted(maps.Keys(d.Paths)))
	}
	for path, methods := range d.Paths {
		for method, op := range methods {
			if len(op.Security) != 1 || op.Security[0]["token"] == nil {
				t.Errorf("%s %s does not want a token: %v", method, path, op.Security)
			}
			method, body := strings.ToUpper(method), ""
			if method == http.MethodPost {
				body = "{}"
			}
			for _, token := range []string{"", "llt_", "llt_AAAA", "Zm9v", "llt_" + strings.Repeat("A", 43)} {
				a := l.ask(request{method: method, path: path, token: token, body: body}).is(t, path, http.StatusUnauthorized, `"signature_invalid"`)
				if a.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s: %v", path, a.header)
				}
			}
		}
	}
}
