package webhook

import (
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Every event once, in order, signed so that receivers in Go and Python can tell.
func TestEventsAreDeliveredInOrderAndSigned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.happen(1, 130) // more than a page
	id, secret := r.hook()
	r.work()
	r.work()
	r.until("all are taken", func() bool { return len(r.taken()) >= 130 })
	r.happen(131, 140)
	r.until("so are those that come later", func() bool { return len(r.taken()) >= 140 })
	if diff := cmp.Diff(products(1, 140), r.taken()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	r.until("it is recorded", func() bool { return r.listed(id).Delivered == 140 })
	if row := r.listed(id); row.State != "active" || row.Attempts != 0 || row.Error != nil || row.DeliveredAt.IsZero() {
		t.Errorf("%+v", row)
	}
	got := r.requests()[6]
	if got.header.Get("Content-Type") != "application/cloudevents+json" || got.header.Get(HeaderID) != got.event.ID {
		t.Errorf("%v", got.header)
	}
	check(t, verify(FormatSecret(secret), got.header, got.body, time.Now()))
	if verify(FormatSecret(secret), got.header, append(got.body, ' '), time.Now()) == nil ||
		verify(FormatSecret(secret[1:]), got.header, got.body, time.Now()) == nil ||
		verify(FormatSecret(secret), got.header, got.body, time.Now().Add(time.Hour)) == nil {
		t.Error("what is not as it was sent is taken for good")
	}
	inPython(t, FormatSecret(secret), got)
}

// inPython runs the example of docs/events.md.
func inPython(t *testing.T, secret string, got received) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Log("the example in Python was not tried: that needs python3 (apt-get install python3)")
		return
	}
	script, err := os.ReadFile("testdata/verify.py")
	check(t, err)
	const use = `
import sys
secret, id, timestamp, signature = sys.argv[1:]
headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
body = sys.stdin.buffer.read()
verify(secret, headers, body)
for other in [lambda: verify(secret, headers, body + b" "), lambda: verify(secret, headers, body, lambda: int(timestamp) + 3600)]:
    try:
        other()
    except ValueError:
        continue
    sys.exit("taken for good")
`
	cmd := exec.CommandContext(t.Context(), "python3", "-c", string(script)+use, secret,
		got.header.Get(HeaderID), got.header.Get(HeaderTimestamp), got.header.Get(HeaderSignature))
	cmd.Stdin = strings.NewReader(string(got.body))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// A vector that the reference implementations of Standard Webhooks share.
func TestTheSignatureIsThatOfStandardWebhooks(t *testing.T) {
	const shared = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(shared, "whsec_"))
	check(t, err)
	if FormatSecret(secret) != shared {
		t.Error(FormatSecret(secret))
	}
	got := sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What is not taken is sent again, the same, before what is behind it.
func TestWhatIsNotTakenIsSentAgainFirst(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter){
		"an error":        func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"a refusal":       func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) },
		"a redirect":      func(w http.ResponseWriter) { w.Header().Set("Location", "/"); w.WriteHeader(http.StatusFound) },
		"no end of words": func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot); _, _ = w.Write(make([]byte, 1<<20)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.answers(func(n int, w http.ResponseWriter) {
				if n >= 3 && n <= 5 {
					answer(w)
				}
			})
			r.hook()
			r.happen(1, 6)
			r.work()
			r.until("all are taken", func() bool { return len(r.taken()) >= 6 })
			if diff := cmp.Diff(products(1, 6), r.taken()); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
			came := r.requests()
			if len(came) != 9 || came[2].event.ID != came[5].event.ID || string(came[2].body) != string(came[5].body) {
				t.Errorf("%d requests", len(came))
			}
		})
	}
}

