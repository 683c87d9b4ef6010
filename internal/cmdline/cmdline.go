// Package cmdline is what both programs have in common towards people: help,
// completion, manual pages, the version, what a terminal can show, and what to
// do about errors of servers.
package cmdline

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// SettingsGroup is the group of flags that every subcommand has. Its help names
// them only; the program's explains them.
const SettingsGroup = "settings"

// widest is how wide help and tables of words become on a wide terminal: longer
// lines are hard to read.
const widest = 100

// Options are how both programs show help.
func Options() []kong.Option {
	return []kong.Option{
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: widest}),
		kong.Help(printHelp),
		kong.PostBuild(func(k *kong.Kong) error {
			k.Model.HelpFlag.Help = "Show this help."
			return nil
		}),
	}
}

// printHelp leaves out of a subcommand's help what is the same everywhere.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if ctx.Selected() == nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	var hidden []string
	for _, flag := range ctx.Model.Flags {
		flag.Hidden = flag.Name == "version"
		if flag.Group != nil && flag.Group.Key == SettingsGroup {
			flag.Hidden = true
			hidden = append(hidden, "--"+flag.Name)
		}
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil || len(hidden) == 0 {
		return err
	}
	_, err := fmt.Fprintf(ctx.Stdout, "\n`%s --help` explains the settings (%s …).\n", ctx.Model.Name, hidden[0])
	return err
}

// Version is that of the build: a tag, or the commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "development"
	}
	return version + " (" + info.GoVersion + ")"
}

// date is when what was built was committed; empty if that is not known.
func date() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			day, _, _ := strings.Cut(s.Value, "T")
			return day
		}
	}
	return ""
}

// VersionFlag is --version.
type VersionFlag bool

// BeforeReset prints the version and ends the program.
func (VersionFlag) BeforeReset(app *kong.Kong) error {
	_, err := fmt.Fprintln(app.Stdout, app.Model.Name, Version())
	app.Exit(0)
	return err
}

// Width is that of the terminal which a writer is, or 0. COLUMNS overrides.
func Width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// Rewrites tells whether a writer is a terminal that can go back in a line.
func Rewrites(w io.Writer) bool { return Width(w) > 0 && os.Getenv("TERM") != "dumb" }

// Colours tells whether a writer is a terminal that shows colours, and whose
// user has not asked for none (https://no-color.org).
func Colours(w io.Writer) bool { return Rewrites(w) && os.Getenv("NO_COLOR") == "" }

// place is a command, a group of commands, or the program itself.
type place struct {
	path     string // from the program on, without it
	node     *kong.Node
	children []*kong.Node
	flags    []*kong.Flag // its own
}

// places lists the visible commands, the program first.
func places(app *kong.Application) []place {
	var all []place
	var visit func(n *kong.Node, path string)
	visit = func(n *kong.Node, path string) {
		p := place{path: path, node: n}
		for _, flag := range n.Flags {
			if !flag.Hidden {
				p.flags = append(p.flags, flag)
			}
		}
		for _, child := range n.Children {
			if !child.Hidden {
				p.children = append(p.children, child)
			}
		}
		all = append(all, p)
		for _, child := range p.children {
			visit(child, strings.TrimSpace(path+" "+child.Name))
		}
	}
	visit(app.Node, "")
	return all
}
