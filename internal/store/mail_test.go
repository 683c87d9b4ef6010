package store

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/testdb"
)

// mailbox is a ledger with n mails to two people in turn.
func mailbox(t *testing.T, n int) *Store {
	t.Helper()
	s, err := Open(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	_, err = s.pool.Exec(t.Context(), `
		INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
		SELECT (i + 1) / 2, 2 - i % 2, 'license.assigned', 'acme', CASE i % 2 WHEN 1 THEN 'ada' ELSE 'grace' END || '@acme.example',
		       'Someone', 'de-AT', '{"account": "Acme", "licenses": [{"product": "Pro", "quantity": 10, "last_day": "2027-11-29"}]}',
		       gen_random_uuid(), '2026-11-30T09:30:00Z'
		FROM generate_series(1, $1::int) AS i`, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claimMail(t *testing.T, s *Store, limit int, lease time.Duration) (claimed, doubted []ClaimedMail) {
	t.Helper()
	claimed, doubted, err := s.ClaimMail(t.Context(), MailClaim{Limit: limit, Lease: lease, Domain: "licenses.example"})
	if err != nil {
		t.Fatal(err)
	}
	return claimed, doubted
}

func markMail(t *testing.T, s *Store, m ClaimedMail, mark MailMark) bool {
	t.Helper()
	held, err := s.MarkMails(t.Context(), []MailResult{{m, mark}})
	if err != nil {
		t.Fatal(err)
	}
	return held[0]
}

func reportedMail(t *testing.T, s *Store, f MailFilter) []MailEntry {
	t.Helper()
	var found []MailEntry
	for m, err := range s.MailReport(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, m)
	}
	return found
}

func TestClaimMail(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 3)
	claimed, doubted := claimMail(t, s, 2, time.Minute)
	if len(claimed) != 2 || len(doubted) != 0 {
		t.Fatalf("%d claimed, %d doubted", len(claimed), len(doubted))
	}
	m := claimed[0]
	if m.Event != "license.assigned" || m.Account != "acme" || m.Name != "Someone" || m.Locale != "de-AT" ||
		!m.CreatedAt.Equal(time.Date(2026, 11, 30, 9, 30, 0, 0, time.UTC)) || m.Params.Licenses[0].LastDay != domain.NewDate(2027, 11, 29) {
		t.Errorf("%+v", m)
	}
	if m.State != MailSending || m.Attempts != 1 || m.Token != 1 || !strings.HasPrefix(m.MessageID, "<") || !strings.HasSuffix(m.MessageID, "@licenses.example>") {
		t.Errorf("%+v", m)
	}
	if rest, _ := claimMail(t, s, 10, time.Minute); len(rest) != 1 {
		t.Errorf("%d remained", len(rest))
	}
}

// A database whose clock is set back by two hours finds mails whose leases and
// pauses end two hours ahead.
func TestAClockSetBackHoldsNoMail(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 5)
	if claimed, _ := claimMail(t, s, 2, time.Minute); len(claimed) != 2 {
		t.Fatalf("%d claimed", len(claimed))
	}
	move := func(n int, next string) {
		if _, err := s.pool.Exec(t.Context(), "UPDATE mail SET next_at = "+next+" WHERE (no, n) IN (SELECT no, n FROM mail ORDER BY no, n OFFSET $1 LIMIT 1)", n); err != nil {
			t.Fatal(err)
		}
	}
	move(0, "clock_timestamp() + interval '2 hours'") // being sent
	move(2, "clock_timestamp() + interval '3 hours'") // waiting
	move(3, "clock_timestamp() + interval '1 hour'")  // waiting as long as mails do
	move(4, "'infinity'")                             // for documents
	claimed, doubted := claimMail(t, s, 10, time.Minute)
	if len(claimed) != 1 || len(doubted) != 1 {
		t.Errorf("%d claimed, %d in doubt", len(claimed), len(doubted))
	}
	if claimed, doubted = claimMail(t, s, 10, time.Minute); len(claimed) != 1 || !claimed[0].Doubtful || len(doubted) != 0 {
		t.Errorf("then %d claimed, %d in doubt", len(claimed), len(doubted))
	}
}

