//go:build mutants

package mutant

import "os"

// Lacks says whether this program is to do without a safeguard.
func Lacks(safeguard string) bool { return os.Getenv("CHAOS_MUTANT") == safeguard }
