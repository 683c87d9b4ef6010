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

// fact is shown unless its value is empty.
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

// language is how mails are worded; every language is one file.
type language struct {
	tag    string
	events map[string]event
}

// event words one kind of mail. It gets texts that are safe to show; those for
// the subject are shortened as well.
type event struct {
	subject func(domain.MailParams) string
	letter  func(domain.Mail) letter
}

var languages = map[string]language{"en": english}

// speak finds the language of a locale: de-AT is served by de, and what nobody
// has translated yet by English.
func speak(locale domain.Locale, name string) (language, event, error) {
	tag, _, _ := strings.Cut(string(locale), "-")
	for _, l := range []language{languages[tag], english} {
		if e, known := l.events[name]; known {
			return l, e, nil
		}
	}
	return language{}, event{}, &wordless{name}
}

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
	_, e, err := speak(locale, name)
	if err != nil {
		return "", err
	}
	return subject(e, p), nil
}

func subject(e event, p domain.MailParams) string {
	var line string
	for _, limit := range subjectNames {
		line = oneLine(e.subject(cleanParams(p, func(s string) string { return cut(oneLine(s), limit) })))
		if utf8.RuneCountInString(line) <= maxSubject {
			return line
		}
	}
	return cut(line, maxSubject)
}

// Render words a mail.
func Render(m domain.Mail) (Rendered, error) {
	l, e, err := speak(m.Locale, m.Event)
	if err != nil {
		return Rendered{}, err
	}
	head := subject(e, m.Params)
	m.Name, m.Params = domain.Name(oneLine(string(m.Name))), cleanParams(m.Params, oneLine)
	body := e.letter(m)
	html, err := layoutHTML(l.tag, head, toneOf(m), body)
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

func shown(facts []fact) []fact {
	var kept []fact
	for _, f := range facts {
		if f.value != "" {
			kept = append(kept, f)
		}
	}
	return kept
}