func TestMarkMail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mark     MailMark
		state    MailState
		claimed  int // afterwards
		doubtful bool
	}{
		{MailMark{State: MailSent}, MailSent, 0, false},
		{MailMark{State: MailFailed, Error: "550 no"}, MailFailed, 0, false},
		{MailMark{State: MailFailed, Error: "silence", Doubtful: true}, MailFailed, 0, true},
		{MailMark{State: MailPending, Error: "451 later"}, MailPending, 1, false},
		{MailMark{State: MailPending, Wait: time.Hour}, MailPending, 0, false},
		{MailMark{State: MailInDoubt, Doubtful: true}, MailInDoubt, 1, true},
		{MailMark{State: MailInDoubt, Wait: time.Hour, Doubtful: true}, MailInDoubt, 0, true},
	} {
		t.Run(fmt.Sprintf("%s/%s", c.mark.State, c.mark.Wait), func(t *testing.T) {
			t.Parallel()
			s := mailbox(t, 1)
			first, _ := claimMail(t, s, 1, time.Minute)
			if !markMail(t, s, first[0], c.mark) {
				t.Error("the lease was lost")
			}
			row := reportedMail(t, s, MailFilter{})[0]
			if row.State != c.state || row.Error != c.mark.Error || row.Doubtful != c.doubtful || (row.SentAt != nil) != (c.state == MailSent) {
				t.Errorf("%+v", row)
			}
			second, doubted := claimMail(t, s, 1, time.Minute)
			if len(second) != c.claimed || len(doubted) != 0 {
				t.Fatalf("%d claimed, %d doubted", len(second), len(doubted))
			}
			if c.claimed == 1 && (second[0].MessageID != first[0].MessageID || second[0].Attempts != 2) {
				t.Errorf("%+v", second[0])
			}
			if c.claimed == 1 && markMail(t, s, first[0], MailMark{State: MailSent}) {
				t.Error("a worker that lost its lease had its word")
			}
		})
	}
}

func TestMarkMailWithAnyText(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 1)
	claimed, _ := claimMail(t, s, 1, time.Minute)
	markMail(t, s, claimed[0], MailMark{State: MailPending, Error: "\xff\x00" + strings.Repeat("é", 1000)})
	if got := reportedMail(t, s, MailFilter{})[0].Error; len(got) > maxMailError || !strings.HasPrefix(got, "éé") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

// What a killed worker was sending may have arrived.
func TestLapsedMail(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 1)
	first, _ := claimMail(t, s, 1, 0)
	claimed, doubted := claimMail(t, s, 1, time.Minute)
	if len(claimed) != 0 || len(doubted) != 1 || doubted[0].State != MailInDoubt || !doubted[0].Doubtful || doubted[0].Attempts != 1 {
		t.Fatalf("claimed %+v, doubted %+v", claimed, doubted)
	}
	second, _ := claimMail(t, s, 1, time.Minute)
	if len(second) != 1 || !second[0].Doubtful || second[0].Attempts != 2 || second[0].MessageID != first[0].MessageID {
		t.Fatalf("%+v", second)
	}
	// Refused for now: what was in doubt stays so.
	markMail(t, s, second[0], MailMark{State: MailPending})
	if row := reportedMail(t, s, MailFilter{})[0]; row.State != MailInDoubt {
		t.Errorf("%+v", row)
	}
	third, _ := claimMail(t, s, 1, time.Minute)
	markMail(t, s, third[0], MailMark{State: MailSent})
	if row := reportedMail(t, s, MailFilter{})[0]; row.State != MailSent || !row.Doubtful || row.Error != "" {
		t.Errorf("%+v", row)
	}
}

// A worker that was only stopped still knows what became of its mail.
func TestLapsedMailOfALivingWorker(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 1)
	first, _ := claimMail(t, s, 1, 0)
	if _, doubted := claimMail(t, s, 1, time.Minute); len(doubted) != 1 {
		t.Fatal("not doubted")
	}
	if !markMail(t, s, first[0], MailMark{State: MailSent}) {
		t.Error("its word did not count")
	}
	if claimed, doubted := claimMail(t, s, 1, time.Minute); len(claimed)+len(doubted) != 0 {
		t.Error("it would be sent again")
	}
}

