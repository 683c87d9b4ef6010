package store

import (
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

// A database whose clock is set back by two hours finds a webhook that rests, or
// is leased, until two hours ahead.
func TestAClockSetBackHoldsNoWebhook(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	_, _, err = s.AddWebhook(t.Context(), Webhook{URL: "https://portal.example/hook"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ahead string
		due   bool
	}{{"-1 second", true}, {"20 minutes", false}, {"2 hours", true}} {
		_, err := s.pool.Exec(t.Context(), "UPDATE webhooks SET next_at = clock_timestamp() + $1::interval", c.ahead)
		if err != nil {
			t.Fatal(err)
		}
		if _, found, err := s.ClaimWebhook(t.Context(), 100, time.Minute); err != nil || found != c.due {
			t.Errorf("%s ahead: %v, %v", c.ahead, found, err)
		}
	}
}
