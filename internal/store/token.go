package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	sourceAddToken  = sqlText("source_add_token")
	sourceToken     = sqlText("source_token")
	sourceOfInvoice = sqlText("source_of_invoice")
)

// A token is what an upstream shows instead of signing: 256 random bits, of
// which the database has the SHA-256 alone. For what is that random, a slower
// hash would protect nothing more.

// TokenBytes is the size of a token.
const TokenBytes = 32

// Token is a new token of a source. Nobody can show the secret again.
type Token struct {
	Source string
	ID     string
	Secret []byte
}

// TokenHolder is who showed a token: a source with its limits.
type TokenHolder struct {
	Source  domain.Source
	TokenID string
	Hash    []byte
}

// HashToken is what is kept of a token, and shown to Postgres.
func HashToken(secret []byte) []byte {
	hash := sha256.Sum256(secret)
	return hash[:]
}

// AddToken gives a source a token. As with keys, two are good at once.
func (s *Store) AddToken(ctx context.Context, source string) (Token, error) {
	token := Token{Source: source, Secret: make([]byte, TokenBytes)}
	_, _ = rand.Read(token.Secret) // never fails: the process ends instead
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := lockSource(ctx, tx, source); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, sourceAddToken, source, HashToken(token.Secret), ActiveKeys).Scan(&token.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrTooManyKeys
		}
		return err
	})
	if err != nil {
		return Token{}, fmt.Errorf("giving source %s a token: %w", source, err)
	}
	return token, nil
}

// Holder finds whose token has a hash; found is false if it is nobody's any more.
func (s *Store) Holder(ctx context.Context, hash []byte) (h TokenHolder, found bool, err error) {
	h.Hash = hash
	err = s.commands.QueryRow(ctx, sourceToken, hash).Scan(&h.Source.Source, &h.TokenID, &h.Source.Scopes, &h.Source.Account)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("looking at a token: %w", err)
	}
	return h, true, nil
}

// Covers says whether a root is an account, or the reseller of a contract, or
// above it. What does not exist is covered by nobody.
func (s *Store) Covers(ctx context.Context, root, account domain.AccountID, contract domain.ContractID) (bool, error) {
	state, batch := domain.NewState(), &pgx.Batch{}
	queueBelongings(batch, state, []string{string(account)}, []string{}, []string{string(contract)})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return false, fmt.Errorf("reading who is below %s: %w", root, err)
	}
	if contract != "" {
		account = state.ResellerOf(contract)
	}
	return state.Covers(root, account), nil
}

// ContractOfInvoice finds the contract of an invoice; none if there is no such invoice.
func (s *Store) ContractOfInvoice(ctx context.Context, number string) (contract domain.ContractID, err error) {
	err = s.pool.QueryRow(ctx, sourceOfInvoice, number).Scan(&contract)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("looking for invoice %s: %w", number, err)
	}
	return contract, nil
}
