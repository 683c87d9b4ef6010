package domain

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Date is a local calendar day: 1 is 1 January of the year 1, 0 is no date.
type Date int32

var dayOne = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// NewDate returns the day; out-of-range months and days are normalised as by time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/86400-dayOne.Unix()/86400) + 1 //nolint:gosec // fits for some five million years
}

// DateIn returns the local date of an instant in a zone.
func DateIn(at time.Time, zone *time.Location) Date { return NewDate(at.In(zone).Date()) }

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() == 0 {
		return 0, fmt.Errorf("%s is not a date like 2026-11-30", quote(s))
	}
	return NewDate(t.Date()), nil
}

func (d Date) utc() time.Time { return dayOne.AddDate(0, 0, int(d)-1) }

// YMD returns year, month and day.
func (d Date) YMD() (int, time.Month, int) { return d.utc().Date() }

func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// FirstOfMonth returns the first day of the date's month.
func (d Date) FirstOfMonth() Date {
	y, m, _ := d.YMD()
	return NewDate(y, m, 1)
}

// AddMonths returns the same day n months later, clamped to the last day of a
// shorter month. Count from the original date, never step by step: 31 January
// + 1 + 1 would be 28 March.
func (d Date) AddMonths(n int64) Date {
	y, m, day := d.YMD()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(day, last))
}

// StartIn returns the first instant that has this local date: midnight, or later
// where a daylight-saving change leaves midnight out.
func (d Date) StartIn(zone *time.Location) time.Time {
	y, m, day := d.YMD()
	at := time.Date(y, m, day, 0, 0, 0, 0, zone)
	switch got := DateIn(at, zone); {
	case got < d: // midnight does not exist and Go chose the offset before it
		_, change := at.ZoneBounds()
		return change
	case DateIn(at.Add(-time.Second), zone) == d: // midnight happens twice, or Go chose the later offset
		start, _ := at.ZoneBounds()
		if !start.IsZero() && DateIn(start, zone) == d && start.Before(at) {
			return start
		}
		return at.Add(-time.Hour)
	}
	return at
}

// MarshalJSON writes "YYYY-MM-DD", or null for no date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("must be a date like \"2026-11-30\"")
	}
	*d = 0
	if s == nil {
		return nil
	}
	parsed, err := ParseDate(*s)
	*d = parsed
	return err
}

// Schema of a Date: the pattern is for readers that do not know the format.
func (Date) Schema() Schema {
	return Schema{
		"type": "string", "format": "date", "pattern": `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`,
		"not": Schema{"pattern": "^0000"},
	}
}

// Value gives the date to a database; no date is NULL.
func (d Date) Value() (driver.Value, error) {
	if d == 0 {
		return nil, nil
	}
	return d.utc(), nil
}

// Scan reads a date from a database; NULL is no date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = 0
	case time.Time:
		*d = NewDate(v.Date())
	default:
		return fmt.Errorf("a date cannot be read from %T", src)
	}
	return nil
}

var zones sync.Map // name → *time.Location: time.LoadLocation reads files

// ZoneNamed returns an IANA time zone.
func ZoneNamed(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%s is not a time zone like Europe/Berlin", quote(name))
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%s is not a time zone like Europe/Berlin", quote(name))
	}
	zones.Store(name, zone)
	return zone, nil
}
