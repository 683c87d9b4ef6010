package notify

import (
	_ "embed"
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed layout.html
var layoutSource string

var layout = template.Must(template.New("layout").Parse(layoutSource))

// tone is the colours of a mail's badge, in light and dark.
type tone struct{ Ink, Tint, DarkInk, DarkTint string }

var (
	good  = tone{Ink: "#0b5c39", Tint: "#dff3e8", DarkInk: "#8ee0b3", DarkTint: "#14372a"}
	news  = tone{Ink: "#1d4b9e", Tint: "#e3ecfb", DarkInk: "#a9c8ff", DarkTint: "#1c3155"}
	todo  = tone{Ink: "#7a4a00", Tint: "#fdeecb", DarkInk: "#ffd38a", DarkTint: "#40300f"}
	sorry = tone{Ink: "#9b1c1c", Tint: "#fde4e1", DarkInk: "#ffb4ab", DarkTint: "#4a211f"}
	over  = tone{Ink: "#404b5a", Tint: "#e6eaf0", DarkInk: "#cdd5df", DarkTint: "#313b48"}
)

// page is what the HTML layout shows.
type page struct {
	Lang, Subject, Badge, Greeting, Lead, Next, Reason string

	Tone      tone
	Facts     []pageFact
	TaskLabel string
	Tasks     []string
	Head      []pageColumn
	Rows      [][]pageCell
	NoteLabel string
	Note      []string
}

type pageFact struct{ Label, Value string }

// pageColumn has its width, and the gap after it.
type pageColumn struct{ Label, Align, Width, Gap string }

type pageCell struct {
	Main, Under, Align, Gap string
	First                   bool
}

// columnWidths are fixed, so that no name can push a table out of a small screen.
var columnWidths = map[int][]string{2: {"70%", "30%"}, 3: {"35%", "29%", "36%"}}

func layoutHTML(lang, subject string, t tone, l letter) (string, error) {
	p := page{
		Lang: lang, Subject: subject, Tone: t, Badge: l.badge, Greeting: l.greeting, Lead: l.lead, Next: l.next, Reason: l.reason,
		TaskLabel: l.tasks.label, Tasks: l.tasks.lines, NoteLabel: l.note.label, Note: l.note.lines,
	}
	for _, f := range l.facts {
		p.Facts = append(p.Facts, pageFact{f.label, f.value})
	}
	p.Head, p.Rows = pageTable(l.table)
	var b strings.Builder
	err := layout.Execute(&b, p)
	return b.String(), err
}

func pageTable(t table) (head []pageColumn, rows [][]pageCell) {
	for i, c := range t.head {
		column := pageColumn{Label: c.label, Align: "left", Width: columnWidths[len(t.head)][i], Gap: "12px"}
		if c.number {
			column.Align, column.Gap = "right", "14px"
		}
		if i == len(t.head)-1 {
			column.Gap = "0"
		}
		head = append(head, column)
	}
	for _, row := range t.rows {
		var cells []pageCell
		for i, c := range row {
			cells = append(cells, pageCell{Main: c.main, Under: c.under, Align: head[i].Align, Gap: head[i].Gap, First: i == 0})
		}
		rows = append(rows, cells)
	}
	return head, rows
}

func layoutText(l letter) string {
	parts := []string{l.greeting, wrap(l.lead, "", ""), textFacts(l.facts)}
	if len(l.tasks.lines) > 0 {
		parts = append(parts, l.tasks.label+":\n"+textItems(l.tasks.lines))
	}
	items := textItems(l.table.plain)
	if items != "" && l.table.label != "" {
		items = l.table.label + ":\n" + items
	}
	parts = append(parts, items)
	if len(l.note.lines) > 0 {
		// Marked on every line: a note must not pass for words of ours.
		quoted := []string{l.note.label + ":"}
		for _, line := range l.note.lines {
			quoted = append(quoted, wrap(line, "  > ", "  > "))
		}
		parts = append(parts, strings.Join(quoted, "\n"))
	}
	parts = append(parts, wrap(l.next, "", ""), wrap(l.reason, "", ""))
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return strings.Join(parts, "\n\n") + "\n"
}

func textItems(sentences []string) string {
	items := make([]string, len(sentences))
	for i, sentence := range sentences {
		items[i] = wrap(sentence, "  - ", "    ")
	}
	return strings.Join(items, "\n")
}

func textFacts(facts []fact) string {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.label))
	}
	lines := make([]string, len(facts))
	for i, f := range facts {
		label := "  " + f.label + ":" + strings.Repeat(" ", width-utf8.RuneCountInString(f.label)+2)
		lines[i] = wrap(f.value, label, strings.Repeat(" ", utf8.RuneCountInString(label)))
	}
	return strings.Join(lines, "\n")
}

const textWidth = 72

// wrap breaks a paragraph at spaces; a longer word stands alone. The first line
// begins with first, the others with rest.
func wrap(s, first, rest string) string {
	var lines []string
	line, begun := first, false
	for word := range strings.FieldsSeq(s) {
		switch {
		case !begun:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > textWidth:
			lines, line = append(lines, line), rest+word
		default:
			line += " " + word
		}
		begun = true
	}
	return strings.Join(append(lines, strings.TrimRight(line, " ")), "\n")
}
