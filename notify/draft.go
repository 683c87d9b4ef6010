package notify

import "github.com/licenseledger/licenseledger/domain"

// kind is an event, or a variant of it that has words of its own.
type kind = string

const (
	soldAndDeployed        = domain.MailSold + ".deployed"
	endedWithoutSeats      = domain.MailSubscriptionEnded + ".empty"
	issuedForNothing       = domain.MailInvoiceIssued + ".zero"
	issuedCreditNote       = domain.MailInvoiceIssued + ".credit"
	closedNeedingAttention = domain.MailMonthClosed + ".attention"
)

// mails says of every kind how it looks and which facts it tells in which order,
// in any language.
var mails = map[kind]struct {
	tone tone
	tell func(*draft)
}{
	domain.MailAssigned:  {good, (*draft).assigned},
	domain.MailSold:      {good, (*draft).sold},
	soldAndDeployed:      {good, (*draft).sold},
	domain.MailPulled:    {news, (*draft).pulled},
	domain.MailLinked:    {news, (*draft).linked},
	domain.MailRequested: {todo, (*draft).requested},
	domain.MailRejected:  {sorry, (*draft).rejected},

	domain.MailStockExpiring:        {todo, (*draft).stock},
	domain.MailStockExpired:         {sorry, (*draft).stock},
	domain.MailLicenseExpiring:      {todo, (*draft).license},
	domain.MailLicenseExpired:       {sorry, (*draft).license},
	domain.MailSubscriptionRenewing: {news, (*draft).renewing},
	domain.MailSubscriptionRenewed:  {good, (*draft).renewed},
	domain.MailSubscriptionEnded:    {over, (*draft).ended},
	endedWithoutSeats:               {over, (*draft).ended},

	domain.MailInvoiceIssued: {news, (*draft).issued},
	issuedForNothing:         {news, (*draft).issued},
	issuedCreditNote:         {good, (*draft).issued},
	domain.MailMonthClosed:   {good, (*draft).closed},
	closedNeedingAttention:   {todo, (*draft).closed},
}

func kindOf(event string, p domain.MailParams) kind {
	total, _ := sum(p)
	i := invoiceOf(p)
	switch {
	case event == domain.MailSold && p.Deployment != "":
		return soldAndDeployed
	case event == domain.MailSubscriptionEnded && total == 0:
		return endedWithoutSeats
	case event == domain.MailInvoiceIssued && isCreditNote(i):
		return issuedCreditNote
	case event == domain.MailInvoiceIssued && !payable(i):
		return issuedForNothing
	case event == domain.MailMonthClosed && attentionCount(monthOf(p)) > 0:
		return closedNeedingAttention
	}
	return event
}

// draft is a letter that is being written.
type draft struct {
	letter
	l     *language
	p     domain.MailParams
	n     int64 // how much it is about, for the forms of words
	known known
}

func newDraft(l *language, p domain.MailParams) *draft {
	total, _ := sum(p)
	return &draft{l: l, p: p, n: total, known: l.facts(p)}
}

// subject says in a line what happened.
func (d *draft) subject(k kind) string { return d.say(d.l.words[k].subject) }

// write makes the letter.
func (d *draft) write(k kind, name domain.Name) letter {
	w := d.l.words[k]
	d.badge, d.lead, d.next = d.say(w.badge), d.say(w.lead), d.say(w.next)
	d.greeting = d.l.say(d.l.greeting, 1, known{"name": string(name)})
	mails[k].tell(d)
	d.reason += " " + d.l.automatic
	return d.letter
}

func (d *draft) say(m message) string { return d.l.say(m, d.n, d.known) }

// fact is shown unless its value is empty.
func (d *draft) fact(label, value string) {
	if value != "" {
		d.facts = append(d.facts, fact{label, value})
	}
}

