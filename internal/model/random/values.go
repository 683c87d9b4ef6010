package random

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/domain"
)

// pools are values of the types whose values must come from somewhere.
var pools = map[reflect.Type][]string{
	reflect.TypeFor[domain.SellerID]():       {"lumen", "lumen", "lumen", "nobody"},
	reflect.TypeFor[domain.AccountID]():      append(slices.Clone(accounts), "nowhere"),
	reflect.TypeFor[domain.ProductID]():      {"pro", "pro", "pro", "basic", "mini", "basic", "unknown"},
	reflect.TypeFor[domain.ContractID]():     {"C-ATLAS", "C-NORTH", "C-NORTH-PO", "C-FJORD", "C-NONE"},
	reflect.TypeFor[domain.UserID]():         append(slices.Clone(users), "nobody@nowhere.example"),
	reflect.TypeFor[domain.LearnerID]():      {"l1", "l2", "l3", "l4"},
	reflect.TypeFor[domain.SubscriptionID](): subscriptions,
	reflect.TypeFor[domain.DeploymentID]():   deployments,
	reflect.TypeFor[domain.Name]():           {"Some Name", "professional", "starter", "PO-77"},
	reflect.TypeFor[domain.Note]():           {"a note", "for\nthe team"},
	reflect.TypeFor[domain.Email]():          {"pay@one.example", "pay@two.example"},
	reflect.TypeFor[domain.Country]():        {"IE", "DE", "NO"},
	reflect.TypeFor[domain.Currency]():       {"EUR", "EUR", "JPY"},
	reflect.TypeFor[domain.ZoneName]():       {"Europe/Dublin", "Europe/Berlin", "Pacific/Kiritimati", "America/Santiago"},
	reflect.TypeFor[domain.Locale]():         {"en", "de", "tr"},
}

// value makes a value for a field out of its type alone.
func (g *Generator) value(t reflect.Type) any {
	if pool, ok := pools[t]; ok {
		return g.pick(pool...)
	}
	if w, ok := reflect.Zero(t).Interface().(interface{ Words() []string }); ok {
		return g.pick(w.Words()...)
	}
	switch t {
	case reflect.TypeFor[domain.LotID]():
		return g.holding(g.earlier(func(m made) bool { return strings.HasPrefix(m.kind, "stock.") }))
	case reflect.TypeFor[domain.LicenseID]():
		return g.holding(g.earlierLicense())
	case reflect.TypeFor[domain.OrderID]():
		return g.earlierOrder().base
	case reflect.TypeFor[domain.Quantity]():
		return g.quantity()
	case reflect.TypeFor[domain.Months]():
		return 1 + g.IntN(13)
	case reflect.TypeFor[domain.Date]():
		return domain.DateIn(g.Now, time.UTC) + domain.Date(g.IntN(400)-200)
	case reflect.TypeFor[domain.Price](), reflect.TypeFor[domain.Rate]():
		return fmt.Sprintf("%d.%03d", g.IntN(90), g.IntN(1000))
	case reflect.TypeFor[domain.Amount]():
		return fmt.Sprintf("%d.%02d", g.IntN(90)-45, 1+g.IntN(99))
	case reflect.TypeFor[domain.Period]():
		return g.Now.AddDate(0, -g.IntN(3), 0).Format("2006-01")
	case reflect.TypeFor[time.Time]():
		return g.Now.Add(time.Duration(g.IntN(1000)) * time.Minute)
	}
	return g.composite(t)
}

func (g *Generator) composite(t reflect.Type) any {
	switch t.Kind() {
	case reflect.Pointer:
		if g.chance(50) {
			return nil
		}
		return g.value(t.Elem())
	case reflect.Slice:
		list := []any{}
		for range 1 + g.IntN(2) {
			list = append(list, g.value(t.Elem()))
		}
		return list
	case reflect.Struct:
		body := object{}
		for i := range t.NumField() {
			name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if options == "" || g.chance(50) {
				body[name] = g.value(t.Field(i).Type)
			}
		}
		return body
	case reflect.Int64:
		return g.IntN(25) - 6
	case reflect.Bool:
		return g.chance(50)
	}
	return "text"
}

func (g *Generator) quantity() int {
	if g.chance(3) {
		return 1000 + g.IntN(1000)
	}
	return 1 + g.IntN(12)
}

// earlier finds a command that may have made what is wanted. Recent ones are
// likelier, and those of the reseller whose business it is.
func (g *Generator) earlier(wanted func(made) bool) made {
	var found []made
	for i := len(g.made) - 1; i >= 0 && len(found) < 12; i-- {
		if m := g.made[i]; wanted(m) && (m.reseller == g.reseller || g.chance(5)) {
			found = append(found, m)
		}
	}
	if len(found) == 0 || g.chance(3) {
		return made{base: "c0", reseller: g.reseller, account: "acme", product: "pro"}
	}
	return found[g.IntN(len(found))]
}

func (g *Generator) earlierOrder() made {
	return g.earlier(func(m made) bool { return m.kind == "order.request" || m.kind == "seats.request" })
}

func (g *Generator) earlierLicense() made {
	return g.earlier(func(m made) bool {
		switch m.kind {
		case "stock.transfer", "license.purchase", "license.renew", "license.sell", "order.assign", "license.pull", "deployment.create":
			return true
		}
		return false
	})
}

// holding names the first or second holding that a command made.
func (g *Generator) holding(m made) string { return fmt.Sprintf("%s~%d", m.base, 1+g.IntN(5)/4) }
