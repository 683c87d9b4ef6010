package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestSources(t *testing.T) {
	l := newLedger(t)
	l.fill()
	buy := func(id string) string {
		return `{"id":"` + id + `","kind":"stock.purchase","source":"portal","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro","quantity":1}}`
	}
	is := func(what string, code, want int, out, errs string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(out+errs, word) {
				t.Errorf("%s does not say %q:\n%s%s", what, word, out, errs)
			}
		}
		if code != want {
			t.Errorf("%s: exit %d, want %d\n%s%s", what, code, want, out, errs)
		}
	}
	code, key, errs := l.enqueue("", "source", "add", "portal", "--scope", "business", "--scope", "catalog", "--account", "northwind")
	is("add", code, 0, "", errs, "k1", "not shown again")
	key = strings.TrimSpace(key)
	t.Setenv("SOURCE_KEY", "")
	code, out, errs := l.enqueue(buy("1"), "run", "-")
	is("unsigned, not waiting", code, exitRejected, out, errs, "signature_invalid", "accepted 0")
	code, out, errs = l.enqueue(buy("1"), "run", "--via", "redis", "-")
	is("unsigned, by Redis", code, 0, out, errs, "queued 1")
	code, out, errs = l.enqueue("", "show", "outcome", "1", "--source", "portal")
	is("what was refused", code, 0, out, errs, `"status":"rejected"`, "signature_invalid")
	code, out, errs = l.enqueue(buy("1"), "preview", "-")
	is("a preview", code, exitRejected, out, errs, "signature_invalid")

	t.Setenv("SOURCE_KEY", key)
	code, out, errs = l.enqueue(buy("1"), "run", "--wait", "-")
	is("signed", code, 0, out, errs, `"applied"`)
	code, out, errs = l.enqueue(buy("2"), "run", "--via", "redis", "-")
	is("signed, by Redis", code, 0, out, errs, "queued 1")
	for until := time.Now().Add(20 * time.Second); !strings.Contains(out, `"applied"`) && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		_, out, errs = l.enqueue("", "show", "outcome", "2", "--source", "portal")
	}
	is("signed, by Redis", 0, 0, out, errs, `"applied"`)
	code, out, errs = l.enqueue("", "stock.purchase", "--id", "3", "--source", "portal", "--actor", "ada@northwind.example",
		"--contract", "C-1", "--account", "northwind", "--product", "pro", "--quantity", "1", "--source-key", key)
	is("a single command", code, 0, out, errs, `"applied"`)

	code, second, errs := l.enqueue("", "source", "rotate", "portal", "--json")
	is("rotate", code, 0, second, errs, `"key":"k2"`, `"source_key":"portal:k2:`)
	for what, args := range map[string][]string{
		"a third key": {"source", "rotate", "portal"}, "the same again": {"source", "add", "portal"}, "nobody": {"source", "rotate", "nobody"},
		"a key that is not there": {"source", "revoke", "portal", "k9"}, "a scope that is none": {"source", "add", "x", "--scope", "everything"},
		"a name that is none": {"source", "add", "a b"}, "waiting by Redis": {"run", "--via", "redis", "--wait", "-"},
	} {
		code, out, errs = l.enqueue(buy("9"), args...)
		is(what, code, exitInvalid, out, errs)
	}
	code, out, errs = l.enqueue("", "source", "revoke", "portal", "k1")
	is("revoke", code, 0, out, errs, "revoked")
	code, out, errs = l.enqueue(buy("4"), "run", "--wait", "-")
	is("with a revoked key", code, exitRejected, out, errs, "signature_invalid")

	code, out, errs = l.enqueue("", "source", "list", "--json")
	var list []struct {
		Source, Account string
		Scopes          []string
		Keys            []struct{ Key, RevokedAt *string }
	}
	check(t, json.Unmarshal([]byte(out), &list))
	is("list", code, 0, out, errs, `"revoked_at":null`)
	if len(list) != 1 || list[0].Source != "portal" || list[0].Account != "northwind" || len(list[0].Scopes) != 2 || len(list[0].Keys) != 2 {
		t.Errorf("%s", out)
	}
	if secret := key[strings.LastIndex(key, ":")+1:]; strings.Contains(out, secret) {
		t.Error("the list shows a secret")
	}
	t.Setenv("SOURCE_KEY", "portal:k1:short")
	code, out, errs = l.enqueue(buy("5"), "run", "-")
	is("a key that is none", code, exitInvalid, out, errs, "SOURCE_KEY")
	if strings.Contains(errs, "short") {
		t.Errorf("what should be a key is shown: %s", errs)
	}
}
