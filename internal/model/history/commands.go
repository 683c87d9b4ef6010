package history

import (
	"fmt"
	"maps"
)

func address(country string) object {
	return object{"line1": "1 Way", "city": "Somewhere", "postal_code": "1000", "country": country}
}

// catalog sends the world that the contract needs.
func (d *drawer) catalog(dayCount string) {
	d.now = d.first.start(d.zone)
	if d.percent(92) { // else it comes late, and invoices wait for it
		d.send("tax.put", "", object{"country": "IE", "rate": "23", "from": "2021-03-01"})
	}
	d.send("seller.put", "", object{
		"id": d.id("seller"), "name": "Seller", "address": address(d.parts.seller), "vat_number": "IE6388047V", "email": "a@seller.example",
		"finance_email": "finance@seller.example", "invoice_prefix": d.name + "-", "iban": "IE29AIBK93115212345678", "bic": "AIBKIE2D",
	})
	reseller := object{
		"id": d.id("reseller"), "kind": "reseller", "name": "Reseller", "address": address(d.parts.reseller), "purchase_link": "https://shop.example/seats",
	}
	if d.parts.vatNumber {
		reseller["vat_number"] = map[string]string{"IE": "IE6388047V", "DE": "DE811569869"}[d.parts.reseller]
	}
	d.send("account.put", "", reseller)
	for _, customer := range []string{"a", "b"} {
		d.send("account.put", "", object{
			"id": d.id(customer), "kind": "customer", "parent": d.id("reseller"), "name": "Customer", "address": address("FR"), "package": "professional",
		})
		d.send("user.put", "", object{"id": customer + "@" + d.name + ".example", "account": d.id(customer), "name": "Mia", "roles": []string{"manager"}})
	}
	d.send("user.put", "", object{"id": "ada@" + d.name + ".example", "account": d.id("reseller"), "name": "Ada", "roles": []string{"manager"}})
	products := make([]object, 2)
	for i, product := range []string{"pro", "kit"} {
		d.send("product.put", "", object{"id": d.id(product), "name": product, "package": "professional", "term_months": []int{12, 12, 1, 6, 24}[d.n(0, 4)]})
		prices := object{}
		for _, way := range ways {
			if d.percent(95) {
				prices[way] = d.price()
			}
		}
		products[i] = object{"product": d.id(product), "prices": prices}
	}
	d.contract = object{
		"id": d.id("c"), "seller": d.id("seller"), "reseller": d.id("reseller"), "status": "active", "starts_on": "2020-01-01",
		"currency": map[bool]string{false: "EUR", true: "JPY"}[d.jpy], "time_zone": d.zone.String(), "day_count": dayCount,
		"finance_emails": []string{"ap@reseller.example"}, "create_permission": []string{"ada@" + d.name + ".example"}, "products": products,
	}
	if d.percent(25) {
		d.contract["max_seats_per_customer"] = d.n(10, 40)
	}
	d.send("contract.put", "", d.contract)
}

var ways = []string{"term", flexible, annualMonthly, annualYearly}

// something sends what could come next.
func (d *drawer) something() {
	choice := d.n(0, 99)
	switch {
	case len(d.subscriptions) < 2 || len(d.subscriptions) < 6 && choice < 6:
		d.start()
	case choice < 50:
		d.changeSeats(d.subscriptions[d.chance.IntN(len(d.subscriptions))])
	case choice < 62:
		d.changeContract()
	case choice < 84:
		d.buy()
	case choice < 88:
		d.order()
	case choice < 96:
		d.correct()
	default:
		d.tax()
	}
}

func (d *drawer) start() {
	s := sold{
		id: fmt.Sprintf("%s-s%d", d.name, len(d.subscriptions)+1), plan: d.pick(flexible, flexible, annualMonthly, annualMonthly, annualYearly),
		account: d.id(d.pick("a", "b")), product: d.id(d.pick("pro", "kit")),
	}
	body := object{
		"subscription": s.id, "contract": d.id("c"), "account": s.account, "product": s.product, "plan": s.plan, "seats": d.n(1, 12),
	}
	if s.plan == flexible {
		body["cap"] = d.n(8, 30)
	} else if d.percent(15) {
		body["renewal"] = "end"
	}
	d.send("subscription.start", "ada", body)
	d.subscriptions = append(d.subscriptions, s)
}

func (d *drawer) changeSeats(s sold) {
	customer := s.account[len(s.account)-1:]
	switch choice := d.n(0, 99); {
	case choice < 3:
		d.send("subscription.end", d.pick("ada", customer), object{"subscription": s.id})
	case s.plan == flexible && choice < 10:
		d.send("cap.change", "ada", object{"subscription": s.id, "cap": d.n(1, 60)})
	case s.plan == flexible:
		delta := d.n(1, 6)
		if d.percent(50) {
			delta = -delta
		}
		d.send("seats.change", d.pick("ada", customer), object{"subscription": s.id, "delta": delta})
	case choice < 30:
		body := object{"subscription": s.id, "renewal": "renew"}
		if d.percent(70) {
			body["seats"] = d.n(1, 20)
		}
		if d.percent(20) {
			body = object{"subscription": s.id, "renewal": "end"}
		}
		d.send("renewal.change", "ada", body)
	case choice < 45:
		d.orders = append(d.orders, d.send("seats.request", customer, object{"subscription": s.id, "quantity": d.n(1, 5)}))
	default:
		d.send("seats.change", "ada", object{"subscription": s.id, "delta": d.n(-1, 5)*2 + 1})
	}
}

