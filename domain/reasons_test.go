package domain_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// atTheJournal are reasons that a command gets before it is decided.
var atTheJournal = []domain.Reason{domain.Invalid, domain.SignatureInvalid, domain.OutOfScope, domain.IDReused}

// The reason given is the first that applies: of everything that is wrong, one
// thing after the other is put right, and the reasons come in their order.
func TestOfManyReasonsTheFirstIsGiven(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, _ jobs.Kind, c kindCase) {
		for _, chain := range c.chains {
			w := worldFor(t, chain.wrong)
			w.must(chain.begin...)
			command, before := chain.wrong, -1
			for _, step := range chain.steps {
				if o := w.send(command); o.Reason != step.reason {
					t.Fatalf("%v\nis %s, want %s", command, said(o), step.reason)
				}
				at := slices.Index(domain.Reasons, step.reason)
				if at <= before {
					t.Fatalf("%s comes after %s", step.reason, domain.Reasons[before])
				}
				before = at
				command = command.with(step.fields...)
				w.must(step.lines...)
			}
			if o := w.send(command); o.Status != domain.Applied {
				t.Fatalf("%v\nis %s, want it to be applied", command, said(o))
			}
		}
	})
}

// Every reason that a kind is said to give is given by it.
func TestEveryReasonIsReached(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind jobs.Kind, c kindCase) {
		reached := atTheJournal
		for _, works := range c.works {
			if o := worldFor(t, works).send(works); o.Status != domain.Applied {
				t.Errorf("%v\nis %s, want it to be applied", works, said(o))
			}
		}
		for _, r := range append(alike(kind, c.works[0]), c.also...) {
			w := worldFor(t, c.works[0])
			w.must(r.lines...)
			if o := w.send(c.works[0].with(r.fields...)); o.Reason != r.reason {
				t.Errorf("%s with %v after %q\nis %s, want %s", kind.Name, r.fields, r.lines, said(o), r.reason)
			}
			reached = append(reached, r.reason)
		}
		for _, chain := range c.chains { // TestOfManyReasonsTheFirstIsGiven
			for _, step := range chain.steps {
				reached = append(reached, step.reason)
			}
		}
		for _, r := range domain.ReasonsOf(kind.Example()) {
			if !slices.Contains(reached, r) {
				t.Errorf("no case of %s is %s: write one in kinds_test.go, or take it out of the Doc", kind.Name, r)
			}
		}
	})
}

// Every reason there is, is given by some kind.
func TestEveryReasonIsGiven(t *testing.T) {
	t.Parallel()
	given := slices.Clone(atTheJournal)
	for _, kind := range jobs.Kinds {
		given = append(given, domain.ReasonsOf(kind.Example())...)
	}
	for _, r := range domain.Reasons {
		if !slices.Contains(given, r) {
			t.Errorf("no kind gives %s", r)
		}
	}
}

// What upstream is told of a kind's reasons holds for commands made by chance, too.
func TestChanceFindsNoOtherReasons(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		catalog, commands := story(t, 60)
		l := begin(t, catalog)
		for _, batch := range cut(commands, oneByOne) {
			o := l.Execute(batch)[0]
			if o.Reason != "" && o.Reason != domain.Invalid && !slices.Contains(domain.ReasonsOf(batch[0].Command), o.Reason) {
				t.Fatalf("%s gives %s, which its Doc does not list", batch[0].Kind, said(o))
			}
		}
	})
}

// worldFor is our world, with a test clock for what moves it.
func worldFor(t *testing.T, l line) *world {
	t.Helper()
	w := ourWorld(t)
	if l.kind == "clock.advance" {
		w.must("test-clock")
	}
	return w
}
