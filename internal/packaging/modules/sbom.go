package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"
)

// The part of CycloneDX 1.5 that is needed; https://cyclonedx.org/docs/1.5/json.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		BOMFormat    string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		SerialNumber string       `json:"serialNumber,omitempty"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp,omitempty"` // of the commit: the same build, the same file
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version,omitempty"`
		PURL       string     `json:"purl,omitempty"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Licenses   []license  `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	license struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// writeSBOM says what the given programs were really built from, which they
// carry in themselves; parts adds the licenses.
func writeSBOM(out io.Writer, parts []part, programs []string) error {
	if len(programs) == 0 {
		return errUsage
	}
	known := map[string]part{}
	for _, p := range parts {
		known[p.name] = p
	}
	fonts := known["dejavu-fonts"]
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", BOMFormat: "CycloneDX", SpecVersion: "1.5", Version: 1,
		Components: []component{fonts.component("pkg:generic/" + fonts.name + "@" + fonts.version)},
	}
	whole := dependency{}
	seen := map[string]bool{}
	for _, path := range programs {
		built, program, err := readProgram(path)
		if err != nil {
			return err
		}
		b.Metadata = about(built)
		whole.DependsOn = append(whole.DependsOn, program.Ref)
		needs := dependency{Ref: program.Ref, DependsOn: []string{b.Components[0].Ref}}
		b.Components = append(b.Components, program)
		for _, m := range modulesOf(built) {
			p, ok := known[m.Path]
			if !ok || p.version != m.Version {
				return fmt.Errorf("%s contains %s %s, the sources want %q: build it again", path, m.Path, m.Version, p.version)
			}
			c := p.component("pkg:golang/" + m.Path + "@" + m.Version)
			if m.Sum != "" {
				c.Properties = []property{{Name: "go:sum", Value: m.Sum}}
			}
			needs.DependsOn = append(needs.DependsOn, c.Ref)
			if !seen[c.Ref] {
				seen[c.Ref] = true
				b.Components = append(b.Components, c)
			}
		}
		b.Dependencies = append(b.Dependencies, needs)
	}
	whole.Ref = b.Metadata.Component.Ref
	b.Dependencies = append([]dependency{whole}, b.Dependencies...)
	return b.write(out)
}

// readProgram reads what a program says of itself.
func readProgram(path string) (*debug.BuildInfo, component, error) {
	built, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, component{}, fmt.Errorf("reading what %s was built from: %w", path, err)
	}
	text, err := os.ReadFile(path) //nolint:gosec // whoever calls it says which program
	if err != nil {
		return nil, component{}, fmt.Errorf("reading %s: %w", path, err)
	}
	sum := sha256.Sum256(text)
	return built, component{
		Type: "application", Ref: "program:" + filepath.Base(path), Name: filepath.Base(path), Version: built.Main.Version,
		Hashes: []hash{{Algorithm: "SHA-256", Content: hex.EncodeToString(sum[:])}},
	}, nil
}

func about(built *debug.BuildInfo) metadata {
	name := "pkg:golang/" + built.Main.Path + "@" + built.Main.Version
	m := metadata{Component: component{Type: "application", Ref: name, Name: "licenseledger", Version: built.Main.Version, PURL: name}}
	m.Component.Licenses = licenses([]string{"Apache-2.0"})
	for _, setting := range built.Settings {
		switch setting.Key {
		case "vcs.time":
			m.Timestamp = setting.Value
		case "vcs.revision":
			m.Component.Properties = []property{{Name: "vcs.revision", Value: setting.Value}}
		}
	}
	return m
}

// modulesOf lists what is linked, the standard library first.
func modulesOf(built *debug.BuildInfo) []*debug.Module {
	modules := []*debug.Module{{Path: "std", Version: built.GoVersion}}
	for _, m := range built.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		modules = append(modules, m)
	}
	return modules
}

func (p part) component(purl string) component {
	return component{Type: "library", Ref: purl, Name: p.name, Version: p.version, PURL: purl, Licenses: licenses(p.licenses)}
}

func licenses(ids []string) []license {
	all := make([]license, len(ids))
	for i, id := range ids {
		all[i].License.ID = id
	}
	return all
}

// write gives the list a serial number that follows from what is in it.
func (b *bom) write(out io.Writer) error {
	var text strings.Builder
	if err := json.NewEncoder(&text).Encode(b); err != nil {
		return fmt.Errorf("encoding the bill of materials: %w", err)
	}
	b.SerialNumber = uuid.NewSHA1(uuid.NameSpaceURL, []byte(text.String())).URN()
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(b); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	return nil
}
