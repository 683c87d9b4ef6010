package e2e

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/embedded"
)

// site is servers with an archive, and workers on them, as an operator would
// have them: what docs/operations.md says about restoring is done here.
type site struct {
	t       *testing.T
	dir     string
	servers *embedded.Servers
	mail    *mailbox
	workers []*exec.Cmd
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir, err := os.MkdirTemp("", "site") // t.TempDir is too long for a socket
	check(t, err)
	check(t, os.Chmod(dir, 0o755)) // Postgres is another user there
	s := &site{t: t, dir: dir, mail: newMailbox(t)}
	t.Cleanup(func() {
		s.killWorkers()
		s.stopServers()
		check(t, os.RemoveAll(dir))
	})
	s.startServers()
	return s
}

func (s *site) startServers() {
	s.t.Helper()
	servers, err := embedded.Start(s.t.Context(), embedded.Options{Dir: filepath.Join(s.dir, "servers"), Log: slog.New(slog.DiscardHandler)})
	check(s.t, err)
	s.servers = servers
}

func (s *site) stopServers() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	check(s.t, s.servers.Stop(ctx))
}

func (s *site) data() string    { return filepath.Join(s.dir, "servers", "postgres") }
func (s *site) archive() string { return filepath.Join(s.dir, "archive") }
func (s *site) base() string    { return filepath.Join(s.dir, "base") }

// ofPostgres gives a folder to whom the data belongs.
func (s *site) ofPostgres(dir string) {
	s.t.Helper()
	info, err := os.Stat(s.data())
	check(s.t, err)
	owner := info.Sys().(*syscall.Stat_t)
	check(s.t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, int(owner.Uid), int(owner.Gid)))
	}))
}

// settle writes settings that the next start of Postgres reads.
func (s *site) settle(dir, lines string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	check(s.t, err)
	_, err = f.WriteString(lines)
	check(s.t, errors.Join(err, f.Close()))
}

func (s *site) sql(sql string, args ...any) (value string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.servers.DatabaseURL)
	check(s.t, err)
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	check(s.t, conn.QueryRow(s.t.Context(), sql, args...).Scan(&value))
	return value
}

// become waits until a query gives a value.
func (s *site) become(want, sql string, args ...any) {
	s.t.Helper()
	got := ""
	for until := time.Now().Add(60 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if got = s.sql(sql, args...); got == want {
			return
		}
	}
	s.t.Fatalf("%s: %s, not %s\n%s", sql, got, want, s.log())
}

func (s *site) env() []string {
	return append(clean(), "DATABASE_URL="+s.servers.DatabaseURL, "REDIS_URL="+s.servers.RedisURL,
		"SMTP_URL=smtp://"+s.mail.address, "MAIL_FROM=ledger@site.example", "ADMIN_ADDR=off")
}

func (s *site) startWorker(binary string, flags ...string) *exec.Cmd {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, "worker.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	check(s.t, err)
	defer log.Close()
	w := exec.Command(binary, flags...)
	w.Dir, w.Env, w.Stderr = s.dir, s.env(), log
	check(s.t, w.Start())
	s.workers = append(s.workers, w)
	return w
}

// log is what the workers have said.
func (s *site) log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "worker.log")) // there may be none
	return string(text)
}

func (s *site) killWorkers() {
	for _, w := range s.workers {
		_ = w.Process.Kill()
		_ = w.Wait() // killed
	}
	s.workers = nil
}

// run runs a program to its end.
func (s *site) run(input, program string, args ...string) (code int, output string) {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = s.dir, s.env(), strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// must runs a program that has to succeed.
func (s *site) must(input, program string, args ...string) string {
	s.t.Helper()
	code, out := s.run(input, program, args...)
	if code != 0 {
		s.t.Fatalf("%s %s: exit %d\n%s\n%s", program, strings.Join(args, " "), code, out, s.log())
	}
	return out
}

// transfers are commands that each move one license and cause one mail.
func transfers(from, to int) string {
	var file strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&file, `{"id":"t-%d","kind":"stock.transfer","actor":"ada@northwind.example","body":{"from":"northwind","to":"acme","product":"pro","quantity":1}}`+"\n", i)
	}
	return file.String()
}

