package notify

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/licenseledger/licenseledger/domain"
)

// elements are the elements of a page with their attributes, in order, as a
// browser sees them. How many lines a note has is left out.
func elements(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range root.Descendants() {
		switch {
		case n.Type == html.CommentNode:
			t.Fatalf("a comment: %q", n.Data)
		case n.Type == html.ElementNode && n.Data != "br":
			element := n.Data
			for _, a := range n.Attr {
				element += " " + a.Key + "=" + a.Val
			}
			all = append(all, element)
		}
	}
	return all
}

// unsafe are characters that may be nowhere in what a mail shows.
func unsafe(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// FuzzMail words every mail in every language with any text wherever there is
// some that people choose. The page has the elements of the template and no
// others, and the headers are those of a mail with harmless names.
func FuzzMail(f *testing.F) {
	for i, name := range slices.Sorted(maps.Keys(hostileNames)) {
		f.Add(uint8(i), uint8(i), hostileNames[name], "note: "+hostileNames[name])
	}
	kinds, tongues := slices.Sorted(maps.Keys(samples())), slices.Sorted(maps.Keys(languages))
	f.Fuzz(func(t *testing.T, kind, tongue uint8, name, note string) {
		base := in(languages[tongues[int(tongue)%len(tongues)]], samples()[kinds[int(kind)%len(kinds)]])
		if strings.TrimSpace(cleanNote(note)) == "" {
			note = "note"
		}
		with := func(name, note string) domain.Mail {
			m := hostile(base, name)
			if m.Params.Note != "" {
				m.Params.Note = domain.Note(note)
			}
			return m
		}
		m, plain := with(name, note), with("x", "x")
		rendered, err := Render(m)
		if err != nil {
			t.Fatal(err)
		}
		expected, err := Render(plain)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(rendered.Subject+rendered.Text+rendered.HTML, unsafe) || strings.Contains(rendered.Subject, "\n") || !utf8.ValidString(rendered.Text) {
			t.Fatalf("unsafe characters: %+q", rendered)
		}
		if oneLine(name) != "" { // a fact without a value is not shown
			if got, want := elements(t, rendered.HTML), elements(t, expected.HTML); !slices.Equal(got, want) {
				t.Fatalf("other elements than with harmless names:\n%q\n%q", got, want)
			}
		}
		got, harmless := readBack(t, encode(t, claimed(m))), readBack(t, encode(t, claimed(plain)))
		if got.to.Address != base.Recipient || !reflect.DeepEqual(slices.Sorted(maps.Keys(got.headers)), slices.Sorted(maps.Keys(harmless.headers))) {
			t.Fatalf("%s\nto %v", got.head, got.to)
		}
		for key, values := range got.headers {
			if len(values) != 1 {
				t.Fatalf("%s: %q", key, values)
			}
		}
		if got.text != rendered.Text {
			t.Fatalf("%q is read as %q", rendered.Text, got.text)
		}
	})
}

// FuzzFileName attaches files of any name: it stays in its header, and is no path.
func FuzzFileName(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name)
	}
	f.Add("../../etc/passwd")
	f.Add(`..\..\boot.ini`)
	f.Add("C:evil")
	f.Fuzz(func(t *testing.T, name string) {
		files := []Attachment{{Name: name + "000001.pdf", ContentType: "application/pdf", Content: []byte("%PDF")}}
		got := readBack(t, encodeWith(t, testSender(t), claimed(issued()), files))
		if len(got.files) != 1 || string(got.files[0].Content) != "%PDF" {
			t.Fatalf("%d files in %s", len(got.files), got.head)
		}
		if shown := got.files[0].Name; strings.ContainsAny(shown, `/\`) || strings.ContainsFunc(shown, unsafe) || strings.HasPrefix(shown, ".") || shown == "" {
			t.Fatalf("the file is called %q", shown)
		}
	})
}
