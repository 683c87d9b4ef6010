package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/internal/mutant"
)

// safeguard is one that the program can be built without.
type safeguard struct {
	name   string
	faults string // under which it is needed
	what   string
}

// safeguards with package mutant: statements are changed in internal/store, the rest asks it.
var safeguards = []safeguard{
	{"", "killed|lost|tasks|reported|emptied|mail", "(all are in place)"},
	{"unique key", "tasks come again", "no id is in the journal twice"},
	{"pending row", "tasks come again", "a command is put to wait in the commit that accepts it"},
	{"mail row", "tasks come again", "a mail is written in the commit of its cause"},
	{"sweeper", "Redis emptied|Redis killed", "what waits too long is found in the journal"},
	{"repair", "cut off from Redis", "that a task is done is said again"},
	{"account locks", "tasks come again", "one transaction at a time decides about an account"},
	{"shared gate", "tasks come again", "who accepts or decides keeps the clock and the months where they are"},
	{"exclusive gate", "tasks come again", "moving the clock, closing months and changing the catalog wait for who passed the gate"},
	{"due after accepted", "Redis emptied|Redis killed", "what falls due waits for what was accepted before"},
	{"doubt of mail", "final dot", "what may have been sent says so"},
}

// gaps make transactions take their time after they have read the clock, so
// that what must not happen meanwhile is likelier to.
const gaps = `
CREATE FUNCTION take_your_time() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF random() < 0.1 THEN PERFORM pg_sleep(0.15); END IF; RETURN NULL; END $$;
CREATE TRIGGER gap AFTER INSERT ON commands FOR EACH STATEMENT EXECUTE FUNCTION take_your_time();`

// prepareMutant does to the database what a run without a safeguard needs.
func (w *world) prepareMutant(ctx context.Context) error {
	sql := gaps
	switch {
	case mutant.Lacks("unique key"):
		sql += "ALTER TABLE commands DROP CONSTRAINT commands_source_id_key;" +
			withoutInAccepting("ON CONFLICT (source, id) DO NOTHING", "")
	case mutant.Lacks("pending row"):
		sql += withoutInAccepting("FROM fresh AS f", "FROM fresh AS f WHERE f.seq % 100 <> 99")
	}
	return w.postgres.exec(ctx, "licenseledger", sql)
}

// withoutInAccepting takes a safeguard out of the functions that accept commands.
func withoutInAccepting(with, without string) string {
	return fmt.Sprintf(`
DO $mutant$ DECLARE f record; BEGIN
	FOR f IN SELECT proname, pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname IN ('accept_commands', 'journal_commands') LOOP
		ASSERT strpos(f.text, '%[1]s') > 0, 'the mutant does not fit ' || f.proname;
		EXECUTE replace(f.text, '%[1]s', '%[2]s');
	END LOOP;
END $mutant$`, with, without)
}

// mutantEnv tells the worker which safeguard it is to do without.
func mutantEnv() []string {
	if name := os.Getenv("CHAOS_MUTANT"); name != "" {
		return []string{"CHAOS_MUTANT=" + name}
	}
	return nil
}

// mutantTime is enough to notice; a run ends as soon as it does.
const mutantTime = 48 * time.Second

// tryMutants runs once with all safeguards and once without each of them. The
// first must succeed, the others must fail.
func (o options) tryMutants(ctx context.Context, out io.Writer) int {
	if mutant.Lacks("") == mutant.Lacks("x") {
		fmt.Fprintln(out, "chaos: build with -tags mutants")
		return 2
	}
	tried, survived := 0, 0
	const row = "%-20s %-12s %-6s %s\n"
	fmt.Fprintf(out, row, "without", "noticed by", "after", "which is to see that")
	for _, s := range safeguards {
		if o.only != nil && !o.only.MatchString(s.name) {
			continue
		}
		tried++
		began := o.now()
		noticed, err := o.tryMutant(ctx, s)
		if err != nil {
			fmt.Fprintf(out, "chaos: without %s: %v\n", s.name, err)
			return 2
		}
		by := strings.Join(noticed, " ")
		if (len(noticed) > 0) == (s.name == "") {
			by, survived = "WRONG: "+by, survived+1
		}
		fmt.Fprintf(out, row, cmp.Or(s.name, "nothing"), cmp.Or(by, "nobody"), o.now().Sub(began).Round(time.Second), s.what)
	}
	verdict := "ok"
	if survived > 0 {
		verdict = "FAILED"
	}
	fmt.Fprintf(out, "chaos-mutants %s: CHAOS_SEED=%d, %d of %d are as they should be\n", verdict, o.seed, tried-survived, tried)
	return min(survived, 1)
}

var invariant = regexp.MustCompile(`(?m)^I[1-7]`)

// tryMutant returns the invariants that were found broken.
func (o options) tryMutant(ctx context.Context, s safeguard) ([]string, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "-worker", o.binary, "-quick", "-mutated", "-round", "8s", "-duration", mutantTime.String(), "-faults", s.faults)
	cmd.Env = append(os.Environ(), "CHAOS_MUTANT="+s.name, fmt.Sprintf("CHAOS_SEED=%d", o.seed))
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(text))
	}
	found := invariant.FindAllString(string(text), -1)
	slices.Sort(found)
	return slices.Compact(found), nil
}
