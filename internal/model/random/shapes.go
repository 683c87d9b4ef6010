package random

// The world: three resellers in a chain, customers of both packages, users with
// and without rights, contracts that differ in zone, currency and terms.
var (
	resellers = []string{"atlas", "north", "north", "north", "fjord"}
	accounts  = []string{"atlas", "north", "fjord", "acme", "blue", "cedar", "elm"}
	users     = []string{"olga@atlas", "ada@north", "sam@north", "fay@north", "finn@fjord", "mia@acme", "sal@acme", "bo@blue", "eva@elm"}
	below     = map[string][]string{
		"atlas": {"north"}, "north": {"acme", "acme", "blue", "cedar", "fjord"}, "fjord": {"elm"},
	}
	agents = map[string][]string{
		"atlas": {"olga@atlas"}, "north": {"ada@north", "ada@north", "sam@north"}, "fjord": {"finn@fjord"},
		"acme": {"mia@acme", "sal@acme"}, "blue": {"bo@blue"}, "cedar": {"mia@acme"}, "elm": {"eva@elm"},
	}
	contracts = map[string][]string{
		"atlas": {"C-ATLAS"}, "north": {"C-NORTH", "C-NORTH", "C-NORTH-PO"}, "fjord": {"C-FJORD"},
	}
	managers = map[string]string{
		"atlas": "olga@atlas", "north": "ada@north", "fjord": "finn@fjord", "acme": "mia@acme", "blue": "bo@blue", "elm": "eva@elm",
	}
	// links are from the account that receives to its source.
	links         = [][2]string{{"acme", "elm"}, {"elm", "acme"}, {"north", "fjord"}, {"fjord", "north"}, {"acme", "north"}}
	subscriptions = []string{"sub1", "sub2", "sub3", "sub4", "sub5", "sub6", "sub7", "sub8", "sub9"}
	// subscribers say whose each subscription is, so that its commands go together.
	subscribers = map[string]string{
		"sub1": "acme", "sub2": "acme", "sub3": "blue", "sub4": "elm", "sub5": "acme", "sub6": "elm", "sub7": "blue", "sub8": "cedar", "sub9": "acme",
	}
	deployments = []string{"d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"}
	deployers   = map[string]string{
		"d1": "north", "d2": "north", "d3": "acme", "d4": "fjord", "d5": "acme", "d6": "north", "d7": "blue", "d8": "elm", "d9": "acme",
	}
	parents = map[string]string{"acme": "north", "blue": "north", "cedar": "north", "elm": "fjord", "north": "atlas", "fjord": "north"}
	fits    = map[string]string{"acme": "pro", "cedar": "pro", "elm": "pro", "blue": "basic"}
)

