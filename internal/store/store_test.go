package store

import (
	"testing"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }
