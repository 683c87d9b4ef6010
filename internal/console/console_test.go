package console

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// TestConsole looks at one ledger in many ways; none of them changes it.
func TestConsole(t *testing.T) {
	databaseURL, s := lived(t)
	for name, test := range map[string]func(*testing.T, *store.Store){
		"every link leads somewhere":                testEveryLink,
		"today is everything at a glance":           testToday,
		"today says what is wrong with Redis":       testRedisTrouble,
		"a command is told from acceptance to mail": testCommand,
		"the search finds every sort of id":         testSearch,
		"files are as they were made":               testFiles,
		"pages follow each other without gaps":      testPaging,
		"a report goes on behind scheduled work":    testHistoryPages,
		"what is asked badly is answered well":      testBadInput,
		"nothing can be changed":                    testReadOnly,
		"the ledger is checked when asked for":      testCheck,
		"who waits too long is told":                testBusy,
		"a browser finds the way":                   testABrowserFindsTheWay,
		"everybody can read":                        testEverybodyCanRead,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
	t.Run("what cannot be read in time is left out", func(t *testing.T) { testPartMissing(t, databaseURL, s) })
}

// get asks for a page of the console.
func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil).WithContext(t.Context()))
	return w
}

var (
	forTheEye = regexp.MustCompile(`<span class="label" aria-hidden="true">[^<]*</span>|<wbr>`)
	markup    = regexp.MustCompile(`<[^>]*>`)
	spaces    = regexp.MustCompile(`\s+`)
)

// plain is what a page says to who listens.
func plain(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	return html.UnescapeString(spaces.ReplaceAllString(markup.ReplaceAllString(forTheEye.ReplaceAllString(page, ""), " "), " "))
}

// inOrder wants texts on a page, each behind the one before.
func inOrder(t *testing.T, page string, want ...string) {
	t.Helper()
	rest := plain(page)
	for _, text := range want {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Errorf("%q is not on the page, or not in its place:\n%s", text, plain(page))
			return
		}
		rest = after
	}
}

var links = regexp.MustCompile(`(?:href|src)="(/[^"]*)"`)

