package console

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/licenseledger/licenseledger/internal/store"
)

// browser is a Chromium with one tab.
type browser struct {
	t    *testing.T
	ctx  context.Context // in which chromedp keeps the browser
	base string
}

func newBrowser(t *testing.T, h http.Handler) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("not tried in a browser: chromium is missing (apt-get install --no-install-recommends chromium fonts-liberation)")
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	b := &browser{t: t, ctx: ctx, base: server.URL}
	b.do(chromedp.Navigate("about:blank"))
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // before its folder goes
	return b
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	check(b.t, chromedp.Do(b.ctx, actions...))
}

// result does what has one.
func result[R any](b *browser, action chromedp.Action[R]) R {
	b.t.Helper()
	answer, err := chromedp.Run(b.ctx, action)
	check(b.t, err)
	return answer
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + Home + path))
}

// click follows a link by its text.
func (b *browser) click(text string) {
	b.t.Helper()
	_, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.Search(fmt.Sprintf(`(//main//a[normalize-space(.)=%q])[1]`, text))))
	if err != nil {
		b.t.Fatalf("clicking %q at %s: %v", text, b.at(), err)
	}
}

func (b *browser) at() string {
	b.t.Helper()
	return strings.TrimPrefix(result(b, chromedp.Location()), b.base)
}

func (b *browser) title() string {
	b.t.Helper()
	return strings.TrimSpace(ask[string](b, `document.querySelector("h1").textContent`))
}

// ask evaluates an expression, also one that takes its time.
func ask[R any](b *browser, expression string) R {
	b.t.Helper()
	return result(b, chromedp.Evaluate[R](expression, chromedp.EvalAwaitPromise))
}

// screen is what a reader has before the eyes.
type screen struct {
	name  string
	width int64
	dark  bool
	rules string // of axe, if not all
}

const (
	none        = "none" // what differs has been looked at on the others
	coloursOnly = `, runOnly: ["color-contrast"]`
	shapeOnly   = `, runOnly: ["target-size", "scrollable-region-focusable", "label", "region"]`
)

var screens = []screen{{"light", 1280, false, ""}, {"middle", 1000, false, none}, {"dark", 1280, true, coloursOnly}, {"small", 360, false, shapeOnly}, {"small-dark", 360, true, none}}

func (b *browser) on(s screen) {
	b.t.Helper()
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	b.do(chromedp.EmulateViewport(s.width, 800))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	check(b.t, err)
}

// testABrowserFindsTheWay clicks as an operator would, from the dead command that
// the first page shows to the file of an invoice.
func testABrowserFindsTheWay(t *testing.T, s *store.Store) {
	b := newBrowser(t, opened(t, s))
	b.on(screens[0])
	b.open("")
	want := func(title string) {
		t.Helper()
		if got := b.title(); !strings.HasPrefix(got, title) {
			t.Fatalf("at %s the title is %q, want %q", b.at(), got, title)
		}
	}
	want("Today")
	b.click("po-4711")
	want("po-4711")
	b.click("y-clare")
	want("y-clare")
	b.click("HRP-000043")
	want("HRP-000043")
	if files := ask[int](b, `[...document.querySelectorAll("a[href*='/console/file']")].length`); files != 4 {
		t.Errorf("%d files of the invoice", files)
	}
	// By keyboard: the first stop leads past the head of the page, the search goes to what has the id.
	b.open("")
	b.do(chromedp.KeyEvent("\t"))
	if got := ask[string](b, `document.activeElement.textContent`); got != "Skip to the content" {
		t.Errorf("the first stop of the keyboard is %q", got)
	}
	b.do(chromedp.SendKeys(chromedp.CSS("#q"), "HRP-000003"))
	_, err := chromedp.RunResponse(b.ctx, chromedp.SendKeys(chromedp.CSS("#q"), "\r"))
	check(t, err)
	want("HRP-000003")
}

// looked are the pages that are looked at.
var looked = map[string]string{
	"today": "", "commands": "commands", "waiting": "commands?show=waiting",
	"command-dead": "command?source=default&id=po-4711", "command": "command?source=default&id=y-036",
	"accounts": "accounts", "account": "account?id=northwind", "account-customer": "account?id=y-tara", "account-odd": "account?id=zz",
	"contract": "contract?id=Y-CLARE", "subscription": "thing?sort=subscription&id=y-tara-year", "invoices": "account?id=y-clare&show=invoices", "invoice": "invoice?contract=Y-CLARE&period=2027-03",
	"mails": "mails?to=cora@y-clare.example", "search": "search?q=y-", "nothing": "search?q=nothing-like-this", "not-found": "account?id=nobody",
}

// testEverybodyCanRead has axe look at every page, and finds what is wider than
// the screen. CONSOLE_SCREENSHOTS names a folder for pictures.
func testEverybodyCanRead(t *testing.T, s *store.Store) {
	b := newBrowser(t, opened(t, s))
	folder, axe := os.Getenv("CONSOLE_SCREENSHOTS"), axeCore(t)
	for name, path := range looked {
		b.open(path)
		ask[int](b, axe)
		for _, screen := range screens {
			if screen.name == "small-dark" && folder == "" {
				continue
			}
			b.on(screen)
			problems := ask[[]string](b, tooWide)
			if screen.rules != none {
				problems = append(problems, ask[[]string](b, fmt.Sprintf(axeRun, screen.rules))...)
			}
			for _, problem := range problems {
				t.Errorf("%s, %s: %s", name, screen.name, problem)
			}
			if folder != "" {
				b.picture(filepath.Join(folder, "console."+name+"."+screen.name+".png"))
			}
		}
	}
}

const axeRun = `axe.run(document, {resultTypes: ["violations"]%s}).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.target + " " + n.failureSummary.replace(/\s+/g, " "))))`

// tooWide names what reaches beyond the screen or is cut off.
const tooWide = `(() => {
  const wide = document.documentElement.clientWidth, found = []
  for (const e of document.querySelectorAll("body *")) {
    const box = e.getBoundingClientRect()
    if (box.width > 0 && box.right > wide + 0.5 && !e.closest(".hidden, pre, thead")) found.push(e.tagName + " " + e.textContent.trim().slice(0, 40) + " reaches to " + box.right)
    if (!e.closest("thead") && e.matches("a, th, td, dd, h1, h2, p, .value, .badge") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).display != "inline") found.push(e.tagName + " " + e.textContent.trim().slice(0, 40) + " is cut off")
  }
  return found
})()`

func axeCore(t *testing.T) string {
	t.Helper()
	f, err := os.Open("testdata/axe/axe.min.js.gz")
	check(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	check(t, err)
	script, err := io.ReadAll(unzipped)
	check(t, err)
	return string(script) + ";0"
}

func (b *browser) picture(file string) {
	b.t.Helper()
	check(b.t, os.WriteFile(file, result(b, chromedp.FullScreenshot(100)), 0o600))
}
