package domain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// MaxQuantity is the most licenses or seats of one command.
const MaxQuantity = 1_000_000

var (
	idForm      = spelled("A-Za-z0-9._:/@+-", 128, "must be 1 to 128 of A-Za-z0-9._:/@+-")
	derivedForm = spelled("A-Za-z0-9._:/@+~-", 280, "is not an id of the ledger")
	mailForm    = form{pattern: regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`), longest: 254, wrong: "is not a mail address"}
	countryForm = form{pattern: regexp.MustCompile(`^[A-Z]{2}$`), wrong: "is not a country code of two capital letters"}
	localeForm  = form{pattern: regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`), longest: 35, wrong: "is not a language tag like en or de-AT"}

	nameProse = prose{200, regexp.MustCompile(`[\x00-\x1f\x7f-\x9f]`)}
	noteProse = prose{2000, regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f]`)} // newlines and tabs are allowed
	// notBlank finds what is no space of Unicode.
	notBlank = regexp.MustCompile("[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")

	quantityBounds = bounds{1, MaxQuantity}
	seatBounds     = bounds{0, MaxQuantity}
	deltaBounds    = bounds{-MaxQuantity, MaxQuantity}
	monthBounds    = bounds{1, 120}
	dayBounds      = bounds{0, 3650}
)

// CheckID says what is wrong with an id chosen by upstream.
func CheckID(s string) string { return idForm.check(s) }

func (v SellerID) Check() string       { return idForm.check(string(v)) }
func (v AccountID) Check() string      { return idForm.check(string(v)) }
func (v ProductID) Check() string      { return idForm.check(string(v)) }
func (v ContractID) Check() string     { return idForm.check(string(v)) }
func (v LearnerID) Check() string      { return idForm.check(string(v)) }
func (v SubscriptionID) Check() string { return idForm.check(string(v)) }
func (v DeploymentID) Check() string   { return idForm.check(string(v)) }
func (v LotID) Check() string          { return derivedForm.check(string(v)) }
func (v LicenseID) Check() string      { return derivedForm.check(string(v)) }
func (v OrderID) Check() string        { return derivedForm.check(string(v)) }

func (SellerID) Schema() Schema       { return idForm.schema() }
func (AccountID) Schema() Schema      { return idForm.schema() }
func (ProductID) Schema() Schema      { return idForm.schema() }
func (ContractID) Schema() Schema     { return idForm.schema() }
func (LearnerID) Schema() Schema      { return idForm.schema() }
func (SubscriptionID) Schema() Schema { return idForm.schema() }
func (DeploymentID) Schema() Schema   { return idForm.schema() }
func (LotID) Schema() Schema          { return derivedForm.schema() }
func (LicenseID) Schema() Schema      { return derivedForm.schema() }
func (OrderID) Schema() Schema        { return derivedForm.schema() }

// Check wants an id that is a mail address.
func (v UserID) Check() string {
	if wrong := CheckID(string(v)); wrong != "" {
		return wrong
	}
	return Email(v).Check()
}

func (UserID) Schema() Schema {
	return Schema{"allOf": []Schema{idForm.schema(), mailForm.schema()}}
}

// Check wants 1 to 1,000,000.
func (v Quantity) Check() string { return quantityBounds.check(int64(v)) }
func (Quantity) Schema() Schema  { return quantityBounds.schema() }

// Check wants readable text on one line.
func (v Name) Check() string {
	if !notBlank.MatchString(string(v)) {
		return "must not be empty"
	}
	return nameProse.check(string(v))
}

func (Name) Schema() Schema {
	s := nameProse.schema()
	s["pattern"] = notBlank.String()
	return s
}

// Check wants readable text, with newlines and tabs if need be.
func (v Note) Check() string { return noteProse.check(string(v)) }
func (Note) Schema() Schema  { return noteProse.schema() }

// Check wants a plain address: no display name, no quoting, no comment.
func (v Email) Check() string { return mailForm.check(string(v)) }
func (Email) Schema() Schema  { return mailForm.schema() }

// Check wants two capital letters.
func (v Country) Check() string { return countryForm.check(string(v)) }
func (Country) Schema() Schema  { return countryForm.schema() }

// Check wants a currency that can be invoiced in.
func (v Currency) Check() string {
	if !slices.Contains(currencies, string(v)) {
		return fmt.Sprintf("%s is not an ISO 4217 currency with 0 or 2 minor digits", quote(string(v)))
	}
	return ""
}

func (Currency) Schema() Schema { return Schema{"enum": currencies} }

var currencies = slices.Sorted(strings.FieldsSeq(zeroDigitCurrencies + " " + twoDigitCurrencies))

// Check wants a name of the time zone database.
func (v ZoneName) Check() string {
	if _, err := ZoneNamed(string(v)); err != nil {
		return err.Error()
	}
	return ""
}

// Schema of ZoneName cannot list what the database has, which changes every year.
func (ZoneName) Schema() Schema {
	return Schema{"type": "string", "minLength": 1, "not": Schema{"const": "Local"}}
}

// Check wants a language tag.
func (v Locale) Check() string { return localeForm.check(string(v)) }
func (Locale) Schema() Schema  { return localeForm.schema() }

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
func (v Months) Check() string { return monthBounds.check(int64(v)) }
func (Months) Schema() Schema  { return monthBounds.schema() }

// Check wants 0 to 3650.
func (v Days) Check() string { return dayBounds.check(int64(v)) }
func (Days) Schema() Schema  { return dayBounds.schema() }

// Check wants 0 to 1,000,000.
func (v Seats) Check() string { return seatBounds.check(int64(v)) }
func (Seats) Schema() Schema  { return seatBounds.schema() }

// Delta is how many seats are added or, below 0, removed.
type Delta int64

// Check wants anything but 0.
func (v Delta) Check() string {
	if v == 0 {
		return "must not be 0"
	}
	return deltaBounds.check(int64(v))
}

func (Delta) Schema() Schema {
	s := deltaBounds.schema()
	s["not"] = Schema{"const": 0}
	return s
}
