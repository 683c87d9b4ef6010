// Package domain is what LicenseLedger knows about selling licenses: pure
// functions over rows in memory, without I/O and without a clock.
//
// A command (Command) names what it reads, then decides: it refuses with a
// Reason, or changes the State by whole-row after-images and appends facts.
// decide.go is the way of one command; reject.go lists every reason in order of
// precedence; access.go says who sees and may do what; then each family of
// commands has a file.
//
// Words: an account is a company, a reseller or a customer. A contract is
// between a seller and a reseller. A lot is stock that one purchase or move
// brought. A license is a batch of n licenses with the same dates. A movement
// is n licenses leaving one holding and entering another; the holdings are
// lots, licenses, and the two outside any account: Issued and Expired.
//
// Invariants: what was issued equals what is in stock, licensed and expired;
// nothing is negative; a rejected command changes nothing but its own record.
package domain