// shapes make commands of a kind sensible: they fill the body and name the actor.
// A kind without a shape is made by chance alone.
var shapes = map[string]func(*Generator, object) string{
	"stock.purchase": func(g *Generator, b object) string {
		b["account"], b["contract"], b["product"] = g.reseller, g.pick(contracts[g.reseller]...), g.pick("pro", "pro", "basic", "mini")
		return g.agent(g.reseller)
	},
	"stock.transfer": func(g *Generator, b object) string {
		b["from"], b["to"] = g.reseller, g.pick(below[g.reseller]...)
		b["product"] = g.fitting(b["to"].(string))
		if b["lot"] != nil && g.chance(60) {
			delete(b, "lot")
		}
		return g.agent(g.reseller)
	},
	"order.request": func(g *Generator, b object) string {
		customer := g.pick(below[g.reseller]...)
		b["account"], b["contract"], b["product"] = customer, g.pick(contracts[g.reseller]...), g.fitting(customer)
		if g.chance(50) {
			return g.agent(g.reseller)
		}
		return g.agent(customer)
	},
	"order.assign": func(g *Generator, b object) string {
		m := g.earlierOrder()
		b["order"], g.orderer = m.base, m.account
		return g.agent(m.reseller)
	},
	"order.reject": func(g *Generator, b object) string {
		m := g.earlierOrder()
		b["order"] = m.base
		return g.agent(m.reseller)
	},
	"order.cancel": func(g *Generator, b object) string {
		m := g.earlierOrder()
		b["order"] = m.base
		return g.agent(m.account)
	},
	"license.purchase": func(g *Generator, b object) string {
		account := g.pick(append([]string{g.reseller}, below[g.reseller]...)...)
		b["account"], b["contract"], b["product"] = account, g.pick(contracts[g.reseller]...), g.fitting(account)
		if g.chance(60) {
			b["fulfil"] = "new"
		}
		delete(b, "coterm_with")
		if g.chance(25) {
			m := g.earlierLicense()
			b["coterm_with"], b["account"], b["product"] = g.holding(m), m.account, m.product
			b["fulfil"] = "new"
		}
		return g.agent(g.reseller)
	},
	"license.renew": func(g *Generator, b object) string {
		m := g.earlierLicense()
		b["license"], b["quantity"] = g.holding(m), 1+g.IntN(4)
		return g.agent(m.reseller)
	},
	"license.sell": func(g *Generator, b object) string {
		to := g.pick(below[g.reseller]...)
		b["from"], b["to"], b["items"] = g.reseller, to, g.items(to, g.reseller)
		return g.agent(g.reseller)
	},
	"license.pull": func(g *Generator, b object) string {
		pair := g.pair()
		b["account"], b["from"], b["items"] = pair[0], pair[1], g.items(pair[0], pair[1])
		return g.agent(pair[0])
	},
	"account.link": func(g *Generator, b object) string {
		pair := g.pair()
		b["account"], b["source"], b["approved_by"] = pair[0], pair[1], managers[pair[1]]
		return g.agent(pair[0])
	},
	"account.unlink": func(g *Generator, b object) string {
		pair := g.pair()
		b["account"], b["source"] = pair[0], pair[1]
		if g.chance(60) { // most of the time a link should live
			b["source"] = "blue"
		}
		return g.agent(pair[g.IntN(2)])
	},
	"deployment.create": func(g *Generator, b object) string {
		creator := deployers[b["deployment"].(string)]
		if g.chance(20) { // ids are everybody's
			creator = g.pick("acme", "north", "fjord")
		}
		owner := creator
		if customers := below[creator]; len(customers) > 0 && g.chance(50) {
			owner = g.pick(customers...)
		}
		b["account"], b["owner"], b["items"] = creator, owner, g.items(owner, creator)
		return g.agent(creator)
	},
	"deployment.retire": func(g *Generator, b object) string { return g.agent(deployers[b["deployment"].(string)]) },
	"license.allocate": func(g *Generator, b object) string {
		account := g.pick("acme", "acme", "blue", "elm")
		b["account"], b["product"] = account, fits[account]
		if g.chance(80) {
			delete(b, "license")
		}
		return g.agent(account, parents[account])
	},
	"license.reallocate": func(g *Generator, b object) string {
		account := g.pick("acme", "acme", "blue", "elm")
		b["account"], b["product"] = account, fits[account]
		return g.agent(account, parents[account])
	},
	"subscription.start": func(g *Generator, b object) string {
		account := subscribers[b["subscription"].(string)]
		if g.chance(20) { // ids are everybody's
			account = g.pick("acme", "blue", "elm")
		}
		reseller := parents[account]
		b["account"], b["product"], b["contract"], b["seats"] = account, fits[account], g.pick(contracts[reseller]...), 1+g.IntN(8)
		if b["plan"] == "flexible" {
			b["cap"] = 8 + g.IntN(12)
			delete(b, "renewal")
		} else {
			delete(b, "cap")
		}
		return g.agent(reseller)
	},
	"seats.change": func(g *Generator, b object) string {
		account := subscribers[b["subscription"].(string)]
		return g.agent(account, parents[account], parents[account])
	},
	"seats.request":    func(g *Generator, b object) string { return g.agent(subscribers[b["subscription"].(string)]) },
	"subscription.end": func(g *Generator, b object) string { return g.agent(subscribers[b["subscription"].(string)]) },
	"cap.change":       func(g *Generator, b object) string { return g.agent(parents[subscribers[b["subscription"].(string)]]) },
	"renewal.change":   func(g *Generator, b object) string { return g.agent(parents[subscribers[b["subscription"].(string)]]) },
}

// agent picks a user who acts for one of the accounts.
func (g *Generator) agent(accounts ...string) string {
	if known := agents[g.pick(accounts...)]; len(known) > 0 {
		return g.pick(known...)
	}
	return g.pick(users...)
}

func (g *Generator) pair() [2]string { return links[g.IntN(len(links))] }

// items are one or two products that an account may have, now and then out of a
// batch of the account that gives.
func (g *Generator) items(to, from string) []object {
	var items []object
	for range 1 + g.IntN(5)/4 {
		item := object{"product": g.fitting(to), "quantity": 1 + g.IntN(4)}
		if m := g.earlierLicense(); m.account == from && g.chance(40) {
			item["product"], item["license"] = m.product, g.holding(m)
		}
		items = append(items, item)
	}
	return items
}

