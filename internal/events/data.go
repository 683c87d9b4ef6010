package events

import (
	"github.com/licenseledger/licenseledger/domain"
)

// What data says, type by type. Fields are named as in commands and results, of
// which they are made.

// Caused names the command that brought it about; one of another source than
// the default is source~command, one of the schedule begins with ~.
type Caused struct {
	Command string `json:"command"`
}

// Holdings are lots and licenses as they are afterwards.
type Holdings struct {
	Stock    []domain.StockResult   `json:"stock,omitempty"`
	Licenses []domain.LicenseResult `json:"licenses,omitempty"`
}

// Charge is an amount that is owed; corrections may be below zero.
type Charge struct {
	Product   domain.ProductID `json:"product"`
	Quantity  int64            `json:"quantity"`
	UnitPrice string           `json:"unit_price"`
	Amount    string           `json:"amount"`
	Currency  domain.Currency  `json:"currency"`
}

// Item is what is sold, pulled or deployed.
type Item struct {
	Product  domain.ProductID `json:"product"`
	Quantity int64            `json:"quantity"`
	License  domain.LicenseID `json:"license,omitempty"`
}

// SellerChanged is a seller that was put.
type SellerChanged struct {
	Caused
	Seller domain.SellerID `json:"seller"`
}

// TaxChanged is a rate that was put.
type TaxChanged struct {
	Caused
	Country  domain.Country     `json:"country"`
	Category domain.TaxCategory `json:"category"`
	From     domain.Date        `json:"from"`
}

// ProductChanged is a product that was put.
type ProductChanged struct {
	Caused
	Product domain.ProductID `json:"product"`
}

// AccountChanged is an account that was put.
type AccountChanged struct {
	Caused
	Account domain.AccountID     `json:"account"`
	Kind    domain.AccountKind   `json:"kind"`
	Parent  domain.AccountID     `json:"parent,omitempty"`
	Status  domain.AccountStatus `json:"status"`
}

// UserChanged is a user that was put; the id of a user is a mail address.
type UserChanged struct {
	Caused
	Account domain.AccountID `json:"account"`
}

// ContractChanged is a contract that was put.
type ContractChanged struct {
	Caused
	Contract domain.ContractID     `json:"contract"`
	Seller   domain.SellerID       `json:"seller"`
	Reseller domain.AccountID      `json:"reseller"`
	Status   domain.ContractStatus `json:"status"`
}

// LearnerChanged is a learner that was put.
type LearnerChanged struct {
	Caused
	Account domain.AccountID     `json:"account"`
	Learner domain.LearnerID     `json:"learner"`
	Status  domain.LearnerStatus `json:"status"`
}

// LearnerErased is a learner whose name is gone.
type LearnerErased struct {
	Caused
	Account domain.AccountID `json:"account"`
	Learner domain.LearnerID `json:"learner"`
}

// ChargeCorrected is an adjustment of a closed month.
type ChargeCorrected struct {
	Caused
	Contract domain.ContractID `json:"contract"`
	Account  domain.AccountID  `json:"account"`
	Product  domain.ProductID  `json:"product,omitempty"`
	Period   domain.Period     `json:"period"`
	Charges  []Charge          `json:"charges,omitempty"`
}

// Purchased is licenses or stock that were bought.
type Purchased struct {
	Caused
	Contract domain.ContractID `json:"contract"`
	Account  domain.AccountID  `json:"account"`
	Product  domain.ProductID  `json:"product"`
	Quantity int64             `json:"quantity"`
	Holdings
	Charges []Charge `json:"charges,omitempty"`
}

// Transferred is stock that was moved.
type Transferred struct {
	Caused
	From     domain.AccountID `json:"from"`
	To       domain.AccountID `json:"to"`
	Product  domain.ProductID `json:"product"`
	Quantity int64            `json:"quantity"`
	Holdings
}

// StockExpired is what expired of a lot.
type StockExpired struct {
	Caused
	Lot      domain.LotID      `json:"lot"`
	Account  domain.AccountID  `json:"account"`
	Contract domain.ContractID `json:"contract"`
	Product  domain.ProductID  `json:"product"`
	Quantity int64             `json:"quantity"`
}

// LicenseExpired is a batch that closed.
type LicenseExpired struct {
	Caused
	License  domain.LicenseID  `json:"license"`
	Account  domain.AccountID  `json:"account"`
	Contract domain.ContractID `json:"contract"`
	Product  domain.ProductID  `json:"product"`
	Quantity int64             `json:"quantity"`
}

// LicenseRenewed is licenses of a batch with a new term.
type LicenseRenewed struct {
	Caused
	License  domain.LicenseID  `json:"license"`
	Account  domain.AccountID  `json:"account"`
	Contract domain.ContractID `json:"contract"`
	Product  domain.ProductID  `json:"product"`
	Quantity int64             `json:"quantity"`
	Holdings
	Charges []Charge `json:"charges,omitempty"`
}

