//go:build mutants

package store

import (
	"strings"

	"github.com/licenseledger/licenseledger/internal/mutant"
)

// mutants are the safeguards that statements hold, and the statements without
// them. Those of functions in the database are in internal/chaos.
var mutants = []struct{ safeguard, statement, with, without string }{
	{"unique key", "due_insert", "WHERE (SELECT c.seq FROM commands AS c WHERE c.source = $1::text AND c.id = due.id) IS NULL", ""},
	{"sweeper", "pending_take", "p.next_at <= (SELECT clock_timestamp())", "p.next_at <= '-infinity'"},
	{"account locks", "lock_accounts", "FOR NO KEY UPDATE", ""},
	{"shared gate", "gate_shared", "pg_advisory_xact_lock_shared(hashtext('licenseledger gate'))", "1"},
	{"exclusive gate", "gate_exclusive", "pg_advisory_xact_lock(hashtext('licenseledger gate'))", "1"},
	{"due after accepted", "due_waiting", "p.dead_at IS NULL", "false"},
	{"doubt of mail", "mail_claim", "m.doubtful OR m.state = 'sending'", "m.doubtful"},
	{"doubt of mail", "mail_mark", "m.doubtful OR r.doubtful", "m.doubtful"},
}

func init() {
	for _, m := range mutants {
		text, err := sqlFiles.ReadFile("sql/" + m.statement + ".sql")
		if err != nil || !strings.Contains(string(text), m.with) {
			panic("the mutant " + m.safeguard + " does not fit the statement " + m.statement)
		}
	}
}

// mutated is the statement without the safeguard that the program is to lack.
func mutated(name, text string) string {
	for _, m := range mutants {
		if m.statement != name || !mutant.Lacks(m.safeguard) {
			continue
		}
		text = strings.Replace(text, m.with, m.without, 1)
	}
	return text
}
