package domain

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Rows are what the ledger stores, one struct a table, one field a column.

// Address is where a company is.
type Address struct {
	Line1      Name    `json:"line1"`
	Line2      Name    `json:"line2,omitempty"`
	City       Name    `json:"city"`
	PostalCode Name    `json:"postal_code"`
	Country    Country `json:"country"`
}

// Seller is the legal entity that issues invoices.
type Seller struct {
	Seller        SellerID
	Name          Name
	Address       Address
	VATNumber     Name
	Currency      Currency
	Email         Email
	FinanceEmail  Email
	InvoicePrefix Name
	IBAN          Name
	BIC           Name
	ChangedAt     time.Time
}

// Tax is a VAT rate in percent, in force from a day on.
type Tax struct {
	Country   Country
	Category  TaxCategory
	FromOn    Date
	Rate      decimal.Decimal
	ChangedAt time.Time
}

// Product is something licensed.
type Product struct {
	Product    ProductID
	Name       Name
	Package    Name
	TermMonths int64
	Used       bool
	ChangedAt  time.Time
}

// Account is a company: a reseller or a customer.
type Account struct {
	Account      AccountID
	Kind         AccountKind
	Parent       AccountID
	Name         Name
	Address      Address
	VATNumber    Name
	Package      Name
	Trial        bool
	Status       AccountStatus
	Locale       Locale
	PurchaseLink Name
	Used         bool
	ChangedAt    time.Time
}

// User acts for one account.
type User struct {
	UserID    UserID
	Account   AccountID
	Name      Name
	Roles     []Role
	Locale    Locale
	ChangedAt time.Time
}

// Prices of a product by the way it is bought; absent means not sold that way.
type Prices struct {
	Term          *Price `json:"term,omitempty"`
	Flexible      *Price `json:"flexible,omitempty"`
	AnnualMonthly *Price `json:"annual_monthly,omitempty"`
	AnnualYearly  *Price `json:"annual_yearly,omitempty"`
}

// For returns the price of one way of buying, or nil.
func (p Prices) For(way Plan) *Price {
	return map[Plan]*Price{Term: p.Term, Flexible: p.Flexible, AnnualMonthly: p.AnnualMonthly, AnnualYearly: p.AnnualYearly}[way]
}

// ContractProduct is a product that a contract sells.
type ContractProduct struct {
	Product ProductID `json:"product"`
	Prices  Prices    `json:"prices"`
}

// Contract is between a seller and one reseller.
type Contract struct {
	Contract              ContractID
	Seller                SellerID
	Reseller              AccountID
	Status                ContractStatus
	StartsOn              Date
	EndsOn                Date // last day; none: open-ended
	Currency              Currency
	TimeZone              ZoneName
	DayCount              DayCount
	PaymentTermsDays      int64
	PurchaseOrderRequired bool
	MinimumQuantity       int64
	MaxSeatsPerCustomer   *int64
	FinanceEmails         []Email
	CreatePermission      []UserID
	Products              []ContractProduct
	Used                  bool
	ChangedAt             time.Time
}

// Zone is the contract's time zone; contract.put has checked the name.
func (c Contract) Zone() *time.Location {
	zone, err := ZoneNamed(string(c.TimeZone))
	if err != nil {
		panic(err)
	}
	return zone
}

// Today is the local date of an instant in the contract's zone.
func (c Contract) Today(at time.Time) Date { return DateIn(at, c.Zone()) }

// Sells returns the prices of a product, and whether the contract has it.
func (c Contract) Sells(product ProductID) (Prices, bool) {
	for _, p := range c.Products {
		if p.Product == product {
			return p.Prices, true
		}
	}
	return Prices{}, false
}

// Link lets an account take licenses out of a source account.
type Link struct {
	Account  AccountID
	Source   AccountID
	Live     bool // false once either side has ended it
	LinkedAt time.Time
}

// Learner is an end user of a customer.
type Learner struct {
	Account     AccountID
	Learner     LearnerID
	Name        Name
	Status      LearnerStatus
	LastLoginAt *time.Time
	ChangedAt   time.Time
}

// Keys of rows that no single id names.
type (
	TaxKey     string
	LinkKey    string
	LearnerKey string
)

// Key names the rate.
func (t Tax) Key() TaxKey { return TaxKey(fmt.Sprintf("%s %s %s", t.Country, t.Category, t.FromOn)) }

// Key names the link.
func (l Link) Key() LinkKey { return LinkKey(string(l.Account) + " " + string(l.Source)) }

// Key names the learner: ids of learners are unique within an account.
func (l Learner) Key() LearnerKey { return LearnerKey(string(l.Account) + " " + string(l.Learner)) }

