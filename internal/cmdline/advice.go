package cmdline

import (
	"errors"
	"io/fs"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// advice is what to do about what Postgres says, by its code.
var advice = map[string]string{
	"28P01": "check user and password in DATABASE_URL",
	"28000": "this user may not log in from here; check DATABASE_URL and pg_hba.conf of the server",
	"3D000": "create the database, or mend its name in DATABASE_URL",
	"42P01": "migrate the database with `worker migrate`",
	"42703": "the database is of another version; migrate it with `worker migrate`, or use the programs of its version",
	"42883": "the database is of another version; migrate it with `worker migrate`, or use the programs of its version",
	"42501": "this user of Postgres may not do that; docs/security.md says which role may",
	"53300": "all connections of Postgres are taken; raise max_connections, or put pgbouncer before it (docs/scaling.md)",
	"53100": "the disk of Postgres is full; make room, nothing that was accepted is lost",
	"57P03": "Postgres is starting or stopping; try again in a moment",
	"25006": "this Postgres only reads; DATABASE_URL must name the primary",
}

// passwords are what stands between a colon and an at-sign in a URL.
var passwords = regexp.MustCompile(`(://[^:/@\s]*):[^@/\s]+@`)

// Sentence puts an error on one line, without the passwords of URLs. Attempts
// that failed alike are told once.
func Sentence(err error) string {
	text := ""
	for line := range strings.Lines(err.Error()) {
		if line = strings.Join(strings.Fields(line), " "); !strings.Contains(text, line) {
			text += " " + line
		}
	}
	return passwords.ReplaceAllString(strings.TrimSpace(text), "$1:…@")
}

// Advise puts an error on one line and says what to do, if that is known; known
// tells.
func Advise(err error) (text string, known bool) {
	text = Sentence(err)
	if what := whatToDo(err); what != "" {
		return text + "; " + what, true
	}
	return text, false
}

func whatToDo(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return advice[refused.Code]
	}
	var name *net.DNSError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &name) && !name.IsNotFound:
		return "the name " + name.Name + " cannot be looked up just now; try again, or put the address into " + setting(err)
	case errors.As(err, &name):
		return "there is no host " + name.Name + " here; mend the name in " + setting(err)
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; end it, or choose another address"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address; choose one that it has"
	case errors.Is(err, syscall.ENOSPC):
		return "make room on the disk, or write elsewhere"
	case errors.Is(err, fs.ErrPermission) && !errors.As(err, &connect):
		return "let this user read or write it, or use another user"
	case errors.Is(err, fs.ErrNotExist) && !errors.As(err, &connect):
		return "mend the name, or create it"
	case errors.As(err, &connect):
		return "is Postgres running, and does DATABASE_URL name it?"
	}
	return ""
}

// setting is the one that an error of a connection is about.
func setting(err error) string {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return "DATABASE_URL"
	}
	return "REDIS_URL"
}
