package jobs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Keys are the keys a client signs with, by source.
type Keys map[string]Key

// Key is one key of a source.
type Key struct {
	ID     string
	secret []byte
}

// String names the key and keeps its secret.
func (k Key) String() string { return k.ID }

// GoString does so too.
func (k Key) GoString() string { return k.ID }

var errKeySyntax = errors.New("a key is SOURCE:KEY-ID:SECRET, several are separated by commas")

// ParseKeys reads keys as `enqueue source` prints them, separated by commas. What
// is wrong is said without showing any of it.
func ParseKeys(text string) (Keys, error) {
	keys := Keys{}
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		rest, secret, _ := cutLast(word)
		source, id, found := cutLast(rest) // a source may have colons
		decoded, err := base64.RawURLEncoding.DecodeString(secret)
		if !found || err != nil || len(decoded) != store.KeyBytes || domain.CheckID(source) != "" || domain.CheckID(id) != "" {
			return nil, errKeySyntax
		}
		if _, twice := keys[source]; twice {
			return nil, fmt.Errorf("source %s has two keys here; sign with one", source)
		}
		keys[source] = Key{ID: id, secret: decoded}
	}
	return keys, nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}

// FormatKey writes a new key as ParseKeys reads it.
func FormatKey(k store.Key) string {
	return k.Source + ":" + k.ID + ":" + base64.RawURLEncoding.EncodeToString(k.Secret)
}

// sign signs a command for the journal, if there is a key of its source and no
// token vouches for it. The function command_message of the database puts the
// same bytes together.
func (keys Keys) sign(n store.Instruction) store.Instruction {
	key, ok := keys[n.Source]
	if !ok || n.KeyID != "" {
		return n
	}
	n.KeyID = key.ID
	n.Signature = key.mac("licenseledger command 1", n.Source, key.ID, n.ID, n.Kind, n.Actor, n.OnBehalfOf, n.Preview, string(n.Body), string(n.Hash))
	return n
}

func (k Key) mac(fields ...string) []byte {
	mac := hmac.New(sha256.New, k.secret)
	_, _ = mac.Write(frame(fields...)) // a hash takes everything
	return mac.Sum(nil)
}

// frame puts fields behind one another, each after its length in four bytes, so
// that no two lists of fields give the same bytes.
func frame(fields ...string) []byte {
	var message []byte
	for _, field := range fields {
		message = binary.BigEndian.AppendUint32(message, uint32(len(field))) //nolint:gosec // a command has 1 MiB at most
		message = append(message, field...)
	}
	return message
}