// Lot is the stock that one purchase or move brought.
type Lot struct {
	Lot         LotID
	Account     AccountID
	Product     ProductID
	Contract    ContractID
	Quantity    int64
	Remaining   int64
	PurchasedOn Date
	ExpiresOn   Date // the first day after
	Expired     bool
	No          int64
	NextDueAt   *time.Time // the next reminder, or the expiry
	ChangedAt   time.Time
}

// License is a batch of licenses of one product with the same dates.
type License struct {
	License   LicenseID
	Account   AccountID
	Product   ProductID
	Contract  ContractID
	Quantity  int64
	Deployed  int64
	Allocated int64
	StartsOn  Date
	ExpiresOn Date // the first day after
	Expired   bool
	No        int64
	NextDueAt *time.Time // the next reminder, or the expiry
	ChangedAt time.Time
}

// Available is what is neither deployed nor allocated (rule 25).
func (l License) Available() int64 { return l.Quantity - l.Deployed - l.Allocated }

// OrderKind says what an order asks for.
type OrderKind string

// OrderState is where an order stands.
type OrderState string

// Kinds and states of orders.
const (
	OrderLicense OrderKind = "license"
	OrderSeats   OrderKind = "seats"

	OrderRequested OrderState = "requested"
	OrderAssigned  OrderState = "assigned"
	OrderRejected  OrderState = "rejected"
	OrderCancelled OrderState = "cancelled"
)

// Order is a customer's request for licenses or seats.
type Order struct {
	OrderID       OrderID
	Kind          OrderKind
	Contract      ContractID
	Account       AccountID
	Product       ProductID
	Subscription  SubscriptionID
	Quantity      int64
	PurchaseOrder Name
	Note          Note
	PrintNote     bool
	State         OrderState
	RequestedAt   time.Time
	RequestedBy   UserID
	AssignedAt    *time.Time
	Result        json.RawMessage // of the assignment
	No            int64
	ChangedAt     time.Time
}

// AllocationID is derived from source and command id.
type AllocationID string

// Allocation is one license of a batch in use by one learner.
type Allocation struct {
	Allocation AllocationID
	Account    AccountID
	Product    ProductID
	Learner    LearnerID
	License    LicenseID
	EndedOn    Date // none: live
	No         int64
	ChangedAt  time.Time
}

// DeploymentState says whether a deployment still holds its licenses.
type DeploymentState string

// States of deployments.
const (
	DeploymentActive DeploymentState = "active"
	DeploymentOver   DeploymentState = "retired"
)

// DeploymentItem is n licenses of a batch in a deployment.
type DeploymentItem struct {
	Product  ProductID `json:"product"`
	Quantity int64     `json:"quantity"`
	License  LicenseID `json:"license"`
}

// Deployment is a named installation that holds licenses of its owner.
type Deployment struct {
	Deployment DeploymentID
	Name       Name
	Account    AccountID // who created it
	Owner      AccountID
	State      DeploymentState
	Items      []DeploymentItem
	No         int64
	ChangedAt  time.Time
}

// SubscriptionState says whether a subscription still has seats.
type SubscriptionState string

// States of subscriptions.
const (
	SubscriptionRunning SubscriptionState = "running"
	SubscriptionOver    SubscriptionState = "ended"
)

// Subscription is the seats of a product for one customer on a plan.
type Subscription struct {
	Subscription SubscriptionID
	Contract     ContractID
	Account      AccountID
	Product      ProductID
	Plan         Plan
	Seats        int64
	Cap          *int64 // flexible only
	StartsOn     Date   // of the first term: renewals are counted from it
	Term         int64  // 1 for the first
	TermStartsOn Date
	TermEndsOn   Date    // the first day after; annual only
	Renewal      Renewal // annual only
	RenewalSeats *int64  // seats of the next term, if they change
	UnitPrice    *Price  // of the term; annual only
	State        SubscriptionState
	No           int64
	NextDueAt    *time.Time // the next reminder, the renewal, or the end with the contract
	ChangedAt    time.Time
}

// SeatChange is seats added to or taken from a subscription at an instant.
type SeatChange struct {
	Subscription SubscriptionID
	EffectiveAt  time.Time
	EffectiveOn  Date
	No           int64
	N            int64
	Delta        int64
	SeatsAfter   int64
	UnitPrice    Price
	EndsTerm     bool
}

// Holding ids outside any account: where licenses come from and where they go
// when their time is over.
const (
	Issued  = "issued"
	Expired = "expired"
)

// Movement is n licenses of a product leaving one holding and entering another.
type Movement struct {
	No          int64
	N           int64
	Product     ProductID
	Quantity    int64
	FromHolding string
	ToHolding   string
	At          time.Time
}

// Charge is an amount owed, waiting for its invoice.
type Charge struct {
	No            int64
	N             int64
	Contract      ContractID
	Period        Date // first day of the month whose invoice takes it
	Account       AccountID
	Product       ProductID
	Kind          string
	Quantity      int64
	UnitPrice     Price
	Amount        decimal.Decimal
	Currency      Currency
	EffectiveOn   Date
	FromOn        Date
	ToOn          Date
	Days          *int64
	DaysInPeriod  *int64
	Adjusts       Date // first day of the closed month it puts right
	PurchaseOrder Name
	Note          Note
}

