package jobs_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

// several starts workers on the same servers, each with a client.
func several(t *testing.T, n int) []*ledger {
	t.Helper()
	databaseURL, redisURL := testdb.URL(t), testdb.Redis(t)
	workers := make([]*ledger, n)
	for i := range workers {
		workers[i] = startOn(t, databaseURL, redisURL)
	}
	return workers
}

// send hands commands over in no order and waits for what becomes of them.
func (l *ledger) send(commands ...jobs.Command) []jobs.Outcome {
	outcomes, err := l.client.Do(l.t.Context(), commands, jobs.Run{Wait: true, Timeout: 30 * time.Second})
	if err != nil {
		l.t.Error(err)
	}
	return outcomes
}

// applied runs commands in order, all of which must be applied.
func (l *ledger) applied(commands ...jobs.Command) {
	l.t.Helper()
	for _, o := range l.run(commands) {
		if o.Status != domain.Applied {
			l.t.Fatalf("%s is %s %s %s", o.ID, o.Status, text(o.Reason), text(o.Detail))
		}
	}
}

// theWorld is the catalog of package random.
func theWorld() []jobs.Command {
	return append([]jobs.Command{jobs.New("clock", "", domain.AdvanceClock{To: random.Start})}, random.New(rand.IntN).Catalog()...)
}

// Rule 37: check and change are one step. With one seat left under the cap, one
// of two who want it gets it, however close together they come.
func TestTheLastSeatIsGivenOnce(t *testing.T) {
	workers := several(t, 2)
	l := workers[0]
	l.applied(theWorld()...)
	limit := domain.Quantity(5)
	l.applied(jobs.New("start", "ada@north", domain.StartSubscription{
		Subscription: "flex", Contract: "C-NORTH", Account: "acme", Product: "pro", Plan: domain.Flexible, Seats: 4, Cap: &limit,
	}))
	for round := range 40 {
		outcomes := make([]jobs.Outcome, 2)
		var both sync.WaitGroup
		for i, worker := range workers {
			both.Go(func() {
				outcomes[i] = worker.send(jobs.New(fmt.Sprintf("r%d-%d", round, i), "mia@acme", domain.ChangeSeats{Subscription: "flex", Delta: 1}))[0]
			})
		}
		both.Wait()
		said := []string{verdict(outcomes[0]), verdict(outcomes[1])}
		slices.Sort(said)
		if strings.Join(said, ", ") != "applied, rejected cap_exceeded" {
			t.Fatalf("round %d: %s", round, said)
		}
		l.applied(jobs.New(fmt.Sprintf("r%d-back", round), "ada@north", domain.ChangeSeats{Subscription: "flex", Delta: -1}))
	}
	l.verify()
}

func verdict(o jobs.Outcome) string {
	return strings.TrimSpace(string(o.Status) + " " + text(o.Reason))
}

// A thousand commands of all kinds, sent by several clients to several workers,
// singly and packed, many of them twice: every command has exactly one outcome,
// and the books balance.
func TestAThousandAtOnce(t *testing.T) {
	const size, clients = 1000, 6
	workers := several(t, 3)
	l := workers[0]
	l.applied(theWorld()...)

	chance := rand.New(rand.NewPCG(4, 2))
	g := random.New(chance.IntN)
	g.Catalog() // their ids are used
	var commands []jobs.Command
	for len(commands) < size {
		c := g.Business()
		switch n := len(commands); {
		case n < len(random.Foundations):
			c = g.Of(random.Foundations[n])
		case chance.IntN(15) == 0:
			c = g.Change()
		}
		if c.Check() == nil { // chance makes invalid ones, too
			commands = append(commands, c)
		}
	}

	var mu sync.Mutex
	outcomes := map[string][]jobs.Outcome{}
	var all sync.WaitGroup
	for i := range clients {
		var share []jobs.Command // its own part, and what all of them send
		for n, c := range commands {
			if n*clients/size == i || n%10 == 0 {
				share = append(share, c)
			}
		}
		all.Go(func() {
			for pack := range slices.Chunk(share, 1+i*7) { // the first sends them one by one
				got := workers[i%len(workers)].send(slices.Clone(pack)...)
				mu.Lock()
				for n, o := range got {
					outcomes[random.Base(pack[n])] = append(outcomes[random.Base(pack[n])], o)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()

	twice, applied, kinds := 0, 0, map[string]bool{}
	for id, got := range outcomes {
		if first := got[0]; first.Status != domain.Applied && first.Status != domain.Rejected {
			t.Errorf("%s is %s", id, first.Status)
		} else if first.Status == domain.Applied {
			applied++
			kinds[first.Kind] = true
		}
		twice += len(got) - 1
		for _, again := range got[1:] {
			if !bytes.Equal(mustJSON(t, got[0]), mustJSON(t, again)) {
				t.Errorf("%s has two outcomes:\n%s\n%s", id, mustJSON(t, got[0]), mustJSON(t, again))
			}
		}
	}
	var accepted, decided, waiting int
	check(t, l.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM commands), (SELECT count(*) FROM outcomes), (SELECT count(*) FROM pending)`).Scan(&accepted, &decided, &waiting))
	if sent := len(outcomes) + len(theWorld()); accepted != sent || decided != sent || waiting != 0 {
		t.Errorf("%d commands were sent, %d accepted, %d decided, %d wait", sent, accepted, decided, waiting)
	}
	if len(outcomes) != size || twice < 400 || applied < size/5 || len(kinds) < 25 {
		t.Errorf("%d commands, %d sent again, %d applied, of %d kinds: that tries too little", len(outcomes), twice, applied, len(kinds))
	}
	l.verify()
	t.Logf("%d commands, %d sent again, %d applied, of %d kinds", len(outcomes), twice, applied, len(kinds))
}
