package metrics_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

const docs = "../../docs"

// Every alert is quiet while all is well, and comes when it should.
func TestAlertsComeWhenTheyShould(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("not tried without promtool: apt-get install --no-install-recommends prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		run := exec.CommandContext(t.Context(), promtool, args...)
		run.Dir = filepath.Join(docs, "prometheus")
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

var (
	named       = regexp.MustCompile(`\blicenseledger_[a-z_]*[a-z]\b`)
	described   = regexp.MustCompile(`fqName: "(licenseledger_[a-z_]+)"`)
	ofHistogram = regexp.MustCompile(`_(bucket|sum|count)$`)
	alert       = regexp.MustCompile(`(?m)^      - alert: (\w+)$`)
)

// An alert on a metric that does not exist never comes.
func TestEveryMetricThatIsNamedExists(t *testing.T) {
	t.Parallel()
	exists, used := map[string]bool{}, map[string]bool{}
	registry, ok := newLedger(t).metrics.Gatherer().(*prometheus.Registry)
	if !ok {
		t.Fatal("the metrics are in no registry")
	}
	all := make(chan *prometheus.Desc)
	go func() { registry.Describe(all); close(all) }()
	for d := range all {
		if name := described.FindStringSubmatch(d.String()); name != nil {
			exists[name[1]] = true
		}
	}
	for _, file := range []string{"prometheus/alerts.yaml", "prometheus/alerts_test.yaml", "prometheus/dashboard.json", "operations.md", "../README.md"} {
		for _, name := range named.FindAllString(read(t, file), -1) {
			switch trimmed := ofHistogram.ReplaceAllString(name, ""); {
			case exists[name]:
				used[name] = true
			case exists[trimmed]:
				used[trimmed] = true
			case !roles[name]:
				t.Errorf("%s names %s, which the worker does not have", file, name)
			}
		}
	}
	for name := range exists {
		if !used[name] {
			t.Errorf("%s is in neither alerts, dashboard nor documentation", name)
		}
	}
}

// roles of Postgres begin like metrics.
var roles = map[string]bool{
	"licenseledger_owner": true, "licenseledger_ingress": true, "licenseledger_worker": true, "licenseledger_mailer": true, "licenseledger_reader": true,
}

func TestEveryAlertHasATestAndARunbook(t *testing.T) {
	t.Parallel()
	alerts, tests, runbook := alert.FindAllStringSubmatch(read(t, "prometheus/alerts.yaml"), -1), read(t, "prometheus/alerts_test.yaml"), read(t, "operations.md")
	if len(alerts) == 0 {
		t.Fatal("no alerts")
	}
	for _, a := range alerts {
		if !strings.Contains(tests, "alertname: "+a[1]+"\n        exp_alerts:") {
			t.Errorf("no test lets %s come", a[1])
		}
		if !strings.Contains(tests, "alertname: "+a[1]+"\n      - eval_time") {
			t.Errorf("no test keeps %s quiet", a[1])
		}
		if !strings.Contains(runbook, "\n### "+a[1]+"\n") {
			t.Errorf("docs/operations.md does not say what %s means", a[1])
		}
		if !strings.Contains(read(t, "prometheus/alerts.yaml"), "runbook: docs/operations.md#"+strings.ToLower(a[1])+"\n") {
			t.Errorf("%s does not lead to its runbook", a[1])
		}
	}
}

func TestTheDashboardCanBeRead(t *testing.T) {
	t.Parallel()
	var dashboard struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "prometheus/dashboard.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, p := range dashboard.Panels {
		if p.Title == "" || len(p.Targets) == 0 || seen[p.ID] {
			t.Errorf("panel %d %q shows nothing, or has another's number", p.ID, p.Title)
		}
		seen[p.ID] = true
	}
	checkExpressions(t, read(t, "prometheus/dashboard.json"))
}

// checkExpressions has promtool read the queries of the dashboard as if they were rules.
func checkExpressions(t *testing.T, dashboard string) {
	t.Helper()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("the queries are not tried without promtool: apt-get install --no-install-recommends prometheus")
	}
	rules := "groups:\n  - name: dashboard\n    rules:\n"
	for i, m := range regexp.MustCompile(`"expr": ("(?:[^"\\]|\\.)*")`).FindAllStringSubmatch(dashboard, -1) {
		rules += fmt.Sprintf("      - {record: panel%d, expr: ", i) + strings.ReplaceAll(m[1], "$__rate_interval", "5m") + "}\n"
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	check(t, os.WriteFile(file, []byte(rules), 0o600))
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", file).CombinedOutput(); err != nil || !strings.Contains(string(out), "rules found") {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, file))
	check(t, err)
	return string(text)
}
