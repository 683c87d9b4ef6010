package main

import (
	"fmt"
	"io"
	"strings"
)

const licensesHead = `<!-- Generated; ` + "`go test ./internal/packaging/modules -run Licenses -update`" + ` writes it. -->
# What LicenseLedger contains, and its licenses

LicenseLedger itself is under the [Apache License 2.0](../LICENSE). The programs ` + "`worker` and `enqueue`" + ` contain, besides:

| part | version | license (SPDX) |
|---|---|---|
`

const licensesTail = `
The texts of the licenses are in the Debian package, in ` + "`/usr/share/doc/licenseledger/copyright`" + `; ` + "`make sbom`" + ` writes the same list as CycloneDX for other programs. What only tests and development use is not linked, and not listed.
`

// writeLicenses writes docs/licenses.md. The version of Go is that of whoever
// builds, so it is not part of the page.
func writeLicenses(out io.Writer, parts []part) error {
	var page strings.Builder
	page.WriteString(licensesHead)
	for _, p := range parts {
		name, version := "`"+p.name+"`", p.version
		if p.what != "" {
			name += ": " + p.what
		}
		if p.name == "std" {
			version = "of the Go that builds"
		}
		fmt.Fprintf(&page, "| %s | %s | %s |\n", name, version, strings.Join(p.licenses, ", "))
	}
	page.WriteString(licensesTail)
	if _, err := io.WriteString(out, page.String()); err != nil {
		return fmt.Errorf("writing the licenses: %w", err)
	}
	return nil
}

const copyrightHead = `LicenseLedger is licensed under the Apache License, Version 2.0, which Debian
systems have in /usr/share/common-licenses/Apache-2.0.

The programs contain work of others. What it is, under which licenses, and their
texts:
`

// writeCopyright writes the notices that have to go with the programs. Equal
// texts are written once.
func writeCopyright(out io.Writer, parts []part) error {
	holders := map[string][]string{}
	var texts []string
	for _, p := range parts {
		for _, notice := range p.notices {
			if holders[notice] == nil {
				texts = append(texts, notice)
			}
			holders[notice] = append(holders[notice], fmt.Sprintf("%s %s (%s)", p.name, p.version, strings.Join(p.licenses, ", ")))
		}
	}
	var page strings.Builder
	page.WriteString(copyrightHead)
	for _, text := range texts {
		fmt.Fprintf(&page, "\n%s\n%s\n\n%s\n", strings.Repeat("-", 78), strings.Join(holders[text], "\n"), text)
	}
	if _, err := io.WriteString(out, page.String()); err != nil {
		return fmt.Errorf("writing the notices: %w", err)
	}
	return nil
}
