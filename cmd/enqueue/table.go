package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/licenseledger/licenseledger/internal/store"
)

// grid prints rows of any number as one table: the first rows decide how wide
// the columns are, so that the rest need not be kept.
type grid[R any] struct {
	out     io.Writer
	width   int // of the terminal, 0 for none
	columns []column
	widths  []int // once the first rows have been seen
	headed  bool
	records bool // too wide for the terminal: one record below the other
}

type column struct {
	name  string
	field int
	right bool
}

// gap is what stands between two columns.
const gap = "  "

func newTable[R any](out io.Writer, width int) *grid[R] {
	g := &grid[R]{out: out, width: width}
	t := reflect.TypeFor[R]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		ft := t.Field(i).Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		g.columns = append(g.columns, column{name: name, field: i, right: ft.Kind() == reflect.Int64 || ft.Name() == "Money"})
	}
	return g
}

// print shows rows; the first call also shows the head.
func (g *grid[R]) print(rows []R) {
	cells := make([]table.Row, len(rows))
	for i, row := range rows {
		v := reflect.ValueOf(row)
		for _, c := range g.columns {
			cells[i] = append(cells[i], cell(v.Field(c.field)))
		}
	}
	if g.widths == nil {
		g.widths = g.fit(cells)
	}
	if g.records {
		g.printRecords(cells)
		return
	}
	w := table.NewWriter()
	w.SetStyle(plainStyle())
	if !g.headed {
		g.headed = true
		head := table.Row{}
		for _, c := range g.columns {
			head = append(head, c.name)
		}
		w.AppendHeader(head)
	}
	configs := make([]table.ColumnConfig, len(g.columns))
	for i, c := range g.columns {
		align := text.AlignLeft
		if c.right {
			align = text.AlignRight
		}
		configs[i] = table.ColumnConfig{
			Number: i + 1, Align: align, AlignHeader: align, WidthMin: g.widths[i], WidthMax: g.widths[i], WidthMaxEnforcer: text.WrapSoft,
		}
	}
	w.SetColumnConfigs(configs)
	w.AppendRows(cells)
	for line := range strings.Lines(w.Render() + "\n") {
		fmt.Fprintln(g.out, strings.TrimRight(line, " \n"))
	}
}

// plainStyle has a line below the head and nothing else.
func plainStyle() table.Style {
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, SeparateColumns: true}
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", ""
	style.Box.MiddleVertical, style.Box.MiddleSeparator = gap, "──"
	return style
}

// printRecords shows each row as a block of names and values.
func (g *grid[R]) printRecords(rows []table.Row) {
	widest := 0
	for _, c := range g.columns {
		widest = max(widest, text.StringWidth(c.name))
	}
	for _, row := range rows {
		if g.headed {
			fmt.Fprintln(g.out)
		}
		g.headed = true
		for i, c := range g.columns {
			name := c.name
			for line := range strings.Lines(text.WrapSoft(row[i].(string), max(g.width-widest-len(gap), 1))) {
				fmt.Fprintf(g.out, "%-*s%s%s\n", widest, name, gap, strings.TrimRight(line, " \n"))
				name = ""
			}
		}
	}
}

// fit is as wide as the columns need, or less so that the terminal can show it:
// the widest column gives way first. Words are not broken: where they do not fit
// side by side, rows are shown one below the other.
func (g *grid[R]) fit(cells []table.Row) []int {
	widths, words := make([]int, len(g.columns)), make([]int, len(g.columns))
	for i, c := range g.columns {
		widths[i] = text.StringWidth(c.name)
		words[i] = widths[i]
		for _, row := range cells {
			value := row[i].(string)
			widths[i] = max(widths[i], text.StringWidth(value))
			for word := range strings.FieldsSeq(value) {
				words[i] = max(words[i], text.StringWidth(word))
			}
		}
	}
	if g.width > 0 {
		shrink(widths, words, g.width)
		needed := len(gap) * (len(widths) - 1)
		for _, w := range widths {
			needed += w
		}
		g.records = needed > g.width
	}
	return widths
}

// shrink narrows the widest columns until all fit, none below its floor.
func shrink(widths, floors []int, room int) {
	total := len(gap) * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for ; total > room; total-- {
		widest := -1
		for i, w := range widths {
			if w > floors[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// cell is a value as people read it.
func cell(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch value := v.Interface().(type) {
	case store.Instant:
		if value.IsZero() {
			return ""
		}
		return value.Format(time.RFC3339) // to the second
	case fmt.Stringer:
		return value.String()
	}
	switch v.Kind() {
	case reflect.Slice:
		elements := make([]string, v.Len())
		for i := range elements {
			elements[i] = cell(v.Index(i))
		}
		return strings.Join(elements, ", ")
	case reflect.Struct:
		return strings.Join(cellsOf(v), " ")
	case reflect.Bool:
		return map[bool]string{true: "yes", false: "no"}[v.Bool()]
	}
	return harmless(fmt.Sprint(v.Interface()))
}

// harmless is a text on one line without what a terminal obeys instead of
// showing it: control characters, and marks that turn the direction of text.
func harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
	return strings.Join(strings.Fields(s), " ")
}

// cellsOf are the values of an object; those that may be absent have their names.
func cellsOf(v reflect.Value) []string {
	var parts []string
	for i := range v.NumField() {
		s := cell(v.Field(i))
		if s == "" {
			continue
		}
		if v.Field(i).Kind() == reflect.Pointer {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			s = name + " " + s
		}
		parts = append(parts, s)
	}
	return parts
}
