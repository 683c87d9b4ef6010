package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	sourceAdd    = sqlText("source_add")
	sourceLock   = sqlText("source_lock")
	sourceAddKey = sqlText("source_add_key")
	sourceRevoke = sqlText("source_revoke")
	sourceList   = sqlText("source_list")
	sourceVerify = sqlText("source_verify")
	sourceTree   = sqlText("source_tree")
)

const (
	// KeyBytes is the size of a source's secret.
	KeyBytes = 32
	// ActiveKeys is how many keys of a source are good at once: the present one
	// and, while upstream changes over, the next.
	ActiveKeys = 2
)

// What can be wrong with the administration of sources.
var (
	ErrSourceExists  = errors.New("there is such a source already")
	ErrSourceUnknown = errors.New("there is no such source")
	ErrKeyUnknown    = errors.New("the source has no such active key or token")
	ErrTooManyKeys   = errors.New("the source has two active ones; revoke one first")
)

// Key is a new key of a source. Nobody can show the secret again.
type Key struct {
	Source string
	ID     string
	Secret []byte
}

// AddSource makes a source with its limits and its first key.
func (s *Store) AddSource(ctx context.Context, source domain.Source) (key Key, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		scopes := source.Scopes
		if scopes == nil {
			scopes = []domain.Scope{}
		}
		tag, err := tx.Exec(ctx, sourceAdd, source.Source, scopes, source.Account)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrSourceExists
		}
		key, err = addKey(ctx, tx, source.Source)
		return err
	})
	if err != nil {
		return Key{}, fmt.Errorf("adding source %s: %w", source.Source, err)
	}
	return key, nil
}

// RotateKey gives a source another key; the one it has stays good until it is revoked.
func (s *Store) RotateKey(ctx context.Context, source string) (key Key, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lockSource(ctx, tx, source); err != nil {
			return err
		}
		key, err = addKey(ctx, tx, source)
		return err
	})
	if err != nil {
		return Key{}, fmt.Errorf("giving source %s another key: %w", source, err)
	}
	return key, nil
}

// lockSource lets one at a time give a source keys or tokens.
func lockSource(ctx context.Context, tx pgx.Tx, source string) error {
	var known bool
	err := tx.QueryRow(ctx, sourceLock, source).Scan(&known)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrSourceUnknown
	}
	return err
}

func addKey(ctx context.Context, tx pgx.Tx, source string) (Key, error) {
	key := Key{Source: source, Secret: make([]byte, KeyBytes)}
	_, _ = rand.Read(key.Secret) // never fails: the process ends instead
	err := tx.QueryRow(ctx, sourceAddKey, source, pad(key.Secret, 0x36), pad(key.Secret, 0x5c), ActiveKeys).Scan(&key.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Key{}, ErrTooManyKeys
	}
	return key, err
}

// pad prepares a secret for one of the two hashes of HMAC (RFC 2104), so that
// Postgres can verify without an extension.
func pad(secret []byte, with byte) []byte {
	const blockBytes = 64 // of SHA-256
	padded := make([]byte, blockBytes)
	copy(padded, secret)
	for i := range padded {
		padded[i] ^= with
	}
	return padded
}

// RevokeKey ends a key or a token at once. A source without any is closed, not open.
func (s *Store) RevokeKey(ctx context.Context, source, keyID string) error {
	var revoked int
	err := s.pool.QueryRow(ctx, sourceRevoke, source, keyID).Scan(&revoked)
	if err == nil && revoked == 0 {
		err = ErrKeyUnknown
	}
	if err != nil {
		return fmt.Errorf("revoking key %s of source %s: %w", keyID, source, err)
	}
	return nil
}

// SourceRow is a source as it is listed.
type SourceRow struct {
	Source  string         `json:"source"`
	Scopes  []string       `json:"scopes"`
	Account string         `json:"account"`
	AddedAt Instant        `json:"added_at"`
	Keys    []SourceRowKey `json:"keys"`
	Tokens  []SourceRowKey `json:"tokens"`
}

// SourceRowKey is a key or a token as it is listed, without its secret.
type SourceRowKey struct {
	Key       string     `json:"key"`
	AddedAt   time.Time  `json:"added_at"`
	RevokedAt *time.Time `json:"revoked_at"`
}

// Sources lists all sources with their keys.
func (s *Store) Sources(ctx context.Context) ([]SourceRow, error) {
	rows, err := s.pool.Query(ctx, sourceList)
	if err != nil {
		return nil, fmt.Errorf("listing the sources: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SourceRow])
	if err != nil {
		return nil, fmt.Errorf("listing the sources: %w", err)
	}
	return list, nil
}

// Verify says whether a source has keys, and whether a signature of a message
// is that of one of them.
func (s *Store) Verify(ctx context.Context, source, keyID string, message, signature []byte) (keyed, valid bool, err error) {
	if err := s.commands.QueryRow(ctx, sourceVerify, source, keyID, message, signature).Scan(&keyed, &valid); err != nil {
		return false, false, fmt.Errorf("looking at a signature of source %s: %w", source, err)
	}
	return keyed, valid, nil
}

// OutOfScope says whether a command is outside of what its source may send, for
// those that act on it before it is decided, or never decide it.
func (s *Store) OutOfScope(ctx context.Context, e *domain.Envelope) (*domain.Rejection, error) {
	state := domain.NewState()
	batch := &pgx.Batch{}
	queue(batch, loadSources, state.LoadSource, []string{e.Source})
	if e.Command != nil {
		queueTree(batch, state, e)
	}
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("reading what source %s may send: %w", e.Source, err)
	}
	return state.Admit(e), nil
}

// queueTree reads who belongs to whom, which is less than deciding would read:
// whoever only hands commands over may see no more.
func queueTree(batch *pgx.Batch, state *domain.State, e *domain.Envelope) {
	names := domain.NamesIn(e.Command)
	accounts, users, contracts := set[domain.AccountID]{}, set[domain.UserID]{}, set[domain.ContractID]{}
	accounts.add(names.Accounts...)
	accounts.add(e.OnBehalfOf)
	users.add(names.Users...)
	users.add(e.Actor)
	contracts.add(names.Contracts...)
	queueBelongings(batch, state, accounts.sorted(), users.sorted(), contracts.sorted())
}

func queueBelongings(batch *pgx.Batch, state *domain.State, accounts, users, contracts []string) {
	type belonging struct{ What, ID, Belongs string }
	queue(batch, sourceTree, func(b belonging) {
		switch b.What {
		case "account":
			id := domain.AccountID(b.ID)
			state.Accounts.Load(id, domain.Account{Account: id, Parent: domain.AccountID(b.Belongs)})
		case "user":
			id := domain.UserID(b.ID)
			state.Users.Load(id, domain.User{UserID: id, Account: domain.AccountID(b.Belongs)})
		case "contract":
			id := domain.ContractID(b.ID)
			state.Contracts.Load(id, domain.Contract{Contract: id, Reseller: domain.AccountID(b.Belongs)})
		}
	}, accounts, users, contracts)
}
