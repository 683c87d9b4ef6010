package cmdline

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Words says what a flag or an argument can be, beyond what kong knows: nil if
// that is not known.
type Words func(command *kong.Node, value *kong.Value) []string

// Shells are those that completion is written for.
var Shells = []string{"bash", "zsh", "fish"}

// sort is what stands after a flag, or as an argument.
type sort int

const (
	nothing sort = iota
	anything
	word
	file
	folder
)

// offer is one word that completion offers.
type offer struct{ name, help string }

// flagOffer is a flag and what may follow it.
type flagOffer struct {
	offer
	short string
	sort  sort
	words []string
}

// scene is a place as completion sees it.
type scene struct {
	path     string
	commands []offer
	flags    []flagOffer // with those of the program
	argument sort
	words    []string // of the argument
}

// Completion writes the script of a shell. It knows all words beforehand, so
// that completing starts no program.
func Completion(app *kong.Application, shell string, words Words) string {
	scenes := scenes(app, words)
	switch shell {
	case "zsh":
		return zsh(app.Name, scenes)
	case "fish":
		return fish(app.Name, scenes)
	}
	return bash(app.Name, scenes)
}

func scenes(app *kong.Application, words Words) []scene {
	var all []scene
	everywhere := places(app)[0].flags
	for _, p := range places(app) {
		s := scene{path: p.path}
		for _, child := range p.children {
			s.commands = append(s.commands, offer{child.Name, firstSentence(child.Help)})
		}
		flags := p.flags
		if p.path != "" {
			flags = append(flags[:len(flags):len(flags)], everywhere...)
		}
		for _, flag := range flags {
			s.flags = append(s.flags, newFlagOffer(p.node, flag, words))
		}
		if len(p.node.Positional) > 0 {
			s.argument, s.words = sortOf(p.node, p.node.Positional[0], p.node.Positional[0].Name, words)
		}
		all = append(all, s)
	}
	return all
}

func newFlagOffer(command *kong.Node, flag *kong.Flag, words Words) flagOffer {
	o := flagOffer{offer: offer{flag.Name, firstSentence(kong.DefaultHelpValueFormatter(flag.Value))}}
	if flag.Short != 0 {
		o.short = string(flag.Short)
	}
	if !flag.IsBool() {
		o.sort, o.words = sortOf(command, flag.Value, flag.PlaceHolder, words)
	}
	return o
}

func sortOf(command *kong.Node, value *kong.Value, name string, words Words) (sort, []string) {
	if value.Enum != "" {
		var enum []string
		for w := range strings.SplitSeq(value.Enum, ",") {
			enum = append(enum, strings.TrimSpace(w))
		}
		return word, enum
	}
	if words != nil {
		if known := words(command, value); len(known) > 0 {
			return word, known
		}
	}
	switch strings.ToUpper(name) {
	case "FILE":
		return file, nil
	case "DIR":
		return folder, nil
	}
	return anything, nil
}

func firstSentence(s string) string {
	if first, _, more := strings.Cut(s, ". "); more {
		s = first
	}
	return strings.TrimSuffix(s, ".")
}

// steps are how a word leads from one place to the next, as cases of a shell:
// 'show|stock'.
func steps(scenes []scene, line func(from, word, to string)) {
	for _, s := range scenes {
		for _, c := range s.commands {
			line(s.path, c.name, strings.TrimSpace(s.path+" "+c.name))
		}
	}
}

// withValue lists the flags after which a word is no command.
func withValue(scenes []scene) []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range scenes {
		for _, f := range s.flags {
			if f.sort != nothing && !seen[f.name] {
				seen[f.name] = true
				names = append(names, "--"+f.name)
				if f.short != "" {
					names = append(names, "-"+f.short)
				}
			}
		}
	}
	return names
}

// quote is a word as every shell takes it.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func bash(name string, scenes []scene) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("# Completion of %s for bash, made by `%s completion bash`.", name, name)
	put("_%s() {", name)
	put("\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' words='' take='' i")
	put("\tCOMPREPLY=()")
	put("\tif [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi")
	put("\tfor ((i = 1; i < COMP_CWORD; i++)); do")
	put("\t\tcase \"${COMP_WORDS[i]}\" in")
	put("\t\t%s) [[ ${COMP_WORDS[i+1]} == '=' ]] && ((i++)); ((i++)); continue ;;", strings.Join(withValue(scenes), " | "))
	put("\t\tesac")
	put("\t\tcase \"$at|${COMP_WORDS[i]}\" in")
	steps(scenes, func(from, word, to string) { put("\t\t%s) at=%s ;;", quote(from+"|"+word), quote(to)) })
	put("\t\tesac\n\tdone")
	put("\tcase \"$at|$prev\" in")
	for _, s := range scenes {
		for _, f := range s.flags {
			pattern := quote(s.path + "|--" + f.name)
			if f.short != "" {
				pattern += " | " + quote(s.path+"|-"+f.short)
			}
			if action := bashAction(f.sort, f.words); action != "" {
				put("\t%s) %s ;;", pattern, action)
			}
		}
	}
	put("\t*)\n\t\tcase \"$at\" in")
	for _, s := range scenes {
		var flags, rest []string
		for _, f := range s.flags {
			flags = append(flags, "--"+f.name)
		}
		for _, c := range s.commands {
			rest = append(rest, c.name)
		}
		if s.argument == file {
			put("\t\t%s) if [[ $cur == -* ]]; then words=%s; else take=-f; fi ;;", quote(s.path), quote(strings.Join(flags, " ")))
			continue
		}
		rest = append(rest, s.words...)
		put("\t\t%s) if [[ $cur == -* ]]; then words=%s; else words=%s; fi ;;", quote(s.path), quote(strings.Join(flags, " ")), quote(strings.Join(rest, " ")))
	}
	put("\t\tesac ;;\n\tesac")
	put("\tif [[ -n $take ]]; then")
	put("\t\tcompopt -o filenames 2>/dev/null")
	put("\t\tmapfile -t COMPREPLY < <(compgen \"$take\" -- \"$cur\")")
	put("\telse")
	put("\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")")
	put("\tfi\n}")
	put("complete -F _%s %s", name, name)
	return b.String()
}

func bashAction(s sort, words []string) string {
	switch s {
	case word:
		return "words=" + quote(strings.Join(words, " "))
	case file:
		return "take=-f"
	case folder:
		return "take=-d"
	case anything:
		return "return"
	case nothing:
	}
	return ""
}
