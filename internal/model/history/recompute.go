package history

import (
	"encoding/json"
	"math/big"
	"slices"
	"time"
)

// Recompute says what is to be invoiced for every month in which there is
// anything, given which of the commands were applied.
func Recompute(h History, applied func(id string) bool) []Month {
	w := begin(h)
	for i, c := range h.Commands {
		w.pass(c.AcceptedAt)
		if applied(c.ID) {
			w.apply(c.ID, read(c.Line))
		}
		if i+1 == len(h.Commands) || !h.Commands[i+1].AcceptedAt.Equal(c.AcceptedAt) {
			w.endWithContract()
			w.invoiceWaiting()
		}
	}
	w.pass(h.Until)
	slices.SortFunc(w.months, func(a, b Month) int {
		if a.Period < b.Period {
			return -1
		}
		return 1
	})
	return w.months
}

// world is how things stand at some instant of a day.
type world struct {
	zone     *time.Location
	today    day
	begun    bool // the first instant of today has passed
	contract contract
	prices   map[string]map[string]*big.Rat // by product and way of buying, now
	flexible map[string]*big.Rat            // by product; one that was withdrawn goes on for the seats there are

	inTheMorning map[string]*big.Rat // what flexible was as today began

	sellers, accounts map[string]party
	taxes             map[string]map[day]*big.Rat
	termMonths        map[string]int // by product

	subscriptions []*subscription
	batches       map[string]batch // of licenses
	orders        map[string]order
	assigned      map[string]bool

	lines   []line // of the present month, but for its seats
	waiting []bill // months that lack a rate
	months  []Month
}

type contract struct {
	seller, reseller, status, dayCount string
	startsOn, endsOn                   day // no end: 0
	minorDigits                        int
}

type party struct{ country, vatNumber string }

type batch struct {
	product string
	endsOn  day // the first day after
}

type order struct {
	product, subscription string
	quantity              int
}

func begin(h History) *world {
	w := &world{
		prices: map[string]map[string]*big.Rat{}, flexible: map[string]*big.Rat{},
		sellers: map[string]party{}, accounts: map[string]party{}, taxes: map[string]map[day]*big.Rat{}, termMonths: map[string]int{},
		batches: map[string]batch{}, orders: map[string]order{}, assigned: map[string]bool{},
	}
	for _, c := range h.Commands {
		if b := read(c.Line); b.Kind == "contract.put" && b.Body.ID == h.Contract {
			zone, err := time.LoadLocation(b.Body.TimeZone)
			if err != nil {
				panic(err) // Draw wrote it
			}
			w.zone = zone
			break
		}
	}
	w.today = dayAt(h.Commands[0].AcceptedAt, w.zone)
	return w
}

// pass goes on to an instant, day by day. What belongs to the first instant of a
// day has happened before the commands of that instant.
func (w *world) pass(to time.Time) {
	for {
		if !w.begun && to.After(w.today.start(w.zone)) {
			w.countMorning()
		}
		if (w.today + 1).start(w.zone).After(to) {
			return
		}
		w.countEvening()
		if w.today == w.today.lastOfMonth() {
			w.closeMonth()
		}
		w.today++
		w.begun = false
		w.endWithContract()
		for _, x := range w.subscriptions {
			w.turn(x)
		}
	}
}

type command struct {
	Kind string
	Body body
}

// body has the fields of all kinds that matter here.
type body struct {
	ID, Contract, Account, Product, License, Order, Subscription, To string

	Quantity, Seats, Delta int

	Address   struct{ Country string }
	VATNumber string `json:"vat_number"`

	Country, Rate, From string

	Seller, Reseller, Status, Currency string
	TermMonths                         int    `json:"term_months"`
	TimeZone                           string `json:"time_zone"`
	DayCount                           string `json:"day_count"`
	StartsOn                           string `json:"starts_on"`
	EndsOn                             string `json:"ends_on"`
	Products                           []struct {
		Product string
		Prices  map[string]string
	}

	Plan, Renewal, Fulfil, Period, Amount string
	CotermWith                            string `json:"coterm_with"`
}

