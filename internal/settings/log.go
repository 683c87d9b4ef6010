package settings

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// NewLogger writes a log to w. Ids may stand in it, people may not: of a mail
// address only the domain is written, which is what an operator needs, and of an
// address with a password only the rest. Wherever an error comes from, a mail
// server's answer say, it passes here.
func NewLogger(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Value.Kind() {
		case slog.KindString:
			a.Value = slog.StringValue(masked(a.Value.String()))
		case slog.KindAny:
			switch value := a.Value.Any().(type) {
			case error:
				a.Value = slog.StringValue(masked(withoutValues(value)))
			case fmt.Stringer:
				a.Value = slog.StringValue(masked(value.String()))
			}
		default: // numbers and times
		}
		return a
	}}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// withoutValues is what an error says, but for the value that Postgres quotes when
// it cannot use it.
func withoutValues(err error) string {
	text := err.Error()
	var refused *pgconn.PgError
	if errors.As(err, &refused) && strings.HasPrefix(refused.Code, "22") { // data exception
		before, _, _ := strings.Cut(refused.Message, `"`)
		text = strings.ReplaceAll(text, refused.Message, before+"…")
	}
	return text
}

var (
	userInfo    = regexp.MustCompile(`://[^\s/@]*@`)
	mailAddress = regexp.MustCompile(`[^\s@"'<>()\[\],;:=]+@([A-Za-z0-9])`)
)

func masked(s string) string {
	return mailAddress.ReplaceAllString(userInfo.ReplaceAllString(s, "://***@"), "***@$1")
}
