package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// readMails is Python's own reader of mail: subject, and the name, type and first
// bytes of every file that is attached.
const readMails = `
import email, email.policy, glob, sys
for name in sorted(glob.glob(sys.argv[1] + "/*.eml")):
    m = email.message_from_binary_file(open(name, "rb"), policy=email.policy.default)
    files = [f"{a.get_filename()} {a.get_content_type()} {a.get_payload(decode=True)[:5]!r}" for a in m.iter_attachments()]
    print(m["To"], "|", m["Subject"], "|", ", ".join(files))
`

func (s *stack) mails(about string) (found []string) {
	s.t.Helper()
	for range 100 {
		out, err := exec.Command("python3", "-c", readMails, filepath.Join(s.dir, "data", "mail")).CombinedOutput()
		if err != nil {
			s.t.Fatalf("reading the mails: %s", out)
		}
		found = nil
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, about) {
				found = append(found, strings.TrimSpace(line))
			}
		}
		if len(found) > 0 {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

// run has commands applied one after the other.
func (s *stack) run(lines string) {
	s.t.Helper()
	if code, out, errs := s.enqueue(lines, "run", "--serial", "-"); code != 0 {
		s.t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
}

// TestAnInvoiceArrives: what is bought in a month is invoiced when it is over, and
// the files of the mail are those that enqueue gives.
func TestAnInvoiceArrives(t *testing.T) {
	t.Parallel()
	s := newStack(t, "--test-clock")
	s.run(`{"id":"c-0","kind":"clock.advance","body":{"to":"2026-03-02T09:00:00Z"}}`)
	s.catalog()
	s.run(`{"id":"p","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":100}}
		{"id":"c-1","kind":"clock.advance","body":{"to":"2026-04-02T00:00:00Z"}}`)
	const number = "LUM-000001"
	for format, begin := range map[string]string{"pdf": "%PDF-", "xml": "<?xml", "csv": "number,", "json": `{"number":"` + number} {
		file := filepath.Join(s.dir, "invoice."+format)
		if code, _, errs := s.enqueue("", "invoice", number, "--format", format, "-o", file); code != 0 {
			t.Fatalf("%s: exit %d %s", format, code, errs)
		}
		content, err := os.ReadFile(file)
		check(t, err)
		if !strings.HasPrefix(string(content), begin) {
			t.Errorf("%s begins with %.20q", format, content)
		}
	}
	want := "| Invoice " + number + " for March 2026: EUR 14,760.00, due on 1 May 2026 | " +
		number + ".pdf application/pdf b'%PDF-', " + number + ".xml application/xml b'<?xml', " + number + ".csv text/csv b'numbe'"
	mails := s.mails("Invoice " + number)
	if len(mails) != 1 || !strings.HasSuffix(mails[0], want) {
		t.Fatalf("got %q, want %q", mails, want)
	}
	code, out, errs := s.enqueue("", "show", "mail", "--json")
	if code != 0 {
		t.Fatal(errs)
	}
	before, _, _ := strings.Cut(out, `"event":"invoice.issued"`)
	id := before[strings.LastIndex(before, `"id":"`)+len(`"id":"`):]
	id, _, _ = strings.Cut(id, `"`)
	if code, _, errs := s.enqueue("", "mail", "resend", id, "--to", "auditor@northwind.example"); code != 0 {
		t.Fatal(errs)
	}
	if again := s.mails("auditor@northwind.example"); len(again) != 1 || !strings.HasSuffix(again[0], want) {
		t.Errorf("sent again: %q", again)
	}
	s.verify()
}
