package notify

import (
	_ "embed"
	"html/template"
	"strings"
	"unicode/utf8"
)

//go:embed layout.html
var layoutSource string

var layout = template.Must(template.New("layout").Parse(layoutSource))

// page is what the HTML layout shows.
type page struct {
	Lang, Subject, Greeting, Lead, Next, Reason string
	Facts                                       []pageFact
	Head                                        []string
	Rows                                        [][]string
	NoteLabel                                   string
	Note                                        []string
}

type pageFact struct{ Label, Value string }

func layoutHTML(lang, subject string, l letter) (string, error) {
	p := page{
		Lang: lang, Subject: subject, Greeting: l.greeting, Lead: l.lead, Next: l.next, Reason: l.reason,
		Head: l.table.head, Rows: l.table.rows, NoteLabel: l.note.label, Note: l.note.lines,
	}
	for _, f := range shown(l.facts) {
		p.Facts = append(p.Facts, pageFact{f.label, f.value})
	}
	var b strings.Builder
	err := layout.Execute(&b, p)
	return b.String(), err
}

func layoutText(l letter) string {
	parts := []string{l.greeting, wrap(l.lead), textFacts(shown(l.facts))}
	if len(l.table.plain) > 0 {
		parts = append(parts, "  - "+strings.Join(l.table.plain, "\n  - "))
	}
	if len(l.note.lines) > 0 {
		// Marked on every line: a note must not pass for words of ours.
		quoted := l.note.label + ":\n"
		for _, line := range l.note.lines {
			quoted += strings.TrimRight("\n  > "+line, " ")
		}
		parts = append(parts, quoted)
	}
	parts = append(parts, wrap(l.next), wrap(l.reason))
	var filled []string
	for _, part := range parts {
		if part != "" {
			filled = append(filled, part)
		}
	}
	return strings.Join(filled, "\n\n") + "\n"
}

func textFacts(facts []fact) string {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.label))
	}
	lines := make([]string, len(facts))
	for i, f := range facts {
		lines[i] = "  " + f.label + ":" + strings.Repeat(" ", width-utf8.RuneCountInString(f.label)+2) + f.value
	}
	return strings.Join(lines, "\n")
}

const textWidth = 72

// wrap breaks a paragraph at spaces; a longer word stands alone.
func wrap(s string) string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > textWidth:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}
