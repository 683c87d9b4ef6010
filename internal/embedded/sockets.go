package embedded

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	postgresSocket = ".s.PGSQL.5432"
	redisSocket    = "redis.sock"
	// maxSocketPath stays clear of the kernel's limit of 107 bytes.
	maxSocketPath = 100
)

// openSockets makes the folder for the sockets and fixes the addresses. Nobody
// but us can enter it, which is what makes it safe that the servers ask for no
// password. Postgres' socket has a folder of its own within, for Postgres may
// be another user.
func (s *Servers) openSockets(context.Context) error {
	folder, err := s.socketFolder()
	if err != nil {
		return fmt.Errorf("make the folder for the sockets: %w", err)
	}
	s.sockets = folder
	postgres := s.postgresSockets()
	if err := os.MkdirAll(postgres, 0o700); err != nil {
		return fmt.Errorf("make the folder for the sockets: %w", err)
	}
	if err := s.account.own(postgres); err != nil {
		return err
	}
	// The port is named since a PGPORT in the environment would be taken
	// otherwise, and with it another socket.
	s.DatabaseURL = "postgres://licenseledger@/licenseledger?host=" + postgres + "&port=5432"
	s.RedisURL = "unix:" + s.redisSocket()
	return nil
}

func (s *Servers) postgresSockets() string { return filepath.Join(s.sockets, "postgres") }
func (s *Servers) redisSocket() string     { return filepath.Join(s.sockets, redisSocket) }

// socketFolder is DIR/run. If that makes no good address, DIR/run is a link to
// a short folder, and the link keeps the address the same when the temporary
// folder is another one next time.
func (s *Servers) socketFolder() (string, error) {
	run := filepath.Join(s.dir, "run")
	name := fmt.Sprintf("licenseledger-%d-%x", os.Geteuid(), sha256.Sum256([]byte(s.dir)))[:40]
	target, err := os.Readlink(run)
	linked := err == nil
	// A link of another name came with a copied or renamed folder.
	if linked && filepath.Base(target) == name && usableAddress(target) {
		return target, privateFolder(target)
	}
	if usableAddress(run) {
		if linked {
			if err := os.Remove(run); err != nil {
				return "", err
			}
		}
		// Root may go on with the data folder of an ordinary user.
		if err := os.Lchown(run, os.Geteuid(), -1); err != nil && os.Geteuid() == 0 && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		return run, privateFolder(run)
	}
	target = filepath.Join(os.TempDir(), name)
	if !usableAddress(target) {
		target = filepath.Join("/tmp", name)
	}
	if err := privateFolder(target); err != nil {
		return "", err
	}
	if err := os.RemoveAll(run); err != nil {
		return "", err
	}
	return target, os.Symlink(target, run)
}

// usableAddress tells whether sockets in folder can be reached: the kernel
// limits the length, and the two URLs give characters like , ? % a meaning.
func usableAddress(folder string) bool {
	for _, c := range []byte(folder) {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/._-", c) >= 0
		if !plain {
			return false
		}
	}
	return filepath.IsAbs(folder) && len(filepath.Join(folder, "postgres", postgresSocket)) <= maxSocketPath
}

// privateFolder makes the folder, or makes sure that the existing one is ours
// alone: in a temporary folder anybody may have made it first.
func privateFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if err == nil || !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s exists and is not our folder", path)
	}
	return os.Chmod(path, 0o700)
}

// removeSockets takes away what the ended servers left. A folder outside of DIR
// goes too; the link to it stays, and with it the address.
func (s *Servers) removeSockets() {
	for _, f := range []string{
		s.redisSocket(),
		filepath.Join(s.postgresSockets(), postgresSocket),
		filepath.Join(s.postgresSockets(), postgresSocket+".lock"),
	} {
		if err := os.Remove(f); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.log.Warn("removing an old socket", "err", err)
		}
	}
	if !strings.HasPrefix(s.sockets, s.dir+"/") {
		if err := errors.Join(os.Remove(s.postgresSockets()), os.Remove(s.sockets)); err != nil {
			s.log.Warn("removing the folder of the sockets", "err", err)
		}
	}
}
