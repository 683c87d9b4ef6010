package notify

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

// leastContrast is what WCAG 2 asks of text (level AA).
const leastContrast = 4.5

// paint is what is behind a text and in front of it.
type paint struct{ text, ground string }

// element is a tag that is open, with its colours in light and dark.
type element struct {
	name        string
	light, dark paint
	layout      bool // of a table: it arranges, and holds no data
}

var (
	darkRules = regexp.MustCompile(`\.([a-z-]+) \{ ([^}]*) \}`)
	hexColour = regexp.MustCompile(`^#[0-9a-f]{6}$`)
)

// walker goes through a page as a mail program would, and notes what is wrong.
type walker struct {
	t        *testing.T
	dark     map[string]string // class to declarations
	open     []element
	contrast float64 // the least so far
	texts    int
	headings int
	data     int
}

func walk(t *testing.T, html string) *walker {
	t.Helper()
	w := &walker{t: t, dark: map[string]string{}, contrast: math.Inf(1)}
	_, rules, found := strings.Cut(html, "@media (prefers-color-scheme: dark) {")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	rules, _, _ = strings.Cut(rules, "</style>")
	for _, rule := range darkRules.FindAllStringSubmatch(rules, -1) {
		w.dark[rule[1]] = rule[2]
	}
	_, body, _ := strings.Cut(html, "<body")
	d := xml.NewDecoder(strings.NewReader("<body" + strings.TrimSuffix(body, "</html>\n")))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return w
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			w.start(token)
		case xml.EndElement:
			w.open = w.open[:len(w.open)-1]
		case xml.CharData:
			w.text(string(token))
		}
	}
}

func (w *walker) start(tag xml.StartElement) {
	e := element{name: tag.Name.Local}
	if len(w.open) > 0 {
		parent := w.open[len(w.open)-1]
		e.light, e.dark = parent.light, parent.dark
	}
	attrs := map[string]string{}
	for _, a := range tag.Attr {
		attrs[a.Name.Local] = a.Value
	}
	inline := declarations(attrs["style"])
	w.colour(&e.light, inline)
	w.colour(&e.dark, inline)
	for class := range strings.FieldsSeq(attrs["class"]) {
		w.colour(&e.dark, declarations(w.dark[class]))
	}
	w.structure(&e, attrs)
	w.open = append(w.open, e)
}

func (w *walker) colour(p *paint, d map[string]string) {
	for property, target := range map[string]*string{"color": &p.text, "background": &p.ground} {
		value, set := d[property]
		if !set {
			continue
		}
		if !hexColour.MatchString(value) {
			w.t.Errorf("%s: %s", property, value)
		}
		*target = value
	}
}

// structure checks what a screen reader goes by.
func (w *walker) structure(e *element, attrs map[string]string) {
	switch e.name {
	case "table":
		switch e.layout = attrs["role"] == "presentation"; {
		case !e.layout && attrs["role"] != "":
			w.t.Errorf("a table with the role %s", attrs["role"])
		case !e.layout:
			w.data++
		}
	case "th":
		if w.table().layout || !slices.Contains([]string{"row", "col"}, attrs["scope"]) {
			w.t.Errorf("a heading with the scope %q, in a table for layout: %v", attrs["scope"], w.table().layout)
		}
		w.headings++
	case "h1", "p", "td", "tr", "span", "blockquote", "body", "br", "ul", "li":
	default:
		w.t.Errorf("an element %s", e.name)
	}
}

func (w *walker) table() element {
	for _, e := range slices.Backward(w.open) {
		if e.name == "table" {
			return e
		}
	}
	return element{}
}

func (w *walker) text(s string) {
	if strings.TrimSpace(s) == "" || len(w.open) == 0 {
		return
	}
	w.texts++
	e := w.open[len(w.open)-1]
	for scheme, p := range map[string]paint{"light": e.light, "dark": e.dark} {
		c := contrast(p.text, p.ground)
		w.contrast = min(w.contrast, c)
		if c < leastContrast {
			w.t.Errorf("%s: %s on %s has a contrast of %.2f:1 at %q", scheme, p.text, p.ground, c, s)
		}
	}
	if e.light == e.dark {
		w.t.Errorf("%q has the same colours in light and dark", s)
	}
}

func declarations(style string) map[string]string {
	d := map[string]string{}
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(declaration, ":")
		d[strings.TrimSpace(property)] = strings.TrimSpace(strings.ReplaceAll(value, "!important", ""))
	}
	return d
}