// One that fails for too long is dead, which costs nothing: it goes on when it is resumed.
func TestADeadWebhookGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, _ := r.hook()
	r.answers(func(n int, w http.ResponseWriter) {
		if n > 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	r.happen(1, 4)
	r.work(func(s *Sender) { s.patience = 100 * time.Millisecond })
	r.until("it is dead", func() bool { return r.listed(id).State == "dead" })
	row := r.listed(id)
	if row.Error == nil || !strings.Contains(*row.Error, "503") || row.Attempts < 2 || row.FailingSince.IsZero() || row.Delivered != 2 || row.Behind == 0 {
		t.Errorf("%+v", row)
	}
	r.answers(nil)
	before := len(r.requests())
	r.happen(5, 5)
	time.Sleep(50 * time.Millisecond) // of which nothing may come
	if n := len(r.requests()); n != before {
		t.Errorf("%d requests to a dead webhook", n-before)
	}
	check(t, r.store.ResumeWebhook(t.Context(), id))
	r.until("it goes on", func() bool { return len(r.taken()) >= 5 })
	if diff := cmp.Diff(products(1, 5), r.taken()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

// Whoever answers 410 wants nothing more.
func TestGoneIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, _ := r.hook()
	r.answers(func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusGone) })
	r.happen(1, 2)
	r.work()
	r.until("it is dead", func() bool { return r.listed(id).State == "dead" })
	if n := len(r.requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestPauseReplayAndRemove(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, _ := r.hook()
	check(t, r.store.PauseWebhook(t.Context(), id))
	r.happen(1, 5)
	r.work()
	time.Sleep(50 * time.Millisecond)
	if n := len(r.requests()); n > 0 {
		t.Errorf("%d requests to a paused webhook", n)
	}
	check(t, r.store.ResumeWebhook(t.Context(), id))
	r.until("it goes on", func() bool { return len(r.taken()) >= 5 })
	third := r.requests()[2].event
	from, err := store.ParseEventCursor(third.ID)
	check(t, err)
	check(t, r.store.ReplayWebhook(t.Context(), id, from))
	r.until("the rest comes again", func() bool { return len(r.taken()) >= 7 })
	if diff := cmp.Diff(append(products(1, 5), products(4, 5)...), r.taken()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	check(t, r.store.RemoveWebhook(t.Context(), id))
	r.happen(6, 6)
	time.Sleep(50 * time.Millisecond)
	if n := len(r.taken()); n != 7 {
		t.Errorf("%d taken by a webhook that was removed", n)
	}
	if err := r.store.ResumeWebhook(t.Context(), id); err == nil {
		t.Error("a webhook is resumed that was removed")
	}
}

// Types that nobody asked for are passed by, and one webhook that fails holds up no other.
func TestWebhooksGetWhatTheyAskedForAndNoMore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := newRig(t)
	other.answers(func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) })
	_, _, err := r.store.AddWebhook(t.Context(), store.Webhook{URL: other.url})
	check(t, err)
	sales, _ := r.hook("license.sold")
	r.hook("product.changed", "license.sold")
	r.happen(1, 3)
	r.work()
	r.until("one gets all", func() bool { return len(r.taken()) >= 3 && len(other.requests()) >= 3 })
	r.until("the other is not behind", func() bool { return r.listed(sales).Behind == 0 })
	if diff := cmp.Diff(products(1, 3), r.taken()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

// A worker that ends finishes the request under way and records it; the next
// goes on behind it.
func TestAWorkerThatEndsLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, _ := r.hook()
	r.happen(1, 40)
	r.answers(func(int, http.ResponseWriter) { time.Sleep(2 * time.Millisecond) })
	for round := 1; len(r.taken()) < 40; round++ {
		before := len(r.taken())
		stop := r.work()
		r.until("some are taken", func() bool { return len(r.taken()) >= min(before+7, 40) })
		stop()
		if row := r.listed(id); row.Delivered != int64(len(r.taken())) {
			t.Errorf("%d recorded, %d taken", row.Delivered, len(r.taken()))
		}
	}
	if diff := cmp.Diff(products(1, 40), r.taken()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

// The role of the worker is enough to deliver, and that of the reader to read.
func TestTheRolesDeliverAndRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	as := func(role string) *store.Store {
		s, err := store.Open(t.Context(), r.database+"&role=licenseledger_"+role)
		check(t, err)
		t.Cleanup(s.Close)
		return s
	}
	r.hook()
	r.happen(1, 3)
	r.work(func(s *Sender) { s.store = as("worker"); s.feed = events.NewFeed(s.store) })
	r.until("all are taken", func() bool { return len(r.taken()) >= 3 })
	reader := as("reader")
	told, _, err := events.NewFeed(reader).Events(t.Context(), store.EventCursor{}, 10, events.Filter{})
	if err != nil || len(told) != 3 {
		t.Errorf("%d events, %v", len(told), err)
	}
	_, err = reader.Webhooks(t.Context())
	check(t, err)
}

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"https://portal.example/events?token=x": true, "http://localhost:8080/x": true, "http://127.0.0.1/": true, "http://[::1]:80/": true,
		"http://portal.example/": false, "ftp://portal.example/": false, "https://user:pass@portal.example/": false, "portal.example": false, "": false,
		"https:///events": false, "https://:443/": false, "https://portal.example/#x": false, "https://portal.example/" + strings.Repeat("x", 2000): false,
	} {
		if wrong := CheckURL(address); (wrong == "") != good {
			t.Errorf("%s: %q", address, wrong)
		}
	}
}
