package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// oldestPostgres is the oldest major version the program works with.
const oldestPostgres = 15

const howToInstall = "install them with `make setup` or `apt-get install postgresql redis-server`"

// tools are the installed binaries.
type tools struct {
	postgres, initdb, redis string
	major                   int // of Postgres
}

// findTools finds all binaries or says everything that is missing at once. A
// data folder wants the Postgres that made it; machines may have several.
func (s *Servers) findTools(ctx context.Context) error {
	wanted, err := s.dataMajor()
	if err != nil {
		return err
	}
	var missing []string
	var other []string // Postgres versions that do not fit
	for _, dir := range postgresFolders() {
		t, err := inspect(ctx, dir)
		if err != nil {
			s.log.Debug("passing over a Postgres", "folder", dir, "err", err)
			continue
		}
		if t.major < oldestPostgres || wanted != 0 && t.major != wanted {
			other = append(other, strconv.Itoa(t.major))
			continue
		}
		s.tools = t
		break
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("look for the installed servers: %w", err)
	}
	switch {
	case s.tools.postgres != "":
	case wanted != 0 && len(other) > 0:
		return fmt.Errorf("the data folder was made by Postgres %d, but only Postgres %s is installed: install postgresql-%d, or use another data folder",
			wanted, strings.Join(slices.Compact(other), " and "), wanted)
	case len(other) > 0:
		return fmt.Errorf("at least Postgres %d is needed, but only Postgres %s is installed", oldestPostgres, strings.Join(slices.Compact(other), " and "))
	default:
		missing = append(missing, "postgres and initdb")
	}
	if s.tools.redis = find("redis-server", "/usr/bin", "/usr/local/bin"); s.tools.redis == "" {
		missing = append(missing, "redis-server")
	}
	if len(missing) > 0 {
		return fmt.Errorf("not installed: %s; %s", strings.Join(missing, ", "), howToInstall)
	}
	return nil
}

// dataMajor is the Postgres version that made the data folder, 0 if it is new.
func (s *Servers) dataMajor() (int, error) {
	b, err := os.ReadFile(filepath.Join(s.postgres.home.dir, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the data folder: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("read the version of the data folder: %w", err)
	}
	return major, nil
}

// postgresFolders lists where to look, best first. Debian keeps the servers off
// the PATH, one folder for each version.
func postgresFolders() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well-formed
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		return n
	}
	slices.SortFunc(debian, func(a, b string) int { return version(b) - version(a) })
	return append(dirs, debian...)
}

var postgresVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect looks at one folder of Postgres binaries. Both must come from the same
// folder, for initdb insists on a server of its own version.
func inspect(ctx context.Context, dir string) (tools, error) {
	t := tools{postgres: filepath.Join(dir, "postgres"), initdb: filepath.Join(dir, "initdb")}
	for _, path := range []string{t.postgres, t.initdb} {
		if _, err := exec.LookPath(path); err != nil {
			return tools{}, err
		}
	}
	out, err := exec.CommandContext(ctx, t.postgres, "--version").Output()
	if err != nil {
		return tools{}, err
	}
	m := postgresVersion.FindSubmatch(out)
	if m == nil {
		return tools{}, fmt.Errorf("unknown version %q", out)
	}
	t.major, err = strconv.Atoi(string(m[1]))
	return t, err
}

// find looks for a program on the PATH and in some more folders.
func find(name string, dirs ...string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range dirs {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

// account is a user other than ourselves. A nil account is ourselves.
type account struct{ uid, gid uint32 }

// chooseAccount finds whom Postgres runs as: it refuses to run as root. An
// existing data folder stays with its owner.
func (s *Servers) chooseAccount(context.Context) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if info, err := os.Stat(s.postgres.home.dir); err == nil {
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok || st.Uid == 0 {
			return fmt.Errorf("%s belongs to root, and Postgres does not run as root", s.postgres.home.dir)
		}
		s.account = &account{uid: st.Uid, gid: st.Gid}
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return fmt.Errorf("read the ids of user %s: %w", name, err)
		}
		s.account = &account{uid: uint32(uid), gid: uint32(gid)}
		return nil
	}
	return errors.New("there is neither a user postgres nor a user nobody, and Postgres does not run as root")
}

// own gives a folder to the account.
func (a *account) own(folder string) error {
	if a == nil {
		return nil
	}
	if err := os.Chown(folder, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to the user of Postgres: %w", folder, err)
	}
	return nil
}

// admit makes cmd run as the account, and returns names under which it reaches
// the folders. Another user may be unable to walk there, say through a temporary
// folder of root's; it gets them opened instead, and so do all its children.
// The caller closes the files once cmd runs.
func (a *account) admit(cmd *exec.Cmd, folders ...string) ([]string, error) {
	if a == nil {
		return folders, nil
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.uid, Gid: a.gid}}
	var names []string
	for _, folder := range folders {
		f, err := os.Open(folder)
		if err != nil {
			dismiss(cmd)
			return nil, err
		}
		names = append(names, "/proc/self/fd/"+strconv.Itoa(3+len(cmd.ExtraFiles)))
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	return names, nil
}

// dismiss closes our copies of the files that admit opened.
func dismiss(cmd *exec.Cmd) {
	for _, f := range cmd.ExtraFiles {
		_ = f.Close()
	}
}
