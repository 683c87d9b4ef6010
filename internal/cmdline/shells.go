package cmdline

import (
	"fmt"
	"strings"
)

// zsh writes a completion function with a description beside every word.
func zsh(name string, scenes []scene) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("#compdef %s", name)
	put("# Completion of %s for zsh, made by `%s completion zsh`.", name, name)
	put("_%s() {", name)
	put("\tlocal at='' flag='' word='' i")
	put("\tlocal -a offers")
	put("\tfor ((i = 2; i < CURRENT; i++)); do")
	put("\t\tword=${words[i]}")
	put("\t\tcase $word in")
	put("\t\t(%s) ((i++)); continue ;;", strings.Join(withValue(scenes), "|"))
	put("\t\tesac")
	put("\t\tcase \"$at|$word\" in")
	steps(scenes, func(from, word, to string) { put("\t\t(%s) at=%s ;;", quote(from+"|"+word), quote(to)) })
	put("\t\tesac\n\tdone")
	put("\tif [[ $PREFIX == --*=* ]]; then")
	put("\t\tflag=${PREFIX%%%%=*}\n\t\tcompset -P '*='")
	put("\telif ((CURRENT > 2)); then\n\t\tflag=${words[CURRENT-1]}\n\tfi")
	put("\tcase \"$at|$flag\" in")
	for _, s := range scenes {
		for _, f := range s.flags {
			pattern := quote(s.path + "|--" + f.name)
			if f.short != "" {
				pattern += "|" + quote(s.path+"|-"+f.short)
			}
			if f.sort != nothing {
				put("\t(%s) %s; return ;;", pattern, zshAction(f.sort, f.words))
			}
		}
	}
	put("\tesac")
	put("\tcase $at in")
	for _, s := range scenes {
		put("\t(%s)", quote(s.path))
		put("\t\tif [[ $PREFIX == -* ]]; then\n\t\t\toffers=(")
		for _, f := range s.flags {
			put("\t\t\t\t%s", zshOffer("--"+f.name, f.help))
		}
		put("\t\t\t)\n\t\t\t_describe -o flag offers")
		switch {
		case len(s.commands) > 0:
			put("\t\telse\n\t\t\toffers=(")
			for _, c := range s.commands {
				put("\t\t\t\t%s", zshOffer(c.name, c.help))
			}
			put("\t\t\t)\n\t\t\t_describe command offers")
		case s.argument != nothing:
			put("\t\telse\n\t\t\t%s", zshAction(s.argument, s.words))
		}
		put("\t\tfi ;;")
	}
	put("\tesac\n}")
	put("if [[ $funcstack[1] == _%s ]]; then _%s \"$@\"; else compdef _%s %s; fi", name, name, name, name)
	return b.String()
}

func zshOffer(name, help string) string {
	return quote(strings.ReplaceAll(name, ":", `\:`) + ":" + strings.ReplaceAll(help, ":", `\:`))
}

func zshAction(s sort, words []string) string {
	switch s {
	case word:
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = quote(w)
		}
		return "compadd -- " + strings.Join(quoted, " ")
	case file:
		return "_files"
	case folder:
		return "_files -/"
	case nothing, anything:
	}
	return "_message value"
}

// fish writes one line per word, with its description.
func fish(name string, scenes []scene) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("# Completion of %s for fish, made by `%s completion fish`.", name, name)
	put("function __%s_at", name)
	put("\tset -l at ''\n\tset -l skip no")
	put("\tfor word in (commandline -opc)[2..-1]")
	put("\t\tif test $skip = yes\n\t\t\tset skip no\n\t\t\tcontinue\n\t\tend")
	put("\t\tif contains -- $word %s\n\t\t\tset skip yes\n\t\t\tcontinue\n\t\tend", strings.Join(withValue(scenes), " "))
	put("\t\tswitch \"$at|$word\"")
	steps(scenes, func(from, word, to string) { put("\t\t\tcase %s\n\t\t\t\tset at %s", quote(from+"|"+word), quote(to)) })
	put("\t\tend\n\tend")
	put("\ttest \"$at\" = \"$argv\"\nend")
	put("complete -c %s -f", name)
	for i, s := range scenes {
		here := fmt.Sprintf("complete -c %s -n %s", name, quote("__"+name+"_at "+s.path))
		for _, c := range s.commands {
			put("%s -a %s -d %s", here, quote(c.name), quote(c.help))
		}
		switch s.argument {
		case file:
			put("%s -F", here)
		case word:
			put("%s -a %s", here, quote(strings.Join(s.words, " ")))
		case nothing, anything, folder:
		}
		for _, f := range s.flags {
			everywhere := i > 0 && isOneOf(f, scenes[0].flags)
			if everywhere {
				continue
			}
			line := here
			if i == 0 {
				line = "complete -c " + name // the program's flags may stand anywhere
			}
			line += " -l " + f.name
			if f.short != "" {
				line += " -s " + f.short
			}
			put("%s%s -d %s", line, fishAction(f.sort, f.words), quote(f.help))
		}
	}
	return b.String()
}

func isOneOf(f flagOffer, flags []flagOffer) bool {
	for _, other := range flags {
		if other.name == f.name {
			return true
		}
	}
	return false
}

func fishAction(s sort, words []string) string {
	switch s {
	case word:
		return " -x -a " + quote(strings.Join(words, " "))
	case file:
		return " -r -F"
	case folder:
		return " -x -a '(__fish_complete_directories)'"
	case anything:
		return " -x"
	case nothing:
	}
	return ""
}
