package domain

import "fmt"

// Item is n licenses of a product, out of stock or of a named batch.
type Item struct {
	Product  ProductID `json:"product"`
	Quantity Quantity  `json:"quantity"`
	License  LicenseID `json:"license,omitempty"`
}

var needItems = []FieldRule{{Needs: "items", What: "needs at least one item"}}

// SellLicense gives products to a direct customer, all of them or none (rule 24).
type SellLicense struct {
	From  AccountID `json:"from"`
	To    AccountID `json:"to"`
	Items []Item    `json:"items"`
}

func (SellLicense) Kind() string { return "license.sell" }

// Doc says what the command gives and what can refuse it.
func (SellLicense) Doc() Doc {
	return Doc{
		Results: "stock, licenses",
		Reasons: []Reason{ProductNotFound, LicenseNotFound, AccountClosed, NotOwnAccount, NotOwnCustomer, TrialAccount, PackageMismatch, InsufficientStock, InsufficientAvailable, LicenseExpired},
	}
}

func (SellLicense) FieldRules() []FieldRule { return needItems }

func (b SellLicense) Reads(s *State, _ *Envelope, k *Keys) {
	k.Account(b.To)
	readSource(s, k, b.From, b.Items)
}

// readSource reads what items can be taken from: stock, or the batches they name.
func readSource(s *State, k *Keys, from AccountID, items []Item) {
	for _, item := range items {
		k.OpenLots(from, item.Product, item.Quantity)
		k.License(s, item.License)
	}
}

func (b SellLicense) Decide(d *Decision) {
	d.account(b.From)
	to := d.account(b.To)
	d.findItems(b.Items, b.From)
	if d.refused() {
		return
	}
	d.needOwn(b.From)
	d.needOwnCustomer(to)
	d.canReceiveItems(to, b.Items)
	if d.refused() {
		return
	}
	sold := d.sellItems(b.From, to, b.Items)
	if d.refused() {
		return
	}
	d.mailSold(to, sold, "")
	d.summary = fmt.Sprintf("%s sold by %s to %s", listed(b.Items), b.From, b.To)
}

// findItems looks up the products of items, and the batches they name.
func (d *Decision) findItems(items []Item, of AccountID) {
	for _, item := range items {
		d.product(item.Product)
		if item.License != "" {
			d.licenseOf(item.License, of, item.Product)
		}
	}
}

func (d *Decision) canReceiveItems(to Account, items []Item) {
	for _, item := range items {
		d.canReceive(to, d.Products.rows[item.Product])
	}
}

// sellItems takes each item out of stock, as licenses of a full term, or out of
// the batch it names, dates kept (rules 16 and 27).
func (d *Decision) sellItems(from AccountID, to Account, items []Item) []License {
	var sold []License
	for _, item := range items {
		product := d.Products.rows[item.Product]
		if item.License != "" {
			if source, ok := d.canTake(item); ok {
				sold = append(sold, d.take(source, to.Account, int64(item.Quantity)))
			}
			continue
		}
		draws := d.planDraw(Pool{from, item.Product}, int64(item.Quantity), "")
		if draws == nil {
			continue
		}
		d.use(d.Contracts.rows[draws[0].lot.Contract], product, d.Accounts.rows[to.Account])
		d.draw(draws)
		sold = append(sold, d.licensed(to, product, draws)...)
	}
	return sold
}

// canTake says whether a named batch has what an item wants (rule 25).
func (d *Decision) canTake(item Item) (License, bool) {
	source := d.Licenses.rows[item.License]
	short, expired := source.Available() < int64(item.Quantity), d.licenseExpired(source)
	if short {
		d.refuse(InsufficientAvailable, "%d asked for, license %s has %d available", item.Quantity, source.License, source.Available())
	}
	if expired {
		d.refuse(LicenseExpired, "license %s expired on %s", source.License, source.ExpiresOn)
	}
	return source, !short && !expired
}

// take moves n available licenses of a batch to another account as they are.
func (d *Decision) take(source License, to AccountID, n int64) License {
	source.Quantity -= n
	source.ChangedAt = d.At
	d.Licenses.put(source.License, source)
	taken := d.newLicense(string(source.License), License{
		Account: to, Product: source.Product, Contract: source.Contract, Quantity: n, StartsOn: source.StartsOn, ExpiresOn: source.ExpiresOn,
	})
	d.showLicense(source)
	return taken
}

