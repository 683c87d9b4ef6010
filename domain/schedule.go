package domain

import (
	"fmt"
	"time"
)

// How many days before its end people are reminded of a holding or a term.
var (
	stockReminders   = []Date{30, 7, 1}
	licenseReminders = []Date{30, 7, 3}
	renewalReminders = []Date{30}
)

// nextDue is the first instant after a given one at which a reminder or the end
// falls due. An end that has passed is due all the same.
func nextDue(endsOn Date, zone *time.Location, reminders []Date, after time.Time) *time.Time {
	for _, days := range reminders {
		if at := (endsOn - days).StartIn(zone).UTC(); at.After(after) {
			return &at
		}
	}
	end := endsOn.StartIn(zone).UTC()
	return &end
}

// Due is a row that falls due: what the store knows of it without a lock.
type Due struct {
	SourceTable string
	ID          string
	Owner
	NextDueAt time.Time
	EndsOn    Date // none: it has reminders no more, the instant itself is the end
	TimeZone  ZoneName
}

// Tables whose rows fall due.
const tableLot = "lot"

// ScheduleSource is the source of commands that nobody sends. It is outside the
// alphabet of ids, so no upstream can use it.
const ScheduleSource = "~"

// Command is what is to be done about the row now, and the instant at which it
// takes effect. If several instants have passed, only the latest counts: an
// outage must not bring a flood of reminders.
func (x Due) Command(now time.Time) (Command, time.Time) {
	end, reminders := x.NextDueAt, map[string][]Date{tableLot: stockReminders, tableLicense: licenseReminders, tableSubscription: renewalReminders}[x.SourceTable]
	if x.EndsOn != 0 {
		zone, err := ZoneNamed(string(x.TimeZone))
		if err != nil {
			panic(err) // contract.put has checked it
		}
		end = x.EndsOn.StartIn(zone).UTC()
		if now.Before(end) {
			return x.remind(), x.latest(zone, reminders, now)
		}
	}
	switch x.SourceTable {
	case tableLot:
		return ExpireStock{LotID(x.ID)}, end
	case tableLicense:
		return ExpireLicense{LicenseID(x.ID)}, end
	}
	return RenewSubscription{SubscriptionID(x.ID)}, end
}

func (x Due) latest(zone *time.Location, reminders []Date, now time.Time) time.Time {
	at := x.NextDueAt
	for _, days := range reminders {
		if start := (x.EndsOn - days).StartIn(zone).UTC(); start.After(at) && !start.After(now) {
			at = start
		}
	}
	return at
}

func (x Due) remind() SendReminder {
	switch x.SourceTable {
	case tableLot:
		return SendReminder{Lot: LotID(x.ID)}
	case tableLicense:
		return SendReminder{License: LicenseID(x.ID)}
	}
	return SendReminder{Subscription: SubscriptionID(x.ID)}
}

// Envelope makes the command one of the journal. Its id is derived from the row
// and the instant, so that what fell due is done once, whoever does it.
func (x Due) Envelope(now time.Time) *Envelope {
	command, at := x.Command(now)
	return &Envelope{
		Source: ScheduleSource, ID: fmt.Sprintf("%s:%s:%s", command.Kind(), x.ID, at.Format(time.RFC3339)),
		Kind: command.Kind(), AcceptedAt: at, Command: command,
	}
}

// DueBefore lists the subscriptions that commands would change although they were
// due before the commands were accepted.
func (s *State) DueBefore(steps []Step) []Due {
	var due []Due
	seen := map[SubscriptionID]bool{}
	for _, step := range steps {
		for _, id := range step.Keys.Subscriptions {
			x := s.Subscriptions.rows[id]
			if seen[id] || x.NextDueAt == nil || x.NextDueAt.After(step.Envelope.AcceptedAt) {
				continue
			}
			seen[id] = true
			due = append(due, Due{
				SourceTable: tableSubscription, ID: string(id), Owner: Owner{Account: x.Account, Contract: x.Contract, Product: x.Product}, NextDueAt: *x.NextDueAt, EndsOn: x.TermEndsOn,
				TimeZone: s.Contracts.rows[x.Contract].TimeZone,
			})
		}
	}
	return due
}
