// Package history makes up what happens under one contract, and says what is to
// be invoiced for it: once more, from the commands alone, in another way than
// package domain does. It goes through the days one by one and notes how many
// seats there are; nothing of the rules is shared, so that a mistake would have
// to be made twice.
package history

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// History is what upstream sends for one contract and what it depends on.
type History struct {
	Contract string
	Commands []Command // in the order in which they are accepted
	Until    time.Time // the months that have ended by then are invoiced
}

// Command is a line of NDJSON with the instant at which it is accepted.
type Command struct {
	ID         string
	AcceptedAt time.Time
	Line       string
}

// Month is what is invoiced for one month.
type Month struct {
	Period               string // "2027-03"
	Net, VATTotal, Total *big.Rat
	VAT                  []VAT
}

// VAT is what all lines of one category and rate bear together.
type VAT struct {
	Category           string
	Rate, Base, Amount *big.Rat
}

// String writes the month so that it can be compared: the order in which VAT is
// listed and the zeros after the point do not matter.
func (m Month) String() string {
	lines := slices.Clone(m.VAT)
	slices.SortFunc(lines, func(a, b VAT) int { return cmp.Or(cmp.Compare(a.Category, b.Category), a.Rate.Cmp(b.Rate)) })
	var text strings.Builder
	fmt.Fprintf(&text, "%s: net %s", m.Period, m.Net.FloatString(2))
	for _, v := range lines {
		fmt.Fprintf(&text, ", %s %s %% of %s is %s", v.Category, v.Rate.FloatString(6), v.Base.FloatString(2), v.Amount.FloatString(2))
	}
	fmt.Fprintf(&text, ", VAT %s, total %s", m.VATTotal.FloatString(2), m.Total.FloatString(2))
	return text.String()
}
