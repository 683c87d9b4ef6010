package notify

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

func encode(t *testing.T, m store.ClaimedMail) []byte {
	t.Helper()
	return encodeWith(t, testSender(t), m, nil)
}

func encodeWith(t *testing.T, s sender, m store.ClaimedMail, attachments []Attachment) []byte {
	t.Helper()
	msg, err := s.message(m, attachments)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// letterRead is a mail as its reader's program understands it.
type letterRead struct {
	head       string // as it stands
	headers    mail.Header
	subject    string
	to         *mail.Address
	text, html string
	files      []Attachment
}

func readBack(t *testing.T, raw []byte) letterRead {
	t.Helper()
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line that mail servers refuse: %q", line)
		}
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	got := letterRead{head: strings.ReplaceAll(string(head), "\r\n", "\n"), headers: msg.Header}
	if got.subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	to, err := msg.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("To: %v, %v", to, err)
	}
	got.to = to[0]
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if kind == "multipart/mixed" {
		parts := multipart.NewReader(msg.Body, params["boundary"])
		body, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		got.readAlternative(t, body.Header.Get("Content-Type"), body)
		got.readFiles(t, parts)
		return got
	}
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	got.readAlternative(t, msg.Header.Get("Content-Type"), msg.Body)
	return got
}

func (l *letterRead) readFiles(t *testing.T, parts *multipart.Reader) {
	t.Helper()
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		disposition, _, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil || disposition != "attachment" || part.Header.Get("Content-Transfer-Encoding") != "base64" {
			t.Errorf("a file %v: %v", part.Header, err)
		}
		content, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		l.files = append(l.files, Attachment{Name: part.FileName(), ContentType: part.Header.Get("Content-Type"), Content: content})
	}
}

func (l *letterRead) readAlternative(t *testing.T, contentType string, content io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s: %v", kind, err)
	}
	parts := multipart.NewReader(content, params["boundary"])
	for i, want := range []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if got := part.Header.Get("Content-Type"); got != want {
			t.Errorf("part %d is %s", i, got)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		*[]*string{&l.text, &l.html}[i] = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("after the second part: %v", err)
	}
}

func (l letterRead) golden() string {
	return fmt.Sprintf("%s\n\n--- text\n%s\n--- html\n%s", l.head, l.text, l.html)
}

