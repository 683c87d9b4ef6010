package domain

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
)

// Price is an amount per unit as a contract gives it: up to 6 decimals, written
// back with the digits it came with.
type Price struct{ decimal.Decimal }

var (
	pricePattern  = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,6})?$`)
	amountPattern = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,2})?$`)
)

// ParsePrice reads a price.
func ParsePrice(s string) (Price, error) {
	if !pricePattern.MatchString(s) {
		return Price{}, fmt.Errorf("%s is not a price like \"12.50\" (up to 6 decimals, not negative)", quote(s))
	}
	d, err := decimal.NewFromString(s)
	return Price{d}, err
}

func (p Price) String() string { return p.StringFixed(max(0, -p.Exponent())) }

// MarshalJSON writes the price as a string.
func (p Price) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// UnmarshalJSON reads a string or a number.
func (p *Price) UnmarshalJSON(b []byte) error {
	parsed, err := ParsePrice(digits(b))
	*p = parsed
	return err
}

// digits is what a JSON string holds, or a JSON number as it is written.
func digits(b []byte) string {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return string(b)
	}
	return s
}

// Schema of a Price takes a number too, but cannot say how it is written: in
// digits, with up to 6 decimals.
func (Price) Schema() Schema {
	return Schema{"anyOf": []Schema{
		{"type": "string", "pattern": pricePattern.String()},
		{"type": "number", "minimum": 0, "exclusiveMaximum": beyondDigits},
	}}
}

// beyondDigits is the first number with more than 12 digits.
const beyondDigits = 1_000_000_000_000

// Scan reads a price from a database's text, so that its digits stay as the contract gave them.
func (p *Price) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("a price cannot be read from %T", src)
	}
	d, err := decimal.NewFromString(s)
	p.Decimal = d
	return err
}

// Canonical is the price without trailing zeros: 120.0 and 120.00 are the same content.
func (p Price) Canonical() any { return p.Decimal.String() }

// Rate is a percentage.
type Rate struct{ Price }

// Check wants 0 to 100.
func (r Rate) Check() string {
	if r.GreaterThan(decimal.NewFromInt(100)) {
		return fmt.Sprintf("%s is not a percentage between 0 and 100", r.Price)
	}
	return ""
}

// Schema of a Rate: a Price of 100 at most, which has 12 digits at most.
func (Rate) Schema() Schema {
	return Schema{"anyOf": []Schema{
		{"type": "string", "pattern": `^(0{0,10}[0-9]{1,2}(\.[0-9]{1,6})?|0{0,9}100(\.0{1,6})?)$`},
		{"type": "number", "minimum": 0, "maximum": 100},
	}}
}

// Amount is signed money as upstream writes it.
type Amount struct{ decimal.Decimal }

// MarshalJSON writes the amount as a string.
func (a Amount) MarshalJSON() ([]byte, error) {
	return json.Marshal(a.StringFixed(max(0, -a.Exponent())))
}

// UnmarshalJSON reads a string or a number, not 0.
func (a *Amount) UnmarshalJSON(b []byte) error {
	s := digits(b)
	if !amountPattern.MatchString(s) {
		return fmt.Errorf("%s is not an amount like \"-12.50\"", quote(s))
	}
	d, err := decimal.NewFromString(s)
	if err == nil && d.IsZero() {
		return fmt.Errorf("must not be 0")
	}
	a.Decimal = d
	return err
}

// Schema of an Amount, like that of a Price, cannot say how a number is written.
func (Amount) Schema() Schema {
	return Schema{"anyOf": []Schema{
		{"type": "string", "pattern": amountPattern.String(), "not": Schema{"pattern": `^-?0+(\.0+)?$`}},
		{"type": "number", "exclusiveMinimum": -beyondDigits, "exclusiveMaximum": beyondDigits, "not": Schema{"const": 0}},
	}}
}

// Canonical is the amount without trailing zeros.
func (a Amount) Canonical() any { return a.Decimal.String() }

// MinorDigits is how many decimals amounts of a currency have.
func MinorDigits(currency string) int32 {
	if strings.Contains(zeroDigitCurrencies, currency) {
		return 0
	}
	return 2
}

// Round rounds an exact amount once, half away from zero, to the currency's minor unit.
func Round(exact decimal.Decimal, currency string) decimal.Decimal {
	return exact.Round(MinorDigits(currency))
}

// RoundFraction rounds an exact numerator over a whole denominator once, half
// away from zero: the quotient itself is never rounded first.
func RoundFraction(numerator decimal.Decimal, denominator int64, currency string) decimal.Decimal {
	return numerator.DivRound(decimal.NewFromInt(denominator), MinorDigits(currency))
}

// Money writes an amount with exactly the currency's minor digits.
func Money(amount decimal.Decimal, currency string) string {
	return amount.StringFixed(MinorDigits(currency))
}

// ISO 4217 currencies by minor digits. Those with three or four digits are not invoiced in.
const (
	zeroDigitCurrencies = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
	twoDigitCurrencies  = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD " +
		"CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL " +
		"HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR " +
		"MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD " +
		"SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)
