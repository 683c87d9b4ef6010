package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/jobs"
)

// shell is where a program is, or skips the test.
func shell(t *testing.T, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("not tried with %s: %s", name, install)
	}
	return path
}

func script(t *testing.T, shell string) string {
	t.Helper()
	code, out, errs := enqueue(t, "", "completion", shell)
	if code != exitApplied || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "_enqueue")
	check(t, os.WriteFile(file, []byte(out), 0o600))
	return file
}

// completions are lines that end where Tab is pressed, what must be offered, and
// what must not.
var completions = []struct{ line, offered, not string }{
	{"enqueue sho", "show", "run"},
	{"enqueue stock.", "stock.purchase stock.transfer", "show"},
	{"enqueue show st", "stock", "stock.purchase"},
	{"enqueue show orders --st", "--state", "--wait"},
	{"enqueue show orders --state ", "requested assigned rejected cancelled", "--state"},
	{"enqueue --source run show sched", "schedule", "run"}, // run is a value here
	{"enqueue run --via ", "journal redis", "--via"},
	{"enqueue invoice L-1 --format ", "pdf xml csv json", "show"},
	{"enqueue contract.put --day-count ", "start_of_day end_of_day", "--day-count"},
	{"enqueue stock.purchase --qu", "--quantity", "--wait"},
	{"enqueue show stock --database", "--database-url", "--account"},
	{"enqueue --log-level ", "debug info warn error", "show"},
	{"enqueue schema learner.", "learner.put learner.erase", "stock.purchase"},
	{"enqueue completion ", "bash zsh fish", "show"},
	{"enqueue run examp", "example.ndjson", "show"},
}

func compare(t *testing.T, line, offered, not string, got []string) {
	t.Helper()
	for _, want := range strings.Fields(offered) {
		if !slices.Contains(got, want) {
			t.Errorf("%q offers %q, not %s", line, got, want)
		}
	}
	if slices.Contains(got, not) {
		t.Errorf("%q offers %q, also %s", line, got, not)
	}
}

