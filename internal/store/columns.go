package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// columns turns rows into one array per field, in the order of the fields, for
// statements that write many rows at once with unnest. What is an interface is
// not for tables.
func columns[R any](rows []R) []any {
	fields := reflect.TypeFor[R]().NumField()
	arrays := make([]any, 0, fields+1) // callers have arguments of their own
	for f := range fields {
		if reflect.TypeFor[R]().Field(f).Type.Kind() != reflect.Interface {
			arrays = append(arrays, column(rows, f))
		}
	}
	return arrays
}

func column[R any](rows []R, field int) any {
	of := func(i int) reflect.Value { return reflect.ValueOf(&rows[i]).Elem().Field(field) }
	t := reflect.TypeFor[R]().Field(field).Type
	switch {
	case t == reflect.TypeFor[domain.Date]():
		return gather(len(rows), func(i int) pgtype.Date { return pgDate(of(i).Interface().(domain.Date)) })
	case t == reflect.TypeFor[time.Time]():
		return gather(len(rows), func(i int) time.Time { return of(i).Interface().(time.Time) })
	case t == reflect.TypeFor[*time.Time]():
		return gather(len(rows), func(i int) *time.Time { return of(i).Interface().(*time.Time) })
	case t == reflect.TypeFor[decimal.Decimal]():
		return gather(len(rows), func(i int) decimal.Decimal { return of(i).Interface().(decimal.Decimal) })
	case t == reflect.TypeFor[domain.Price]():
		return gather(len(rows), func(i int) string { return of(i).Interface().(domain.Price).String() })
	case t == reflect.TypeFor[*domain.Price]():
		return gather(len(rows), func(i int) *string { return priceText(of(i).Interface().(*domain.Price)) })
	case t == reflect.TypeFor[*int64]():
		return gather(len(rows), func(i int) *int64 { return of(i).Interface().(*int64) })
	case t.Kind() == reflect.String:
		return gather(len(rows), func(i int) string { return of(i).String() })
	case t.Kind() == reflect.Int64:
		return gather(len(rows), func(i int) int64 { return of(i).Int() })
	case t.Kind() == reflect.Bool:
		return gather(len(rows), func(i int) bool { return of(i).Bool() })
	case t == reflect.TypeFor[[]byte]():
		return gather(len(rows), func(i int) []byte { return of(i).Bytes() })
	}
	return gather(len(rows), func(i int) *string { return jsonText(of(i)) })
}

func gather[V any](n int, at func(int) V) []V {
	values := make([]V, n)
	for i := range values {
		values[i] = at(i)
	}
	return values
}

func priceText(p *domain.Price) *string {
	if p == nil {
		return nil
	}
	s := p.String()
	return &s
}

// jsonText writes nested values as JSON; nothing is NULL.
func jsonText(v reflect.Value) *string {
	if raw, ok := v.Interface().(json.RawMessage); ok {
		if raw == nil {
			return nil
		}
		s := string(raw)
		return &s
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		panic(fmt.Sprintf("a %s cannot be stored: %s", v.Type(), err)) // rows are plain structs
	}
	s := string(b)
	return &s
}

func pgDate(d domain.Date) pgtype.Date {
	if d == 0 {
		return pgtype.Date{}
	}
	y, m, day := d.YMD()
	return pgtype.Date{Time: time.Date(y, m, day, 0, 0, 0, 0, time.UTC), Valid: true}
}

// forEach gives one row after the other, by the names of columns and fields.
func forEach[R any](rows pgx.Rows, take func(R)) error {
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByName[R](rows)
		if err != nil {
			return err
		}
		take(row)
	}
	return rows.Err()
}

// values are the fields of one row as arguments, for tables whose columns hold
// lists and so cannot be unnested.
func values[R any](row R) []any {
	v := reflect.ValueOf(row)
	args := make([]any, v.NumField())
	for f := range args {
		args[f] = value(v.Field(f))
	}
	return args
}

func value(v reflect.Value) any {
	switch v.Interface().(type) {
	case time.Time, *time.Time, decimal.Decimal, *int64, domain.Date:
		return v.Interface()
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Int64 || v.Kind() == reflect.Bool:
		return v.Interface()
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		return gather(v.Len(), func(i int) string { return v.Index(i).String() })
	}
	return *jsonText(v)
}
