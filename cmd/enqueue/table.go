package main

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid prints rows of any number as one table: the first rows decide how wide
// the columns are, so that the rest need not be kept.
type grid[R any] struct {
	out     io.Writer
	width   int // of the terminal, 0 for none
	columns []column
	widths  []int // once the first rows have been seen
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
	w := table.NewWriter()
	w.SetStyle(plainStyle())
	if g.widths == nil {
		g.widths = g.fit(cells)
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

// fit is as wide as the columns need, or less so that the terminal can show it:
// the widest column gives way first.
func (g *grid[R]) fit(cells []table.Row) []int {
	const narrowest = 6
	widths := make([]int, len(g.columns))
	total := 0
	for i, c := range g.columns {
		widths[i] = text.StringWidth(c.name)
		for _, row := range cells {
			widths[i] = max(widths[i], text.LongestLineLen(row[i].(string)))
		}
		total += widths[i] + len(gap)
	}
	total -= len(gap)
	for g.width > 0 && total > g.width {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= narrowest {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

// cell is a value as people read it.
func cell(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return s.String()
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
	return strings.Join(strings.Fields(fmt.Sprint(v.Interface())), " ")
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
