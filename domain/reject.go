package domain

import "fmt"

// Reason names the rule or state of the world that refused a command. Programs
// outside rely on the words.
type Reason string

// Reasons in order of precedence: of all that apply to a command, the first is given.
const (
	Invalid             Reason = "invalid"
	SignatureInvalid    Reason = "signature_invalid"
	OutOfScope          Reason = "out_of_scope"
	IDReused            Reason = "id_reused"
	ClockNotAdjustable  Reason = "clock_not_adjustable"
	PreviewStale        Reason = "preview_stale"
	ActorNotFound       Reason = "actor_not_found"
	AccountNotFound     Reason = "account_not_found"
	ContractNotFound    Reason = "contract_not_found"
	ProductNotFound     Reason = "product_not_found"
	SellerNotFound      Reason = "seller_not_found"
	OrderNotFound       Reason = "order_not_found"
	LicenseNotFound     Reason = "license_not_found"
	LotNotFound         Reason = "lot_not_found"
	SubscriptionUnknown Reason = "subscription_not_found"
	DeploymentNotFound  Reason = "deployment_not_found"
	LearnerNotFound     Reason = "learner_not_found"
	UserNotFound        Reason = "user_not_found"

	PermissionDenied      Reason = "permission_denied"
	ManagingMode          Reason = "managing_mode"
	ContractInactive      Reason = "contract_inactive"
	ProductNotInContract  Reason = "product_not_in_contract"
	PlanNotInContract     Reason = "plan_not_in_contract"
	PurchaseOrderRequired Reason = "purchase_order_required"
	QuantityBelowMinimum  Reason = "quantity_below_minimum"
	AlreadyExists         Reason = "already_exists"
	InUse                 Reason = "in_use"
	CurrencyMismatch      Reason = "currency_mismatch"
	AccountClosed         Reason = "account_closed"
	NotOwnAccount         Reason = "not_own_account"
	NotOwnCustomer        Reason = "not_own_customer"
	TrialAccount          Reason = "trial_account"
	PackageMismatch       Reason = "package_mismatch"
	AccountsNotLinked     Reason = "accounts_not_linked"
	LinksNotConfigured    Reason = "links_not_configured"

	PlanMismatch          Reason = "plan_mismatch"
	OrderNotRequested     Reason = "order_not_requested"
	FulfilRequired        Reason = "fulfil_required"
	StockExpired          Reason = "stock_expired"
	InsufficientStock     Reason = "insufficient_stock"
	InsufficientAvailable Reason = "insufficient_available"
	LicenseExpired        Reason = "license_expired"
	AlreadyAllocated      Reason = "already_allocated"
	LearnerActive         Reason = "learner_active"
	CapExceeded           Reason = "cap_exceeded"
	CapBelowSeats         Reason = "cap_below_seats"
	ContractLimitExceeded Reason = "contract_limit_exceeded"
	SeatsCommitted        Reason = "seats_committed"
	DeploymentRetired     Reason = "deployment_retired"
	SubscriptionEnded     Reason = "subscription_ended"
)

// Reasons lists every reason in order of precedence.
var Reasons = []Reason{
	Invalid, SignatureInvalid, OutOfScope, IDReused, ClockNotAdjustable, PreviewStale,
	ActorNotFound, AccountNotFound, ContractNotFound, ProductNotFound, SellerNotFound, OrderNotFound,
	LicenseNotFound, LotNotFound, SubscriptionUnknown, DeploymentNotFound, LearnerNotFound, UserNotFound,
	PermissionDenied, ManagingMode, ContractInactive, ProductNotInContract, PlanNotInContract,
	PurchaseOrderRequired, QuantityBelowMinimum, AlreadyExists, InUse, CurrencyMismatch, AccountClosed,
	NotOwnAccount, NotOwnCustomer, TrialAccount, PackageMismatch, AccountsNotLinked, LinksNotConfigured,
	PlanMismatch, OrderNotRequested, FulfilRequired, StockExpired, InsufficientStock, InsufficientAvailable,
	LicenseExpired, AlreadyAllocated, LearnerActive, CapExceeded, CapBelowSeats, ContractLimitExceeded,
	SeatsCommitted, DeploymentRetired, SubscriptionEnded,
}

var precedence = func() map[Reason]int {
	order := make(map[Reason]int, len(Reasons))
	for i, r := range Reasons {
		order[r] = i
	}
	return order
}()

// Rejection is a final "no" with the rule that said it. It is a value, not an error.
type Rejection struct {
	Reason Reason
	Detail string // a sentence for people, with the figures that matter
}

// refuse notes that a rule refuses the command. Whatever order the code checks
// in, the reason that comes first in Reasons is the one that is given.
func (d *Decision) refuse(reason Reason, format string, args ...any) {
	if d.rejection != nil && precedence[d.rejection.Reason] <= precedence[reason] {
		return
	}
	d.rejection = reject(reason, format, args...)
}

func reject(reason Reason, format string, args ...any) *Rejection {
	return &Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func (d *Decision) refused() bool { return d.rejection != nil }
