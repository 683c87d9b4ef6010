package jobs_test

import (
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/notify"
)

// TestADocumentThatCannotBeMade holds up its own mail and nothing else, is listed,
// and is made when the fault is mended.
func TestADocumentThatCannotBeMade(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-10T09:00:00Z")
	l.resellers(2)
	l.buyOn(2, "03")
	l.stand("2026-04-05T09:00:00Z")
	broken := l.scheduler("broken")
	broken.RenderWith(func(i *domain.Invoice) (store.Documents, error) {
		if i.Contract == "K-0" {
			panic("a name that no font has")
		}
		return notify.Documents(i)
	})
	check(t, broken.Look(t.Context()))
	l.want(`SELECT contract || ': ' || count(*) FROM documents GROUP BY contract ORDER BY 1`, "K-1: 4")
	l.want(`SELECT params #>> '{invoice,contract}' FROM mail WHERE event = 'invoice.issued' AND next_at < 'infinity'`, "K-1")
	listed := false
	for row, err := range l.store.ScheduleReport(t.Context(), store.Page{}) {
		check(t, err)
		if row.Contract == nil || *row.Contract != "K-0" || *row.Period != "2026-03" {
			continue
		}
		listed = true
		if row.State != "needs_attention" || *row.Detail != "LUM-000001: making the documents of LUM-000001 failed: a name that no font has" {
			t.Errorf("the schedule says %s, %s", row.State, text(row.Detail))
		}
	}
	if !listed {
		t.Error("the schedule does not name it")
	}
	_, err := l.pool.Exec(t.Context(), `UPDATE undocumented SET next_at = clock_timestamp()`)
	check(t, err)
	l.look()
	l.invoiced(2)
}
