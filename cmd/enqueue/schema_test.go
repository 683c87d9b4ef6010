package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/jobs"
)

// TestSchemasAreThoseOfTheDocumentation: enqueue prints the files of docs/schemas.
func TestSchemasAreThoseOfTheDocumentation(t *testing.T) {
	for _, name := range append(jobs.KindNames(), "") {
		file, args := name, []string{"schema", name}
		if name == "" {
			file, args = "command", args[:1]
		}
		want, err := os.ReadFile(filepath.Join("../../docs/schemas", file+".schema.json"))
		check(t, err)
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != exitApplied || !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%v: exit %d, %d bytes of %d; %s", args, code, out.Len(), len(want), errs.String())
		}
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"schema", "stock.purchas"}, strings.NewReader(""), &out, &errs)
	if code != exitInvalid || !strings.Contains(errs.String(), "did you mean stock.purchase?") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
