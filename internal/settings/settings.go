// Package settings is what both binaries are told: by flag, else environment,
// else a KEY=VALUE file, else default.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/joho/godotenv"
)

// Common are the settings of both binaries, as kong flags.
type Common struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Postgres."`
	RedisURL    string `name:"redis-url" env:"REDIS_URL" placeholder:"URL" help:"Redis: redis://, rediss://, redis-sentinel://, redis-cluster:// or unix:."`
	Data        string `name:"data" placeholder:"DIR" default:".licenseledger" help:"Folder of the embedded servers; its env file gives what is set nowhere else."`
	EnvFile     string `name:"env-file" placeholder:"FILE" help:"Settings as KEY=VALUE lines (default: .env when present)."`
	LogLevel    string `name:"log-level" env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error (default: ${default})."`
	LogFormat   string `name:"log-format" env:"LOG_FORMAT" enum:"json,text" default:"${log_format}" placeholder:"FORMAT" help:"json or text; logs go to stderr (default: ${default})."`
}

// LoadEnvFile reads the KEY=VALUE file that the arguments name, or .env if there
// is one, into the environment. What is set already stays.
func LoadEnvFile(args []string) error {
	file, named := envFileIn(args)
	if !named {
		file = ".env"
	}
	vars, err := readEnv(file)
	if err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return err
	}
	for name, value := range vars {
		if _, set := os.LookupEnv(name); set {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("reading settings from %s: the name of a setting is not good", file)
		}
	}
	return nil
}

// MaxEnvFileBytes is how long a file of settings may be.
const MaxEnvFileBytes = 64 << 10

// readEnv reads a file of settings. What is wrong with it is said without showing
// any of it, because it holds passwords.
func readEnv(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading settings from %s: %w", file, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxEnvFileBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading settings from %s: %w", file, err)
	case len(text) > MaxEnvFileBytes:
		return nil, fmt.Errorf("reading settings from %s: it has more than %d bytes", file, MaxEnvFileBytes)
	case !utf8.Valid(text) || bytes.ContainsRune(text, 0):
		return nil, fmt.Errorf("reading settings from %s: it is not text", file)
	}
	vars, err := godotenv.UnmarshalBytes(text)
	if err != nil {
		return nil, fmt.Errorf("reading settings from %s: it has something else than KEY=VALUE lines", file)
	}
	return vars, nil
}

func envFileIn(args []string) (string, bool) {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--env-file="); ok {
			return value, true
		}
		if arg == "--env-file" && i+1 < len(args) {
			return args[i+1], true
		}
	}
	return "", false
}

// FromData fills in what is not set from the env file that a worker with
// embedded servers left in its data folder.
func (c *Common) FromData() error {
	if c.DatabaseURL != "" && c.RedisURL != "" {
		return nil
	}
	vars, err := readEnv(filepath.Join(c.Data, "env"))
	if errors.Is(err, fs.ErrNotExist) {
		return c.missing()
	}
	if err != nil {
		return err
	}
	if c.DatabaseURL == "" {
		c.DatabaseURL = vars["DATABASE_URL"]
	}
	if c.RedisURL == "" {
		c.RedisURL = vars["REDIS_URL"]
	}
	return c.missing()
}

// ErrMissing says that a setting is given nowhere.
var ErrMissing = errors.New("not set")

func (c *Common) missing() error {
	for _, setting := range []struct{ name, value string }{{"DATABASE_URL", c.DatabaseURL}, {"REDIS_URL", c.RedisURL}} {
		if setting.value == "" {
			return fmt.Errorf("%s is %w: give it as a flag, in the environment or in %s, or start `worker --embedded --data %s`",
				setting.name, ErrMissing, ".env", c.Data)
		}
	}
	return nil
}

// Logger writes to stderr as the settings say.
func (c *Common) Logger() *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // kong has checked it
	return NewLogger(os.Stderr, c.LogFormat, level)
}
