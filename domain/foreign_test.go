package domain_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/jobs"
)

// idTypes are the types of ids that a command can name: one that does not
// exist, and those that exist, but belong to accounts that none of ours sees.
// Sellers and products belong to nobody: all see them.
var idTypes = map[reflect.Type]struct {
	missing string
	foreign []string
}{
	reflect.TypeFor[domain.SellerID]():       {"missing", nil},
	reflect.TypeFor[domain.ProductID]():      {"missing", nil},
	reflect.TypeFor[domain.AccountID]():      {"missing", []string{"rival", "zeta"}},
	reflect.TypeFor[domain.ContractID]():     {"missing", []string{"C-RIVAL"}},
	reflect.TypeFor[domain.UserID]():         {"missing@nowhere", []string{"rex@rival", "zoe@zeta"}},
	reflect.TypeFor[domain.LearnerID]():      {"missing", []string{"ly", "lz"}},
	reflect.TypeFor[domain.OrderID]():        {"missing", []string{"zetaorder"}},
	reflect.TypeFor[domain.LotID]():          {"missing~1", []string{"rivalstock~1"}},
	reflect.TypeFor[domain.LicenseID]():      {"missing~1", []string{"zetalic~1"}},
	reflect.TypeFor[domain.SubscriptionID](): {"missing", []string{"zetaflex"}},
	reflect.TypeFor[domain.DeploymentID]():   {"missing", []string{"zetadep"}},
}

// creates are the ids that upstream chooses for something new. One that does
// not exist is what they should be, and one that does is taken, whoever has it:
// that much an upstream learns of others.
var creates = map[string]string{
	"deployment.create":  "deployment",
	"subscription.start": "subscription",
	"account.put":        "id",
	"contract.put":       "id",
	"learner.put":        "id",
	"product.put":        "id",
	"seller.put":         "id",
	"user.put":           "id",
}

// Rule 7: what is not seen is answered exactly as if it did not exist. Every id
// that a command can name is replaced by one that does not exist, and by one
// that the actor does not see.
func TestWhatIsNotSeenIsAnsweredAsIfItDidNotExist(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind jobs.Kind, c kindCase) {
		commands := c.works
		if kind.Class == domain.Business && !slices.Contains(domain.ReasonsOf(kind.Example()), domain.ManagingMode) {
			for _, works := range c.works {
				if strings.HasSuffix(works.words["by"], "@acme") { // what a customer may do, its reseller may do for it
					commands = append(commands, works.with("by=ada@north", "for=acme"))
				}
			}
		}
		named := map[string]bool{}
		for _, works := range commands {
			for _, id := range idsOf(t, works) {
				named[id.field] = true
				if creates[kind.Name] != id.field {
					id.replacedBy(t, idTypes[id.of].missing)
				}
				for _, foreign := range idTypes[id.of].foreign {
					if kind.Class == domain.Business && creates[kind.Name] != id.field {
						id.replacedBy(t, foreign)
					}
				}
			}
		}
		for _, f := range idFields(kind) {
			if !named[f] {
				t.Errorf("no command of %s that works names %s: add one to kinds_test.go", kind.Name, f)
			}
		}
	})
}

// mention is an id in a command that works.
type mention struct {
	in    line
	field string
	of    reflect.Type
	value string
	set   func(id string) jobs.Command // the command with another id in its place
}

// replacedBy sends the command with another id in our world, and in one in
// which nobody is a stranger because there are none.
func (m mention) replacedBy(t *testing.T, id string) {
	t.Helper()
	here, alone := worldFor(t, m.in), newWorld(t, market, ours)
	before, seen := things(here.ledger), len(here.ledger.History)
	what := fmt.Sprintf("%v with %s in the place of %s", m.in, id, m.field)

	o := here.sendCommand(m.set(id))
	if !strings.HasSuffix(string(o.Reason), "_not_found") {
		t.Errorf("%s is %s", what, said(o))
	}
	if diff := model.Differences("before", before, "after", things(here.ledger)); diff != "" {
		t.Errorf("%s is refused, but:\n%s", what, diff)
	}
	foreigner := m.field == "by" && id != idTypes[m.of].missing
	for _, shown := range here.ledger.History[seen:] {
		if theirs := shown.Account == "rival" || shown.Account == "zeta"; theirs != foreigner {
			t.Errorf("%s shows in the history of %s", what, shown.Account)
		}
	}

	if id == idTypes[m.of].missing {
		return
	}
	lonely := alone.sendCommand(m.set(id))
	if foreigner { // who exists here; what he names does not exist for him
		lonely = newWorld(t, market, theirs).sendCommand(m.set(id))
	}
	if said(o) != said(lonely) || string(o.Result) != string(lonely.Result) {
		t.Errorf("%s is\n%s\nand where %s does not exist\n%s", what, said(o), id, said(lonely))
	}
	missing := idTypes[m.of].missing
	never := worldFor(t, m.in).sendCommand(m.set(missing))
	if !foreigner && (o.Reason != never.Reason || withoutID(o.Detail, id) != withoutID(never.Detail, missing)) {
		t.Errorf("%s is\n%s\nand with %s in its place\n%s", what, said(o), missing, said(never))
	}
}

