package jobs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/jobs"
)

// TestProblemsNameTheField takes each field of each kind away or puts there what
// no field of its sort takes. Whatever is wrong is said of that field.
func TestProblemsNameTheField(t *testing.T) {
	t.Parallel()
	for _, kind := range jobs.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			for _, line := range payloadsOf(t, kind.Name) {
				body, _ := parseTree(t, line).at("body").(map[string]any)
				for name := range body {
					breakField(t, line, name, kind.Fields())
				}
			}
		})
	}
}

func breakField(t *testing.T, line, name string, fields []jobs.Field) {
	t.Helper()
	at := slices.IndexFunc(fields, func(f jobs.Field) bool { return f.Name == name })
	for _, wrong := range []any{map[string]any{"?": 1}, -1.2345678, []any{[]any{}}, "\x00"} {
		command := parseTree(t, line)
		command.at("body").(map[string]any)[name] = wrong
		said := problemsOf(t, command)
		if len(said) == 0 {
			t.Errorf("%s may be %v", name, wrong)
		}
		namesOnly(t, said, name)
	}
	command := parseTree(t, line)
	delete(command.at("body").(map[string]any), name)
	said := problemsOf(t, command)
	if required := !fields[at].Optional && fields[at].Default == ""; required && !slices.Equal(said, jobs.Problems{{Field: name, What: "is required"}}) {
		t.Errorf("without %s this is said: %v", name, said)
	}
}

func problemsOf(t *testing.T, command tree) jobs.Problems {
	t.Helper()
	_, problems := jobs.Parse(encoded(t, command.value))
	return problems
}

// namesOnly wants every problem to name the field, or one inside it.
func namesOnly(t *testing.T, said jobs.Problems, name string) {
	t.Helper()
	for _, p := range said {
		if p.Field != name && !strings.HasPrefix(p.Field, name+".") && !strings.HasPrefix(p.Field, name+"[") || p.What == "" {
			t.Errorf("%s is wrong, and this is said: %s", name, p)
		}
	}
}