var hostileNames = map[string]string{
	"quotes":         `"Ada" O'Neil, <x@y.example>; \`,
	"script":         `<script>alert(1)</script>`,
	"attribute":      `" onmouseover="alert(1)" x="`,
	"template":       `{{.Lead}}${7*7}`,
	"message":        "{account}{one|several}{what}",
	"line break":     "Acme\r\nBcc: eve@evil.example\r\n\r\nbody",
	"other breaks":   "Acme\u2028Bcc: eve@evil.example\u2029\u0085\v\fX",
	"encoded word":   "=?utf-8?q?=0D=0ABcc:_eve@evil.example?=",
	"emoji":          "Zoë 👩\u200D👩\u200D👧 & 🇩🇪 GmbH",
	"direction":      "\u202Eevil\u202C\u2066x\u2069\u200Fשלום مرحبا",
	"long":           strings.Repeat("x", 200),
	"long words":     strings.Repeat("word \"quoted\" ", 15),
	"long emoji":     strings.Repeat("👩\u200D👧", 66),
	"broken UTF-8":   "a\xff\xfeb",
	"NUL":            "a\x00b",
	"dot":            ".",
	"many spaces":    "a" + strings.Repeat(" ", 190) + "b",
	"dash line":      "--" + strings.Repeat("0", 32) + "--",
	"combined marks": "Z" + strings.Repeat("\u0310", 199),
}

// hostile puts a text wherever a mail has one that people chose.
func hostile(base domain.Mail, s string) domain.Mail {
	base.Name = domain.Name(s)
	params := cleanParams(base.Params, func(s string) string { return s }) // a copy
	chosen(reflect.ValueOf(&params).Elem(), s)
	base.Params = params
	return base
}

func chosen(v reflect.Value, s string) {
	switch {
	case v.Type() == reflect.TypeFor[domain.Name]() && v.String() != "":
		v.SetString(s)
	case v.Type() == reflect.TypeFor[domain.Note]() && v.String() != "":
		v.SetString(s + "\n.\n" + s + "\r\n.\r\n")
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			chosen(v.Field(i), s)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			chosen(v.Index(i), s)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		chosen(v.Elem(), s)
	}
}

// TestHostileNames puts each name into each mail, in one language after the other.
func TestHostileNames(t *testing.T) {
	names := slices.Sorted(maps.Keys(hostileNames))
	for turn, tag := range slices.Sorted(maps.Keys(languages)) {
		l := languages[tag]
		t.Run(tag, func(t *testing.T) {
			var raws [][]byte
			var reads []letterRead
			mails := samples()
			for m, variant := range slices.Sorted(maps.Keys(mails)) {
				base := in(l, mails[variant])
				harmless := readBack(t, encode(t, claimed(hostile(base, "x"))))
				for n, name := range names {
					if (m+n)%len(languages) != turn {
						continue
					}
					bad := hostileNames[name]
					t.Run(variant+"/"+name, func(t *testing.T) {
						raw := encode(t, claimed(hostile(base, bad)))
						got := readBack(t, raw)
						got.withstands(t, base, bad, harmless)
						raws, reads = append(raws, raw), append(reads, got)
					})
				}
			}
			if python, err := exec.LookPath("python3"); err == nil {
				askPython(t, python, raws, reads)
			} else {
				t.Log("python3 is missing: read back by Go alone")
			}
		})
	}
}

// withstands compares a mail with hostile names to the same with harmless ones.
func (l letterRead) withstands(t *testing.T, base domain.Mail, bad string, harmless letterRead) {
	t.Helper()
	if len(l.headers) != len(harmless.headers) {
		t.Errorf("headers: %v", l.headers)
	}
	for key, values := range l.headers {
		if len(values) != 1 {
			t.Errorf("%s: %q", key, values)
		}
	}
	if l.to.Address != base.Recipient || l.to.Name != oneLine(bad) {
		t.Errorf("To: %+q <%s>", l.to.Name, l.to.Address)
	}
	if n := utf8.RuneCountInString(l.subject); n > maxSubject || strings.ContainsAny(l.subject, "\r\n\u202A\u202B\u202D\u202E\u2066\u2067\u2068\u2028\u2029") {
		t.Errorf("subject of %d characters: %+q", n, l.subject)
	}
	// Whatever the names are, what happened is still said.
	subject := speak(base.Locale).words[kindOf(base.Event, base.Params)].subject
	for _, words := range braces.Split(string(subject), -1) {
		if !strings.Contains(l.subject, strings.TrimSpace(words)) {
			t.Errorf("%q is missing in the subject %+q", words, l.subject)
		}
	}
	for _, tag := range []string{"<script", "onmouseover=\"", "<x@y"} {
		if strings.Contains(l.html, tag) {
			t.Errorf("%s in HTML", tag)
		}
	}
	if base.Params.Note != "" {
		harmless = harmlessLike(t, base, bad)
	}
	if a, b := strings.Count(l.html, "<"), strings.Count(harmless.html, "<"); a != b {
		t.Errorf("%d tags, should be %d", a, b)
	}
}

// harmlessLike is the mail with as many lines and nothing to fear in it.
func harmlessLike(t *testing.T, base domain.Mail, bad string) letterRead {
	t.Helper()
	shape := hostile(base, "x")
	lines := strings.Split(string(cleanParams(hostile(base, bad).Params, oneLine).Note), "\n")
	shape.Params.Note = domain.Note(strings.TrimSuffix(strings.Repeat("x\n", len(lines)), "\n"))
	return readBack(t, encode(t, claimed(shape)))
}

const pythonReader = `
import base64, email, email.policy, json, sys
read = []
for raw in json.load(sys.stdin):
    m = email.message_from_bytes(base64.b64decode(raw), policy=email.policy.default)
    text, html = m.get_body(("plain",)), m.get_body(("html",))
    read.append({"headers": len(m.keys()), "subject": m["subject"], "to": [[a.display_name, a.addr_spec] for a in m["to"].addresses],
      "defects": [repr(d) for p in m.walk() for d in p.defects], "parts": len(list(m.iter_parts())),
      "text": text.get_content(), "html": html.get_content()})
json.dump(read, sys.stdout)
`

func askPython(t *testing.T, python string, raws [][]byte, reads []letterRead) {
	t.Helper()
	input, err := json.Marshal(raws)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python, "-c", pythonReader)
	command.Stdin = bytes.NewReader(input)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("python: %v", err)
	}
	var answers []pythonRead
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(reads) {
		t.Fatalf("python read %d of %d: %v", len(answers), len(reads), err)
	}
	for i, got := range answers {
		got.compare(t, reads[i])
	}
}

type pythonRead struct {
	Headers, Parts      int
	Subject, Text, HTML string
	To                  [][2]string
	Defects             []string
}

func (got pythonRead) compare(t *testing.T, want letterRead) {
	t.Helper()
	if got.Headers != len(want.headers) || got.Parts != 2 || len(got.Defects) > 0 {
		t.Errorf("python sees %d headers, %d parts, defects %v", got.Headers, got.Parts, got.Defects)
	}
	if got.Subject != want.subject {
		t.Errorf("python reads the subject as %+q, Go as %+q", got.Subject, want.subject)
	}
	// Python shows the folds between the encoded words of a name as spaces.
	solid := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	if len(got.To) != 1 || solid(got.To[0][0]) != solid(want.to.Name) || got.To[0][1] != want.to.Address {
		t.Errorf("python reads To as %+q, Go as %+q", got.To, want.to.Name)
	}
	if plain := strings.ReplaceAll(got.Text, "\r\n", "\n"); plain != want.text {
		t.Errorf("python reads the text as %q, Go as %q", plain, want.text)
	}
	if html := strings.ReplaceAll(got.HTML, "\r\n", "\n"); html != want.html {
		t.Error("python reads other HTML than Go")
	}
}
