package model

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// Dump is a table as text, a line a row, so that two ledgers can be compared and
// a difference can be read.
type Dump struct {
	Name string
	Rows []string
}

// Tables dumps every table and every fact.
func (l *Ledger) Tables() []Dump {
	var dumps []Dump
	for _, t := range l.tables {
		dumps = append(dumps, t.dump())
	}
	return append(dumps,
		Rows("movements", l.Movements), Rows("seat_changes", l.SeatChanges), Rows("charges", l.Charges), Rows("history", l.History),
		Rows("mail", l.Mail), Rows("outcomes", l.Outcomes))
}

func (t *binding[K, R]) dump() Dump {
	rows := make([]R, 0, len(t.rows))
	for _, row := range t.rows {
		rows = append(rows, row)
	}
	return Rows(t.name, rows)
}

// Rows dumps the rows of a table in the order of their text.
func Rows[R any](name string, rows []R) Dump {
	d := Dump{Name: name, Rows: make([]string, len(rows))}
	for i, row := range rows {
		d.Rows[i] = Line(row)
	}
	slices.Sort(d.Rows)
	return d
}

// Line writes a row as field=value, without empty fields, alike for a row that
// was made in memory and one that was read back.
func Line(row any) string {
	v := reflect.ValueOf(row)
	var fields []string
	for i := range v.NumField() {
		if text := Text(v.Field(i).Interface()); text != "" {
			fields = append(fields, v.Type().Field(i).Name+"="+text)
		}
	}
	return strings.Join(fields, " ")
}

// Text writes one value.
func Text(value any) string {
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
	case decimal.Decimal:
		return v.Rat().RatString()
	case domain.Date:
		return v.String()
	case json.RawMessage:
		return string(v)
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return Text(v.Elem().Interface())
	case reflect.String:
		return strings.ReplaceAll(v.String(), "\n", `\n`)
	case reflect.Int64:
		return fmt.Sprint(v.Int())
	case reflect.Bool:
		if v.Bool() {
			return "true"
		}
		return ""
	}
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // rows are plain structs
	}
	if text := string(b); text != "null" && text != "[]" && text != "{}" {
		return text
	}
	return ""
}

// Differences compares two dumps table by table, and shows the first rows that
// only one of them has.
func Differences(nameA string, a []Dump, nameB string, b []Dump) string {
	var text strings.Builder
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i].Name != b[i].Name {
			return "the two do not have the same tables"
		}
		onlyA, onlyB := without(a[i].Rows, b[i].Rows), without(b[i].Rows, a[i].Rows)
		if len(onlyA)+len(onlyB) == 0 {
			continue
		}
		fmt.Fprintf(&text, "%s: %d rows only in %s, %d only in %s\n", a[i].Name, len(onlyA), nameA, len(onlyB), nameB)
		const shown = 5
		for _, row := range onlyA[:min(shown, len(onlyA))] {
			fmt.Fprintf(&text, "  %s: %s\n", nameA, row)
		}
		for _, row := range onlyB[:min(shown, len(onlyB))] {
			fmt.Fprintf(&text, "  %s: %s\n", nameB, row)
		}
	}
	return text.String()
}

// without subtracts sorted rows from sorted rows, one for one.
func without(rows, others []string) []string {
	var left []string
	for len(rows) > 0 {
		switch {
		case len(others) == 0 || rows[0] < others[0]:
			left, rows = append(left, rows[0]), rows[1:]
		case rows[0] > others[0]:
			others = others[1:]
		default:
			rows, others = rows[1:], others[1:]
		}
	}
	return left
}