func read(text string) (c command) {
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err) // Draw wrote it
	}
	return c
}

// apply does what one applied command says.
func (w *world) apply(id string, c command) {
	b := c.Body
	switch c.Kind {
	case "seller.put":
		w.sellers[b.ID] = party{b.Address.Country, b.VATNumber}
	case "account.put":
		w.accounts[b.ID] = party{b.Address.Country, b.VATNumber}
	case "tax.put":
		if w.taxes[b.Country] == nil {
			w.taxes[b.Country] = map[day]*big.Rat{}
		}
		w.taxes[b.Country][parseDay(b.From)] = exact(b.Rate)
	case "product.put":
		w.termMonths[b.ID] = b.TermMonths
	case "contract.put":
		w.putContract(b)
	case "charge.correct":
		month := parseDay(b.Period + "-01")
		w.lines = append(w.lines, line{exact(b.Amount), month.lastOfMonth()})
	default:
		w.applyBusiness(id, c.Kind, b)
	}
}

func (w *world) putContract(b body) {
	w.contract = contract{
		seller: b.Seller, reseller: b.Reseller, status: b.Status, dayCount: b.DayCount, startsOn: parseDay(b.StartsOn),
		minorDigits: map[string]int{"EUR": 2, "JPY": 0}[b.Currency],
	}
	if b.EndsOn != "" {
		w.contract.endsOn = parseDay(b.EndsOn)
	}
	w.prices = map[string]map[string]*big.Rat{}
	for _, p := range b.Products {
		w.prices[p.Product] = map[string]*big.Rat{}
		for way, price := range p.Prices {
			w.prices[p.Product][way] = exact(price)
		}
		if price := w.prices[p.Product]["flexible"]; price != nil {
			w.flexible[p.Product] = price
		}
	}
}

func (w *world) applyBusiness(id, kind string, b body) {
	switch kind {
	case "stock.purchase":
		w.charge(w.term(b.Product, b.Quantity))
	case "stock.transfer":
		w.batches[id+"~1"] = batch{b.Product, w.today.plusMonths(w.termMonths[b.Product])}
	case "license.purchase":
		w.purchase(id, b)
	case "license.renew":
		old := w.batches[b.License]
		w.batches[id+"~1"] = batch{old.product, max(old.endsOn, w.today).plusMonths(w.termMonths[old.product])}
		w.charge(w.term(old.product, b.Quantity))
	case "order.request":
		w.orders[id] = order{product: b.Product, quantity: b.Quantity}
	case "seats.request":
		w.orders[id] = order{subscription: b.Subscription, quantity: b.Quantity}
	case "order.assign":
		if w.assigned[b.Order] {
			return // it is only told again
		}
		w.assigned[b.Order] = true
		if o := w.orders[b.Order]; o.subscription != "" {
			w.addSeats(w.named(o.subscription), o.quantity)
		} else {
			w.purchase(id, body{Product: o.product, Quantity: o.quantity, Fulfil: b.Fulfil})
		}
	default:
		w.applySeats(kind, b)
	}
}

// purchase of licenses: those out of stock are paid for.
func (w *world) purchase(id string, b body) {
	endsOn := w.today.plusMonths(w.termMonths[b.Product])
	price := w.term(b.Product, b.Quantity)
	switch {
	case b.Fulfil == "stock":
		price = nil
	case b.CotermWith != "":
		full := int(endsOn - w.today)
		endsOn = w.batches[b.CotermWith].endsOn
		price = times(price, int(endsOn-w.today), full)
	}
	w.batches[id+"~1"] = batch{b.Product, endsOn}
	if price != nil {
		w.charge(price)
	}
}

// term is the price of licenses for a full term.
func (w *world) term(product string, quantity int) *big.Rat {
	price := w.prices[product]["term"]
	if price == nil {
		return nil // taken out of stock
	}
	return times(price, quantity, 1)
}

// charge puts an amount on the invoice of the present month.
func (w *world) charge(amount *big.Rat) {
	w.lines = append(w.lines, line{rounded(amount, w.contract.minorDigits), w.today.lastOfMonth()})
}
