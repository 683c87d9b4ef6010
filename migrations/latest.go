package migrations

import (
	"io/fs"
)

// Latest is the number of the last migration that this program knows. They are
// numbered from 1 without a gap.
func Latest() int64 {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	return int64(len(names))
}
