package jobs_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/jobs"
)

// Whatever an object holds, it is split where encoding/json splits it.
func TestObjectsAreSplitAsJSONSays(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z"\\\\{}\[\],:\x00-\x1f ]{0,8}`))
	var value *rapid.Generator[any]
	value = rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(
			rapid.Map(text, func(s string) any { return s }),
			rapid.Map(rapid.Int(), func(n int) any { return n }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Map(rapid.SliceOfN(value, 0, 3), func(l []any) any { return l }),
			rapid.Map(rapid.MapOfN(text, value, 0, 3), func(m map[string]any) any { return m }),
		)
	})
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(text, value, 0, 5).Draw(t, "object")
		var raw []byte
		var err error
		if rapid.Bool().Draw(t, "indented") {
			raw, err = json.MarshalIndent(object, " ", "\t")
		} else {
			raw, err = json.Marshal(object)
		}
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]json.RawMessage{}
		for name, value := range jobs.SplitObject(raw) {
			got[name] = value
		}
		if len(got) != len(want) {
			t.Fatalf("%s has %d members, split into %d", raw, len(want), len(got))
		}
		for name, value := range want {
			if string(got[name]) != string(value) {
				t.Fatalf("%q of %s is %s, split off as %s", name, raw, value, got[name])
			}
		}
	})
}

func TestEveryKeyIsSplitOff(t *testing.T) {
	t.Parallel()
	var names []string
	for name := range jobs.SplitObject([]byte(`{"a":1,"b":{"a":2},"a":[{"c":"}"}]}`)) {
		names = append(names, name)
	}
	if len(names) != 3 || names[0] != "a" || names[1] != "b" || names[2] != "a" {
		t.Errorf("%q", names)
	}
}
