//go:build !mutants

// Package mutant takes single safeguards out of the program, to see whether
// `make chaos-mutants` notices. In every other build it does nothing and costs
// nothing.
package mutant

// Lacks says whether this program is to do without a safeguard.
func Lacks(string) bool { return false }
