package domain

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The types of a command's fields know their own limits: Check says what is
// wrong, or nothing.
type (
	// SellerID and its kind are chosen by upstream.
	SellerID       string
	AccountID      string
	ProductID      string
	ContractID     string
	LearnerID      string
	SubscriptionID string
	DeploymentID   string
	// UserID is a mail address.
	UserID string
	// LotID, LicenseID and OrderID are derived from source and command id.
	LotID     string
	LicenseID string
	OrderID   string

	// Quantity is how many licenses or seats: 1 to 1,000,000.
	Quantity int64
	// Name is what people read: 1 to 200 characters.
	Name string
	// Note may have several lines: up to 2,000 characters.
	Note string
	// Email is a plain mail address.
	Email string
	// Country is an ISO 3166 code of two letters.
	Country string
	// Currency is an ISO 4217 code with 0 or 2 minor digits.
	Currency string
	// ZoneName is an IANA time zone.
	ZoneName string
	// Locale is a language tag.
	Locale string
)

// Limits of upstream's input.
const (
	MaxIDLength   = 128
	MaxQuantity   = 1_000_000
	MaxNameLength = 200
	MaxNoteLength = 2000
)

// IDPattern is the alphabet of ids chosen by upstream.
const IDPattern = `^[A-Za-z0-9._:/@+-]{1,128}$`

