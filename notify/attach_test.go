package notify

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"mime"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/internal/store"
)

func invoiceFiles() []Attachment {
	return []Attachment{
		{"NW-000041.pdf", "application/pdf", []byte("%PDF-1.7\r\n\x00\xff\n.\n\r%%EOF\n")},
		{"NW-000041.xml", "application/xml", []byte("<?xml version=\"1.0\"?>\n<Invoice>Zoë</Invoice>\n")},
		{"NW-000041.csv", "text/csv; charset=utf-8", []byte(strings.Repeat("charge,net\n", 20_000))},
	}
}

func TestAttachments(t *testing.T) {
	for _, l := range languages {
		m, s := claimed(in(l, issued())), testSender(t)
		raw := encodeWith(t, s, m, invoiceFiles())
		got := readBack(t, raw)
		if !reflect.DeepEqual(got.files, invoiceFiles()) {
			t.Errorf("%s: %d files: %.200v", l.tag, len(got.files), got.files)
		}
		without := readBack(t, encode(t, m))
		if got.text != without.text || got.html != without.html || got.subject != without.subject {
			t.Errorf("%s: the files changed the words", l.tag)
		}
		if again := encodeWith(t, s, m, invoiceFiles()); !bytes.Equal(raw, again) {
			t.Errorf("%s: the second attempt has other bytes than the first", l.tag)
		}
		if n := strings.Count(string(raw), "multipart/mixed"); n != 1 {
			t.Errorf("%s: %d mixed parts", l.tag, n)
		}
	}
}

// Whatever a file is called and says of itself, nothing else is harmed.
func TestHostileAttachments(t *testing.T) {
	for name, bad := range hostileNames {
		t.Run(name, func(t *testing.T) {
			files := []Attachment{{Name: bad, ContentType: bad, Content: []byte("x")}, {"b.csv", "text/csv", []byte("--" + hashed("x") + "--\r\n")}}
			got := readBack(t, encodeWith(t, testSender(t), claimed(issued()), files))
			if len(got.files) != 2 || string(got.files[0].Content) != "x" || got.files[1].Name != "b.csv" || !bytes.Equal(got.files[1].Content, files[1].Content) {
				t.Errorf("%+v", got.files)
			}
			if _, _, err := mime.ParseMediaType(got.files[0].ContentType); err != nil {
				t.Errorf("a file of the type %q: %v", got.files[0].ContentType, err)
			}
		})
	}
}

const pythonFiles = `
import email, email.policy, json, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
json.dump({"kinds": [p.get_content_type() for p in m.walk()], "defects": [repr(d) for p in m.walk() for d in p.defects],
  "text": m.get_body(("plain",)).get_content(), "html": m.get_body(("html",)).get_content(),
  "files": [[p.get_filename(), p.get_content_type(), p.get_payload(decode=True).hex()] for p in m.iter_attachments()]}, sys.stdout)
`

// pythonFilesRead is a mail as another program understands it.
type pythonFilesRead struct {
	Kinds, Defects []string
	Text, HTML     string
	Files          [][3]string
}

func askPythonForFiles(t *testing.T, raw []byte) (read pythonFilesRead) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is missing")
	}
	command := exec.Command(python, "-c", pythonFiles)
	command.Stdin = bytes.NewReader(raw)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("python: %v", err)
	}
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func (got pythonFilesRead) compare(t *testing.T, want letterRead) {
	t.Helper()
	kinds := []string{"multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf", "application/xml", "text/csv"}
	if !reflect.DeepEqual(got.Kinds, kinds) || len(got.Defects) > 0 {
		t.Errorf("python sees %v, defects %v", got.Kinds, got.Defects)
	}
	if strings.ReplaceAll(got.Text, "\r\n", "\n") != want.text || strings.ReplaceAll(got.HTML, "\r\n", "\n") != want.html {
		t.Error("python reads other words than Go")
	}
	var files [][3]string
	for _, f := range invoiceFiles() {
		kind, _, _ := strings.Cut(f.ContentType, ";")
		files = append(files, [3]string{f.Name, kind, hex.EncodeToString(f.Content)})
	}
	if !reflect.DeepEqual(got.Files, files) {
		t.Errorf("python sees other files: %.300v", got.Files)
	}
}

func TestAttachmentsReadByPython(t *testing.T) {
	raw := encodeWith(t, testSender(t), claimed(issued()), invoiceFiles())
	askPythonForFiles(t, raw).compare(t, readBack(t, raw))
}

// The documents are asked for at every attempt; without them, the mail waits.
func TestDocuments(t *testing.T) {
	t.Parallel()
	w, server := newWorld(t), startServer(t, nil)
	w.add(1, "grace@acme.example")
	s := w.sender("smtp://" + server.address)
	asked := 0
	s.documents = func(_ context.Context, m store.ClaimedMail) ([]Attachment, error) {
		asked++
		if m.ID() != "1-1" || m.Event != assigned().Event {
			t.Errorf("%+v", m)
		}
		if asked == 1 {
			return nil, errors.New("not there yet")
		}
		return invoiceFiles(), nil
	}
	if _, err := s.sendPage(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := w.all()[0]; m.State != store.MailPending || m.Attempts != 1 || m.Error != "reading the documents of mail 1-1: not there yet" || server.sessions != 0 {
		t.Errorf("%+v, %d connections", m, server.sessions)
	}
	stop := w.start(s)
	w.until(store.MailSent)
	stop()
	if got := server.received(); asked != 2 || len(got) != 1 || !reflect.DeepEqual(readBack(t, got[0].raw).files, invoiceFiles()) {
		t.Errorf("asked %d times, received %d", asked, len(got))
	}
}
