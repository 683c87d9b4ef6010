package invoices

import (
	"reflect"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// Rename puts a text into every field of an invoice that people choose. It finds
// the fields itself, so that none that comes later is forgotten.
func Rename(i *domain.Invoice, name domain.Name, note domain.Note) {
	rename(reflect.ValueOf(i).Elem(), string(name), string(note))
	i.Number = domain.InvoiceNumber(name, 1)
}

func rename(v reflect.Value, name, note string) {
	switch {
	case v.Type() == reflect.TypeFor[domain.Name]():
		v.SetString(name)
	case v.Type() == reflect.TypeFor[domain.Note]():
		v.SetString(note)
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[decimal.Decimal]():
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				rename(v.Field(i), name, note)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			rename(v.Index(i), name, note)
		}
	}
}
