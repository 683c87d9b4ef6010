package notify

import (
	"flag"
	"testing"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

func TestMain(m *testing.M) { testdb.Main(m) }
