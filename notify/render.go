package notify

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
)

// Rendered is what a recipient reads.
type Rendered struct {
	Subject string
	Text    string
	HTML    string
}

// letter is a mail before its layout: words without any markup.
type letter struct {
	badge    string // what happened, in a word or two
	greeting string
	lead     string // what happened
	facts    []fact
	tasks    tasks // what needs attention, one by one
	table    table // when there is more than one line to tell of
	note     note
	next     string // what to do now, if anything
	reason   string // why the reader gets it
}

type fact struct{ label, value string }

type tasks struct {
	label string
	lines []string
}

type note struct {
	label string
	lines []string
}

// table has a row for each license or invoice. Its first column names the row.
type table struct {
	label string // in plain text, where there is no head
	head  []column
	rows  [][]cell
	// plain is each row as a sentence: columns in plain text fall apart on
	// names with wide or combined characters.
	plain []string
}

type column struct {
	label  string
	number bool
}

// cell has a second line where under is not empty.
type cell struct{ main, under string }

// wordless is a mail about an event that this program does not know; a newer one
// may.
type wordless struct{ event string }

func (w *wordless) Error() string {
	return fmt.Sprintf("there are no words for the event %q; the mail is kept for a newer version that has them", w.event)
}

// maxSubject is how long a subject may be, in characters.
const maxSubject = 150

// Mail programs show little more than the first 60 characters, and a long name
// must not push out what happened. Names are cut to the first of these lengths
// with which the subject fits.
var subjectNames = []int{48, 32, 20}

// Subject says in a line what happened.
func Subject(name string, locale domain.Locale, p domain.MailParams) (string, error) {
	k := kindOf(name, p)
	if _, exists := mails[k]; !exists {
		return "", &wordless{name}
	}
	return subject(speak(locale), k, p), nil
}

func subject(l *language, k kind, p domain.MailParams) string {
	var line string
	for _, limit := range subjectNames {
		short := cleanParams(p, func(s string) string { return cut(oneLine(s), limit) })
		line = oneLine(newDraft(l, short).subject(k))
		if utf8.RuneCountInString(line) <= maxSubject {
			return line
		}
	}
	return cut(line, maxSubject)
}

// Render words a mail.
func Render(m domain.Mail) (Rendered, error) {
	head, err := Subject(m.Event, m.Locale, m.Params)
	if err != nil {
		return Rendered{}, err
	}
	l, k := speak(m.Locale), kindOf(m.Event, m.Params)
	body := newDraft(l, cleanParams(m.Params, oneLine)).write(k, domain.Name(oneLine(string(m.Name))))
	html, err := layoutHTML(l.tag, head, mails[k].tone, body)
	if err != nil {
		return Rendered{}, fmt.Errorf("laying out a mail about %s: %w", m.Event, err)
	}
	return Rendered{Subject: head, Text: layoutText(body), HTML: html}, nil
}

// noteLines is empty for an empty note.
func noteLines(n domain.Note) []string {
	if n == "" {
		return nil
	}
	return strings.Split(string(n), "\n")
}
