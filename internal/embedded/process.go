package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// home is what makes a process one of ours: the program it runs and the data
// folder it works in. Both servers work in their data folder for all their
// life, and so do their children.
type home struct {
	dir     string
	command string
}

type process struct {
	pid, parent int
	// orphaned says that the folder was deleted under the process, maybe
	// replaced by a new one. Such a process serves nobody any more.
	orphaned bool
}

// processes lists the living processes of the folder.
func (h home) processes() ([]process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	var found []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p, ok := h.look(pid); ok {
			found = append(found, p)
		}
	}
	return found, nil
}

// look tells whether pid is a living process of the folder. A process that ends
// meanwhile, or that we may not look at, is none.
func (h home) look(pid int) (process, bool) {
	proc := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil {
		return process{}, false
	}
	// "pid (command) state parent …", where the command may hold anything.
	text := string(stat)
	first, last := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if first < 0 || last < first || text[first+1:last] != h.command {
		return process{}, false
	}
	fields := strings.Fields(text[last+1:])
	if len(fields) < 2 || fields[0] == "Z" || fields[0] == "X" {
		return process{}, false
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return process{}, false
	}
	p := process{pid: pid, parent: parent}
	// A deleted folder can still be looked at through the link, so its name
	// has to be asked first.
	if name, err := os.Readlink(proc + "/cwd"); err != nil {
		return process{}, false
	} else if name == h.dir+" (deleted)" {
		p.orphaned = true
		return p, true
	}
	cwd, err := os.Stat(proc + "/cwd")
	if err != nil {
		return process{}, false
	}
	own, err := os.Stat(h.dir)
	return p, err == nil && os.SameFile(cwd, own)
}

// signal reaches pid only while it is a process of the folder.
func (h home) signal(pid int, sig syscall.Signal) error {
	// FindProcess pins the process before we look at it. Should the pid pass
	// to a stranger afterwards, the signal goes nowhere.
	p, err := os.FindProcess(pid)
	if err != nil {
		return fmt.Errorf("find process %d: %w", pid, err)
	}
	defer p.Release()
	if _, ok := h.look(pid); !ok {
		return nil
	}
	if err := p.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal process %d: %w", pid, err)
	}
	return nil
}

// end asks the chosen processes to end, with one signal after the other, and
// returns when all are gone. Only SIGKILL goes to the children too: with
// anything milder their parent looks after them.
func (h home) end(ctx context.Context, choose func(process) bool, signals ...syscall.Signal) error {
	for _, sig := range signals {
		procs, err := h.chosen(choose)
		if err != nil || len(procs) == 0 {
			return err
		}
		member := make(map[int]bool, len(procs))
		for _, p := range procs {
			member[p.pid] = true
		}
		for _, p := range procs {
			if member[p.parent] && sig != syscall.SIGKILL {
				continue
			}
			if err := h.signal(p.pid, sig); err != nil {
				return err
			}
		}
		gone, err := h.awaitGone(ctx, choose)
		if err != nil || gone {
			return err
		}
	}
	return errors.New("did not stop")
}

func (h home) awaitGone(ctx context.Context, choose func(process) bool) (bool, error) {
	enough := time.NewTimer(patience)
	defer enough.Stop()
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for {
		procs, err := h.chosen(choose)
		if err != nil || len(procs) == 0 {
			return err == nil, err
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("still running (pid %d): %w", procs[0].pid, context.Cause(ctx))
		case <-enough.C:
			return false, nil
		case <-tick.C:
		}
	}
}

func (h home) chosen(choose func(process) bool) ([]process, error) {
	procs, err := h.processes()
	var chosen []process
	for _, p := range procs {
		if choose(p) {
			chosen = append(chosen, p)
		}
	}
	return chosen, err
}

func all(process) bool        { return true }
func orphaned(p process) bool { return p.orphaned }

// server is one of the two servers, started by us or taken over.
type server struct {
	name    string
	home    home
	logFile string
	child   *child // nil when taken over
}

// child is a server this process started.
type child struct {
	ended   chan struct{} // closed once it has ended and is reaped
	err     error         // how it ended; read after ended
	logFrom int64         // where its part of the log begins
}

