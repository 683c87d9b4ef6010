package jobs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// examples are commands as upstreams write them, to begin with.
func examples(f *testing.F) [][]byte {
	f.Helper()
	files, err := filepath.Glob("../examples/*.ndjson")
	check(f, err)
	var all [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(f, err)
		all = append(all, bytes.Split(bytes.TrimSpace(text), []byte("\n"))...)
	}
	payloads, err := filepath.Glob("testdata/payloads/*.ndjson")
	check(f, err)
	for _, file := range payloads {
		text, err := os.ReadFile(file)
		check(f, err)
		for line := range bytes.Lines(text) {
			var p payload
			check(f, json.Unmarshal(line, &p))
			all = append(all, p.Command)
		}
	}
	return all
}

// longestMessage bounds what is said about a command: bad input must not come
// back many times as long.
const longestMessage = 64 << 10

// FuzzCommand decodes any bytes as a command. What is taken means the same when
// it is read again as the journal keeps it, and is taken by the schema; what the
// schema takes is taken.
func FuzzCommand(f *testing.F) {
	for _, line := range examples(f) {
		f.Add(line)
	}
	schemas := compiled(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		c, problems := jobs.Parse(line)
		said := problems.Error()
		if len(said) > longestMessage || !utf8.ValidString(said) || strings.ContainsRune(said, 0) {
			t.Fatalf("%d bytes are said: %.200q", len(said), said)
		}
		if len(problems) == 0 {
			keepsItsMeaning(t, c, line)
			if err := conforms(schemas[c.Kind], line); err != nil {
				t.Fatalf("the schema of %s refuses what the decoder takes: %s\n%v", c.Kind, line, err)
			}
		}
		var read tree
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if len(line) > jobs.MaxCommandBytes || !json.Valid(line) || decoder.Decode(&read.value) != nil {
			return
		}
		if schema := read.text("kind"); schemas[schema] != nil && schema != "command" {
			(&agreement{schemas: schemas}).on(t, read, schema)
		}
	})
}

func keepsItsMeaning(t *testing.T, c jobs.Command, line []byte) {
	t.Helper()
	body, hash := c.Stored()
	for _, replay := range []jobs.Command{
		{ID: c.ID, Kind: c.Kind, Source: c.Source, Actor: c.Actor, OnBehalfOf: c.OnBehalfOf, Preview: c.Preview, Body: body},
		{ID: c.ID, Kind: c.Kind, Source: c.Source, Actor: c.Actor, OnBehalfOf: c.OnBehalfOf, Preview: c.Preview, Body: c.Body},
	} {
		if problems := replay.Check(); len(problems) > 0 {
			t.Fatalf("%s\nis kept as\n%s\nwhich is refused: %v", line, body, problems)
		}
		again, sameHash := replay.Stored()
		if !bytes.Equal(body, again) || !bytes.Equal(hash, sameHash) {
			t.Fatalf("%s\nis kept as\n%s\nand then as\n%s", line, body, again)
		}
	}
	row := store.JournalRow{ID: c.ID, Source: c.Source, Kind: c.Kind, Actor: string(c.Actor), OnBehalfOf: string(c.OnBehalfOf), Preview: c.Preview, Body: body}
	if read := jobs.Envelope(row); read.Invalid != "" {
		t.Fatalf("%s\nis kept as\n%s\nwhich is %s", line, body, read.Invalid)
	}
}

// FuzzTask reads any payload as one that carries commands, whoever has signed it.
func FuzzTask(f *testing.F) {
	all := examples(f)
	for i := 0; i+3 < len(all); i += 3 {
		f.Add(bytes.Join(all[i:i+3], []byte("\n")), "default", i%2 == 0)
	}
	f.Add([]byte("\n\n"), "portal", false)
	f.Add([]byte("[1,2,3]"), "portal", true)
	f.Fuzz(func(t *testing.T, payload []byte, source string, broken bool) {
		if seqs, ok := jobs.Rung(payload); ok && len(seqs) > len(payload) {
			t.Fatalf("%d rows of %q", len(seqs), payload)
		}
		if broken && domain.CheckID(source) != "" {
			return // only a source that is known can have keys
		}
		got := jobs.Unload(payload, "0198-task", source, "k1", broken)
		lines := jobs.Unpack(payload)
		if n := len(got.Signed) + len(got.Unsigned) + len(got.Refused); n != max(1, len(lines)) && n < jobs.MostUnreadable {
			t.Fatalf("%d lines became %d", len(lines), n)
		}
		if broken && len(got.Signed)+len(got.Unsigned) > 0 {
			t.Fatal("a broken seal lets commands through")
		}
		for _, n := range got.Signed {
			if n.Source != source || n.KeyID != "k1" {
				t.Fatalf("%s of source %s counts as signed by %s", n.ID, n.Source, source)
			}
		}
		for _, n := range got.Unsigned {
			if n.Source == source || n.KeyID != "" {
				t.Fatalf("%s of source %s counts as unsigned", n.ID, n.Source)
			}
		}
		for i, n := range got.Refused {
			detail := got.Details[i]
			if domain.CheckID(n.ID) != "" || domain.CheckID(n.Source) != "" || n.Actor != "" && domain.UserID(n.Actor).Check() != "" {
				t.Fatalf("refused as %q of %q by %q", n.ID, n.Source, n.Actor)
			}
			if len(detail) > longestMessage || !utf8.ValidString(detail) || strings.ContainsRune(detail, 0) {
				t.Fatalf("refused because: %.200q", detail)
			}
		}
	})
}

// FuzzKeys reads any text as keys. What is wrong is said without showing a secret.
func FuzzKeys(f *testing.F) {
	f.Add("portal:k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
	f.Add("portal:k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8, eu:shop:k2:ISEhISEhISEhISEhISEhISEhISEhISEhISEhISEhISE")
	f.Add("portal:k1:secret")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := jobs.ParseKeys(text)
		if err != nil {
			for word := range strings.SplitSeq(text, ",") {
				secret := word[strings.LastIndexByte(word, ':')+1:]
				if len(secret) > 20 && strings.Contains(err.Error(), secret) {
					t.Fatalf("%q is said about %q", err, text)
				}
			}
			return
		}
		for source, key := range keys {
			if domain.CheckID(source) != "" || domain.CheckID(key.ID) != "" || !slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == ',' }), key.ID) {
				t.Fatalf("%q has the key %q of %q", text, key.ID, source)
			}
		}
	})
}
