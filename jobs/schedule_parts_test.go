package jobs

import (
	"fmt"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

// What is due of an account is done by one transaction after the other, never by
// two at once, which would wait for each other.
func TestPartsOfAPageShareNoAccount(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{1, dueTogether, dueTogether + 1, 12 * dueTogether} {
		due := make([]domain.Due, rows)
		for i := range due {
			due[i].Account = domain.AccountID(fmt.Sprintf("c%d", i%300))
			due[i].ID = fmt.Sprint(i)
		}
		partOf, times, most := map[domain.AccountID]int{}, map[string]int{}, 0
		for n, part := range byAccount(due) {
			most = max(most, len(part))
			for _, d := range part {
				if was, seen := partOf[d.Account]; seen && was != n {
					t.Fatalf("%d rows: account %s is in parts %d and %d", rows, d.Account, was, n)
				}
				partOf[d.Account] = n
				times[d.ID]++
			}
		}
		if len(times) != rows || most > 2*dueTogether {
			t.Errorf("%d rows: %d of them are in parts, the largest has %d", rows, len(times), most)
		}
		for id, n := range times {
			if n != 1 {
				t.Fatalf("row %s is there %d times", id, n)
			}
		}
	}
}
