// Package store keeps the ledger in Postgres: the journal, the one transaction
// in which commands are executed, mail, reports and the check of the ledger.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/internal/link"
	"github.com/licenseledger/licenseledger/internal/traces"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// sqlText returns a statement from its file. Every file is used by name in
// exactly one place; a missing one fails at start.
func sqlText(name string) string {
	b, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return mutated(name, strings.TrimSpace(string(b)))
}

// Store is the ledger. Commands, and what else workers do over and over, have
// connections of their own, whose statements are planned differently.
type Store struct {
	commands *pgxpool.Pool
	begin    pgx.TxOptions // of their transactions
	pool     *pgxpool.Pool // for reports, checks and operators
	settled  settled       // numbers
	watcher  watcher
}

// idleInTransaction ends the transaction of a process that was stopped while it
// held locks, so that it does not stall everyone else. A pooler has a setting of
// its own for that.
const idleInTransaction = 5 * time.Second

// byKey are settings for what workers do over and over. Each statement looks rows
// up by keys, and the tables grow by thousands of rows a second: a planner that
// takes them for as small as they were when it last looked reads them from end to
// end. So indexes are the only way, and a statement is planned once.
var byKey = map[string]string{
	"plan_cache_mode":  "force_generic_plan",
	"enable_seqscan":   "off",
	"enable_material":  "off",
	"enable_hashjoin":  "off",
	"enable_mergejoin": "off",
	"jit":              "off", // what is off looks dear, and what looks dear would be compiled
}

// Open connects to a migrated database.
func Open(ctx context.Context, databaseURL string) (*Store, error) {
	commands, err := connect(ctx, databaseURL, byKey)
	if err != nil {
		return nil, err
	}
	pool, err := connect(ctx, databaseURL, nil)
	if err != nil {
		commands.Close()
		return nil, err
	}
	s := &Store{commands: commands, pool: pool}
	if throughPooler(commands.Config().ConnConfig) {
		s.begin.BeginQuery = beginByKey()
	}
	return s, nil
}

// throughPooler says whether a transaction pooler such as pgbouncer stands
// before Postgres: DATABASE_URL tells by asking for another way of execution
// than prepared statements, as in ?default_query_exec_mode=cache_describe. Then a
// connection is nobody's own, and keeps nothing from one transaction to the next.
func throughPooler(config *pgx.ConnConfig) bool {
	return config.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement
}

// beginByKey begins a transaction with those settings, in one message.
func beginByKey() string {
	sql := "begin"
	for _, name := range slices.Sorted(maps.Keys(byKey)) {
		sql += fmt.Sprintf("; set local %s = '%s'", name, byKey[name])
	}
	return sql
}

func connect(ctx context.Context, databaseURL string, settings map[string]string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("reading DATABASE_URL: %w", err)
	}
	if !throughPooler(config.ConnConfig) {
		maps.Copy(config.ConnConfig.RuntimeParams, settings)
		config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = fmt.Sprint(idleInTransaction.Milliseconds())
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, link.Watch(conn)
	}
	config.MaxConns = max(config.MaxConns, 8)
	if tracer := traces.SQL(); tracer != nil {
		config.ConnConfig.Tracer = tracer
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxdecimal.Register(conn.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to Postgres: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connecting to Postgres: %w", err)
	}
	return pool, nil
}

// Close ends all connections.
func (s *Store) Close() {
	s.commands.Close()
	s.pool.Close()
}

var schemaVersion = sqlText("schema_version")

// ErrSchemaHidden says that this user of Postgres may not see which migrations ran.
var ErrSchemaHidden = errors.New("this user of Postgres may not see the version of the schema")

// SchemaVersion is the number of the last migration.
func (s *Store) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = s.pool.QueryRow(ctx, schemaVersion).Scan(&version)
	switch sqlState(err) {
	case "42P01": // undefined table: nothing was ever migrated
		return 0, nil
	case "42501": // insufficient privilege
		return 0, ErrSchemaHidden
	}
	if err != nil {
		return 0, fmt.Errorf("reading the version of the schema: %w", err)
	}
	return version, nil
}
