package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed templates
var templateFiles embed.FS

var layout = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"tone": tone, "say": func(state string) string { return strings.ReplaceAll(state, "_", " ") },
	"entry": entry, "labelled": labelled,
}).ParseFS(templateFiles, "templates/*.html"))

// navigation is an entry of it.
type navigation struct {
	Href, Text string
	Current    string // for who listens: the page itself, or something below it
}

func entry(p *page, name, href, text string) navigation {
	n := navigation{Href: href, Text: text}
	switch {
	case p.Path == href:
		n.Current = "page"
	case p.Nav == name:
		n.Current = "true"
	}
	return n
}

// labelledTable is a table with what its place on the page adds to it.
type labelledTable struct {
	*table
	ID string
}

// labelled puts on every cell what its column is called, and leaves out columns
// in which nothing stands.
func labelled(t *table, id string) labelledTable {
	shown := &table{Empty: t.Empty, More: t.More, First: t.First, Rows: make([][]cell, len(t.Rows))}
	for i, head := range t.Head {
		if i > 0 && !slices.ContainsFunc(t.Rows, func(row []cell) bool { return row[i].Text != "" || row[i].Sub != "" }) {
			continue
		}
		shown.Head = append(shown.Head, head)
		for n, row := range t.Rows {
			c := row[i]
			c.Label, c.Right = head.Label, head.Right
			shown.Rows[n] = append(shown.Rows[n], c)
		}
	}
	return labelledTable{shown, id}
}

// tone is the colour of a state; the word is always there too.
func tone(state string) string {
	switch state {
	case "applied", "sent", "done", "active", "open", "assigned", "running", "ok":
		return "good"
	case "rejected", "failed", "in_doubt", "needs_attention", "suspended", "cancelled":
		return "warn"
	case "dead", "bad":
		return "bad"
	}
	return "calm"
}

// refreshSeconds is how often a page is renewed for who asks for it.
const refreshSeconds = 15

func (c *console) write(w http.ResponseWriter, r *http.Request, status int, p *page) {
	p.Path, p.SignOut = r.URL.Path, c.Token != "" && p.Login == nil
	if p.Refresh != "" && r.URL.Query().Get("refresh") == "on" {
		p.Stop, p.Refresh = p.Refresh, ""
		w.Header().Set("Refresh", fmt.Sprint(refreshSeconds))
	} else if p.Refresh != "" {
		p.Refresh += "&refresh=on"
		if !strings.Contains(p.Refresh, "?") {
			p.Refresh = strings.Replace(p.Refresh, "&", "?", 1)
		}
	}
	var html bytes.Buffer
	if err := layout.Execute(&html, p); err != nil {
		c.Log.Error("a page of the console could not be drawn", "path", r.URL.Path, "error", err)
		http.Error(w, "The page could not be drawn; the worker's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(harmless(html.Bytes())) // whoever asked is gone
}

// harmless names characters that would reorder or hide what stands beside them,
// anywhere on a page, so that no name can pretend to be another.
func harmless(html []byte) []byte {
	if !bytes.ContainsFunc(html, tricky) && utf8.Valid(html) {
		return html
	}
	var b bytes.Buffer
	for _, r := range string(html) {
		if tricky(r) {
			fmt.Fprintf(&b, "[U+%04X]", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

func tricky(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f, // control characters
		r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, // direction
		r == 0x00ad, r == 0x200b, r >= 0x2060 && r <= 0x2064, r == 0x2028, r == 0x2029, r == 0xfeff, // invisible
		r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// loginPage asks for the token, and leads to where its reader wanted to go.
func loginPage(next string, wrong bool) *page {
	return &page{Title: "Sign in", Login: &login{Next: next, Wrong: wrong}}
}