func (d *draft) assigned() {
	d.reason = d.say(d.l.reasons.customer)
	d.fact(d.l.labels.customer, string(d.p.Account))
	d.licenses()
	if s := d.p.Seats; s != nil {
		d.fact(d.l.labels.product, string(s.Product))
		d.fact(d.l.labels.newSeats, d.l.number(s.Quantity))
		d.fact(d.l.labels.seatsNow, d.l.number(s.Seats))
		d.fact(d.l.labels.plan, d.l.plan(s.Plan))
		d.fact(d.l.labels.termEnds, d.l.day(s.LastDay))
		d.fact(d.l.labels.subscription, string(s.Subscription))
	}
	d.order()
	d.fact(d.l.labels.reseller, string(d.p.Reseller))
}

func (d *draft) sold() {
	d.reason = d.say(d.l.reasons.customer)
	d.fact(d.l.labels.owner, string(d.p.Account))
	d.fact(d.l.labels.soldBy, string(d.p.Reseller))
	d.fact(d.l.labels.deployment, string(d.p.Deployment))
	d.licenses()
}

func (d *draft) pulled() {
	d.reason = d.l.say(d.l.reasons.manager, 1, known{"account": string(d.p.Source)})
	d.fact(d.l.labels.takenFrom, string(d.p.Source))
	d.fact(d.l.labels.nowWith, string(d.p.Receiver))
	d.fact(d.l.labels.takenBy, string(d.p.By))
	d.licenses()
}

func (d *draft) linked() {
	d.reason = d.say(d.l.reasons.linked)
	d.fact(d.l.labels.takes, string(d.p.Receiver))
	d.fact(d.l.labels.gives, string(d.p.Source))
	d.fact(d.l.labels.linkedBy, string(d.p.By))
}

func (d *draft) requested() {
	d.reason = d.l.say(d.l.reasons.manager, 1, known{"account": string(d.p.Reseller)})
	d.asked()
	d.fact(d.l.labels.requestedBy, string(d.p.By))
	d.note = note{d.l.labels.note, noteLines(d.p.Note)}
}

func (d *draft) rejected() {
	d.reason = d.say(d.l.reasons.customer)
	d.asked()
	d.fact(d.l.labels.rejectedBy, string(d.p.Reseller))
	d.note = note{d.l.labels.why, noteLines(domain.Note(d.p.Why))}
}

// asked are the facts of an order that is not fulfilled.
func (d *draft) asked() {
	d.fact(d.l.labels.customer, string(d.p.Account))
	d.licenses()
	if s := d.p.Seats; s != nil {
		d.fact(d.l.labels.product, string(s.Product))
		d.fact(d.l.labels.seatsAsked, d.l.number(s.Quantity))
		d.fact(d.l.labels.seatsNow, d.l.number(s.Seats))
		d.fact(d.l.labels.plan, d.l.plan(s.Plan))
		d.fact(d.l.labels.subscription, string(s.Subscription))
	}
	d.order()
}

func (d *draft) order() {
	d.fact(d.l.labels.order, string(d.p.Order))
	d.fact(d.l.labels.purchaseOrder, string(d.p.PurchaseOrder))
}

// stock is told of as it is: what is valid there is the stock itself.
func (d *draft) stock() {
	d.reason = d.say(d.l.reasons.manager)
	d.fact(d.l.labels.stockOf, string(d.p.Account))
	for _, x := range d.p.Licenses {
		d.fact(d.l.labels.product, string(x.Product))
		d.fact(d.l.labels.quantity, d.l.number(x.Quantity))
		d.fact(d.l.labels.boughtOn, d.l.day(x.StartsOn))
		d.fact(d.l.labels.lastDay, d.l.day(x.LastDay))
		d.fact(d.l.labels.lot, string(x.Lot))
	}
}

func (d *draft) license() {
	d.reason = d.say(d.l.reasons.managerOfEither)
	d.fact(d.l.labels.owner, string(d.p.Account))
	d.licenses()
	d.fact(d.l.labels.reseller, string(d.p.Reseller))
}

