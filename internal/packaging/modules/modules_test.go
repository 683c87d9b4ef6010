package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../../.."

var update = flag.Bool("update", false, "write docs/licenses.md")

// docs/licenses.md names what is linked, in its version: whoever adds or updates
// a module sees under which license.
func TestLicensesPageIsFresh(t *testing.T) {
	parts, err := linked(root)
	check(t, err)
	var page bytes.Buffer
	check(t, writeLicenses(&page, parts))
	file := filepath.Join(root, "docs", "licenses.md")
	if *update {
		check(t, os.WriteFile(file, page.Bytes(), 0o644))
	}
	have, err := os.ReadFile(file)
	check(t, err)
	if diff := cmp.Diff(string(have), page.String()); diff != "" {
		t.Errorf("docs/licenses.md is old; go test ./internal/packaging/modules -run Licenses -update (-have +want):\n%s", diff)
	}
}

// welcome are the licenses that oblige to no more than passing on a notice.
var welcome = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "Bitstream-Vera", "ISC", "MIT"}

func TestLicensesAskForNoMoreThanANotice(t *testing.T) {
	parts, err := linked(root)
	check(t, err)
	for _, p := range parts {
		for _, id := range p.licenses {
			if !slices.Contains(welcome, id) {
				t.Errorf("%s %s is under %s: may it be linked?", p.name, p.version, id)
			}
		}
	}
}

func TestLicensesAreIdentified(t *testing.T) {
	const (
		mit    = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and\nassociated documentation files (the \"Software\"), to deal"
		bsd2   = "Redistributions of source code must retain the above\n   copyright notice, this list"
		third  = "Neither the name of its contributors may be used to endorse or promote\nproducts derived from this software"
		apache = "                                 Apache License\n                           Version 2.0, January 2004"
	)
	for _, test := range []struct {
		text string
		want string
	}{
		{mit, "MIT"},
		{bsd2, "BSD-2-Clause"},
		{bsd2 + "\n\n" + third, "BSD-3-Clause"},
		{apache, "Apache-2.0"},
		{apache + "\n" + mit, "Apache-2.0 MIT"},
		{"GNU GENERAL PUBLIC LICENSE\nVersion 3", "GPL"},
		{"All rights reserved.", ""},
	} {
		if got := strings.Join(identify(test.text), " "); got != test.want {
			t.Errorf("%.60q: %q, want %q", test.text, got, test.want)
		}
	}
}

// A part whose license nobody has read stops the build instead of slipping in.
func TestLicensesUnknownAreAnError(t *testing.T) {
	dir := t.TempDir()
	p := part{name: "example.com/odd", version: "v1.0.0"}
	check(t, os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("Ask me."), 0o600))
	if err := p.read(dir); err == nil {
		t.Error("an unknown license was taken")
	}
}

// The notices that have to go along are all in the package's copyright file, each
// once.
func TestCopyrightHasEveryNotice(t *testing.T) {
	parts, err := linked(root)
	check(t, err)
	var page bytes.Buffer
	check(t, writeCopyright(&page, parts))
	times := map[string]int{}
	for _, section := range strings.Split(page.String(), "\n"+strings.Repeat("-", 78)+"\n")[1:] {
		_, notice, _ := strings.Cut(section, "\n\n")
		times[strings.TrimSuffix(notice, "\n")]++
	}
	for _, p := range parts {
		for _, notice := range p.notices {
			if n := times[notice]; n != 1 {
				t.Errorf("a notice of %s is in the file %d times", p.name, n)
			}
		}
	}
}

// The bill of materials names every module of a program with its licenses, and
// refers to nothing that it does not name.
func TestSBOMOfAProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "worker")
	build := exec.Command("go", "build", "-o", program, "./cmd/worker")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	parts, err := linked(root)
	check(t, err)
	var first, second bytes.Buffer
	check(t, writeSBOM(&first, parts, []string{program}))
	check(t, writeSBOM(&second, parts, []string{program}))
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same program gives another list the second time")
	}
	var list bom
	check(t, json.Unmarshal(first.Bytes(), &list))
	named := map[string]component{list.Metadata.Component.Ref: list.Metadata.Component}
	for _, c := range list.Components {
		if _, twice := named[c.Ref]; twice {
			t.Errorf("%s is listed twice", c.Ref)
		}
		named[c.Ref] = c
		if c.Type == "library" && len(c.Licenses) == 0 {
			t.Errorf("%s has no license", c.Ref)
		}
	}
	for _, d := range list.Dependencies {
		for _, ref := range append(d.DependsOn, d.Ref) {
			if _, ok := named[ref]; !ok {
				t.Errorf("%s is referred to and not listed", ref)
			}
		}
	}
	if !slices.ContainsFunc(list.Components, func(c component) bool { return c.Name == "github.com/jackc/pgx/v5" }) {
		t.Error("the driver of Postgres is not listed")
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