func TestCompletionInBash(t *testing.T) {
	bash, file := shell(t, "bash", "install bash"), script(t, "bash")
	for _, test := range completions {
		if test.line == "enqueue --source run show sched" {
			test.line = "enqueue --source-key run show sched"
		}
		// Bash splits words at equal signs, as it does for Readline.
		words := strings.Split(test.line, " ")
		program := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _enqueue; printf '%s\n' "${COMPREPLY[@]}"`
		got := runShell(t, bash, append([]string{"--norc", "-c", program, "bash", file}, words...)...)
		compare(t, test.line, test.offered, test.not, got)
	}
	got := runShell(t, bash, "--norc", "-c", `source "$1"; COMP_WORDS=(enqueue run --via = r); COMP_CWORD=4; _enqueue; printf '%s\n' "${COMPREPLY[@]}"`, "bash", file)
	compare(t, "--via=r", "redis", "journal", got)
}

func TestCompletionInFish(t *testing.T) {
	fish, file := shell(t, "fish", "apt-get install fish"), script(t, "fish")
	for _, test := range completions {
		test.line = strings.Replace(test.line, "--source run", "--source-key run", 1)
		var got []string
		for _, line := range runShell(t, fish, "--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, file, test.line) {
			word, _, _ := strings.Cut(line, "\t")
			got = append(got, word)
		}
		compare(t, test.line, test.offered, test.not, got)
	}
}

func TestCompletionInZsh(t *testing.T) {
	zsh, file := shell(t, "zsh", "apt-get install zsh"), script(t, "zsh")
	// Outside of its line editor zsh completes nothing, so that the functions it
	// offers words with are replaced by ones that print them.
	const stubs = `
compdef() { }
_describe() { [[ $1 == -o ]] && shift; for o in ${(P)2}; do print -r -- ${o%%:*}; done }
compadd() { shift; print -rl -- $@ }
_files() { print -rl -- *(N) }
_message() { }
source $1; shift
words=("$@"); CURRENT=$#; PREFIX=${words[CURRENT]}
_enqueue`
	for _, test := range completions {
		test.line = strings.Replace(test.line, "--source run", "--source-key run", 1)
		got := runShell(t, zsh, append([]string{"-f", "-c", stubs, "zsh", file}, strings.Split(test.line, " ")...)...)
		typed := test.line[strings.LastIndexByte(test.line, ' ')+1:]
		got = slices.DeleteFunc(got, func(word string) bool { return !strings.HasPrefix(word, typed) })
		compare(t, test.line, test.offered, test.not, got)
	}
}

func runShell(t *testing.T, shell string, args ...string) []string {
	t.Helper()
	command := exec.Command(shell, args...)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "HOME="+command.Dir, "XDG_CONFIG_HOME="+command.Dir)
	check(t, os.WriteFile(filepath.Join(command.Dir, "example.ndjson"), nil, 0o600))
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%s: %v\n%s%s", shell, err, out, errs.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestManualPage(t *testing.T) {
	code, page, errs := enqueue(t, "", "man")
	if code != exitApplied || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for _, want := range append(jobs.KindNames(), "show outcome", "DATABASE_URL", "EXIT STATUS") {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not name %s", want)
		}
	}
	command := exec.Command(shell(t, "mandoc", "apt-get install mandoc"), "-T", "lint", "-W", "warning")
	command.Stdin = strings.NewReader(page)
	complaints, _ := command.Output() // its exit code says that there are any
	for line := range strings.Lines(string(complaints)) {
		if !strings.Contains(line, "missing date") { // that of the commit; tests are not built with it
			t.Error(line)
		}
	}
}

// Every subcommand shows how it is called, and what it shows is right.
func TestHelpHasExamples(t *testing.T) {
	var command commandLine
	forms := newForms()
	parser, err := newParser(&command, forms, &app{ctx: t.Context(), out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	check(t, err)
	for _, leaf := range parser.Model.Leaves(true) {
		examples := 0
		for line := range strings.Lines(strings.ReplaceAll(leaf.Detail, "\\\n", "")) {
			if width := len([]rune(line)); width > 80 && strings.HasPrefix(line, "    ") && forms[leaf.Name] == nil {
				t.Errorf("%d columns are too many: %s", width, line)
			}
			line = strings.TrimSpace(line)
			_, call, found := strings.Cut(line, "enqueue ")
			if !found || !strings.HasPrefix(call, strings.TrimSuffix(leaf.Path(), " ")) {
				continue
			}
			examples++
			call, _, _ = strings.Cut(strings.NewReplacer(" -\"", " -", "'", "").Replace(call), " >")
			call, _, _ = strings.Cut(call, " |")
			if forms[leaf.Name] != nil {
				continue // TestExamplesHaveWhatIsRequired
			}
			if _, err := parser.Parse(strings.Fields(strings.TrimSuffix(call, ")"))); err != nil {
				t.Errorf("enqueue %s: %v", call, err)
			}
		}
		if examples == 0 {
			t.Errorf("the help of %s has no example: %q", leaf.Path(), leaf.Detail)
		}
	}
}

// Help fits a terminal of 80 columns, apart from calls that cannot be broken.
func TestHelpFits(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	for _, args := range []string{"", "run ", "show ", "show orders ", "source add ", "stock.purchase ", "contract.put ", "account.put "} {
		code, out, _ := enqueue(t, "", strings.Fields(args+"--help")...)
		if code != exitApplied {
			t.Errorf("%s: exit %d", args, code)
		}
		for line := range strings.Lines(out) {
			if width := len([]rune(strings.TrimSuffix(line, "\n"))); width > 80 {
				t.Errorf("%s: %d columns: %s", args, width, line)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	code, out, _ := enqueue(t, "", "--version")
	if code != exitApplied || !strings.HasPrefix(out, "enqueue ") || strings.Count(out, "\n") != 1 {
		t.Errorf("exit %d, %q", code, out)
	}
}
