package packaging

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const patience = 60 * time.Second

// postgresFolder is where the newest Postgres has its programs.
func postgresFolder(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is well-formed
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		t.Skip("postgres is missing: apt-get install postgresql")
	}
	return filepath.Dir(found[len(found)-1])
}

// asPostgres makes a command run as somebody else than root, whom Postgres refuses.
func asPostgres(t *testing.T, cmd *exec.Cmd, folders ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		return cmd
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Skip("Postgres does not run as root, and there is nobody else")
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	for _, folder := range folders {
		if err := os.Chown(folder, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	cmd.Dir = "/"
	return cmd
}

// openFolder is a folder that others than root can walk to, with a short name for
// sockets.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "licenseledger-conf-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

var setting = regexp.MustCompile(`^([a-z_-]+)\s*(?:=\s*)?(.*)$`)

// settingsOf reads a file of settings; each of them must have a reason above it,
// or above the group it belongs to.
func settingsOf(t *testing.T, path string) (names []string) {
	t.Helper()
	reason := false
	for i, line := range strings.Split(strings.TrimSpace(read(t, path)), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			reason = true
		case line == "":
			reason = false
		default:
			m := setting.FindStringSubmatch(line)
			if m == nil || !reason {
				t.Errorf("%s:%d: no setting, or none with a reason: %s", path, i+1, line)
				continue
			}
			names = append(names, m[1])
		}
	}
	if len(names) == 0 {
		t.Errorf("%s sets nothing", path)
	}
	return names
}

// A real Postgres reads every line, and starts.
func TestPostgresTakesTheProductionSettings(t *testing.T) {
	bin, dir := postgresFolder(t), openFolder(t)
	sample := filepath.Join(root, "examples/production/postgresql.conf")
	names := settingsOf(t, sample)
	data, conf := filepath.Join(dir, "data"), filepath.Join(dir, "postgresql.conf")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf, []byte(read(t, sample)), 0o644); err != nil {
		t.Fatal(err)
	}
	initdb := asPostgres(t, exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "--no-sync", "--data-checksums"), dir, data)
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	for _, name := range names {
		out, err := asPostgres(t, exec.Command(filepath.Join(bin, "postgres"), "-D", data, "--config-file="+conf, "-C", name)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	// With less memory than a server has; everything else as it stands there.
	start := asPostgres(t, exec.Command(filepath.Join(bin, "pg_ctl"), "-D", data, "-w", "-t", "60", "-l", filepath.Join(dir, "log"),
		"-o", "--config-file="+conf+" --shared-buffers=32MB --listen-addresses= --unix-socket-directories="+dir, "start"))
	out, err := start.CombinedOutput()
	if err != nil {
		t.Fatalf("starting: %v\n%s\n%s", err, out, read(t, filepath.Join(dir, "log")))
	}
	stop := asPostgres(t, exec.Command(filepath.Join(bin, "pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop"))
	if out, err := stop.CombinedOutput(); err != nil {
		t.Errorf("stopping: %v\n%s", err, out)
	}
}

// A real Redis reads every line, starts, and has the settings that promises rest on.
func TestRedisTakesTheProductionSettings(t *testing.T) {
	for _, tool := range []string{"redis-server", "redis-cli"} {
		need(t, tool, "redis-server")
	}
	sample, dir := filepath.Join(root, "examples/production/redis.conf"), openFolder(t)
	settingsOf(t, sample)
	socket := filepath.Join(dir, "s")
	var log strings.Builder
	server := exec.Command("redis-server", "-", "--port", "0", "--unixsocket", socket, "--dir", dir)
	server.Stdin, server.Stdout, server.Stderr = strings.NewReader(read(t, sample)), &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = server.Wait(); close(ended) }()
	stop := func() {
		_ = server.Process.Kill()
		<-ended
	}
	deadline := time.After(patience)
	ask := func(words ...string) string {
		out, _ := exec.Command("redis-cli", append([]string{"-s", socket}, words...)...).Output()
		return strings.TrimSpace(string(out))
	}
	for ask("ping") != "PONG" {
		select {
		case <-ended:
			t.Fatalf("it ended: %v\n%s", server.ProcessState, log.String())
		case <-deadline:
			stop()
			t.Fatalf("it does not answer:\n%s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	defer stop()
	for name, want := range map[string]string{"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "save": ""} {
		if got := strings.TrimSpace(strings.TrimPrefix(ask("config", "get", name), name)); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