func (g *Generator) fitting(account string) string {
	if product, ok := fits[account]; ok && !g.chance(8) {
		return product
	}
	return g.pick("pro", "pro", "basic", "mini")
}

type catalogLine struct {
	kind string
	body object
}

var address = object{"line1": "1 Quay", "city": "Town", "postal_code": "1", "country": "IE"}

var catalog = []catalogLine{
	{"seller.put", object{"id": "lumen", "name": "Lumen", "address": address, "email": "hello@lumen.example", "finance_email": "finance@lumen.example", "invoice_prefix": "L-"}},
	{"tax.put", object{"country": "IE", "rate": "23", "from": "2021-03-01"}},
	{"product.put", object{"id": "pro", "name": "Pro", "package": "professional"}},
	{"product.put", object{"id": "basic", "name": "Basic", "package": "starter", "term_months": 1}},
	{"product.put", object{"id": "mini", "name": "Mini", "package": "professional", "term_months": 3}},
	account("atlas", "reseller", "", ""), account("north", "reseller", "atlas", ""), account("fjord", "reseller", "north", ""),
	account("acme", "customer", "north", "professional"), account("blue", "customer", "north", "starter"),
	account("cedar", "customer", "north", "professional"), account("elm", "customer", "fjord", "professional"),
	user("olga@atlas", "atlas", "manager"), user("ada@north", "north", "manager", "sales"), user("sam@north", "north", "sales"),
	user("fay@north", "north", "finance"), user("finn@fjord", "fjord", "manager"), user("mia@acme", "acme", "manager"),
	user("sal@acme", "acme", "sales"), user("bo@blue", "blue", "manager"), user("eva@elm", "elm", "manager"),
	learner("acme", "l1"), learner("acme", "l2"), learner("acme", "l3"), learner("acme", "l4"),
	learner("blue", "l1"), learner("elm", "l1"), learner("elm", "l2"),
	contract("C-ATLAS", "atlas", "Europe/Berlin", "EUR", object{}, "olga@atlas"),
	contract("C-NORTH", "north", "Europe/Dublin", "EUR", object{}, "ada@north", "sam@north"),
	contract("C-NORTH-PO", "north", "America/Santiago", "EUR", object{"purchase_order_required": true, "minimum_quantity": 5}, "ada@north"),
	contract("C-FJORD", "fjord", "Pacific/Kiritimati", "JPY", object{"max_seats_per_customer": 40}, "finn@fjord"),
}

// occasional catalog commands are no part of the world at its beginning.
var occasional = []catalogLine{
	{"learner.erase", object{"account": "acme", "id": "l4"}},
	{"learner.erase", object{"account": "blue", "id": "l1"}},
	{"charge.correct", object{"contract": "C-NORTH", "account": "acme", "period": "2026-01", "amount": "-3.50", "why": "agreed by phone"}},
	{"charge.correct", object{"contract": "C-ATLAS", "account": "atlas", "product": "pro", "period": "2026-02", "amount": "7", "why": "forgotten"}},
}

func account(id, kind, parent, pack string) catalogLine {
	body := object{"id": id, "kind": kind, "name": "The " + id, "address": address}
	link := ""
	if kind == "reseller" {
		link = "https://" + id + ".example/buy"
	}
	for name, value := range map[string]string{"parent": parent, "package": pack, "purchase_link": link} {
		if value != "" {
			body[name] = value
		}
	}
	return catalogLine{"account.put", body}
}

func learner(account, id string) catalogLine {
	return catalogLine{"learner.put", object{"id": id, "account": account, "name": "Learner " + id}}
}

func user(id, account string, roles ...string) catalogLine {
	return catalogLine{"user.put", object{"id": id, "account": account, "name": "User " + id, "roles": roles}}
}

func contract(id, reseller, zone, currency string, terms object, creators ...string) catalogLine {
	prices := object{"term": "12.345", "flexible": "3.5", "annual_monthly": "3", "annual_yearly": "30"}
	body := object{
		"id": id, "seller": "lumen", "reseller": reseller, "starts_on": "2026-01-01", "currency": currency, "time_zone": zone,
		"finance_emails": []string{"pay@" + reseller + ".example"}, "create_permission": creators,
		"products": []object{{"product": "pro", "prices": prices}, {"product": "basic", "prices": prices}, {"product": "mini", "prices": object{"term": "1"}}},
	}
	for name, value := range terms {
		body[name] = value
	}
	return catalogLine{"contract.put", body}
}
