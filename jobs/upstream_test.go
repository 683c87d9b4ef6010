package jobs_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

// linked are the modules that an upstream links with package jobs: what talks to
// Postgres and Redis, and nothing that makes PDFs, sends mail, migrates, or
// starts servers.
var linked = []string{
	"github.com/cespare/xxhash/v2",
	"github.com/google/uuid",
	"github.com/hibiken/asynq",
	"github.com/jackc/pgpassfile",
	"github.com/jackc/pgservicefile",
	"github.com/jackc/pgx-shopspring-decimal",
	"github.com/jackc/pgx/v5",
	"github.com/jackc/puddle/v2",
	"github.com/licenseledger/licenseledger",
	"github.com/redis/go-redis/v9",
	"github.com/robfig/cron/v3",
	"github.com/shopspring/decimal",
	"github.com/spf13/cast",
	"go.uber.org/atomic",
	"golang.org/x/sync",
	"golang.org/x/sys",
	"golang.org/x/text",
	"golang.org/x/time",
	"google.golang.org/protobuf",
	// The interface of OpenTelemetry, not what exports: an upstream that traces
	// finds its spans in the worker's, and of the others nothing is asked.
	"github.com/exaring/otelpgx",
	"github.com/go-logr/logr",
	"github.com/go-logr/stdr",
	"go.opentelemetry.io/auto/sdk",
	"go.opentelemetry.io/otel",
	"go.opentelemetry.io/otel/log",
	"go.opentelemetry.io/otel/metric",
	"go.opentelemetry.io/otel/trace",
}

// ours are the packages of this module among them.
var ours = []string{"domain", "internal/link", "internal/mutant", "internal/store", "internal/traces", "jobs"}

func TestWhatAnUpstreamLinks(t *testing.T) {
	const module = "github.com/licenseledger/licenseledger"
	modules, packages := map[string]bool{}, []string(nil)
	for line := range strings.Lines(goTool(t, ".", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}} {{.ImportPath}}", ".")) {
		from, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if path == "" {
			continue // of the standard library
		}
		modules[from] = true
		if from == module {
			packages = append(packages, strings.TrimPrefix(path, module+"/"))
		}
	}
	for name := range modules {
		if !slices.Contains(linked, name) {
			t.Errorf("importing jobs links %s; can what needs it be handed in, as Render is?", name)
		}
	}
	slices.Sort(packages)
	if !slices.Equal(packages, ours) {
		t.Errorf("importing jobs links %q of this module; %q is what upstreams need", packages, ours)
	}
}

// A module outside of this one imports jobs, is built, and runs against real servers.
func TestAnUpstreamInAModuleOfItsOwn(t *testing.T) {
	databaseURL, redisURL := testdb.URL(t), testdb.Redis(t)
	l := startOn(t, databaseURL, redisURL)
	for _, o := range l.file("../examples/catalog.ndjson") {
		if o.Status != domain.Applied {
			t.Fatalf("%s: %s", o.ID, o.Status)
		}
	}
	dir := t.TempDir()
	check(t, os.CopyFS(dir, os.DirFS("testdata/upstream")))
	root, err := filepath.Abs("..")
	check(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	check(t, err)
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	check(t, err)
	// The versions are those of this module, so that nothing is looked up.
	text := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module upstream.example")
	text += "\nrequire github.com/licenseledger/licenseledger v0.0.0\n\nreplace github.com/licenseledger/licenseledger => " + root + "\n"
	check(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	goTool(t, dir, "build", "-o", "upstream", ".")

	upstream := exec.Command(filepath.Join(dir, "upstream"))
	upstream.Env = append(os.Environ(), "DATABASE_URL="+databaseURL, "REDIS_URL="+redisURL)
	out, err := upstream.CombinedOutput()
	const want = `wrong: quantity: 0 is not between 1 and 1000000
would be applied
applied up-1~1 3
later: applied
rejected id_reused
`
	if err != nil || string(out) != want {
		t.Errorf("%v\n got %s\nwant %s", err, out, want)
	}
}

// goTool runs the go command without network.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.Command("go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off", "PWD=")
	var errs strings.Builder
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

// Whoever imports jobs tells errors apart without reading their texts.
func TestErrorsOfTheClient(t *testing.T) {
	command := jobs.New("po-1", "ada@northwind.example", domain.PurchaseStock{Contract: "C", Account: "a", Product: "p", Quantity: 1})
	const nobody = "127.0.0.1:1"

	t.Run("no Postgres", func(t *testing.T) {
		_, err := jobs.Connect(t.Context(), "postgres://"+nobody+"/x", "redis://"+nobody, nil)
		if !errors.Is(err, jobs.ErrUnreachable) {
			t.Errorf("%v", err)
		}
	})
	t.Run("no Redis", func(t *testing.T) {
		client, err := jobs.ConnectRedis("redis://"+nobody, nil)
		check(t, err)
		defer client.Close()
		if err := client.Send(t.Context(), []jobs.Command{command}); !errors.Is(err, jobs.ErrUnreachable) {
			t.Errorf("%v", err)
		}
	})
	client, err := jobs.Connect(t.Context(), testdb.URL(t), testdb.Redis(t), nil)
	check(t, err)
	t.Cleanup(func() { check(t, client.Close()) })
	t.Run("nobody works", func(t *testing.T) {
		outcomes, err := client.Do(t.Context(), []jobs.Command{command}, jobs.Run{Wait: true, Timeout: 50 * time.Millisecond})
		if !errors.Is(err, jobs.ErrTimeout) || outcomes[0].Status != jobs.Waiting {
			t.Errorf("%v, %v", outcomes, err)
		}
		if o, err := client.Outcome(t.Context(), domain.DefaultSource, "po-1"); err != nil || o.Status != jobs.Waiting {
			t.Errorf("%v, %v", o, err)
		}
	})
	t.Run("the context ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if o, err := client.Apply(ctx, command); !errors.Is(err, context.DeadlineExceeded) || o.Status != jobs.Waiting {
			t.Errorf("%v, %v", o, err)
		}
	})
	t.Run("not signed", func(t *testing.T) {
		_, err := client.Store().AddSource(t.Context(), domain.Source{Source: "portal"})
		check(t, err)
		unsigned := command
		unsigned.Source = "portal"
		var refused *jobs.RefusedError
		if err := client.Enqueue(t.Context(), unsigned); !errors.As(err, &refused) || *refused.Outcome.Reason != domain.SignatureInvalid {
			t.Errorf("%v", err)
		}
	})
	t.Run("not well-formed", func(t *testing.T) {
		var problems jobs.Problems
		if _, err := client.Apply(t.Context(), jobs.Command{ID: "x", Kind: "stock.purchse"}); !errors.As(err, &problems) {
			t.Errorf("%v", err)
		}
	})
}
