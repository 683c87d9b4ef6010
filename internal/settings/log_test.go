package settings_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/licenseledger/licenseledger/internal/settings"
)

func TestNobodyIsNamedInTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log := settings.NewLogger(&out, format, slog.LevelDebug)
		log.With("user", "ada.l+x@northwind.example").Warn("for ada.l+x@northwind.example, \"ada.l+x@northwind.example\"",
			"error", errors.New("550 <ada.l+x@northwind.example>: unknown; postgres://ledger:hunter2@db:5432/x; smtp://u:h:unter2@mx"),
			slog.Group("g", "to", "mailto:ada.l+x@northwind.example"))
		got := out.String()
		if strings.Contains(got, "ada") || strings.Contains(got, "unter2") || strings.Count(got, "***@northwind.example") != 5 {
			t.Errorf("%s", got)
		}
	}
}

// Postgres quotes what it cannot use.
func TestNoValuesInTheLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	settings.NewLogger(&out, "text", slog.LevelInfo).Warn("failed", "error", fmt.Errorf("saving: %w", &pgconn.PgError{
		Severity: "ERROR", Code: "22P02", Message: `invalid input syntax for type integer: "Ada "the" Countess"`,
	}))
	if got := out.String(); strings.Contains(got, "Countess") || !strings.Contains(got, "saving: ERROR: invalid input syntax for type integer: … (SQLSTATE 22P02)") {
		t.Error(got)
	}
}

// Whatever a log is told, it says in one line.
func TestALogLineIsOneLine(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		settings.NewLogger(&out, format, slog.LevelInfo).Info("a\nb", "id", "x\r\ny\x1b[31m\u2028\x00\xff", "error", errors.New("1\n2"))
		if got := out.String(); strings.Count(got, "\n") != 1 || strings.ContainsAny(strings.TrimSuffix(got, "\n"), "\r\x1b\x00") {
			t.Errorf("%q", got)
		}
	}
}

// A file of settings that cannot be read is not shown: it holds passwords.
func TestAnEnvFileIsNotShown(t *testing.T) {
	for name, text := range map[string]string{
		"syntax": "SMTP_URL=smtp://u:hunter2@mx\n}hunter2{=\n", "quotes": "A='hunter2", "variable": "A=\"${hunter2\"\n\x01hunter2",
		"no text": "A=hunter2\xff", "NUL": "A=hunter2\x00", "long": "A=" + strings.Repeat("hunter2 ", settings.MaxEnvFileBytes/8),
	} {
		file := filepath.Join(t.TempDir(), "env")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := settings.LoadEnvFile([]string{"--env-file", file}); err == nil && name != "variable" {
			t.Errorf("%s is read", name)
		} else if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSizeOfAnEnvFile(t *testing.T) {
	const name = "LICENSELEDGER_TEST_LONG"
	t.Setenv(name, "") // put back afterwards
	for _, more := range []int{0, 1} {
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "env")
		text := name + "=x\n#" + strings.Repeat("y", settings.MaxEnvFileBytes+more-len(name)-4)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := settings.LoadEnvFile([]string{"--env-file=" + file})
		if (err != nil) != (more == 1) || (os.Getenv(name) == "x") != (more == 0) {
			t.Errorf("%d bytes: %v, read %q", len(text), err, os.Getenv(name))
		}
	}
}
