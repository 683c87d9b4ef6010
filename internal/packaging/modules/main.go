// Command modules tells what others' work the programs contain: as a software
// bill of materials (CycloneDX), as docs/licenses.md, and as the file copyright of
// the Debian package.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "modules:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: modules sbom PROGRAM… | licenses | copyright")

// run is called in the root of the repository.
func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	parts, err := linked(".")
	if err != nil {
		return err
	}
	switch args[0] {
	case "sbom":
		return writeSBOM(out, parts, args[1:])
	case "licenses":
		return writeLicenses(out, parts)
	case "copyright":
		return writeCopyright(out, parts)
	}
	return errUsage
}