const stocked = `{"id":"stock","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":1000}}` + "\n"

func (s *site) catalog() {
	s.t.Helper()
	s.must("", filepath.Join(bin, "enqueue"), "run", example("catalog"), "--serial")
	s.must(stocked, filepath.Join(bin, "enqueue"), "run", "-", "--wait")
}

// keepArchive has Postgres copy its log away, as the runbook says.
func (s *site) keepArchive() {
	s.t.Helper()
	check(s.t, os.Mkdir(s.archive(), 0o700))
	s.ofPostgres(s.archive())
	s.stopServers()
	s.settle(s.data(), fmt.Sprintf("archive_mode = on\narchive_command = 'test ! -f %[1]s/%%f && cp %%p %[1]s/.%%f && mv %[1]s/.%%f %[1]s/%%f'\n", s.archive()))
	s.startServers()
}

func (s *site) backUp() {
	s.t.Helper()
	program := filepath.Join(s.sql("SELECT setting FROM pg_config WHERE name = 'BINDIR'"), "pg_basebackup")
	out, err := exec.Command(program, "-d", s.servers.DatabaseURL, "-D", s.base(), "-c", "fast").CombinedOutput()
	if err != nil {
		s.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
}

// restorePoint names an instant, and waits until it is in the archive.
func (s *site) restorePoint(name string) {
	s.t.Helper()
	s.sql("SELECT pg_create_restore_point($1)::text", name)
	segment := s.sql("SELECT pg_walfile_name(pg_switch_wal())")
	s.become("true", "SELECT (last_archived_wal >= $1)::text FROM pg_stat_archiver", segment)
}

// restore puts the backup in the place of the data and rolls it forward to the
// restore point.
func (s *site) restore(name string) {
	s.t.Helper()
	s.stopServers()
	s.ofPostgres(s.base())
	check(s.t, os.Rename(s.data(), s.data()+".lost"))
	check(s.t, os.Rename(s.base(), s.data()))
	s.settle(s.data(), fmt.Sprintf("restore_command = 'cp %s/%%f %%p'\nrecovery_target_name = '%s'\nrecovery_target_action = 'promote'\n", s.archive(), name))
	check(s.t, os.WriteFile(filepath.Join(s.data(), "recovery.signal"), nil, 0o644))
	s.ofPostgres(filepath.Join(s.data(), "recovery.signal"))
	s.startServers()
	s.become("false", "SELECT pg_is_in_recovery()::text")
}

func (s *site) emptyRedis() {
	s.t.Helper()
	check(s.t, os.RemoveAll(filepath.Join(s.dir, "servers", "redis", "appendonlydir")))
}

// A point-in-time restore under load loses what came after the point, until
// upstream sends it again; nothing is applied twice, and no mail arrives twice
// that is not marked. Whether Redis is kept or lost makes no difference.
func TestRestoreToAPointInTime(t *testing.T) {
	for name, emptied := range map[string]bool{"Redis is kept": false, "Redis is emptied": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			restoreDrill(t, emptied)
		})
	}
}