// launch starts cmd in a process group of its own, so that Ctrl-C at the worker
// does not end the servers before the worker is done with them.
func (s *server) launch(cmd *exec.Cmd, throwaway bool) error {
	log, from, err := openLog(s.logFile)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", s.name, err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if throwaway {
		// Tests get killed by their timeouts; nobody would take over.
		// Both servers understand SIGINT as an end without waiting.
		cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
	}
	c := &child{ended: make(chan struct{}), logFrom: from}
	started := make(chan error, 1)
	go func() {
		// The death signal comes when the starting thread ends, so the
		// thread is kept until the server has ended.
		if throwaway {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
		}
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
		}
		close(c.ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	s.child = c
	return nil
}

// errSilent is the failure of a server that runs but does not answer.
var errSilent = errors.New("runs but does not answer")

// errBusy marks an answer like "still loading": the server lives and has to be
// waited for.
var errBusy = errors.New("is still starting")

// errForeign marks an answer from some other server; waiting will not help.
var errForeign = errors.New("another server answers")

// await waits until the server answers ping. It gives up when the server ended,
// when ctx ends, or when there was no sign of life for too long. For a server
// taken over, pid is the process that has to stay alive.
func (s *server) await(ctx context.Context, pid int, ping func(context.Context) error) error {
	var ended chan struct{}
	if s.child != nil {
		ended = s.child.ended
	}
	enough := time.NewTimer(patience)
	defer enough.Stop()
	lost := time.NewTimer(patience / 5)
	defer lost.Stop()
	tick := time.NewTicker(pollTime)
	defer tick.Stop()
	for {
		attempt, cancel := context.WithTimeout(ctx, patience/2)
		err := ping(attempt)
		cancel()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errForeign):
			return fmt.Errorf("%s: %w", s.name, err)
		case errors.Is(err, errBusy):
			enough.Reset(patience)
		}
		// A server taken over has long had its socket. If nobody listens
		// there, somebody removed it, and no server makes it again.
		if s.child != nil || !nobodyListens(err) {
			lost.Reset(patience / 5)
		}
		select {
		case <-ended:
			return fmt.Errorf("%s did not come up: %w%s", s.name, exitReason(s.child.err), s.logTail())
		case <-ctx.Done():
			return fmt.Errorf("wait for %s (%w): %w%s", s.name, err, context.Cause(ctx), s.logTail())
		case <-enough.C:
			return fmt.Errorf("%s %w: %w%s", s.name, errSilent, err, s.logTail())
		case <-lost.C:
			return fmt.Errorf("%s %w: %w", s.name, errSilent, err)
		case <-tick.C:
		}
		if s.child == nil {
			if _, ok := s.home.look(pid); !ok {
				return fmt.Errorf("%s (pid %d) has just ended", s.name, pid)
			}
		}
	}
}

func nobodyListens(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

func exitReason(err error) error {
	if err == nil {
		return errors.New("it ended at once")
	}
	return err
}

// stop ends the server whoever started it, and reaps it if that was us.
func (s *server) stop(ctx context.Context, signals ...syscall.Signal) error {
	if err := s.home.end(ctx, all, signals...); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if s.child == nil {
		return nil
	}
	select {
	case <-s.child.ended:
	case <-ctx.Done():
		return fmt.Errorf("%s: wait for its end: %w", s.name, context.Cause(ctx))
	}
	s.child = nil
	return nil
}

// maxLog is the size at which a start puts the old log aside.
const maxLog = 16 << 20

func openLog(path string) (*os.File, int64, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// logTail quotes the end of what the server wrote since it was started.
func (s *server) logTail() string {
	var from int64
	if s.child != nil {
		from = s.child.logFrom
	}
	f, err := os.Open(s.logFile)
	if err != nil {
		return ""
	}
	defer f.Close()
	const most = 4096
	if info, err := f.Stat(); err == nil {
		from = max(from, info.Size()-most)
	}
	b, err := io.ReadAll(io.NewSectionReader(f, from, most))
	if err != nil || len(b) == 0 {
		return ""
	}
	return "\nlast lines of " + filepath.Join("log", filepath.Base(s.logFile)) + ":\n" + lastLines(string(b), 8)
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return "  " + strings.Join(lines[max(0, len(lines)-n):], "\n  ")
}