// Sold is a sale.
type Sold struct {
	Caused
	From  domain.AccountID `json:"from"`
	To    domain.AccountID `json:"to"`
	Items []Item           `json:"items"`
	Holdings
}

// Pulled is what an account took out of another.
type Pulled struct {
	Caused
	Account domain.AccountID `json:"account"`
	From    domain.AccountID `json:"from"`
	Items   []Item           `json:"items"`
	Holdings
}

// Allocated is a license in use.
type Allocated struct {
	Caused
	Account  domain.AccountID       `json:"account"`
	Product  domain.ProductID       `json:"product"`
	Learner  domain.LearnerID       `json:"learner"`
	Licenses []domain.LicenseResult `json:"licenses,omitempty"`
}

// Reallocated is a license that another learner uses now.
type Reallocated struct {
	Caused
	Account  domain.AccountID       `json:"account"`
	Product  domain.ProductID       `json:"product"`
	From     domain.LearnerID       `json:"from"`
	To       domain.LearnerID       `json:"to"`
	Licenses []domain.LicenseResult `json:"licenses,omitempty"`
}

// Linked is a link between accounts.
type Linked struct {
	Caused
	Account domain.AccountID `json:"account"`
	Source  domain.AccountID `json:"source"`
}

// DeploymentCreated is a new deployment.
type DeploymentCreated struct {
	Caused
	Deployment domain.DeploymentID `json:"deployment"`
	Account    domain.AccountID    `json:"account"`
	Owner      domain.AccountID    `json:"owner"`
	Items      []Item              `json:"items"`
	Holdings
}

// DeploymentRetired is a deployment that holds nothing any more.
type DeploymentRetired struct {
	Caused
	Deployment domain.DeploymentID `json:"deployment"`
	Account    domain.AccountID    `json:"account"`
	Owner      domain.AccountID    `json:"owner"`
}

// OrderChanged is an order.
type OrderChanged struct {
	Caused
	Order        domain.OrderID        `json:"order"`
	Account      domain.AccountID      `json:"account"`
	Contract     domain.ContractID     `json:"contract"`
	Product      domain.ProductID      `json:"product"`
	Quantity     int64                 `json:"quantity"`
	Subscription domain.SubscriptionID `json:"subscription,omitempty"` // of an order for seats
}

// OrderAssigned is an order with what it brought.
type OrderAssigned struct {
	OrderChanged
	Holdings
	Charges []Charge `json:"charges,omitempty"`
	Seats   *int64   `json:"seats,omitempty"`
}

// SubscriptionChanged is a subscription as it is afterwards.
type SubscriptionChanged struct {
	Caused
	Subscription domain.SubscriptionID `json:"subscription"`
	Account      domain.AccountID      `json:"account"`
	Contract     domain.ContractID     `json:"contract"`
	Product      domain.ProductID      `json:"product"`
	Plan         domain.Plan           `json:"plan"`
	Seats        int64                 `json:"seats"`
	Cap          *int64                `json:"cap"`
	TermStartsOn domain.Date           `json:"term_starts_on"`
	TermEndsOn   domain.Date           `json:"term_ends_on"`
	Charges      []Charge              `json:"charges,omitempty"`
}

// SeatsChanged is seats that were added or removed.
type SeatsChanged struct {
	SubscriptionChanged
	Delta int64 `json:"delta"`
}

// RenewalChanged is what will happen at the end of a term.
type RenewalChanged struct {
	SubscriptionChanged
	Renewal      domain.Renewal `json:"renewal"`
	RenewalSeats *int64         `json:"renewal_seats"`
}

// InvoiceIssued is an invoice (type 380) or a credit note (381).
type InvoiceIssued struct {
	Number   string            `json:"number"`
	Type     int               `json:"type"`
	Contract domain.ContractID `json:"contract"`
	Account  domain.AccountID  `json:"account"`
	Period   domain.Period     `json:"period"`
	Currency domain.Currency   `json:"currency"`
	IssuedOn domain.Date       `json:"issued_on"`
	DueOn    domain.Date       `json:"due_on"`
	Net      string            `json:"net"`
	VATTotal string            `json:"vat_total"`
	Total    string            `json:"total"`
}

// MonthClosed counts what came of a seller's month.
type MonthClosed struct {
	Seller         domain.SellerID `json:"seller,omitempty"`
	Period         domain.Period   `json:"period"`
	Invoices       int64           `json:"invoices"`
	CreditNotes    int64           `json:"credit_notes"`
	NeedsAttention int64           `json:"needs_attention"`
	Totals         []MonthTotal    `json:"totals"`
}

// MonthTotal sums up the invoices of one currency.
type MonthTotal struct {
	Currency domain.Currency `json:"currency"`
	Net      string          `json:"net"`
	VATTotal string          `json:"vat_total"`
	Total    string          `json:"total"`
}

// Rejected is a command that a rule refused.
type Rejected struct {
	Caused
	Kind   string        `json:"kind"`
	Reason domain.Reason `json:"reason"`
}
