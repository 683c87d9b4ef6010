package history

import (
	"maps"
	"math/big"
)

const (
	flexible      = "flexible"
	annualMonthly = "annual_monthly"
	annualYearly  = "annual_yearly"
)

type subscription struct {
	id, plan, product string

	seats   int
	running bool
	price   *big.Rat // of the term

	startedOn day
	term      int // 1 is the first
	renews    bool
	nextSeats int // of the next term; as many as there are: 0

	turned int      // seats that the end of a term brought or took today
	former *big.Rat // what a seat cost until then, if a term ended today

	morning count     // of today, as it began
	counted [32]count // by day of the present month, those that are charged
}

type count struct {
	seats int
	price *big.Rat
}

// endsOn is the first day after the term.
func (x *subscription) endsOn() day { return x.startedOn.plusMonths(12 * x.term) }

func (w *world) named(id string) *subscription {
	for _, x := range w.subscriptions {
		if x.id == id {
			return x
		}
	}
	panic("no subscription " + id)
}

func (w *world) applySeats(kind string, b body) {
	switch kind {
	case "subscription.start":
		x := &subscription{
			id: b.Subscription, plan: b.Plan, product: b.Product, seats: b.Seats, running: true,
			price: w.prices[b.Product][b.Plan], startedOn: w.today, term: 1, renews: b.Renewal != "end",
		}
		w.subscriptions = append(w.subscriptions, x)
		if x.plan == annualYearly {
			w.charge(times(x.price, x.seats, 1))
		}
	case "seats.change":
		w.addSeats(w.named(b.Subscription), b.Delta)
	case "renewal.change":
		x := w.named(b.Subscription)
		x.renews, x.nextSeats = b.Renewal == "renew", b.Seats
	case "subscription.end":
		x := w.named(b.Subscription)
		if x.plan == flexible {
			x.end()
			return
		}
		x.renews = false
	}
}

// addSeats adds seats or, of a flexible plan, takes some away. To a year that is
// paid for they cost what is left of it.
func (w *world) addSeats(x *subscription, n int) {
	x.seats += n
	if x.plan == annualYearly {
		year := x.endsOn() - x.startedOn.plusMonths(12*(x.term-1))
		w.charge(times(x.price, n*int(x.endsOn()-w.today), int(year)))
	}
}

func (x *subscription) end() { x.seats, x.running = 0, false }

// endWithContract ends flexible plans when their contract is over.
func (w *world) endWithContract() {
	c := w.contract
	if c.status != "ended" && (c.endsOn == 0 || w.today <= c.endsOn) {
		return
	}
	for _, x := range w.subscriptions {
		if x.plan == flexible && x.running {
			x.end()
		}
	}
}

// turn ends the term that is over as today begins, and begins the next.
func (w *world) turn(x *subscription) {
	x.turned, x.former = 0, nil
	if x.plan == flexible || !x.running || x.endsOn() != w.today {
		return
	}
	seats := x.seats
	x.former = x.price
	price := w.prices[x.product][x.plan]
	if active := w.contract.status == "active" && w.today >= w.contract.startsOn && (w.contract.endsOn == 0 || w.today <= w.contract.endsOn); x.renews && active && price != nil {
		if x.nextSeats > 0 {
			x.seats = x.nextSeats
		}
		x.term, x.price, x.nextSeats = x.term+1, price, 0
		if x.plan == annualYearly {
			w.charge(times(x.price, x.seats, 1))
		}
	} else {
		x.end()
	}
	x.turned = x.seats - seats
}

// countMorning counts the seats as the day begins: what happened at its first
// instant has happened. Only the end of a term belongs to the day that begins.
func (w *world) countMorning() {
	w.begun = true
	w.inTheMorning = maps.Clone(w.flexible)
	for _, x := range w.subscriptions {
		x.morning = count{x.seats - x.turned, x.price}
		if x.former != nil {
			x.morning.price = x.former
		}
	}
}

// countEvening notes what is charged for the day that is over.
func (w *world) countEvening() {
	for _, x := range w.subscriptions {
		charged := x.morning
		if w.contract.dayCount == "end_of_day" {
			charged.seats = x.seats
			if x.plan == annualMonthly {
				charged.price = x.price
			}
		}
		if x.plan == flexible {
			charged.price = w.inTheMorning[x.product]
			if charged.price == nil { // its first price came in the course of the day
				charged.price = w.flexible[x.product]
			}
		}
		x.counted[w.today.dayOfMonth()] = charged
	}
}

// seatLines are the lines for the seats of the month that ends today: seat by
// seat the runs of days at one price, equal runs together.
func (w *world) seatLines(x *subscription) []line {
	type run struct{ from, to int }
	days := w.today.dayOfMonth()
	runs := map[run]int{}
	most := 0
	for d := 1; d <= days; d++ {
		most = max(most, x.counted[d].seats)
	}
	for seat := 1; seat <= most; seat++ {
		for d := 1; d <= days; d++ {
			if x.counted[d].seats < seat {
				continue
			}
			r := run{d, d}
			for r.to < days && x.counted[r.to+1].seats >= seat && x.counted[r.to+1].price.Cmp(x.counted[d].price) == 0 {
				r.to++
			}
			runs[r]++
			d = r.to
		}
	}
	var lines []line
	for r, seats := range runs {
		amount := times(x.counted[r.from].price, seats*(r.to-r.from+1), days)
		lines = append(lines, line{rounded(amount, w.contract.minorDigits), w.today})
	}
	return lines
}
