// Package packaging holds what is installed: units of systemd, the Debian package,
// the list of what the programs contain. Its tests try what can be tried without
// installing; `make deb-test` and `make repro` do the rest.
package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var units = []string{"licenseledger-worker.service", "licenseledger-api.service"}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func need(t *testing.T, tool, packages string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("%s is missing: apt-get install %s", tool, packages)
	}
}

// Exposure, of at most 10, as systemd reckons it.
func TestUnitsAreHardened(t *testing.T) {
	need(t, "systemd-analyze", "systemd")
	for _, unit := range units {
		out, err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", filepath.Join("systemd", unit)).CombinedOutput()
		if strings.Contains(string(out), "unrecognized option") {
			t.Skip("this systemd is older than 250 and cannot look at files")
		}
		if err != nil {
			t.Errorf("%s: exposed by more than 2.0: %v\n%s", unit, err, out)
		}
	}
}

// systemd understands every line. The programs need not be installed for that.
func TestUnitsAreValid(t *testing.T) {
	need(t, "systemd-analyze", "systemd")
	dir := t.TempDir()
	for _, unit := range units {
		text := read(t, filepath.Join("systemd", unit))
		text = regexp.MustCompile(`ExecStart=\S+`).ReplaceAllString(text, "ExecStart=/bin/true")
		file := filepath.Join(dir, unit)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", file).CombinedOutput()
		if strings.Contains(string(out), unit) {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}

// variable is a setting in an env file, also one that is commented out.
var variable = regexp.MustCompile(`(?m)^#?([A-Z][A-Z_]+)=`)

// forUnits are expanded by systemd, or read by Go itself.
var forUnits = map[string]bool{"WORKER_ARGS": true, "API_ARGS": true, "HTTP_ADDR": true, "SSL_CERT_FILE": true}

// Every setting that the sample files name is one that the programs read.
func TestSampleSettingsExist(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"cmd/*/*.go", "internal/settings/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			sources.WriteString(read(t, file))
		}
	}
	known := func(name string) bool { return strings.Contains(sources.String(), `env:"`+name+`"`) }
	for _, file := range []string{"worker.env", "worker.secrets", "api.env", "api.secrets"} {
		named := variable.FindAllStringSubmatch(read(t, filepath.Join("config", file)), -1)
		if len(named) == 0 {
			t.Errorf("%s names no setting", file)
		}
		for _, name := range named {
			if !forUnits[name[1]] && !known(name[1]) {
				t.Errorf("%s: no program reads %s", file, name[1])
			}
		}
	}
}

// Scripts of the package are what sh accepts; dpkg runs them as root.
func TestScriptsParse(t *testing.T) {
	scripts, err := filepath.Glob("debian/p*")
	if err != nil || len(scripts) != 3 {
		t.Fatalf("%d scripts: %v", len(scripts), err)
	}
	for _, script := range append(scripts, "build-deb", "man-and-completion", "test-deb", "test-deb-inside", "test-reproducible") {
		if out, err := exec.Command("sh", "-n", script).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", script, out)
		}
		if info, err := os.Stat(script); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be executed (%v)", script, err)
		}
	}
}

// The containers stop as patiently as the units, and have the users of the
// settings for production.
func TestContainersAgreeWithUnits(t *testing.T) {
	compose := read(t, filepath.Join(root, "examples/docker/compose.yaml"))
	for _, unit := range units {
		stop := regexp.MustCompile(`TimeoutStopSec=(\d+s)`).FindStringSubmatch(read(t, filepath.Join("systemd", unit)))
		if len(stop) < 2 || !strings.Contains(compose, "stop_grace_period: "+stop[1]) {
			t.Errorf("compose.yaml has no service that stops as %s does: %v", unit, stop)
		}
	}
	for _, file := range regexp.MustCompile(`\.\./production/(\S+?):`).FindAllStringSubmatch(compose, -1) {
		read(t, filepath.Join(root, "examples/production", file[1]))
	}
}
