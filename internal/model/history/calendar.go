package history

import (
	"sort"
	"sync"
	"time"
)

// day counts days from 1 January 1970, wherever the day is.
type day int

func date(year int, month time.Month, dayOfMonth int) day {
	return day(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) period() string { return d.utc().Format("2006-01") }

func (d day) dayOfMonth() int { return d.utc().Day() }

// lastOfMonth is the last day of the day's month.
func (d day) lastOfMonth() day {
	y, m, _ := d.utc().Date()
	return date(y, m+1, 0)
}

// plusMonths is the same day some months later, or the last of a shorter month.
func (d day) plusMonths(n int) day {
	y, m, of := d.utc().Date()
	return min(date(y, m+time.Month(n), of), date(y, m+time.Month(n)+1, 0))
}

func parseDay(text string) day {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // Draw wrote it
	}
	return date(t.Date())
}

// dayAt is the local day of an instant.
func dayAt(at time.Time, zone *time.Location) day { return date(at.In(zone).Date()) }

type dayIn struct {
	day
	zone string
}

var starts sync.Map // dayIn → time.Time: looking for it takes long

// start is the first second that has the day as its local date.
func (d day) start(zone *time.Location) time.Time {
	key := dayIn{d, zone.String()}
	if at, known := starts.Load(key); known {
		return at.(time.Time)
	}
	from := d.utc().Add(-16 * time.Hour) // before it begins anywhere
	seconds := sort.Search(32*3600, func(s int) bool { return dayAt(from.Add(time.Duration(s)*time.Second), zone) >= d })
	at := from.Add(time.Duration(seconds) * time.Second)
	starts.Store(key, at)
	return at
}
