// Package house holds the rules that this repository keeps for itself, as tests.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

func TestMain(m *testing.M) { testdb.Main(m) }

const root = "../.."

// source is a file of Go, read once for all rules.
type source struct {
	path  string // from the root
	lines int
	set   *token.FileSet
	file  *ast.File
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) generated() bool { return ast.IsGenerated(s.file) }

func (s source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && len(name) > 2 && (name[0] == '.' || name == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		all = append(all, source{path: filepath.ToSlash(relative), lines: strings.Count(string(text), "\n"), set: set, file: file})
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files: %v", len(all), err)
	}
	return all
}

// The rules of the business depend on nothing that could change under them.
func TestDomainDependsOnNothing(t *testing.T) {
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "domain/") || s.test() {
			continue
		}
		for _, spec := range s.file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && path != "github.com/shopspring/decimal" {
				t.Errorf("%s:%d imports %s; domain imports the standard library and the decimal library", s.path, s.line(spec), path)
			}
		}
	}
}

// store, notify and jobs know the domain; the store knows neither of the others.
func TestNobodyDependsUpwards(t *testing.T) {
	above := map[string][]string{
		"internal/store/": {"/jobs", "/notify", "/cmd/"},
		"migrations/":     {"/jobs", "/notify", "/cmd/", "/internal/store", "/domain"},
		"jobs/":           {"/cmd/"},
		"notify/":         {"/cmd/", "/jobs"},
	}
	for _, s := range sources(t) {
		for folder, forbidden := range above {
			if !strings.HasPrefix(s.path, folder) || s.test() {
				continue
			}
			for _, spec := range s.file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				_, inner, ours := strings.Cut(path, "github.com/licenseledger/licenseledger")
				for _, prefix := range forbidden {
					if ours && strings.HasPrefix(inner+"/", prefix) {
						t.Errorf("%s:%d imports %s", s.path, s.line(spec), path)
					}
				}
			}
		}
	}
}

// keepers of elapsed time are the only files besides cmd that look at the machine's
// clock and hand it on, never to decide a date.
var keepers = map[string]string{
	"internal/bench/main.go": "measures",
	"internal/chaos/main.go": "waits for what it breaks",
}

// Business time comes from the ledger's clock alone.
func TestNobodyAsksTheMachineForTheTime(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.path, "cmd/") || keeps(s.path) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && call.Sel.Name == "Now" {
					t.Errorf("%s:%d asks for time.Now; only cmd does", s.path, s.line(n))
				}
			}
			return true
		})
	}
}

func keeps(path string) bool {
	for folder := range keepers {
		if strings.HasPrefix(path, folder) {
			return true
		}
	}
	return false
}

// A function fits on a screen or two, a file is about one thing.
func TestNothingIsTooLong(t *testing.T) {
	const longestFunction, longestFile = 80, 500
	for _, s := range sources(t) {
		if s.generated() {
			continue
		}
		if s.lines >= longestFile {
			t.Errorf("%s has %d lines; below %d is the rule", s.path, s.lines, longestFile)
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch f := n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				if lines := s.set.Position(f.End()).Line - s.line(f) + 1; lines >= longestFunction {
					t.Errorf("%s:%d: a function of %d lines; below %d is the rule", s.path, s.line(f), lines, longestFunction)
				}
			}
			return true
		})
	}
}

// selfExplaining methods say by their name and receiver all there is to say.
var selfExplaining = regexp.MustCompile(`^(Kind|Reads|Decide|Doc|Check|CheckFields|FieldRules|Schema|Words|String|Key|Error|Canonical)$`)

// Whoever reads the domain finds a word about every exported name.
func TestTheDomainIsExplained(t *testing.T) {
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "domain/") || s.test() {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || !selfExplaining.MatchString(d.Name.Name)) {
					t.Errorf("%s:%d: %s has no comment", s.path, s.line(d), d.Name.Name)
				}
			case *ast.GenDecl:
				explained(t, s, d)
			}
		}
	}
}

func explained(t *testing.T, s source, d *ast.GenDecl) {
	t.Helper()
	said := d.Doc != nil // of a whole group
	for _, spec := range d.Specs {
		switch x := spec.(type) {
		case *ast.TypeSpec:
			said = said || x.Doc != nil || x.Comment != nil
			if x.Name.IsExported() && !said {
				t.Errorf("%s:%d: %s has no comment", s.path, s.line(x), x.Name.Name)
			}
		case *ast.ValueSpec:
			said = said || x.Doc != nil || x.Comment != nil
			if x.Names[0].IsExported() && !said {
				t.Errorf("%s:%d: %s has no comment", s.path, s.line(x), x.Names[0].Name)
			}
		}
	}
}

// Every kind can be tried out.
func TestEveryKindHasAnExample(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "examples/*.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	shown := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
			c, problems := jobs.Parse([]byte(line))
			if len(problems) > 0 {
				t.Errorf("%s:%d: %v", file, i+1, problems)
			}
			shown[c.Kind] = true
		}
	}
	for _, kind := range jobs.Kinds {
		if !shown[kind.Name] {
			t.Errorf("%s is in no file of examples", kind.Name)
		}
	}
}

// Migrations have numbers of four digits, each once, without a gap.
func TestMigrationsAreNumberedOnce(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "migrations/[0-9]*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	for i, file := range files {
		number, _, named := strings.Cut(filepath.Base(file), "_")
		if n, err := strconv.Atoi(number); err != nil || len(number) != 4 || n != i+1 || !named {
			t.Errorf("%s should be number %04d", file, i+1)
		}
		text, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(strings.TrimPrefix(string(text), "-- +goose NO TRANSACTION\n"), "-- +goose Up\n") {
			t.Errorf("%s does not begin with -- +goose Up, after NO TRANSACTION where it builds CONCURRENTLY (%v)", file, err)
		}
	}
}

// Every statement is used by its name in one place, and Postgres takes it.
func TestEveryStatementIsUsedOnceAndPrepares(t *testing.T) {
	conn := testdb.New(t)
	used := map[string][]string{}
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "internal/store/") || s.test() {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "sqlText" {
				if literal, ok := call.Args[0].(*ast.BasicLit); ok {
					text, _ := strconv.Unquote(literal.Value)
					used[text] = append(used[text], s.path+":"+strconv.Itoa(s.line(call)))
				}
			}
			return true
		})
	}
	files, err := filepath.Glob(filepath.Join(root, "internal/store/sql/*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no statements", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		if len(used[name]) != 1 {
			t.Errorf("%s is used %d times: %s", file, len(used[name]), strings.Join(used[name], ", "))
		}
		delete(used, name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		err = conn.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
			_, err := c.Conn().Prepare(t.Context(), "", strings.TrimSpace(string(text)))
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for name, where := range used {
		t.Errorf("%s: there is no statement %s", strings.Join(where, ", "), name)
	}
}