// changeContract sends the contract again, with other prices or another end.
func (d *drawer) changeContract() {
	c := maps.Clone(d.contract)
	switch choice := d.n(0, 99); {
	case choice < 60:
		products := make([]object, 2)
		changed := d.n(0, 1)
		for i, p := range d.contract["products"].([]object) {
			products[i] = p
			if i != changed {
				continue
			}
			prices, way := maps.Clone(p["prices"].(object)), d.pick(ways...)
			prices[way] = d.price()
			if d.percent(12) {
				delete(prices, way)
			}
			products[i] = object{"product": p["product"], "prices": prices}
		}
		c["products"] = products
	case choice < 66:
		c["status"] = "suspended"
	case choice < 69:
		c["status"] = "ended"
	case choice < 78:
		c["ends_on"] = (d.today() + day(d.n(0, 60))).utc().Format("2006-01-02")
	default:
		delete(c, "ends_on")
		c["status"] = "active"
	}
	d.contract = c
	d.send("contract.put", "", c)
}

// buy buys licenses or stock, or takes some out of stock.
func (d *drawer) buy() {
	s := sold{account: d.id(d.pick("a", "b", "reseller")), product: d.id(d.pick("pro", "kit"))}
	body := object{"contract": d.id("c"), "account": s.account, "product": s.product, "quantity": d.n(1, 9)}
	choice := d.n(0, 99)
	if choice >= 60 && len(d.licenses) > 0 {
		old := d.licenses[d.chance.IntN(len(d.licenses))]
		if choice < 80 {
			s.product = old.product
			s.id = d.send("license.renew", "ada", object{"license": old.id, "quantity": d.n(1, 4)}) + "~1"
			s.account = old.account
		} else {
			body["account"], body["product"], body["coterm_with"], body["fulfil"] = old.account, old.product, old.id, "new"
			s = sold{account: old.account, product: old.product, id: d.send("license.purchase", "ada", body) + "~1"}
		}
		d.licenses = append(d.licenses, s)
		return
	}
	switch {
	case choice < 22:
		body["account"], body["quantity"] = d.id("reseller"), d.n(4, 40)
		d.send("stock.purchase", "ada", body)
		return
	case choice < 32:
		s.account = d.id(d.pick("a", "b"))
		s.id = d.send("stock.transfer", "ada", object{"from": d.id("reseller"), "to": s.account, "product": s.product, "quantity": d.n(1, 4)})
	default:
		if fulfil := d.pick("new", "new", "stock", ""); fulfil != "" {
			body["fulfil"] = fulfil
		}
		s.id = d.send("license.purchase", "ada", body)
	}
	s.id += "~1"
	d.licenses = append(d.licenses, s)
}

// order asks for licenses, or assigns what was asked for, perhaps again.
func (d *drawer) order() {
	if len(d.orders) == 0 || d.percent(30) {
		customer := d.pick("a", "b")
		d.orders = append(d.orders, d.send("order.request", customer, object{
			"contract": d.id("c"), "account": d.id(customer), "product": d.id(d.pick("pro", "kit")), "quantity": d.n(1, 5),
		}))
	}
	body := object{"order": d.orders[d.chance.IntN(len(d.orders))]}
	if fulfil := d.pick("new", "stock", ""); fulfil != "" {
		body["fulfil"] = fulfil
	}
	d.send("order.assign", "ada", body)
}

// correct puts an earlier month right, or tries to with the present one.
func (d *drawer) correct() {
	amount := fmt.Sprintf("%d.%02d", d.n(0, 300), d.n(1, 99))
	if d.jpy {
		amount = fmt.Sprint(d.n(1, 9000))
	}
	if d.percent(60) {
		amount = "-" + amount
	}
	month := d.today().plusMonths(-d.n(0, 3))
	d.send("charge.correct", "", object{
		"contract": d.id("c"), "account": d.id(d.pick("a", "b", "reseller")), "period": month.period(), "amount": amount, "why": "as agreed",
	})
}

// tax changes the rate from some day on, also in the past.
func (d *drawer) tax() {
	from := d.today() + day(d.n(-20, 60))
	if d.percent(40) {
		from = from.lastOfMonth() + day(d.n(0, 1))
	}
	if d.percent(20) {
		from = date(2021, 3, 1)
	}
	d.send("tax.put", "", object{"country": "IE", "rate": d.pick("23", "21", "13.5", "9", "20.25"), "from": from.utc().Format("2006-01-02")})
}
