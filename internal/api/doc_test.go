package api_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
)

// TestTheExamplesOfThePage runs the consoles of docs/http.md, one after the other.
func TestTheExamplesOfThePage(t *testing.T) {
	for _, program := range []string{"bash", "curl", "sed"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s, so docs/http.md is not tried: apt-get install %s", program, program)
		}
	}
	t.Parallel()
	page, err := os.ReadFile("../../docs/http.md")
	check(t, err)
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal", Scopes: []domain.Scope{domain.ScopeBusiness}, Account: "northwind"})
	folder, tried := t.TempDir(), 0
	for _, console := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for step := range strings.SplitSeq("\n"+console[1], "\n$ ") {
			if step = strings.TrimSpace(step); step == "" {
				continue
			}
			command, want := step, ""
			for at := 0; ; { // a command goes on after a backslash
				end := strings.IndexByte(step[at:], '\n')
				if end < 0 {
					break
				}
				if at += end + 1; !strings.HasSuffix(step[:at-1], `\`) {
					command, want = step[:at-1], step[at:]
					break
				}
			}
			cmd := exec.CommandContext(t.Context(), "bash", "-c", command)
			cmd.Dir, cmd.Env = folder, append(os.Environ(), "LEDGER="+l.url, "TOKEN="+token)
			out, err := cmd.CombinedOutput()
			pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".+") + "$"
			if got := strings.TrimSpace(string(out)); err != nil || !regexp.MustCompile(pattern).MatchString(got) {
				t.Errorf("%s\n got %s (%v)\nwant %s", command, got, err, want)
			}
			tried++
		}
	}
	if tried < 10 {
		t.Errorf("only %d examples", tried)
	}
}
