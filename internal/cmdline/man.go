package cmdline

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Section is a part of a manual page that the command line does not tell itself.
// Blocks are paragraphs; those that are indented are shown as they are.
type Section struct{ Title, Text string }

// Man writes the manual page of a program, as roff for man(7).
func Man(app *kong.Application, summary string, more ...Section) string {
	m := &roff{}
	m.put(".\\\" Made by `%s man`.", app.Name)
	m.put(".TH %s 1 %q %q \"LicenseLedger\"", strings.ToUpper(app.Name), date(), Version())
	m.put(".SH NAME\n%s \\- %s", app.Name, escape(summary))
	m.put(".SH SYNOPSIS\n.B %s\n.I command\n.RI [ flags ]", app.Name)
	m.put(".SH DESCRIPTION")
	m.text(app.Help)
	everywhere := places(app)[0].flags
	m.put(".SH OPTIONS\nThey may stand anywhere.")
	m.flags(everywhere)
	m.put(".SH COMMANDS")
	for _, p := range places(app)[1:] {
		if len(p.children) > 0 {
			continue // its subcommands say it all
		}
		m.put(".SS %s", escape(p.node.Summary()))
		m.text(p.node.Help)
		if p.node.Detail != "" {
			m.put(".PP")
		}
		m.text(p.node.Detail)
		for _, argument := range p.node.Positional {
			m.put(".TP\n.I %s\n%s", escape(argument.Name), escape(argument.Help))
		}
		m.flags(p.flags)
	}
	for _, s := range more {
		m.put(".SH %s", strings.ToUpper(s.Title))
		m.text(s.Text)
	}
	return m.String()
}

type roff struct{ strings.Builder }

func (m *roff) put(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

// text writes paragraphs, and what is indented as it stands.
func (m *roff) text(text string) {
	for i, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if block == "" {
			continue
		}
		if i > 0 {
			m.put(".PP")
		}
		if !strings.HasPrefix(block, " ") {
			m.put("%s", escape(block))
			continue
		}
		m.put(".nf\n.RS 4")
		for line := range strings.SplitSeq(block, "\n") {
			m.put("%s", escape(strings.TrimPrefix(line, "    ")))
		}
		m.put(".RE\n.fi")
	}
}

func (m *roff) flags(flags []*kong.Flag) {
	for _, flag := range flags {
		name := "--" + flag.Name
		if flag.Short != 0 {
			name = "-" + string(flag.Short) + ", " + name
		}
		m.put(".TP")
		if value := flag.FormatPlaceHolder(); !flag.IsBool() {
			m.put(".BI %s= %s", escape(name), escape(quoteArgument(value)))
		} else {
			m.put(".B %s", escape(name))
		}
		m.put("%s", escape(kong.DefaultHelpValueFormatter(flag.Value)))
	}
}

// quoteArgument keeps an argument of a macro in one piece.
func quoteArgument(s string) string {
	if strings.ContainsAny(s, " ") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// escape writes text so that roff does not take it for its own.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\&...`, "`", `\(ga`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
