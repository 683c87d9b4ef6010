package cmdline

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestAdvice(t *testing.T) {
	postgres := func(code string) error { return fmt.Errorf("asking: %w", &pgconn.PgError{Code: code, Message: "no"}) }
	for _, test := range []struct {
		err  error
		want string
	}{
		{postgres("28P01"), "check user and password in DATABASE_URL"},
		{postgres("3D000"), "create the database"},
		{postgres("42P01"), "`worker migrate`"},
		{postgres("42501"), "docs/security.md"},
		{postgres("53300"), "max_connections"},
		{postgres("53100"), "make room"},
		{fmt.Errorf("dialing: %w", &net.DNSError{Name: "db.example", Err: "no such host", IsNotFound: true}), "there is no host db.example here; mend the name in REDIS_URL"},
		{fmt.Errorf("dialing: %w", &net.DNSError{Name: "db.example", Err: "i/o timeout", IsTimeout: true}), "cannot be looked up just now"},
		{fmt.Errorf("listening: %w", &os.SyscallError{Syscall: "bind", Err: syscall.EADDRINUSE}), "another program listens there"},
		{&fs.PathError{Op: "write", Path: "x.pdf", Err: syscall.ENOSPC}, "make room on the disk"},
		{&fs.PathError{Op: "open", Path: "x.pdf", Err: syscall.EACCES}, "let this user read or write it"},
		{&fs.PathError{Op: "open", Path: "x.pdf", Err: syscall.ENOENT}, "mend the name"},
	} {
		text, known := Advise(test.err)
		if !known || !strings.HasPrefix(text, test.err.Error()+"; ") || !strings.Contains(text, test.want) {
			t.Errorf("%v: %s", test.err, text)
		}
	}
	if text, known := Advise(errors.New("something else")); known || text != "something else" {
		t.Errorf("%s", text)
	}
}

func TestSentence(t *testing.T) {
	for text, want := range map[string]string{
		"connecting:\n\tdial 1: refused\n\tdial 1: refused\n\tdial 2: refused": "connecting: dial 1: refused dial 2: refused",
		`parse "redis://ann:secret@host:99999/x": invalid port`:                `parse "redis://ann:…@host:99999/x": invalid port`,
		`parse "redis://:secret@host/x": no`:                                   `parse "redis://:…@host/x": no`,
	} {
		if got := Sentence(errors.New(text)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