// HistoryEntry shows a command in an account's history.
type HistoryEntry struct {
	Account AccountID
	No      int64
	Seq     int64
}

// Mail is one message to one recipient about one event.
type Mail struct {
	No        int64
	N         int64
	Event     string
	Account   AccountID // whom it is about
	Recipient string    // a mail address
	Name      Name
	Locale    Locale
	Params    MailParams
	CreatedAt time.Time
	Cause     string // source and id of the command, for the message id
}

// MailParams are the facts of a mail; each event fills in those it has.
type MailParams struct {
	Account       Name          `json:"account,omitempty"`  // the customer's or owner's name
	Reseller      Name          `json:"reseller,omitempty"` // the reseller's name
	Order         OrderID       `json:"order,omitempty"`
	PurchaseOrder Name          `json:"purchase_order,omitempty"`
	Note          Note          `json:"note,omitempty"`
	By            Name          `json:"by,omitempty"`       // who did it
	Why           Name          `json:"why,omitempty"`      // the reason a person gave
	Receiver      Name          `json:"receiver,omitempty"` // of a link or a pull
	Source        Name          `json:"source,omitempty"`   // of a link or a pull
	Deployment    Name          `json:"deployment,omitempty"`
	Licenses      []MailLicense `json:"licenses,omitempty"`
	Seats         *MailSeats    `json:"seats,omitempty"`
	Seller        Name          `json:"seller,omitempty"` // who issues the invoice
	Invoice       *MailInvoice  `json:"invoice,omitempty"`
	Month         *MailMonth    `json:"month,omitempty"`
}

// MailInvoice are the facts of an invoice or credit note. Amounts of a credit
// note are below zero.
type MailInvoice struct {
	Number   string     `json:"number"`
	Type     int        `json:"type"`
	Contract ContractID `json:"contract"`
	Reseller Name       `json:"reseller"`
	Period   Period     `json:"period"`
	Net      string     `json:"net"`
	VAT      string     `json:"vat"`
	Total    string     `json:"total"`
	Currency Currency   `json:"currency"`
	IssuedOn Date       `json:"issued_on"`
	DueOn    Date       `json:"due_on"`
}

// MailMonth is what came of a seller's month. Lists name the first of many.
type MailMonth struct {
	Seller         SellerID        `json:"seller,omitempty"`
	Period         Period          `json:"period"`
	Issued         int64           `json:"issued,omitempty"`   // how many invoices there are
	Credited       int64           `json:"credited,omitempty"` // and credit notes
	Invoices       []MailInvoice   `json:"invoices,omitempty"`
	Totals         []MailTotal     `json:"totals,omitempty"`
	AttentionCount int64           `json:"attention_count,omitempty"`
	Attention      []MailAttention `json:"attention,omitempty"`
}

// What in a month needs the attention of finance.
const (
	AttentionMissingRate = "missing_rate" // an invoice waits for a VAT rate
	AttentionFailed      = "failed"       // an invoice could not be computed; the operator has to look
	AttentionEnded       = "ended"        // a subscription ended although it was to renew (rule 42)
)

// MailAttention is one such thing; each sort fills in the facts it has.
type MailAttention struct {
	Sort         string         `json:"sort"`
	Contract     ContractID     `json:"contract"`
	Country      Country        `json:"country,omitempty"` // of the rate
	On           Date           `json:"on,omitempty"`      // the day for which a rate is missing
	Subscription SubscriptionID `json:"subscription,omitempty"`
}

// MailTotal sums up the invoices of one currency.
type MailTotal struct {
	Currency Currency `json:"currency"`
	Net      string   `json:"net"`
	VAT      string   `json:"vat"`
	Total    string   `json:"total"`
}

// MailSeats are the facts of a subscription. Quantity is what changed, Seats what there is now.
type MailSeats struct {
	Subscription SubscriptionID `json:"subscription"`
	Product      Name           `json:"product"`
	Plan         Plan           `json:"plan"`
	Quantity     int64          `json:"quantity,omitempty"`
	Seats        int64          `json:"seats"`
	LastDay      Date           `json:"last_day,omitempty"`
}

// MailLicense is a line of a mail's table of licenses. LastDay is the last valid
// day. Stock has a lot, and starts on the day it was bought.
type MailLicense struct {
	Lot      LotID     `json:"lot,omitempty"`
	License  LicenseID `json:"license,omitempty"`
	Product  Name      `json:"product"`
	Quantity int64     `json:"quantity"`
	StartsOn Date      `json:"starts_on,omitempty"`
	LastDay  Date      `json:"last_day,omitempty"`
}