// withoutID is a detail that does not say which id is meant.
func withoutID(detail, id string) string {
	return regexp.MustCompile(`(^|[ ,;])`+regexp.QuoteMeta(id)+`([ ,;]|$)`).ReplaceAllString(detail, "${1}…${2}")
}

// idsOf finds the ids that a command names, by the types of its fields.
func idsOf(t *testing.T, works line) []mention {
	t.Helper()
	works.id = "foreign"
	base := works.command()
	ids := []mention{}
	if base.Actor != "" {
		ids = append(ids, mention{works, "by", reflect.TypeFor[domain.UserID](), string(base.Actor), func(id string) jobs.Command {
			return works.with("by=" + id).command()
		}})
	}
	if base.OnBehalfOf != "" {
		ids = append(ids, mention{works, "for", reflect.TypeFor[domain.AccountID](), string(base.OnBehalfOf), func(id string) jobs.Command {
			return works.with("for=" + id).command()
		}})
	}
	var body any
	err := json.Unmarshal(base.Body, &body)
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := jobs.KindNamed(works.kind)
	walkIDs(reflect.TypeOf(kind.Example()), body, "", func(field string, of reflect.Type, value string, set func(string)) {
		ids = append(ids, mention{works, field, of, value, func(id string) jobs.Command {
			changed := base
			set(id)
			defer set(value)
			if changed.Body, err = json.Marshal(body); err != nil {
				panic(err) // as it was read
			}
			return changed
		}})
	})
	return ids
}

// walkIDs goes through a body along its type.
func walkIDs(of reflect.Type, value any, path string, found func(field string, of reflect.Type, value string, set func(string))) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return
	}
	object, _ := value.(map[string]any)
	for i := range of.NumField() {
		name, field := jsonName(of, i), of.Field(i).Type
		if list, ok := object[name].([]any); ok {
			for at := range list {
				if id, ok := list[at].(string); ok && isID(field.Elem()) {
					found(path+name, field.Elem(), id, func(id string) { list[at] = id })
				}
				walkIDs(field.Elem(), list[at], path+name+".", found)
			}
		}
		if id, ok := object[name].(string); ok && isID(field) {
			found(path+name, field, id, func(id string) { object[name] = id })
		}
		if object[name] != nil {
			walkIDs(field, object[name], path+name+".", found)
		}
	}
}

func isID(t reflect.Type) bool {
	_, ok := idTypes[t]
	return ok
}

// idFields are the fields of a kind that name something, whether they are given or not.
func idFields(kind jobs.Kind) []string {
	fields := map[string]bool{}
	var walk func(t reflect.Type, path string)
	walk = func(t reflect.Type, path string) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if isID(t) {
			fields[strings.TrimSuffix(path, ".")] = true
		}
		if t.Kind() == reflect.Struct {
			for i := range t.NumField() {
				if t.Field(i).IsExported() && jsonName(t, i) != "" {
					walk(t.Field(i).Type, path+jsonName(t, i)+".")
				}
			}
		}
	}
	walk(reflect.TypeOf(kind.Example()), "")
	return slices.Sorted(maps.Keys(fields))
}

// The types above are those that domain.NamesIn finds: a new sort of id fails here.
func TestEverySortOfIDIsTried(t *testing.T) {
	t.Parallel()
	names := reflect.TypeFor[domain.Names]()
	for i := range names.NumField() {
		if of := names.Field(i).Type.Elem(); !isID(of) {
			t.Errorf("%s is not in idTypes", of)
		}
	}
	if names.NumField() != len(idTypes) {
		t.Errorf("domain.Names has %d sorts of ids, idTypes %d", names.NumField(), len(idTypes))
	}
}

// An id that upstream chooses for something new is taken if a stranger has it,
// and that is all that is said.
func TestAnIDTakenByAStranger(t *testing.T) {
	t.Parallel()
	w := ourWorld(t)
	o := w.refuses("deployment.create by=ada@north deployment=zetadep account=north owner=north items=pro:1", domain.AlreadyExists)
	if o.Detail != "deployment zetadep exists; ids of deployments are never used again" {
		t.Error(o.Detail)
	}
	o = w.refuses("subscription.start by=ada@north subscription=zetaflex contract=C-1 account=acme product=pro plan=flexible seats=3 cap=8", domain.AlreadyExists)
	if o.Detail != "subscription zetaflex exists" {
		t.Error(o.Detail)
	}
	// ids of learners are each account's own
	w.must("learner.put id=lz account=acme", "license.allocate by=mia@acme account=acme product=pro learner=lz")
}