// testEveryLink follows all links from the first page on. No page runs a script,
// lets a name be markup or turn the direction of its text, or may be kept.
func testEveryLink(t *testing.T, s *store.Store) {
	h := opened(t, s)
	seen, queue := map[string]bool{Home: true}, []string{Home}
	for len(queue) > 0 && len(seen) < 1500 {
		path := queue[0]
		queue = queue[1:]
		w := get(t, h, path)
		page := w.Body.String()
		if w.Code == http.StatusSeeOther {
			page = `href="` + html.EscapeString(w.Header().Get("Location")) + `"`
		} else if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && w.Code == http.StatusOK {
			if strings.Contains(page, "<script") || strings.ContainsFunc(page, tricky) || strings.Contains(page, "style=") {
				t.Errorf("%s has a script, a style or a tricky character", path)
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
		for _, found := range links.FindAllStringSubmatch(page, -1) {
			next, _, _ := strings.Cut(html.UnescapeString(found[1]), "#")
			if !seen[next] && !strings.Contains(next, "refresh=on") {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	if len(seen) < 700 {
		t.Errorf("only %d pages are linked", len(seen))
	}
}

func testToday(t *testing.T, s *store.Store) {
	h := opened(t, s)
	w := get(t, h, Home)
	inOrder(t, w.Body.String(), "Business time is 2028-03-31 23:00:00 UTC, and stands still", "Commands waiting 1", "Oldest waiting", "Dead commands 1 need you", "Mail waiting 0",
		"Ledger check by button not run", "po-4711 dead", "No space left on device", "month.close due 2028-04-01 04:00:00 Y-HUDSON 2028-03", "po-4712 waiting")
	if w.Header().Get("Refresh") != "" {
		t.Error("the page moves by itself, unasked")
	}
	if again := get(t, h, Home+"?refresh=on"); again.Header().Get("Refresh") != "15" || !strings.Contains(again.Body.String(), `<a href="/console/">Stop</a>`) {
		t.Error("the page cannot be renewed by itself")
	}
}

// testRedisTrouble is that the first page says what is wrong with Redis, while it is.
func testRedisTrouble(t *testing.T, s *store.Store) {
	trouble := "Redis is full and takes no writes"
	h, err := New(t.Context(), s, Settings{Loopback: true, Now: time.Now, Log: quiet, RedisTrouble: func() string { return trouble }})
	check(t, err)
	inOrder(t, get(t, h, Home).Body.String(), "Today", "Redis is full and takes no writes.", "Commands waiting")
	trouble = ""
	if strings.Contains(get(t, h, Home).Body.String(), "Redis") {
		t.Error("it goes on although all is well")
	}
}

func testCommand(t *testing.T, s *store.Store) {
	h := opened(t, s)
	inOrder(t, get(t, h, at("command", "source", "default", "id", "y-036")).Body.String(),
		"stock.transfer y-036 applied", "Accepted into the journal 2027-03-20 10:00:00", "sent by bren@y-burren.example", "Applied 2027-03-20 10:00:00", "5 y-suite moved",
		"1 mail", "sent 1", "From y-burren To y-shannon", "y-035~1 y-036~1", "5 Harp Suite licenses for Shannon Boats are active", `"quantity": 5`)
	inOrder(t, get(t, h, at("command", "source", "default", "id", "y-027")).Body.String(), "applied", "Amounts it charged", "y-suite", "40", "4800.00 EUR", "Y-CLARE")
	inOrder(t, get(t, h, at("command", "source", "portal", "id", "demo-03")).Body.String(), "portal~demo-03 rejected", "Rejected: purchase_order_required")
	inOrder(t, get(t, h, at("command", "source", "default", "id", "po-4711")).Body.String(), "dead", "Given up after 8 attempts", "enqueue retry po-4711", "8 attempts without an outcome saving lots: ERROR", "Dead")
	inOrder(t, get(t, h, at("command", "source", "default", "id", "po-4712")).Body.String(), "waiting Refresh every 15 s", "Waiting for its outcome", "Note for <b>May</b>")
	inOrder(t, get(t, h, at("command", "source", "~", "id", "subscription.renew:acme-year:2028-03-05T00:00:00Z")).Body.String(), "subscription.renew", "applied")
}

func testSearch(t *testing.T, s *store.Store) {
	h := opened(t, s)
	for query, want := range map[string]string{
		"y-036":              at("command", "source", "default", "id", "y-036"),
		"portal~demo-05":     at("command", "source", "portal", "id", "demo-05"),
		"demo-05":            at("command", "source", "portal", "id", "demo-05"),
		"shop/eu~odd-3":      at("command", "source", "shop/eu", "id", "odd-3"),
		"y-clare":            at("account", "id", "y-clare"),
		"..":                 at("account", "id", ".."),
		"mia@acme.example":   at("account", "id", "acme"),
		"C-NORTH-PO":         at("contract", "id", "C-NORTH-PO"),
		"y-028~1":            at("thing", "sort", "license", "id", "y-028~1"),
		"portal~demo-01~1":   at("thing", "sort", "lot", "id", "portal~demo-01~1"),
		"y-tara-flex":        at("thing", "sort", "subscription", "id", "y-tara-flex"),
		"galway-office":      at("thing", "sort", "deployment", "id", "galway-office"),
		"HRP-000003":         at("invoice", "contract", "Y-CLARE", "period", "2027-03"),
		"219-1":              at("mail", "id", "219-1"),
		"Y-SAK":              at("contract", "id", "Y-SAKURA"),
		"portal~demo-01":     at("command", "source", "portal", "id", "demo-01"),
		"~~subscription.ren": "", // several
		"y-":                 "",
		"nothing":            "",
	} {
		w := get(t, h, at("search", "q", query))
		if got := w.Header().Get("Location"); got != want || (want == "") != (w.Code == http.StatusOK) {
			t.Errorf("%q leads to %d %q, want %q:\n%s", query, w.Code, got, want, plain(w.Body.String()))
		}
	}
	// An order has the id of the command that asked for it, and an address has many mails.
	inOrder(t, get(t, h, at("search", "q", "s4-03")).Body.String(), "s4-03 command", "s4-03 order")
	inOrder(t, get(t, h, at("search", "q", "ap@y-clare.example")).Body.String(), "mail ap@y-clare.example")
	inOrder(t, get(t, h, at("search", "q", "y-")).Body.String(), "y-bronx account Bronx Design LLC", "y-001 command", "y-tara-flex subscription")
	inOrder(t, get(t, h, at("search", "q", "nothing")).Body.String(), "Nothing begins with this.")
}

func testFiles(t *testing.T, s *store.Store) {
	h := opened(t, s)
	inOrder(t, get(t, h, at("invoice", "contract", "Y-CLARE", "period", "2027-03")).Body.String(),
		"Invoice HRP-000003", "Net 5664.68 EUR", "VAT 1302.88 EUR", "Total 6967.56 EUR", "HRP-000003.csv", "HRP-000003.pdf", "Issued 2027-04-01", "y-tara 10 flexible seats Harp Suite", "84.68")
	for format, media := range mediaTypes {
		w := get(t, h, at("file", "contract", "Y-CLARE", "period", "2027-03", "format", format))
		want, err := s.Document(t.Context(), "HRP-000003", format)
		check(t, err)
		if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want) || w.Header().Get("Content-Type") != media ||
			w.Header().Get("Content-Disposition") != "attachment; filename=HRP-000003."+format {
			t.Errorf("%s: %d, %d bytes, want %d; %v", format, w.Code, w.Body.Len(), len(want), w.Header())
		}
	}
	inOrder(t, get(t, h, at("invoice", "contract", "Y-SAKURA", "period", "2027-07")).Body.String(), "Credit note", "-4410 JPY")
}

var (
	nextPage = regexp.MustCompile(`<a href="([^"]*)">Next page`)
	rowNames = regexp.MustCompile(`<th role="rowheader" scope="row"><a href="([^"]*)"`)
)

func testPaging(t *testing.T, s *store.Store) {
	h := opened(t, s)
	want := map[string]int{Home + "commands": 0, at("account", "id", "y-clare", "show", "history"): 0, Home + "mails": 0, Home + "invoices": 0}
	count(t, s, want)
	for path, rows := range want {
		seen, pages := map[string]bool{}, 0
		for next := path; next != ""; pages++ {
			page := get(t, h, next).Body.String()
			for _, row := range rowNames.FindAllStringSubmatch(page, -1) {
				if seen[row[1]] {
					t.Errorf("%s: %s twice", path, row[1])
				}
				seen[row[1]] = true
			}
			next = ""
			if found := nextPage.FindStringSubmatch(page); found != nil {
				next = html.UnescapeString(found[1])
			}
		}
		if len(seen) != rows || pages != (rows+pageRows-1)/pageRows {
			t.Errorf("%s: %d rows on %d pages, want %d", path, len(seen), pages, rows)
		}
	}
}

// count says how many rows there are, by reports that know no pages.
func count(t *testing.T, s *store.Store, rows map[string]int) {
	t.Helper()
	all, err := s.LatestCommands(t.Context(), 0, 1e6)
	check(t, err)
	rows[Home+"commands"] = len(all)
	for _, err := range s.HistoryReport(t.Context(), "y-clare", store.Page{}) {
		check(t, err)
		rows[at("account", "id", "y-clare", "show", "history")]++
	}
	for _, err := range s.MailReport(t.Context(), store.MailFilter{}) {
		check(t, err)
		rows[Home+"mails"]++
	}
	for _, err := range s.InvoicesReport(t.Context(), domain.Period(0), "", store.Page{}) {
		check(t, err)
		rows[Home+"invoices"]++
	}
}

// A page of the history may end with what happened by itself, or with a command
// whose id came again, with other content, before it was decided.
func testHistoryPages(t *testing.T, s *store.Store) {
	var whole, paged []string
	for row, err := range s.HistoryReport(t.Context(), "northwind", store.Page{}) {
		check(t, err)
		whole = append(whole, row.Command)
	}
	for after, more := "", true; more && len(paged) <= len(whole); {
		more = false
		for row, err := range s.HistoryReport(t.Context(), "northwind", store.Page{Limit: 1, After: after}) {
			check(t, err)
			paged, after, more = append(paged, row.Command), row.Cursor(), true
		}
	}
	if !slices.Equal(whole, paged) || !slices.ContainsFunc(whole, func(name string) bool { return strings.HasPrefix(name, domain.ScheduleSource) }) {
		t.Errorf("page by page there is\n%s\nof\n%s", strings.Join(paged, "\n"), strings.Join(whole, "\n"))
	}
}

func testBadInput(t *testing.T, s *store.Store) {
	h := opened(t, s)
	for path, want := range map[string]int{
		"nowhere": 404, "account": 404, "account?id=nobody": 404, "account?id=acme&show=nonsense": 400, "account?id=acme&show=stock&after=nonsense": 400,
		"account?id=a%00b": 400, "account?id=%ff": 400, "account?id=%zz": 400, "account?id=" + strings.Repeat("a", 5000): 400,
		"command?no=x": 400, "command?no=999999": 404, "command?source=default&id='%3B--": 404, "commands?show=nonsense": 400, "commands?from=-1": 200,
		"thing?sort=nonsense&id=1": 404, "thing?sort=lot&id=1": 404, "contract?id=%3Cscript%3E": 404, "mail?id=x": 404, "mail?id=99999999999999999999-1": 404,
		"mails?from=x": 400, "mails?show=x": 400, "invoices?from=x": 400, "invoice?contract=Y-CLARE&period=2027-13": 400, "invoice?contract=Y-CLARE&period=2035-01": 404,
		"file?contract=Y-CLARE&period=2027-03&format=exe": 404, "search?q=%25": 200, "search?q=%F4%8F%BF%BF": 200, "search?q=": 200, "assets/../console.go": 307, "assets/none.css": 404,
	} {
		if w := get(t, h, Home+path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func testReadOnly(t *testing.T, s *store.Store) {
	h := opened(t, s)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		for _, path := range []string{"", "commands", "command?source=default&id=po-4711", "file", "search"} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(method, "http://localhost"+Home+path, nil))
			if w.Code < 400 {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
}

func testCheck(t *testing.T, s *store.Store) {
	h := opened(t, s)
	post := func(site string) int {
		r := httptest.NewRequest(http.MethodPost, "http://localhost"+Home+"check", nil)
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	if code := post("cross-site"); code != http.StatusForbidden {
		t.Errorf("another site has the ledger checked: %d", code)
	}
	if code := post("same-origin"); code != http.StatusSeeOther {
		t.Errorf("the check cannot be started: %d", code)
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		page := plain(get(t, h, Home).Body.String())
		if strings.Contains(page, "The ledger adds up: no discrepancy was found") {
			return
		}
		if time.Now().After(until) {
			t.Fatal(page)
		}
	}
}

// Two pages are read at once; who has to wait too long for that is told.
func testBusy(t *testing.T, s *store.Store) {
	c := &console{Settings: Settings{Loopback: true, Now: time.Now, Log: quiet}, ledger: s, slots: make(chan struct{}, pagesAtOnce)}
	for range pagesAtOnce {
		c.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	w := httptest.NewRecorder()
	c.page(c.accounts)(w, httptest.NewRequest(http.MethodGet, Home+"accounts", nil).WithContext(ctx))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Too busy") {
		t.Errorf("%d %s", w.Code, plain(w.Body.String()))
	}
}

func testPartMissing(t *testing.T, databaseURL string, s *store.Store) {
	conn, err := pgx.Connect(t.Context(), databaseURL)
	check(t, err)
	defer func() { check(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	_, err = conn.Exec(t.Context(), "BEGIN; LOCK TABLE mail IN ACCESS EXCLUSIVE MODE")
	check(t, err)
	w := get(t, opened(t, s), Home)
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	inOrder(t, w.Body.String(), "Reading mails by state took too long or failed", "Commands waiting 1", "po-4711")
}

func TestTrickyCharactersAreNamed(t *testing.T) {
	for given, want := range map[string]string{
		"Müller & Söhne שלום 日本 👩‍👩‍👧": "Müller & Söhne שלום 日本 👩‍👩‍👧",
		"invoice\u202Efdp.exe":         "invoice[U+202E]fdp.exe",
		"\u2066a\u2069\u200f\u200b":    "[U+2066]a[U+2069][U+200F][U+200B]",
		"a\x1b[31m\x00\u0085":          "a[U+001B][31m[U+0000][U+0085]",
		"tag\U000E0041":                "tag[U+E0041]",
		"two\nlines\tand a tab":        "two\nlines\tand a tab",
		"\xff":                         "\uFFFD",
	} {
		if got := string(harmless([]byte(given))); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}

// Colours are never the only sign, and every state that the ledger has gets one.
func TestStatesHaveATone(t *testing.T) {
	for _, name := range slices.Concat(commandStates, mailStates) {
		if name != "waiting" && name != "pending" && name != "sending" && tone(name) == "calm" {
			t.Errorf("%s looks like nothing", name)
		}
	}
}

func TestAddressesSurviveEveryID(t *testing.T) {
	for _, name := range []string{"..", ".", "a/b", "a//b", "a+b", "a&id=c", "a@b:c", "~~x", "?#%"} {
		u, err := url.Parse(at("account", "id", name))
		check(t, err)
		if got := u.Query().Get("id"); got != name || u.Path != Home+"account" {
			t.Errorf("%q became %q at %s", name, got, u.Path)
		}
	}
	if got := fmt.Sprint(grouped(1234567), " ", grouped(-1000), " ", grouped(999)); got != "1\u202f234\u202f567 −1\u202f000 999" {
		t.Error(got)
	}
}
