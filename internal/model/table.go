package model

import "github.com/licenseledger/licenseledger/domain"

// changed is a table of the state that a batch has decided in.
type changed[R any] interface {
	Changed() []R
}

// table is one of the ledger's, whatever its rows are.
type table interface {
	apply(*domain.State)
	dump() Dump
}

type binding[K ~string, R any] struct {
	name string
	rows map[K]R
	in   func(*domain.State) changed[R]
	key  func(R) K
}

// bind makes a table of the ledger and says which table of the state it is.
func bind[K ~string, R any](name string, rows *map[K]R, in func(*domain.State) changed[R], key func(R) K) table {
	*rows = map[K]R{}
	return &binding[K, R]{name: name, rows: *rows, in: in, key: key}
}

// apply takes the after-images: a map put is all there is to it.
func (t *binding[K, R]) apply(s *domain.State) {
	for _, row := range t.in(s).Changed() {
		t.rows[t.key(row)] = row
	}
}

// load declares a key and brings its row, if there is one.
func load[K ~string, R any](to *domain.Table[K, R], rows map[K]R, key K) {
	if key == "" {
		return
	}
	to.Declare(key)
	if row, ok := rows[key]; ok {
		to.Load(key, row)
	}
}

// loadInto declares keys and hands their rows over.
func loadInto[K ~string, R any](to *domain.Table[K, R], rows map[K]R, keys []K, take func(R)) {
	for _, key := range keys {
		to.Declare(key)
		if row, ok := rows[key]; ok {
			take(row)
		}
	}
}

func add[K ~string](set map[K]bool, keys ...K) {
	for _, key := range keys {
		if key != "" {
			set[key] = true
		}
	}
}
