//go:build mutants

package store

import (
	"strings"

	"github.com/licenseledger/licenseledger/internal/mutant"
)

// mutants are the safeguards that statements hold, and the statements without them.
var mutants = []struct{ safeguard, statement, with, without string }{
	{"unique key", "journal_insert", "ON CONFLICT (source, id) DO NOTHING", ""},
	{"unique key", "due_insert", "ON CONFLICT (source, id) DO NOTHING", ""},
	{"pending row", "journal_insert", "FROM fresh\nRETURNING", "FROM fresh WHERE seq % 100 <> 99\nRETURNING"},
	{"sweeper", "pending_take", "p.next_at <= (SELECT clock_timestamp())", "p.next_at <= '-infinity'"},
	{"account locks", "lock_accounts", "FOR NO KEY UPDATE", ""},
	{"shared gate", "gate_shared", "pg_advisory_xact_lock_shared(hashtext('licenseledger gate'))", "1"},
	{"exclusive gate", "gate_exclusive", "pg_advisory_xact_lock(hashtext('licenseledger gate'))", "1"},
	{"due after accepted", "due_waiting", "p.dead_at IS NULL", "false"},
	{"doubt of mail", "mail_claim", "m.doubtful OR m.state = 'sending'", "m.doubtful"},
	{"doubt of mail", "mail_mark", "doubtful OR $7::bool", "doubtful AND $7::bool IS NOT NULL"},
}

// mutated is the statement without the safeguard that the program is to lack.
func mutated(name, text string) string {
	for _, m := range mutants {
		if m.statement != name || !mutant.Lacks(m.safeguard) {
			continue
		}
		if !strings.Contains(text, m.with) {
			panic("the mutant " + m.safeguard + " does not fit the statement " + name)
		}
		text = strings.Replace(text, m.with, m.without, 1)
	}
	return text
}
