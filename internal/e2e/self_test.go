package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the worker says about itself, and its exit codes, without any server.
func TestTheWorkerByItself(t *testing.T) {
	const nobody = " --database-url postgres://u:secret@127.0.0.1:1/x --redis-url redis://127.0.0.1:1"
	for _, test := range []struct {
		args, out, errs string
		code            int
	}{
		{"--help", "Exit codes: 0", "", 0},
		{"--version", "worker ", "", 0},
		{"check --help", "worker check --json", "", 0},
		{"man", ".SH EXIT STATUS", "", 0},
		{"completion bash", "complete -F _worker worker", "", 0},
		{"completion zsh", "#compdef worker", "", 0},
		{"completion fish", "complete -c worker", "", 0},
		{"chekc", "", `did you mean "check"?`, 2},
		{"--embeded", "", `did you mean "--embedded"?`, 2},
		{"migrate --data nowhere", "", "DATABASE_URL is not set", 2},
		{"--env-file nowhere migrate", "", "open nowhere: no such file or directory; mend the name, or create it", 2},
		{"check" + nobody, "", "is Postgres running, and does DATABASE_URL name it?", 1},
		{"migrate" + nobody, "", "is Postgres running, and does DATABASE_URL name it?", 1},
		{"--embedded --data /dev/null/x", "", "make the data folder", 1},
	} {
		command := exec.Command(filepath.Join(bin, "worker"), strings.Fields(test.args)...)
		command.Dir, command.Env = t.TempDir(), clean()
		var out, errs bytes.Buffer
		command.Stdout, command.Stderr = &out, &errs
		_ = command.Run()
		code := command.ProcessState.ExitCode()
		if code != test.code || !strings.Contains(out.String(), test.out) || !strings.Contains(errs.String(), test.errs) ||
			strings.Contains(errs.String(), "secret") || code != 0 && strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("worker %s: exit %d\n%.400s\n%s", test.args, code, out.String(), errs.String())
		}
	}
}

func TestTheWorkerCompletesInBash(t *testing.T) {
	program := `source <("$1" completion bash); COMP_WORDS=(worker --log-level debug ch); COMP_CWORD=3; _worker; echo "${COMPREPLY[@]}"
COMP_WORDS=(worker check --js); COMP_CWORD=2; _worker; echo "${COMPREPLY[@]}"`
	out, err := exec.Command("bash", "--norc", "-c", program, "bash", filepath.Join(bin, "worker")).CombinedOutput()
	if err != nil || string(out) != "check\n--json\n" {
		t.Errorf("%v: %s", err, out)
	}
}

// Only a process shows what becomes of output that nobody takes.
func TestOutputThatEnds(t *testing.T) {
	program := filepath.Join(bin, "enqueue")
	t.Run("the reader has seen enough", func(t *testing.T) {
		command := exec.Command("sh", "-c", `"$0" schema | head -n 1`, program)
		var errs bytes.Buffer
		command.Stderr = &errs
		out, err := command.Output()
		if err != nil || strings.TrimSpace(string(out)) != "{" || errs.Len() > 0 {
			t.Errorf("%v, %q, %q", err, out, errs.String())
		}
	})
	t.Run("the disk is full", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skipf("not tried with a full disk: %v", err)
		}
		defer full.Close()
		var errs bytes.Buffer
		command := exec.Command(program, "schema", "stock.purchase")
		command.Stdout, command.Stderr = full, &errs
		_ = command.Run()
		if code := command.ProcessState.ExitCode(); code != 3 || !strings.Contains(errs.String(), "writing the output") ||
			!strings.Contains(errs.String(), "make room") {
			t.Errorf("exit %d, %s", code, errs.String())
		}
	})
}
