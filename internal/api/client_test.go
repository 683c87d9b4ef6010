package api_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
)

const clientFolder = "testdata/client"

// The types of the client are made from the document that is served.
func TestTheClientIsFresh(t *testing.T) {
	text, err := os.ReadFile(documentFile)
	check(t, err)
	types, err := os.ReadFile(clientFolder + "/openapi.d.ts")
	check(t, err)
	first, _, _ := strings.Cut(string(types), "\n")
	if hash := fmt.Sprintf("%x", sha256.Sum256(text)); !strings.Contains(first, hash) {
		t.Errorf("openapi.d.ts says %q and docs/openapi.json has the SHA-256 %s; make client writes both", first, hash)
	}
}

// A client in another language, with the types that a generator has made.
func TestAClientInAnotherLanguage(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node, so the client is not run: apt-get install nodejs")
	}
	t.Parallel()
	l := start(t, api.Options{}).work("catalog")
	cmd := exec.CommandContext(t.Context(), node, "try.mjs")
	cmd.Dir = clientFolder
	cmd.Env = append(os.Environ(), "LEDGER_URL="+l.url, "LEDGER_TOKEN="+l.token(domain.Source{Source: "portal"}))
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	check(t, err)
	want := `"applied"
{"ids":["js/1"]}
{"ids":["js/2"]}
{"ids":["js/3"]}
{"ids":["js/1"]}
{"status":409,"reason":"id_reused","fields":["id"]}
{"status":422,"reason":"invalid","fields":["quantity"]}
{"status":"applied","charged":"360.00"}
["portal~js/1~1","portal~js/2~1","portal~js/3~1"]
{"account":"northwind","quantity":3,"command":"portal~js/1"}
`
	if string(out) != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

func TestTheTypesOfTheClient(t *testing.T) {
	tsc, err := exec.LookPath("tsc")
	if err != nil {
		t.Skip("no tsc, so the types of the client are not checked: npm install --global typescript@5")
	}
	cmd := exec.CommandContext(t.Context(), tsc, "--project", ".")
	cmd.Dir = clientFolder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
