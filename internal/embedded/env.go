package embedded

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// WriteEnv writes DIR/env, which tells other programs the addresses. They see
// the old file or the new one, never a part of it.
func WriteEnv(dir string, vars map[string]string) error {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		value, err := quoteEnv(vars[name])
		if err != nil || !envName.MatchString(name) {
			return fmt.Errorf("write %s: %q=%q cannot be written", filepath.Join(dir, "env"), name, vars[name])
		}
		fmt.Fprintf(&text, "%s=%s\n", name, value)
	}
	if err := replaceFile(filepath.Join(dir, "env"), text.String()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Join(dir, "env"), err)
	}
	return nil
}

// quoteEnv quotes so that a shell and the usual readers of .env files agree on
// the value. Single quotes mean the same everywhere, but cannot hold a quote;
// about the rarest combinations the readers do not agree, and they are refused.
func quoteEnv(value string) (string, error) {
	for _, c := range []byte(value) {
		if c < ' ' || c == 0x7f {
			return "", fmt.Errorf("control character in %q", value)
		}
	}
	if !strings.Contains(value, "'") && !strings.HasSuffix(value, `\`) {
		return "'" + value + "'", nil
	}
	if strings.Contains(value, `\`) || strings.HasSuffix(value, `"`) {
		return "", fmt.Errorf("no common way to quote %q", value)
	}
	return `"` + strings.NewReplacer(`"`, `\"`, `$`, `\$`, "`", "\\`").Replace(value) + `"`, nil
}

func replaceFile(path, text string) (err error) {
	// CreateTemp gives mode 0600, as fits a file with addresses.
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	if syncErr := f.Sync(); err == nil {
		err = syncErr
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
