package jobs_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// addSource adds a source and returns its first key.
func (l *ledger) addSource(name, account string, scopes ...domain.Scope) jobs.Keys {
	l.t.Helper()
	key, err := l.store.AddSource(l.t.Context(), domain.Source{Source: name, Account: domain.AccountID(account), Scopes: scopes})
	check(l.t, err)
	return keysOf(l.t, key)
}

func keysOf(t *testing.T, key store.Key) jobs.Keys {
	t.Helper()
	keys, err := jobs.ParseKeys(jobs.FormatKey(key))
	check(t, err)
	return keys
}

// as has a source send a command.
func as(source string, c jobs.Command) jobs.Command {
	c.Source = source
	_ = c.Check() // it may have been checked as another's
	return c
}

// said is what became of a command sent with some keys: applied, or why not.
func (l *ledger) said(keys jobs.Keys, c jobs.Command) string {
	l.t.Helper()
	l.client.SignWith(keys)
	o := l.run([]jobs.Command{c})[0]
	if o.Reason != nil {
		return string(*o.Reason)
	}
	return string(o.Status)
}

type said struct {
	what    string
	keys    jobs.Keys
	command jobs.Command
	want    string
}

func (l *ledger) says(cases ...said) {
	l.t.Helper()
	for _, c := range cases {
		if got := l.said(c.keys, c.command); got != c.want {
			l.t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestASourceWithKeysMustSign(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	portal, shop := r.addSource("portal", ""), r.addSource("shop", "")
	forged := jobs.Keys{"portal": shop["shop"]}
	r.says(
		said{"unsigned", nil, as("portal", buyLot("1", 10)), "signature_invalid"},
		said{"with another source's key", forged, as("portal", buyLot("1", 10)), "signature_invalid"},
		said{"other sources go on unsigned", nil, buyLot("1", 10), "applied"},
		said{"so do those that were never added", nil, as("crm", buyLot("1", 10)), "applied"},
		said{"an id is not used up by what was not signed", portal, as("portal", buyLot("1", 10)), "applied"},
		said{"the same again", portal, as("portal", buyLot("1", 10)), "applied"},
		said{"the same unsigned", nil, as("portal", buyLot("1", 10)), "signature_invalid"},
		said{"other content under a used id", portal, as("portal", buyLot("1", 11)), "id_reused"},
		said{"other content under a used id, unsigned", nil, as("portal", buyLot("1", 11)), "signature_invalid"},
		said{"each source has ids of its own", shop, as("shop", buyLot("1", 11)), "applied"},
	)
	if n := r.number("SELECT count(*) FROM lots"); n != 4 {
		t.Errorf("%d lots", n)
	}
	if got := r.texts("SELECT key_id FROM commands WHERE source IN ('portal', 'shop', 'crm') ORDER BY source"); strings.Join(got, " ") != " k1 k1" {
		t.Errorf("the journal says they were signed with %q", got)
	}
	refusals := r.texts(`SELECT source || ' ' || id || ' ' || reason || ' ' || account FROM refusals ORDER BY no`)
	want := []string{"portal 1 signature_invalid northwind", "portal 1 id_reused northwind", "portal 1 signature_invalid northwind"}
	if strings.Join(refusals, "\n") != strings.Join(want, "\n") {
		t.Errorf("refused:\n%s", strings.Join(refusals, "\n"))
	}
	r.verify()
}

// Among many in one insert, exactly those without a good signature stay out.
func TestOneUnsignedCommandHarmsNobodyBesideIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	r.client.SignWith(r.addSource("portal", ""))
	r.addSource("shop", "")
	var commands []jobs.Command
	for i := range 60 {
		commands = append(commands, as([]string{"portal", "shop", "crm"}[i%3], buyLot(fmt.Sprintf("b%d", i), 1+i)))
	}
	for i, o := range r.run(commands) {
		if want := []string{"", "signature_invalid", ""}[i%3]; text(o.Reason) != want || o.ID != commands[i].ID {
			t.Errorf("%s of %s: %s %s", o.ID, commands[i].Source, o.Status, text(o.Reason))
		}
	}
	r.verify()
}

func TestRotationAndRevocation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	first := r.addSource("portal", "")
	second, err := r.store.RotateKey(t.Context(), "portal")
	check(t, err)
	next := keysOf(t, second)
	if _, err := r.store.RotateKey(t.Context(), "portal"); !errors.Is(err, store.ErrTooManyKeys) {
		t.Errorf("a third key: %v", err)
	}
	if _, err := r.store.AddSource(t.Context(), domain.Source{Source: "portal"}); !errors.Is(err, store.ErrSourceExists) {
		t.Errorf("the same source again: %v", err)
	}
	if _, err := r.store.RotateKey(t.Context(), "nobody"); !errors.Is(err, store.ErrSourceUnknown) {
		t.Errorf("a key for nobody: %v", err)
	}
	r.says(
		said{"with the first key", first, as("portal", buyLot("1", 10)), "applied"},
		said{"with the second", next, as("portal", buyLot("2", 10)), "applied"})
	check(t, r.store.RevokeKey(t.Context(), "portal", "k1"))
	if err := r.store.RevokeKey(t.Context(), "portal", "k1"); !errors.Is(err, store.ErrKeyUnknown) {
		t.Errorf("revoked again: %v", err)
	}
	r.says(
		said{"with the revoked key", first, as("portal", buyLot("3", 10)), "signature_invalid"},
		said{"with the other", next, as("portal", buyLot("3", 10)), "applied"})
	check(t, r.store.RevokeKey(t.Context(), "portal", "k2"))
	r.says(
		said{"with the last, revoked", next, as("portal", buyLot("4", 10)), "signature_invalid"},
		said{"a source whose keys are all revoked is closed, not open", nil, as("portal", buyLot("4", 10)), "signature_invalid"})
	third, err := r.store.RotateKey(t.Context(), "portal")
	check(t, err)
	if third.ID != "k3" {
		t.Errorf("the third key is %s", third.ID)
	}
	r.says(said{"with a new one", keysOf(t, third), as("portal", buyLot("4", 10)), "applied"})
	if n := r.number("SELECT count(*) FROM source_keys WHERE revoked_at IS NOT NULL AND coalesce(inner_key, outer_key) IS NOT NULL"); n != 0 {
		t.Errorf("%d revoked keys are still there", n)
	}
}

// Clients change over to the next key while they send; nothing is lost, nothing
// is applied with a key after it was revoked.
func TestRotationUnderLoad(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	keys := r.addSource("portal", "")
	const clients, each = 4, 120
	var mu sync.Mutex // of keys, as upstream's own configuration
	var sending sync.WaitGroup
	counts := map[string]int{}
	for n := range clients {
		client := r.connect(r.redisURL)
		sending.Go(func() {
			for i := range each {
				for { // whoever is refused for its key asks for the present one and sends again
					mu.Lock()
					client.SignWith(maps.Clone(keys))
					mu.Unlock()
					outcomes, err := client.Do(t.Context(), []jobs.Command{as("portal", buyLot(fmt.Sprintf("%d-%d", n, i), 1))}, jobs.Run{Wait: true, Timeout: 20 * time.Second})
					if err != nil {
						t.Error(err)
						return
					}
					what := string(outcomes[0].Status) + " " + text(outcomes[0].Reason)
					mu.Lock()
					counts[what]++
					mu.Unlock()
					if outcomes[0].Reason == nil || *outcomes[0].Reason != domain.SignatureInvalid {
						break
					}
				}
			}
		})
	}
	refused := func() int {
		mu.Lock()
		defer mu.Unlock()
		return counts["rejected signature_invalid"]
	}
	for range 5 {
		time.Sleep(50 * time.Millisecond)
		before := refused()
		next, err := r.store.RotateKey(t.Context(), "portal")
		check(t, err)
		mu.Lock()
		old := keys["portal"].ID
		mu.Unlock()
		check(t, r.store.RevokeKey(t.Context(), "portal", old)) // before anybody knows the next
		// Until somebody has met it, if somebody still sends.
		for looks := 0; refused() == before && looks < 1000; looks++ {
			time.Sleep(time.Millisecond)
		}
		mu.Lock()
		keys = keysOf(t, next)
		mu.Unlock()
	}
	sending.Wait()
	if counts["applied "] != clients*each || counts["rejected signature_invalid"] == 0 || len(counts) != 2 {
		t.Errorf("%v", counts)
	}
	if n := r.number("SELECT count(*) FROM lots"); n != clients*each {
		t.Errorf("%d lots", n)
	}
	late := `SELECT count(*) FROM commands AS c JOIN pending AS p USING (seq) JOIN source_keys AS k USING (source, key_id) WHERE k.revoked_at IS NOT NULL AND p.next_at - interval '10 seconds' > k.revoked_at`
	if n := r.number(late); n != 0 {
		t.Errorf("%d accepted with a revoked key", n)
	}
	r.verify()
}

// Precedence: what is out of scope is so before its id counts, and whatever else
// is wrong with it.
func TestScopesHoldOnTheWayIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	catalog, business, billing := r.addSource("master", "", domain.ScopeCatalog), r.addSource("shop", "", domain.ScopeBusiness), r.addSource("erp", "", domain.ScopeBilling)
	tax := func(id string) jobs.Command {
		return parse(t, fmt.Sprintf(`{"id":%q,"kind":"tax.put","body":{"country":"IE","rate":"23","from":"2021-03-01"}}`, id))
	}
	product := func(id, name string) jobs.Command {
		return parse(t, fmt.Sprintf(`{"id":%q,"kind":"product.put","body":{"id":"pro","name":%q,"package":"professional"}}`, id, name))
	}
	nobody := jobs.New("x", "nobody@northwind.example", domain.PurchaseStock{Contract: "none", Account: "none", Product: "none", Quantity: 1})
	clock := parse(t, `{"id":"c","kind":"clock.advance","body":{"to":"2026-09-01T00:00:00Z"}}`)
	before := r.texts("SELECT business_now::text FROM clock")
	r.says(
		said{"catalog puts", catalog, as("master", product("1", "Pro")), "applied"},
		said{"catalog does not set taxes", catalog, as("master", tax("2")), "out_of_scope"},
		said{"catalog does not buy", catalog, as("master", buyLot("3", 1)), "out_of_scope"},
		said{"under a used id neither", catalog, as("master", buyLot("1", 1)), "out_of_scope"},
		said{"other content that it may send is a used id", catalog, as("master", product("1", "Other")), "id_reused"},
		said{"before anything else that is wrong", catalog, as("master", nobody), "out_of_scope"},
		said{"unsigned comes first", nil, as("master", buyLot("3", 1)), "signature_invalid"},
		said{"rejection is final", catalog, as("master", buyLot("3", 1)), "out_of_scope"},
		said{"business buys", business, as("shop", buyLot("1", 1)), "applied"},
		said{"business does not put", business, as("shop", product("2", "Pro")), "out_of_scope"},
		said{"billing sets taxes", billing, as("erp", tax("1")), "applied"},
		said{"billing does not buy", billing, as("erp", buyLot("2", 1)), "out_of_scope"},
		said{"nobody limited moves the clock", billing, as("erp", clock), "out_of_scope"},
	)
	if now := r.texts("SELECT business_now::text FROM clock"); now[0] != before[0] {
		t.Errorf("the clock moved from %s to %s", before[0], now[0])
	}
	r.says(said{"a source without limits does", r.addSource("operator", ""), as("operator", clock), "applied"})
	r.verify()
}

