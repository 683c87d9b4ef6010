package history

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// Zones in which days begin and end in many ways.
var zones = []string{
	"UTC", "Europe/Dublin", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "America/Havana", "Asia/Kathmandu",
	"Pacific/Auckland", "Pacific/Kiritimati", "Australia/Lord_Howe", "America/St_Johns",
}

// parties are countries of seller and reseller, and whether the reseller has a VAT number.
type parties struct {
	seller, reseller string
	vatNumber        bool
}

var relations = []parties{{"IE", "IE", true}, {"IE", "IE", false}, {"IE", "DE", true}, {"IE", "DE", false}, {"IE", "US", false}, {"US", "US", false}, {"US", "IE", true}}

// Draw makes up a history of 2 to 15 months. Every id in it begins with the name.
func Draw(t *rapid.T, name string) History {
	first := date(2026, time.Month(rapid.IntRange(1, 48).Draw(t, "first month")), 1)
	return DrawFrom(t, name, first.utc())
}

// DrawFrom makes up a history that begins in the month of a date.
func DrawFrom(t *rapid.T, name string, first time.Time) History {
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		panic(err)
	}
	d := &drawer{
		name: name, zone: zone, first: date(first.Year(), first.Month(), 1),
		jpy:   rapid.SampledFrom([]string{"EUR", "EUR", "JPY"}).Draw(t, "currency") == "JPY",
		parts: rapid.SampledFrom(relations).Draw(t, "seller and reseller"),
	}
	months := rapid.SampledFrom([]int{2, 3, 4, 6, 9, 12, 13, 14, 15, 15}).Draw(t, "months")
	d.last = d.first.plusMonths(months) - 1
	dayCount := rapid.SampledFrom([]string{"start_of_day", "end_of_day"}).Draw(t, "day_count")
	d.chance = chance(anySeed.Draw(t, "seed of the catalog"))
	seeds := rapid.SliceOfN(anySeed, 12, 60).Draw(t, "seeds of the commands")
	d.catalog(dayCount)
	for _, m := range d.moments(seeds) {
		d.chance, d.now = m.chance, m.at
		d.something()
	}
	return History{d.id("c"), d.commands, (d.last + 1).start(zone)}
}

// anySeed is evenly spread, where rapid's own numbers are mostly small.
var anySeed = rapid.Custom(func(t *rapid.T) uint64 {
	seed := uint64(0)
	for range 3 {
		seed = seed*0x9e3779b97f4a7c15 + rapid.Uint64().Draw(t, "")
	}
	return seed
})

// chance is the same for the same seed.
func chance(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // nothing here is secret
}

// drawer is an upstream that has an idea of what there is, which may be wrong.
type drawer struct {
	chance      *rand.Rand
	name        string
	zone        *time.Location
	first, last day
	jpy         bool
	parts       parties

	now      time.Time
	contract object
	commands []Command

	subscriptions []sold
	licenses      []sold
	orders        []string
}

// sold is what a later command may name.
type sold struct{ id, plan, account, product string }

type object map[string]any

func (d *drawer) id(word string) string { return d.name + "-" + word }

func (d *drawer) n(low, high int) int { return low + d.chance.IntN(high-low+1) }

func (d *drawer) percent(p int) bool { return d.chance.IntN(100) < p }

func (d *drawer) pick(words ...string) string { return words[d.chance.IntN(len(words))] }

func (d *drawer) today() day { return dayAt(d.now, d.zone) }

// send adds a command; nobody is the actor of what changes the catalog.
func (d *drawer) send(kind, actor string, body object) string {
	id := fmt.Sprintf("%s-%d", d.name, len(d.commands)+1)
	c := object{"id": id, "kind": kind, "body": body}
	if actor != "" {
		c["actor"] = actor + "@" + d.name + ".example"
	}
	line, err := json.Marshal(c)
	if err != nil {
		panic(err) // maps of strings and numbers
	}
	d.commands = append(d.commands, Command{id, d.now, string(line)})
	return id
}

// moment is when something happens, and the chance that says what.
type moment struct {
	at     time.Time
	chance *rand.Rand
}

// moments are in order. Many are the first of a day, or a microsecond from it,
// many are near a month's end, a change of the clocks, the anniversary of an
// earlier one, or in one day with another.
func (d *drawer) moments(seeds []uint64) []moment {
	all := make([]moment, len(seeds))
	days := make([]day, len(seeds))
	opened := d.first.start(d.zone)
	for i, seed := range seeds {
		d.chance = chance(seed)
		days[i] = d.someDay(days[:i])
		all[i] = moment{d.someTime(days[i]), d.chance}
		if all[i].at.Before(opened) {
			all[i].at = opened
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	return all
}

func (d *drawer) someDay(earlier []day) day {
	if len(earlier) < 3 { // so that terms end in time
		return d.first + day(d.n(0, 40))
	}
	some := d.first + day(d.n(0, int(d.last-d.first)))
	other := earlier[d.chance.IntN(len(earlier))]
	switch d.n(0, 9) {
	case 0:
		some = some.lastOfMonth()
	case 1:
		some = some.lastOfMonth() + 1
	case 2:
		some = other
	case 3, 4:
		some = other.plusMonths(12) + day(d.n(-1, 1))
	case 5:
		if _, change := some.start(d.zone).ZoneBounds(); !change.IsZero() {
			some = dayAt(change, d.zone) + day(d.n(-1, 1))
		}
	case 6:
		some = date(some.utc().Year(), 2, 29)
	}
	return min(max(some, d.first), d.last)
}

func (d *drawer) someTime(on day) time.Time {
	start := on.start(d.zone)
	switch d.n(0, 5) {
	case 0, 1:
		return start
	case 2:
		return start.Add(-time.Microsecond)
	case 3:
		return start.Add(time.Microsecond)
	}
	return start.Add(time.Duration(d.n(0, 22*60)) * time.Minute)
}

// price has up to six decimals and is seldom nothing.
func (d *drawer) price() string {
	if d.percent(50) {
		return fmt.Sprintf("%d.%02d", d.n(1, 199), d.n(0, 99))
	}
	return fmt.Sprintf("%d.%06d", d.n(0, 99)*d.n(0, 9), d.n(0, 999_999))
}