func restoreDrill(t *testing.T, emptied bool) {
	const duringBackup, atPoint, mailed, all = 150, 250, 350, 400
	worker, enqueue := filepath.Join(bin, "worker"), filepath.Join(bin, "enqueue")
	s := newSite(t)
	s.keepArchive()
	s.must("", worker, "migrate")
	s.startWorker(worker)
	s.catalog()

	loaded := make(chan struct{})
	go func() { // the backup is taken under load
		defer close(loaded)
		if code, out := s.run(transfers(0, duringBackup), enqueue, "run", "-", "--serial"); code != 0 {
			t.Errorf("exit %d\n%s", code, out)
		}
	}()
	s.backUp()
	<-loaded
	s.must(transfers(duringBackup, atPoint), enqueue, "run", "-", "--wait")
	s.restorePoint("before_the_mistake")
	s.must(transfers(atPoint, mailed), enqueue, "run", "-", "--wait")
	s.become(fmt.Sprint(mailed), "SELECT count(*)::text FROM mail WHERE event = 'license.assigned' AND state = 'sent'")
	s.killWorkers()
	s.must(transfers(mailed, all), enqueue, "run", "-") // rings, and nobody hears it
	lastSeq := s.sql("SELECT max(seq)::text FROM commands")
	beforehand := s.mail.counts()

	if emptied {
		s.stopServers()
		s.emptyRedis()
		s.startServers()
	}
	s.restore("before_the_mistake")
	if n := s.sql("SELECT count(*)::text FROM commands WHERE id LIKE 't-%'"); n != fmt.Sprint(atPoint) {
		t.Fatalf("%s commands at the restore point, not %d", n, atPoint)
	}
	s.must("", worker, "restored")
	s.startWorker(worker)
	s.must(stocked+transfers(0, all), enqueue, "run", "-", "--wait")
	if s.sql("SELECT (min(seq) > $1)::text FROM commands WHERE id IN ('t-260', 't-399')", lastSeq) != "true" {
		t.Error("numbers of lost commands were given to others")
	}
	if out := s.must("", worker, "check"); out != "ok\n" {
		t.Errorf("worker check: %s", out)
	}
	if got := s.sql("SELECT string_agg(remaining::text, ',') FROM lots"); got != fmt.Sprint(1000-all) {
		t.Errorf("%s remain of 1000 after %d transfers of one", got, all)
	}
	s.releaseAndCheckMail(beforehand, all)
}

// releaseAndCheckMail lets the held mail go; of those that were sent in the lost
// time, the mail server's log names all but some.
func (s *site) releaseAndCheckMail(beforehand map[string]int, all int) {
	s.t.Helper()
	if now := s.mail.counts(); len(now) != len(beforehand) {
		s.t.Errorf("%d mails were sent while mail was held", len(now)-len(beforehand))
	}
	ids := make([]string, 0, len(beforehand))
	for id := range beforehand {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	const unlogged = 20
	file := filepath.Join(s.dir, "mail.log")
	var text strings.Builder
	for _, id := range ids[unlogged:] {
		fmt.Fprintf(&text, "Nov 22 10:00:00 mx postfix/cleanup[1]: 4F: message-id=%s\n", id)
	}
	check(s.t, os.WriteFile(file, []byte(text.String()), 0o644))
	s.must("", filepath.Join(bin, "enqueue"), "mail", "release", "--delivered", file)
	if code, out := s.run("", filepath.Join(bin, "enqueue"), "mail", "release"); code != 2 {
		s.t.Errorf("a second release: exit %d\n%s", code, out)
	}
	s.become(fmt.Sprint(all), "SELECT count(*)::text FROM mail WHERE event = 'license.assigned' AND state = 'sent'")

	taken, twice := s.mail.counts(), 0
	conn, err := pgx.Connect(s.t.Context(), s.servers.DatabaseURL)
	check(s.t, err)
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	rows, err := conn.Query(s.t.Context(), "SELECT message_id, state, doubtful FROM mail")
	check(s.t, err)
	var id, state string
	var doubtful bool
	_, err = pgx.ForEachRow(rows, []any{&id, &state, &doubtful}, func() error {
		switch n := taken[id]; {
		case n == 0:
			s.t.Errorf("mail %s is %s and never arrived", id, state)
		case n > 1 && !doubtful:
			s.t.Errorf("mail %s arrived %d times, and nothing says so", id, n)
		case n > 1:
			twice++
		}
		delete(taken, id)
		return nil
	})
	check(s.t, err)
	if len(taken) > 0 {
		s.t.Errorf("%d mails arrived that the ledger does not know", len(taken))
	}
	if twice > unlogged {
		s.t.Errorf("%d mails arrived twice; the log missed %d", twice, unlogged)
	}
	s.t.Logf("%d mails, %d of them twice and marked", all, twice)
}