// contrast is defined by WCAG 2.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	var channels [3]float64
	for i := range channels {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(fmt.Sprintf("%q is not a colour", hex))
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			channels[i] = c / 12.92
		} else {
			channels[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*channels[0] + 0.7152*channels[1] + 0.0722*channels[2]
}

func TestContrastIsComputedRight(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#0000ff", "#ffffff", 8.59}, {"#ffffff", "#ffffff", 1}} {
		if got := contrast(c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

// No mail loads anything: that would tell who read it when.
var remote = regexp.MustCompile(`(?i)https?:|//[a-z]|\ssrc\s*=|\shref\s*=|url\(|@import|@font-face|<(img|link|script|iframe|object|embed|svg|form|base)\b`)

func TestPages(t *testing.T) {
	for _, l := range languages {
		for name, sample := range samples() {
			t.Run(l.tag+"/"+name, func(t *testing.T) {
				rendered, err := Render(in(l, sample))
				if err != nil {
					t.Fatal(err)
				}
				w := walk(t, rendered.HTML)
				if w.data == 0 || w.headings < 2 || w.texts < 10 {
					t.Errorf("%d tables of data with %d headings, %d texts", w.data, w.headings, w.texts)
				}
				if found := remote.FindString(rendered.HTML); found != "" {
					t.Errorf("remote content: %q", found)
				}
				for _, wanted := range []string{
					`<html lang="` + l.tag + `" dir="ltr">`, `name="color-scheme" content="light dark"`, `:root { color-scheme: light dark;`,
					`name="viewport"`, `max-width:600px`,
				} {
					if !strings.Contains(rendered.HTML, wanted) {
						t.Errorf("%s is missing", wanted)
					}
				}
				if strings.Contains(rendered.HTML, "ZgotmplZ") {
					t.Error("a value was not allowed where it stands")
				}
				if len(rendered.HTML) > 100_000 { // Gmail cuts a little later
					t.Errorf("%d bytes", len(rendered.HTML))
				}
			})
		}
	}
}

// A month of many invoices stays a mail that is shown whole, and says what it
// leaves out, whether its lists are whole or only begin.
func TestLongMonth(t *testing.T) {
	for name, listed := range map[string]int{"whole": 501, "begun": 50} {
		m := closedWithAttention()
		month := m.Params.Month
		month.Invoices, month.Attention = nil, nil
		for i := range listed {
			other := invoice()
			other.Number = domain.InvoiceNumber("NW-", int64(i+1))
			other.Reseller = "The Northwind and Southwind Trading and Licensing Company of Greater Dublin (Ireland) Ltd"
			month.Invoices = append(month.Invoices, other)
			a := domain.MailAttention{Sort: domain.AttentionEnded, Contract: domain.ContractID(fmt.Sprintf("c-%d", i)), Subscription: "long-running-subscription"}
			month.Attention = append(month.Attention, a)
		}
		month.Issued, month.Credited, month.AttentionCount = 501, 2, 502
		for _, l := range languages {
			rendered, err := Render(in(l, m))
			if err != nil {
				t.Fatal(err)
			}
			if len(rendered.HTML) > 100_000 {
				t.Errorf("%s, %s: %d bytes", name, l.tag, len(rendered.HTML))
			}
			wanted := []string{
				l.count(l.closing.invoices, 501), l.count(l.closing.credits, 2), l.count(l.closing.attention, 502),
				l.count(l.more, 453), l.count(l.more, 452), "NW-000050", "c-49:",
			}
			for part, content := range map[string]string{"text": rendered.Text, "HTML": rendered.HTML} {
				for _, want := range wanted {
					if !strings.Contains(flat(content), want) {
						t.Errorf("%s, %s: %q is missing in the %s", name, l.tag, want, part)
					}
				}
				if strings.Contains(content, "NW-000051") || strings.Contains(content, "c-50:") {
					t.Errorf("%s, %s: the %s is too long", name, l.tag, part)
				}
			}
		}
	}
}

func TestColumnsFillTheTable(t *testing.T) {
	for n, widths := range columnWidths {
		total := 0
		for _, width := range widths {
			percent, err := strconv.Atoi(strings.TrimSuffix(width, "%"))
			if err != nil {
				t.Fatal(err)
			}
			total += percent
		}
		if total != 100 || len(widths) != n {
			t.Errorf("%d columns: %v", n, widths)
		}
	}
}
