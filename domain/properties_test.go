package domain_test

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/jobs"
)

// LICENSELEDGER_SCALE multiplies how much is tried; 1 fits a test run.
func TestMain(m *testing.M) {
	flag.Parse()
	scale, err := strconv.Atoi(os.Getenv("LICENSELEDGER_SCALE"))
	if err != nil {
		scale = 1
	}
	const checks = 30
	for name, value := range map[string]string{
		"rapid.checks": strconv.Itoa(checks * scale), "rapid.shrinktime": "10s",
		"rapid.nofailfile": "true", // the seed is printed
	} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func begin(t *rapid.T, catalog []sent) *model.Ledger {
	l := model.New()
	for _, batch := range cut(catalog, func() bool { return false }) {
		for _, o := range l.Execute(batch) {
			if o.Status != domain.Applied {
				t.Fatalf("the catalog is not what it should be: %s %s", o.Reason, o.Detail)
			}
		}
	}
	return l
}

// What was issued is in stock, licensed or expired; every holding equals its
// movements; nothing is negative: after every batch.
func TestLedgerBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		catalog, commands := story(t, 120)
		l := begin(t, catalog)
		for _, batch := range cut(commands, func() bool { return rapid.IntRange(0, 3).Draw(t, "cut") == 0 }) {
			l.Execute(batch)
			if wrong := l.Check(); len(wrong) > 0 {
				t.Fatalf("after %s: %s", batch[len(batch)-1].ID, strings.Join(wrong, "; "))
			}
		}
	})
}

// However commands are cut into batches, the same comes out.
func TestBatchesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		catalog, commands := story(t, 100)
		single, batched := begin(t, catalog), begin(t, catalog)
		for _, batch := range cut(commands, oneByOne) {
			single.Execute(batch)
		}
		for _, batch := range cut(commands, func() bool { return rapid.IntRange(0, 9).Draw(t, "cut") == 0 }) {
			batched.Execute(batch)
		}
		if diff := model.Differences("one by one", single.Tables(), "in batches", batched.Tables()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A rejected command changes nothing but its own record.
func TestRejectionsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		catalog, commands := story(t, 24)
		l := begin(t, catalog)
		before := things(l)
		for _, batch := range cut(commands, oneByOne) {
			o := l.Execute(batch)[0]
			after := things(l)
			if o.Status != domain.Rejected {
				before = after
				continue
			}
			if diff := model.Differences("before", before, "after", after); diff != "" {
				t.Fatalf("%s was rejected (%s), but: %s", batch[0].Kind, o.Reason, diff)
			}
			if !slices.Contains(domain.Reasons, o.Reason) || o.Detail == "" || o.Result != nil {
				t.Fatalf("%s was rejected with %q, %q and the result %s", batch[0].Kind, o.Reason, o.Detail, o.Result)
			}
		}
	})
}

// things are all tables but the record of what happened.
func things(l *model.Ledger) []model.Dump {
	return slices.DeleteFunc(l.Tables(), func(d model.Dump) bool { return d.Name == "outcomes" || d.Name == "history" })
}

// The reason given is the first of all that apply: taking away what it names
// never brings one to light that comes before it.
func TestTheFirstReasonIsGiven(t *testing.T) {
	repaired := map[domain.Reason]int{}
	rapid.Check(t, func(t *rapid.T) {
		catalog, commands := story(t, 40)
		l := begin(t, catalog)
		for _, batch := range cut(commands, oneByOne) {
			l.Execute(batch)
		}
		for i, c := range commands {
			if domain.ClassOf(c.Kind) == domain.Business {
				c.seq, c.at = int64(1000*(i+1)), commands[len(commands)-1].at
				followReasons(t, l, c, repaired)
			}
		}
	})
	t.Logf("repaired: %v", repaired)
}

func followReasons(t *rapid.T, l *model.Ledger, s sent, repaired map[domain.Reason]int) {
	seq, before, seen := s.seq, -1, map[string]bool{}
	var path []domain.Reason
	for range 30 {
		seq++
		s.seq, s.ID = seq, "try"+strconv.FormatInt(seq, 10)
		o := l.Execute([]*domain.Envelope{s.envelope()})[0]
		if o.Status == domain.Applied {
			return
		}
		path = append(path, o.Reason)
		at := slices.Index(domain.Reasons, o.Reason)
		if at < before {
			t.Fatalf("%s %s by %s: %s only shows after what comes later was repaired: %s", s.Kind, s.Body, s.Actor, o.Reason, o.Detail+" "+strings.Join(words(path), ", "))
		}
		before = at
		if seen[o.Detail] {
			return // this repair does not help here
		}
		seen[o.Detail] = true
		mend, ok := repairs[o.Reason]
		if !ok {
			return
		}
		change, ok := mend(l, &s.Command)
		if !ok {
			return
		}
		repaired[o.Reason]++
		if change != nil {
			seq++
			put := sent{jobs.New("mend"+strconv.FormatInt(seq, 10), "", change), seq, s.at}
			if l.Execute([]*domain.Envelope{put.envelope()})[0].Status != domain.Applied {
				return
			}
		}
	}
	t.Fatalf("%s is never done with: %v", s.Kind, path)
}

func words(reasons []domain.Reason) []string {
	texts := make([]string, len(reasons))
	for i, r := range reasons {
		texts[i] = string(r)
	}
	return texts
}

// A story must be able to fail and to succeed, or the properties above hold for
// nothing: every kind is applied sometimes.
func TestStoriesAreWorthTelling(t *testing.T) {
	applied, rejected := map[string]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		catalog, commands := story(t, 400)
		l := begin(t, catalog)
		for _, batch := range cut(commands, oneByOne) {
			if o := l.Execute(batch)[0]; o.Status == domain.Applied {
				applied[batch[0].Kind]++
			} else {
				rejected[batch[0].Kind+" "+string(o.Reason)]++
			}
		}
	})
	for _, k := range jobs.Kinds {
		if k.Class != domain.Control && applied[k.Name] == 0 {
			t.Errorf("%s was never applied; give it a shape in internal/model/random/shapes.go", k.Name)
		}
	}
	t.Logf("applied: %v\nrejected: %v", applied, rejected)
}