func TestRenewAndReleaseMail(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 3)
	claimed, _ := claimMail(t, s, 3, 0)
	if err := s.RenewMail(t.Context(), claimed, time.Minute); err != nil {
		t.Fatal(err)
	}
	if more, doubted := claimMail(t, s, 3, 0); len(more)+len(doubted) != 0 {
		t.Fatal("the leases were not prolonged")
	}
	markMail(t, s, claimed[0], MailMark{State: MailSent})
	if err := s.ReleaseMail(t.Context(), claimed); err != nil {
		t.Fatal(err)
	}
	again, _ := claimMail(t, s, 3, time.Minute)
	if len(again) != 2 {
		t.Fatalf("%d were given back", len(again))
	}
	for _, m := range again {
		if m.Attempts != 1 || m.Token != 2 || m.Doubtful {
			t.Errorf("%+v", m)
		}
	}
}

func TestClaimMailByManyWorkers(t *testing.T) {
	t.Parallel()
	const mails, workers = 500, 8
	s := mailbox(t, mails)
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for {
				claimed, doubted, err := s.ClaimMail(t.Context(), MailClaim{Limit: 7, Lease: time.Minute, Domain: "x.example"})
				if err != nil || len(doubted) > 0 {
					t.Errorf("%d doubted, %v", len(doubted), err)
				}
				if len(claimed) == 0 {
					return
				}
				mu.Lock()
				for _, m := range claimed {
					seen[m.ID()]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for id, times := range seen {
		if times != 1 {
			t.Errorf("%s was claimed %d times", id, times)
		}
	}
	if len(seen) != mails {
		t.Errorf("%d of %d were claimed", len(seen), mails)
	}
}

// Mails that wait for later must not slow down the look for those that are due.
func TestClaimMailReadsOnlyWhatIsDue(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 5000)
	if _, err := s.pool.Exec(t.Context(), `UPDATE mail SET next_at = now() + interval '1 hour' WHERE no > 5`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), `VACUUM ANALYZE mail`); err != nil {
		t.Fatal(err)
	}
	rows, err := s.pool.Query(t.Context(), "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+mailClaim, 32, time.Minute, time.Minute, "x.example")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan, "\n")
	if !strings.Contains(text, "Index Cond: (next_at <= ") || strings.Contains(text, "Rows Removed") {
		t.Error(text)
	}
}

func TestMailReport(t *testing.T) {
	t.Parallel()
	s := mailbox(t, 25)
	everything := reportedMail(t, s, MailFilter{})
	if len(everything) != 25 || everything[0].ID() != "1-1" || everything[1].ID() != "1-2" || everything[24].ID() != "13-1" {
		t.Fatalf("%d rows: %+v", len(everything), everything)
	}
	for _, to := range []string{"", "ada@acme.example", "nobody@acme.example"} {
		var paged []string
		for after := ""; ; {
			page := reportedMail(t, s, MailFilter{To: to, Limit: 4, After: after})
			for _, m := range page {
				paged = append(paged, m.ID())
			}
			if len(page) < 4 {
				break
			}
			after = page[3].ID()
		}
		var whole []string
		for _, m := range reportedMail(t, s, MailFilter{To: to}) {
			whole = append(whole, m.ID())
		}
		if fmt.Sprint(paged) != fmt.Sprint(whole) || len(whole) != map[string]int{"": 25, "ada@acme.example": 13}[to] {
			t.Errorf("%q: paged %v, whole %v", to, paged, whole)
		}
	}
	for _, err := range s.MailReport(t.Context(), MailFilter{}) {
		if err != nil {
			t.Error(err)
		}
		break // a reader who has seen enough
	}
	for _, err := range s.MailReport(t.Context(), MailFilter{After: "1;drop"}) {
		if err == nil {
			t.Error("a wrong cursor was taken")
		}
	}
}
