package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// part is something by others that the programs contain.
type part struct {
	name, version string
	what          string   // in a word or two, of what is no module
	licenses      []string // SPDX identifiers
	notices       []string // the texts that must go along
}

// linked lists the modules whose packages are linked into the programs, the
// standard library, and what is embedded. Test dependencies are not among them.
func linked(root string) ([]part, error) {
	const line = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}"
	cmd := exec.Command("go", "list", "-deps", "-f", line, "./cmd/worker", "./cmd/enqueue")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages of the programs: %w", err)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("asking where Go is: %w", err)
	}
	folders := map[string]part{
		strings.TrimSpace(string(goroot)):                 {name: "std", version: runtime.Version(), what: "Go's standard library"},
		filepath.Join(root, "notify", "invoice", "fonts"): {name: "dejavu-fonts", version: "2.37", what: "fonts of invoices"},
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if fields := strings.Split(lines.Text(), "\t"); len(fields) == 3 {
			folders[fields[2]] = part{name: fields[0], version: fields[1]}
		}
	}
	var parts []part
	for folder, p := range folders {
		if err := p.read(folder); err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.name, b.name) })
	return parts, nil
}

var (
	licenseFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice)([.-].*)?$`)
	// moreFolders hold licenses of what a module took from elsewhere.
	moreFolders = []string{".", "LICENSES"}
)

// read finds the texts of licenses in the folder of a module.
func (p *part) read(folder string) error {
	for _, sub := range moreFolders {
		entries, err := os.ReadDir(filepath.Join(folder, sub))
		if err != nil && (sub == "." || !os.IsNotExist(err)) {
			return fmt.Errorf("looking for the license of %s: %w", p.name, err)
		}
		for _, entry := range entries {
			if entry.IsDir() || sub == "." && !licenseFile.MatchString(entry.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, sub, entry.Name()))
			if err != nil {
				return fmt.Errorf("reading the license of %s: %w", p.name, err)
			}
			notice := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
			p.notices = append(p.notices, notice)
			for _, id := range identify(notice) {
				if !slices.Contains(p.licenses, id) {
					p.licenses = append(p.licenses, id)
				}
			}
		}
	}
	if len(p.licenses) == 0 {
		return fmt.Errorf("%s %s in %s: no license that is known; read it, and teach identify", p.name, p.version, folder)
	}
	slices.Sort(p.licenses)
	return nil
}

// marks are sentences that only one license has.
var marks = []struct{ id, sentence string }{
	{"Apache-2.0", "apache license version 2.0, january 2004"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"Bitstream-Vera", "permission is hereby granted, free of charge, to any person obtaining a copy of the fonts accompanying this license"},
	{"GPL", "gnu general public license"},
	{"LGPL", "gnu lesser general public license"},
	{"AGPL", "gnu affero general public license"},
}

const (
	bsd      = "redistributions of source code must retain the above copyright notice"
	bsdThird = "endorse or promote products derived from"
)

// identify recognises licenses by their wording, whatever the line breaks.
func identify(text string) []string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	var ids []string
	for _, m := range marks {
		if strings.Contains(text, m.sentence) {
			ids = append(ids, m.id)
		}
	}
	switch {
	case strings.Contains(text, bsd) && strings.Contains(text, bsdThird):
		ids = append(ids, "BSD-3-Clause")
	case strings.Contains(text, bsd):
		ids = append(ids, "BSD-2-Clause")
	}
	return ids
}
