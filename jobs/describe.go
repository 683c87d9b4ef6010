package jobs

import (
	"encoding/json"
	"math"
	"reflect"
	"regexp"
	"strings"
	"time"
)

var quoted = regexp.MustCompile(`^("[^"]*"|-?[0-9]+) `)

// Limits says what values a type of field takes: its words, or what it complains
// about when it is shown nonsense.
func Limits(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		if t.Elem().Kind() == reflect.Struct {
			return ""
		}
		t = t.Elem()
	}
	if w, ok := reflect.Zero(t).Interface().(worded); ok {
		return "one of " + strings.Join(w.Words(), ", ")
	}
	complaint := Complaint(t)
	complaint = quoted.ReplaceAllString(complaint, "")
	for _, verb := range []string{"is not ", "must be "} {
		complaint = strings.TrimPrefix(complaint, verb)
	}
	if allowed, isText := strings.CutSuffix(complaint, " are allowed"); isText {
		_, limit, _ := strings.Cut(allowed, "; ")
		return "up to " + limit + " characters"
	}
	return complaint
}

// Complaint shows a type nonsense.
func Complaint(t reflect.Type) string {
	v := reflect.New(t)
	if t == reflect.TypeFor[time.Time]() {
		return "an instant like 2026-11-30T12:00:00Z"
	}
	if u, ok := v.Interface().(json.Unmarshaler); ok {
		if err := u.UnmarshalJSON([]byte(`"?"`)); err != nil {
			return err.Error()
		}
	}
	switch t.Kind() {
	case reflect.String:
		v.Elem().SetString("?\x00" + strings.Repeat("x", math.MaxInt16))
	case reflect.Int64:
		v.Elem().SetInt(math.MinInt64)
	}
	c, ok := v.Elem().Interface().(checker)
	if !ok {
		return ""
	}
	complaint := c.Check()
	if t.Kind() == reflect.String && strings.HasPrefix(complaint, `"`) { // ids and the like quote it
		v.Elem().SetString("?")
		complaint = c.Check()
	}
	return complaint
}
