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
	fits = map[string]string{"acme": "pro", "cedar": "pro", "elm": "pro", "blue": "basic"}
)

// shapes make commands of a kind sensible: they fill the body and name the actor.
// A kind without a shape is made by chance alone.
var shapes = map[string]func(*Generator, object) string{
	"stock.purchase": func(g *Generator, b object) string {
		b["account"], b["contract"], b["product"] = g.reseller, g.pick(contracts[g.reseller]...), g.pick("pro", "pro", "basic", "mini")
		return g.pick(agents[g.reseller]...)
	},
	"stock.transfer": func(g *Generator, b object) string {
		b["from"], b["to"] = g.reseller, g.pick(below[g.reseller]...)
		b["product"] = g.fitting(b["to"].(string))
		if b["lot"] != nil && g.chance(60) {
			delete(b, "lot")
		}
		return g.pick(agents[g.reseller]...)
	},
	"order.request": func(g *Generator, b object) string {
		customer := g.pick(below[g.reseller]...)
		b["account"], b["contract"], b["product"] = customer, g.pick(contracts[g.reseller]...), g.fitting(customer)
		if g.chance(50) {
			return g.pick(agents[g.reseller]...)
		}
		return g.pick(agents[customer]...)
	},
	"order.assign": func(g *Generator, _ object) string { return g.pick(agents[g.reseller]...) },
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
	contract("C-ATLAS", "atlas", "Europe/Berlin", "EUR", object{}, "olga@atlas"),
	contract("C-NORTH", "north", "Europe/Dublin", "EUR", object{}, "ada@north", "sam@north"),
	contract("C-NORTH-PO", "north", "America/Santiago", "EUR", object{"purchase_order_required": true, "minimum_quantity": 5}, "ada@north"),
	contract("C-FJORD", "fjord", "Pacific/Kiritimati", "JPY", object{"max_seats_per_customer": 40}, "finn@fjord"),
}

func account(id, kind, parent, pack string) catalogLine {
	body := object{"id": id, "kind": kind, "name": "The " + id, "address": address}
	for name, value := range map[string]string{"parent": parent, "package": pack} {
		if value != "" {
			body[name] = value
		}
	}
	return catalogLine{"account.put", body}
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