var (
	idPattern      = regexp.MustCompile(IDPattern)
	derivedPattern = regexp.MustCompile(`^[A-Za-z0-9._:/@+~-]{1,280}$`)
	emailPattern   = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
	localePattern  = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// CheckID says what is wrong with an id chosen by upstream.
func CheckID(s string) string {
	if !idPattern.MatchString(s) {
		return fmt.Sprintf("%s must be 1 to %d of A-Za-z0-9._:/@+-", quote(s), MaxIDLength)
	}
	return ""
}

func checkDerived(s string) string {
	if !derivedPattern.MatchString(s) {
		return fmt.Sprintf("%s is not an id of the ledger", quote(s))
	}
	return ""
}

func (v SellerID) Check() string       { return CheckID(string(v)) }
func (v AccountID) Check() string      { return CheckID(string(v)) }
func (v ProductID) Check() string      { return CheckID(string(v)) }
func (v ContractID) Check() string     { return CheckID(string(v)) }
func (v LearnerID) Check() string      { return CheckID(string(v)) }
func (v SubscriptionID) Check() string { return CheckID(string(v)) }
func (v DeploymentID) Check() string   { return CheckID(string(v)) }
func (v LotID) Check() string          { return checkDerived(string(v)) }
func (v LicenseID) Check() string      { return checkDerived(string(v)) }
func (v OrderID) Check() string        { return checkDerived(string(v)) }

// Check wants an id that is a mail address.
func (v UserID) Check() string {
	if wrong := CheckID(string(v)); wrong != "" {
		return wrong
	}
	return Email(v).Check()
}

// Check wants 1 to 1,000,000.
func (v Quantity) Check() string { return checkRange(int64(v), 1, MaxQuantity) }

// Check wants readable text on one line.
func (v Name) Check() string {
	if strings.TrimSpace(string(v)) == "" {
		return "must not be empty"
	}
	return checkText(string(v), MaxNameLength, "")
}

// Check wants readable text, with newlines and tabs if need be.
func (v Note) Check() string { return checkText(string(v), MaxNoteLength, "\n\t") }

// Check wants a plain address: no display name, no quoting, no comment.
func (v Email) Check() string {
	if len(v) > 254 || !emailPattern.MatchString(string(v)) {
		return fmt.Sprintf("%s is not a mail address", quote(string(v)))
	}
	return ""
}

// Check wants two capital letters.
func (v Country) Check() string {
	if !countryPattern.MatchString(string(v)) {
		return fmt.Sprintf("%s is not a country code of two capital letters", quote(string(v)))
	}
	return ""
}

// Check wants a currency that can be invoiced in.
func (v Currency) Check() string {
	if len(v) != 3 || strings.Contains(string(v), " ") || !strings.Contains(zeroDigitCurrencies+" "+twoDigitCurrencies, string(v)) {
		return fmt.Sprintf("%s is not an ISO 4217 currency with 0 or 2 minor digits", quote(string(v)))
	}
	return ""
}

// Check wants a name of the time zone database.
func (v ZoneName) Check() string {
	if _, err := ZoneNamed(string(v)); err != nil {
		return err.Error()
	}
	return ""
}

// Check wants a language tag.
func (v Locale) Check() string {
	if len(v) > 35 || !localePattern.MatchString(string(v)) {
		return fmt.Sprintf("%s is not a language tag like en or de-AT", quote(string(v)))
	}
	return ""
}

func checkText(s string, limit int, allowed string) string {
	if n := utf8.RuneCountInString(s); n > limit {
		return fmt.Sprintf("has %d characters; %d are allowed", n, limit)
	}
	for i, r := range s {
		if unicode.IsControl(r) && !strings.ContainsRune(allowed, r) {
			return fmt.Sprintf("has the control character %U at byte %d", r, i)
		}
	}
	return ""
}

// quote shortens what it shows: an error message must not be a second copy of bad input.
func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// Words of the fields that allow only some.
type (
	AccountKind    string
	AccountStatus  string
	ContractStatus string
	DayCount       string
	Role           string
	Plan           string
	Fulfil         string
	LearnerStatus  string
	Renewal        string
	TaxCategory    string
)

// The words themselves.
const (
	Reseller AccountKind = "reseller"
	Customer AccountKind = "customer"

	AccountActive AccountStatus = "active"
	AccountShut   AccountStatus = "closed"

	ContractActive    ContractStatus = "active"
	ContractSuspended ContractStatus = "suspended"
	ContractEnded     ContractStatus = "ended"

	StartOfDay DayCount = "start_of_day"
	EndOfDay   DayCount = "end_of_day"

	Manager Role = "manager"
	Sales   Role = "sales"
	Finance Role = "finance"

	Flexible      Plan = "flexible"
	AnnualMonthly Plan = "annual_monthly"
	AnnualYearly  Plan = "annual_yearly"
	Term          Plan = "term" // not a subscription: licenses for a product term

	FulfilNew   Fulfil = "new"
	FulfilStock Fulfil = "stock"

	LearnerActiveStatus LearnerStatus = "active"
	LearnerLeft         LearnerStatus = "left"

	Renew Renewal = "renew"
	End   Renewal = "end"
)

func (AccountKind) Words() []string    { return []string{"reseller", "customer"} }
func (AccountStatus) Words() []string  { return []string{"active", "closed"} }
func (ContractStatus) Words() []string { return []string{"active", "suspended", "ended"} }
func (DayCount) Words() []string       { return []string{"start_of_day", "end_of_day"} }
func (Role) Words() []string           { return []string{"manager", "sales", "finance"} }
func (Plan) Words() []string           { return []string{"flexible", "annual_monthly", "annual_yearly"} }
func (Fulfil) Words() []string         { return []string{"new", "stock"} }
func (LearnerStatus) Words() []string  { return []string{"active", "left"} }
func (Renewal) Words() []string        { return []string{"renew", "end"} }

// Words of TaxCategory: the VAT category codes of EN 16931.
func (TaxCategory) Words() []string { return []string{"S", "Z", "E", "AE", "K", "G", "O", "L", "M"} }

type (
	// Months is a license term: 1 to 120.
	Months int64
	// Days is a span of days: 0 to 3650.
	Days int64
	// Seats is a number of seats that may be 0: up to 1,000,000.
	Seats int64
)

// Check wants 1 to 120.
func (v Months) Check() string { return checkRange(int64(v), 1, 120) }

// Check wants 0 to 3650.
func (v Days) Check() string { return checkRange(int64(v), 0, 3650) }

// Check wants 0 to 1,000,000.
func (v Seats) Check() string { return checkRange(int64(v), 0, MaxQuantity) }

func checkRange(v, low, high int64) string {
	if v < low || v > high {
		return fmt.Sprintf("%d is not between %d and %d", v, low, high)
	}
	return ""
}

// Delta is how many seats are added or, below 0, removed.
type Delta int64

// Check wants anything but 0.
func (v Delta) Check() string {
	if v == 0 {
		return "must not be 0"
	}
	return checkRange(int64(v), -MaxQuantity, MaxQuantity)
}