// A source for an account sends what concerns it and what is below it. What does
// not exist is answered like what is foreign.
func TestASubtreeIsNotLeft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog() // atlas: northwind (fjord: elm; acme, bluebird, …), northwind-labs
	keys := r.addSource("portal", "northwind")
	n := 0
	line := func(format string, args ...any) jobs.Command {
		n++
		return as("portal", parse(t, fmt.Sprintf(`{"id":"s%d",`+format+`}`, append([]any{n}, args...)...)))
	}
	put := func(id, kind, parent, more string) jobs.Command {
		return line(`"kind":"account.put","body":{"id":%q,"kind":%q,"parent":%q,"name":"X","address":{"line1":"1","city":"Y","postal_code":"Z","country":"IE"}%s}`, id, kind, parent, more)
	}
	user := func(id, account string) jobs.Command {
		return line(`"kind":"user.put","body":{"id":%q,"account":%q,"name":"X","roles":["manager"]}`, id, account)
	}
	contract := func(id, reseller string) jobs.Command {
		return line(`"kind":"contract.put","body":{"id":%q,"seller":"lumen","reseller":%q,"starts_on":"2026-01-01","currency":"EUR","time_zone":"Europe/Dublin","finance_emails":["a@b.example"],"create_permission":[],"products":[{"product":"pro","prices":{"term":"1.00"}}]}`, id, reseller)
	}
	transfer := func(actor, from, to string) jobs.Command {
		n++
		return as("portal", jobs.New(fmt.Sprintf("s%d", n), domain.UserID(actor), domain.TransferStock{From: domain.AccountID(from), To: domain.AccountID(to), Product: "pro", Quantity: 1}))
	}
	correct := func(contract, account string) jobs.Command {
		return line(`"kind":"charge.correct","body":{"contract":%q,"account":%q,"period":"2026-01","amount":"1.00","why":"x"}`, contract, account)
	}
	managed := transfer(byAda, "acme", "acme")
	managed.OnBehalfOf = "atlas"
	_ = managed.Check()
	const outside = "out_of_scope"
	r.says(
		said{"its own user buys", keys, as("portal", buyLot("b1", 10)), "applied"},
		said{"and moves to a customer", keys, transfer(byAda, "northwind", "acme"), "applied"},
		said{"and to a sub-reseller", keys, transfer(byAda, "northwind", "fjord"), "applied"},
		said{"a user above does not act", keys, transfer("olga@atlas.example", "atlas", "northwind"), outside},
		said{"nor one beside", keys, transfer("lena@labs.example", "northwind-labs", "acme"), outside},
		said{"nor one who does not exist", keys, transfer("nobody@x.example", "northwind", "acme"), outside},
		said{"nothing goes to an account above", keys, transfer(byAda, "northwind", "atlas"), outside},
		said{"nor to one that does not exist", keys, transfer(byAda, "northwind", "none"), outside},
		said{"nobody above is acted for", keys, managed, outside},
		said{"a link to an account beside", keys, line(`"kind":"account.link","actor":%q,"body":{"account":"northwind","source":"northwind-labs","approved_by":"lena@labs.example"}`, byAda), outside},
		said{"a new customer below", keys, put("newone", "customer", "northwind", `,"package":"professional"`), "applied"},
		said{"a new customer of a sub-reseller", keys, put("newtwo", "customer", "fjord", `,"package":"professional"`), "applied"},
		said{"a new customer elsewhere", keys, put("newthree", "customer", "atlas", `,"package":"professional"`), outside},
		said{"a new reseller of nobody", keys, put("newfour", "reseller", "", ""), outside},
		said{"an account beside, taken below", keys, put("northwind-labs", "reseller", "northwind", ""), outside},
		said{"a new user below", keys, user("new@acme.example", "acme"), "applied"},
		said{"a new user elsewhere", keys, user("new@labs.example", "northwind-labs"), outside},
		said{"a user from elsewhere, taken below", keys, user("lena@labs.example", "acme"), outside},
		said{"a contract of its own", keys, contract("C-NEW", "northwind"), "applied"},
		said{"a contract from elsewhere, taken below", keys, contract("C-LABS", "northwind"), outside},
		said{"what concerns everybody", keys, line(`"kind":"product.put","body":{"id":"pro","name":"X","package":"professional"}`), outside},
		said{"the same for a user of its own", keys, line(`"kind":"product.put","actor":%q,"body":{"id":"pro","name":"X","package":"professional"}`, byAda), outside},
		said{"a correction under a contract from elsewhere", keys, correct("C-LABS", "acme"), outside},
		said{"a correction under no contract", keys, correct("none", "acme"), outside},
	)
	r.verify()
}