func (d *draft) renewing() {
	s := seatsOf(d.p)
	d.subscription(func() {
		d.fact(d.l.labels.seatsNow, d.l.number(s.Seats))
		d.fact(d.l.labels.seatsThen, d.l.number(s.Quantity))
		d.fact(d.l.labels.plan, d.l.plan(s.Plan))
		d.fact(d.l.labels.renewsOn, d.known["renews_on"])
	})
}

func (d *draft) renewed() {
	s := seatsOf(d.p)
	d.subscription(func() {
		d.fact(d.l.labels.seats, d.l.number(s.Seats))
		d.fact(d.l.labels.plan, d.l.plan(s.Plan))
	})
}

func (d *draft) ended() {
	s := seatsOf(d.p)
	d.subscription(func() {
		d.fact(d.l.labels.seatsUntilNow, d.l.number(s.Quantity))
		d.fact(d.l.labels.plan, d.l.plan(s.Plan))
	})
}

// subscription surrounds what is particular with what all mails about one tell.
func (d *draft) subscription(particular func()) {
	s := seatsOf(d.p)
	d.reason = d.say(d.l.reasons.managerOfEither)
	d.fact(d.l.labels.customer, string(d.p.Account))
	d.fact(d.l.labels.product, string(s.Product))
	particular()
	d.fact(d.l.labels.termEnds, d.l.day(s.LastDay))
	d.fact(d.l.labels.subscription, string(s.Subscription))
	d.fact(d.l.labels.reseller, string(d.p.Reseller))
}

// licenses are told of as facts if there is one, as a table if there are several.
func (d *draft) licenses() {
	if len(d.p.Licenses) > 1 {
		d.table = d.l.licenses(d.p.Licenses)
		return
	}
	for _, x := range d.p.Licenses {
		d.fact(d.l.labels.product, string(x.Product))
		d.fact(d.l.labels.quantity, d.l.number(x.Quantity))
		d.fact(d.l.labels.activeFrom, d.l.day(x.StartsOn))
		d.fact(d.l.labels.lastDay, d.l.day(x.LastDay))
		d.fact(d.l.labels.license, string(x.License))
	}
}

func (d *draft) issued() {
	i := invoiceOf(d.p)
	d.reason = d.say(d.l.reasons.invoices)
	d.next += " " + d.l.attached
	d.fact(d.l.labels.from, string(d.p.Seller))
	d.fact(d.l.labels.to, string(i.Reseller))
	d.fact(d.l.labels.contract, string(i.Contract))
	d.fact(d.l.labels.month, d.known["month"])
	if isCreditNote(i) {
		d.fact(d.l.labels.creditNote, i.Number)
		d.fact(d.l.labels.netCredited, d.l.amountIn(i.Currency, negated(i.Net)))
		d.fact(d.l.labels.vatCredited, d.l.amountIn(i.Currency, negated(i.VAT)))
		d.fact(d.l.labels.totalCredited, d.l.amountIn(i.Currency, negated(i.Total)))
	} else {
		d.fact(d.l.labels.invoice, i.Number)
		d.fact(d.l.labels.net, d.l.amountIn(i.Currency, i.Net))
		d.fact(d.l.labels.vat, d.l.amountIn(i.Currency, i.VAT))
		d.fact(d.l.labels.total, d.l.amountIn(i.Currency, i.Total))
	}
	d.fact(d.l.labels.issuedOn, d.l.day(i.IssuedOn))
	d.fact(d.l.labels.dueOn, d.known["due"])
}

func (d *draft) closed() {
	month := monthOf(d.p)
	d.reason = d.say(d.l.reasons.finance)
	d.fact(d.l.labels.seller, string(d.p.Account))
	d.fact(d.l.labels.month, d.known["month"])
	for _, t := range month.Totals {
		d.fact(d.l.say(d.l.labels.totalIn, 1, known{"currency": string(t.Currency)}), d.l.say(d.l.rows.sum, 1, known{
			"total": d.l.amount(t.Total), "net": d.l.amount(t.Net), "vat": d.l.amount(t.VAT),
		}))
	}
	d.table = d.l.invoices(month)
	d.tasks = tasks{d.l.labels.attention, d.l.needs(month)}
}