// PullLicense takes licenses or stock out of a linked account (rules 27 and 28).
type PullLicense struct {
	Account AccountID `json:"account"`
	From    AccountID `json:"from"`
	Items   []Item    `json:"items"`
}

func (PullLicense) Kind() string { return "license.pull" }

// Doc says what the command gives and what can refuse it.
func (PullLicense) Doc() Doc {
	return Doc{
		Results: "stock, licenses",
		Reasons: []Reason{ProductNotFound, LicenseNotFound, AccountClosed, NotOwnAccount, TrialAccount, PackageMismatch, AccountsNotLinked, InsufficientAvailable, LicenseExpired},
	}
}

func (PullLicense) FieldRules() []FieldRule { return needItems }

func (b PullLicense) Reads(s *State, _ *Envelope, k *Keys) {
	k.Account(b.Account)
	readSource(s, k, b.From, b.Items)
	for _, item := range b.Items {
		k.OpenLicenses(b.From, item.Product, item.Quantity)
	}
}

func (b PullLicense) Decide(d *Decision) {
	account, from := d.account(b.Account), d.account(b.From)
	d.findItems(b.Items, b.From)
	if d.refused() {
		return
	}
	d.needOwn(b.Account)
	if !d.linked(b.Account, b.From) {
		d.refuse(AccountsNotLinked, "%s has no link to %s", b.Account, b.From)
	}
	d.canReceiveItems(account, b.Items)
	if d.refused() {
		return
	}
	for _, item := range b.Items {
		b.pull(d, account, item)
	}
	if d.refused() {
		return
	}
	d.mailPulled(account, from, b.Items)
	d.summary = fmt.Sprintf("%s pulled by %s from %s", listed(b.Items), b.Account, b.From)
}

// pull takes stock first, then available licenses, earliest expiry first.
func (b PullLicense) pull(d *Decision, account Account, item Item) {
	if item.License != "" {
		if source, ok := d.canTake(item); ok {
			d.take(source, account.Account, int64(item.Quantity))
		}
		return
	}
	draws, missing := d.drawUpTo(d.unexpired(Pool{b.From, item.Product}), int64(item.Quantity))
	grabs, missing := d.grabUpTo(Pool{b.From, item.Product}, missing)
	if missing > 0 {
		d.refuse(InsufficientAvailable, "%d %s asked for, %s has %d", item.Quantity, item.Product, b.From, int64(item.Quantity)-missing)
		return
	}
	d.draw(draws)
	if account.Kind == Reseller {
		d.restock(account, draws)
	} else {
		d.keepExpiry(account, draws)
	}
	for _, g := range grabs {
		d.take(g.license, account.Account, g.n)
	}
	d.use(d.contractOf(draws, grabs), d.Products.rows[item.Product], d.Accounts.rows[account.Account])
}

func (d *Decision) contractOf(draws []draw, grabs []grab) Contract {
	if len(draws) > 0 {
		return d.Contracts.rows[draws[0].lot.Contract]
	}
	return d.Contracts.rows[grabs[0].license.Contract]
}

// keepExpiry turns drawn stock into licenses that end when the stock would have.
func (d *Decision) keepExpiry(to Account, draws []draw) {
	for _, w := range draws {
		d.newLicense(string(w.lot.Lot), License{
			Account: to.Account, Product: w.lot.Product, Contract: w.lot.Contract, Quantity: w.n,
			StartsOn: d.Contracts.rows[w.lot.Contract].Today(d.At), ExpiresOn: w.lot.ExpiresOn,
		})
	}
}

// grab is n available licenses of a batch.
type grab struct {
	license License
	n       int64
}

// grabUpTo chooses available licenses, earliest expiry first.
func (d *Decision) grabUpTo(p Pool, quantity int64) (grabs []grab, missing int64) {
	missing = quantity
	for l := range d.Held.rows(p) {
		if n := min(missing, l.Available()); n > 0 && !d.licenseExpired(l) {
			grabs = append(grabs, grab{l, n})
			missing -= n
		}
	}
	return grabs, missing
}

// listed names items for a summary.
func listed(items []Item) string {
	s := ""
	for i, item := range items {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%d %s", item.Quantity, item.Product)
	}
	return s
}