// Whoever may write into the journal, but lacks the key, cannot change a bit of
// what was signed.
func TestATamperedCommandIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	keys := r.addSource("portal", "")
	c := as("portal", buyLot("1", 10))
	c.OnBehalfOf, c.Preview = "acme", "token"
	rapid.Check(t, func(t *rapid.T) {
		n := keys.Signed(c)
		text := map[string]*string{"id": &n.ID, "kind": &n.Kind, "actor": &n.Actor, "on_behalf_of": &n.OnBehalfOf, "preview": &n.Preview, "key": &n.KeyID}
		bytes := map[string]*[]byte{"hash": &n.Hash, "signature": &n.Signature}
		field := rapid.SampledFrom(append(slices.Sorted(maps.Keys(text)), "hash", "signature", "body")).Draw(t, "field")
		switch {
		case field == "body": // still JSON
			n.Body = []byte(strings.Replace(string(n.Body), "10", rapid.SampledFrom([]string{"11", "18", "90", "010", "10 "}).Draw(t, "quantity"), 1))
		case bytes[field] != nil:
			changed := slices.Clone(*bytes[field])
			changed[rapid.IntRange(0, len(changed)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			*bytes[field] = changed
		default:
			changed := []byte(*text[field])
			changed[rapid.IntRange(0, len(changed)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 3).Draw(t, "bit") // still text
			*text[field] = string(changed)
		}
		receipts, err := r.store.Accept(r.t.Context(), []store.Instruction{n}, false)
		if err != nil {
			t.Fatal(err)
		}
		if refused := receipts[0].Refused; refused == nil || refused.Reason != domain.SignatureInvalid {
			t.Fatalf("with another %s it is accepted: %+v", field, receipts[0])
		}
	})
	if n := r.number("SELECT count(*) FROM commands"); n != 0 {
		t.Errorf("%d commands are in the journal", n)
	}
	// A part of one field moved to the next is another command.
	n := keys.Signed(c)
	n.ID, n.Kind = n.ID+"s", strings.TrimPrefix(n.Kind, "s")
	receipts, err := r.store.Accept(t.Context(), []store.Instruction{n, keys.Signed(c)}, false)
	check(t, err)
	if receipts[0].Refused == nil || receipts[1].Refused != nil {
		t.Errorf("%+v", receipts)
	}
}

// A preview tells what would become of the command, at the door too.
func TestPreviewsKnowTheDoor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	keys := r.addSource("shop", "northwind", domain.ScopeBusiness)
	elsewhere := as("shop", jobs.New("p2", "olga@atlas.example", domain.PurchaseStock{Contract: "C-ATLAS", Account: "atlas", Product: "pro", Quantity: 1}))
	for _, c := range []said{
		{"unsigned", nil, as("shop", buyLot("p1", 10)), "signature_invalid"},
		{"signed", keys, as("shop", buyLot("p1", 10)), ""},
		{"out of scope", keys, elsewhere, "out_of_scope"},
	} {
		r.client.SignWith(c.keys)
		p, err := r.client.Preview(t.Context(), c.command)
		check(t, err)
		if text(p.Reason) != c.want {
			t.Errorf("%s: %s %s", c.what, text(p.Reason), text(p.Detail))
		}
	}
	if n := r.number("SELECT count(*) FROM refusals"); n != 0 {
		t.Errorf("previews were recorded as %d refusals", n)
	}
}

// Other programs sign too, and what is queued outlives deployments: what is
// signed stays as it is.
func TestSignaturesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	keys, err := jobs.ParseKeys("portal:k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
	check(t, err)
	c := parse(t, `{"id":"po-1","kind":"stock.purchase","source":"portal","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro","quantity":100,"note":"ä"}}`)
	if got := hex.EncodeToString(keys.Signed(c).Signature); got != "78d12603d4d219d54621b06e7f6781d2266a1c0216ec45d4c376aacee015a784" {
		t.Errorf("a command is signed as %s", got)
	}
	task := keys.SignPayload("carry:stock.purchase", "portal", []byte(`{"id":"po-1"}`))
	if got := task.Headers()["licenseledger-signature"]; got != "W5iJP2N_n_qXRyGSQjBmgfe66MRrVRGlcBXydpU1vI8" || task.Headers()["licenseledger-key"] != "k1" || task.Headers()["licenseledger-source"] != "portal" {
		t.Errorf("a task is signed as %v", task.Headers())
	}
}

func TestKeysAreReadAndNotShown(t *testing.T) {
	t.Parallel()
	const good = "a:b:k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	keys, err := jobs.ParseKeys(" " + good + ", c:k2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,")
	check(t, err)
	if keys["a:b"].ID != "k1" || keys["c"].ID != "k2" || len(keys) != 2 {
		t.Errorf("%v", keys)
	}
	for _, shown := range []string{fmt.Sprint(keys), fmt.Sprintf("%+v %#v", keys, keys), fmt.Sprint(keys["c"])} {
		if strings.Contains(shown, "1 2 3") || strings.Contains(shown, "0x1, 0x2") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
	for _, bad := range []string{"x", "k1:AAEC", "a:k1:", good + "A", good + "," + good, "a b:k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", ":k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"} {
		if keys, err := jobs.ParseKeys(bad); err == nil || strings.Contains(err.Error(), "AAEC") {
			t.Errorf("%q is read as %v: %v", bad, keys, err)
		}
	}
}
