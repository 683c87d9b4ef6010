package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// browser is the program that draws.
type browser struct{ program string }

// A window cannot be as small as a phone, so each mail is in a frame that is. It
// sees the frame's width and, since it is of the same origin, can be measured.
var stage = template.Must(template.New("stage").Parse(`<!doctype html>
<html style="overflow:hidden"><body style="margin:0">
{{- range .Pages}}<iframe style="display:block;border:0;width:{{$.Width}}px;height:100px" srcdoc="{{.}}"></iframe>{{end -}}
<script>
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, wide = []
    frame.style.height = page.documentElement.scrollHeight + "px"
    if (page.documentElement.scrollWidth > {{.Width}}) wide.push("the page is " + page.documentElement.scrollWidth + " px wide")
    const isWide = e => {
      const box = e.getBoundingClientRect()
      return e.clientWidth > 0 && e.scrollWidth > e.clientWidth || box.left < 0 || box.right > {{.Width}} + 0.5
    }
    for (const e of page.body.querySelectorAll("*")) {
      if (!isWide(e) || [...e.children].some(isWide)) continue // the innermost one is to blame
      wide.push("<" + e.tagName.toLowerCase() + "> " + e.textContent.trim().replace(/\s+/g, " ").slice(0, 60))
    }
    const height = page.documentElement.scrollHeight
    // Names may be broken anywhere, labels and badges not: they have to fit as they are.
    for (const e of page.body.querySelectorAll("th.soft, .badge")) {
      e.style.overflowWrap = "normal"
      if (e.scrollWidth > e.clientWidth && e.clientWidth > 0) wide.push("a word broken in " + e.textContent.trim())
      e.style.overflowWrap = ""
    }
    return {height, dark: frame.contentWindow.matchMedia("(prefers-color-scheme: dark)").matches, wide}
  })
  document.body.dataset.found = JSON.stringify(found)
})
</script></body></html>`))

// measured is what a page says about itself.
type measured struct {
	Height int
	Dark   bool
	Wide   []string // what is cut off, or reaches beyond the screen
}

// highest is how high a picture may get; beyond about 16,000 pixels, Chromium
// repeats itself.
const highest = 8000

// shoot takes the pictures of all pages in all views.
func shoot(ctx context.Context, b browser, pages []page, dir string) error {
	if _, err := exec.LookPath(b.program); err != nil {
		return fmt.Errorf("%s is missing; on Debian: apt-get install --no-install-recommends chromium fonts-liberation", b.program)
	}
	problems := make([]error, len(views))
	var tasks sync.WaitGroup
	for i, v := range views {
		tasks.Go(func() { problems[i] = b.shootView(ctx, v, pages, dir) })
	}
	tasks.Wait()
	return errors.Join(problems...)
}

func (b browser) shootView(ctx context.Context, v view, pages []page, dir string) error {
	sizes, err := b.measure(ctx, v, pages)
	if err != nil {
		return err
	}
	var problems []error
	for i, size := range sizes {
		for _, what := range size.Wide {
			problems = append(problems, fmt.Errorf("%s at %d px: too wide: %s", pages[i].name, v.width, what))
		}
		if size.Dark != v.dark {
			problems = append(problems, fmt.Errorf("%s: the browser shows the wrong colours for %s", pages[i].name, v.name))
		}
	}
	for begin := 0; begin < len(pages); {
		end, height := begin+1, sizes[begin].Height
		for end < len(pages) && height+sizes[end].Height <= highest {
			height += sizes[end].Height
			end++
		}
		problems = append(problems, b.pictures(ctx, v, pages[begin:end], sizes[begin:end], dir))
		begin = end
	}
	return errors.Join(problems...)
}

var foundAttr = regexp.MustCompile(`data-found="([^"]*)"`)

func (b browser) measure(ctx context.Context, v view, pages []page) ([]measured, error) {
	out, err := b.open(ctx, v, pages, "--dump-dom", "--window-size=1000,1000")
	if err != nil {
		return nil, err
	}
	found := foundAttr.FindSubmatch(out)
	if found == nil {
		return nil, fmt.Errorf("%s did not measure the mails", b.program)
	}
	var sizes []measured
	text := strings.NewReplacer("&quot;", `"`, "&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&amp;", "&").Replace(string(found[1]))
	if err := json.Unmarshal([]byte(text), &sizes); err != nil || len(sizes) != len(pages) {
		return nil, fmt.Errorf("reading the measures of %d of %d mails: %w", len(sizes), len(pages), err)
	}
	return sizes, nil
}

// pictures shows pages below each other and cuts them apart. The window is larger
// than they are, because a part of it goes to the browser itself.
func (b browser) pictures(ctx context.Context, v view, pages []page, sizes []measured, dir string) error {
	const spare = 200
	total := 0
	for _, size := range sizes {
		total += size.Height
	}
	all, err := b.screenshot(ctx, v, pages, total+spare)
	if err != nil {
		return err
	}
	top := 0
	for i, p := range pages {
		part := image.NewRGBA(image.Rect(0, 0, v.width, sizes[i].Height))
		if top+sizes[i].Height > all.Bounds().Dy() || v.width > all.Bounds().Dx() {
			return fmt.Errorf("the picture is only %s", all.Bounds())
		}
		draw.Draw(part, part.Rect, all, image.Pt(0, top), draw.Src)
		var encoded bytes.Buffer
		if err := png.Encode(&encoded, part); err != nil {
			return fmt.Errorf("writing the picture of %s: %w", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, p.name+"."+v.name+".png"), encoded.Bytes(), 0o600); err != nil {
			return fmt.Errorf("writing the picture of %s: %w", p.name, err)
		}
		top += sizes[i].Height
	}
	return nil
}

func (b browser) screenshot(ctx context.Context, v view, pages []page, height int) (image.Image, error) {
	dir, err := os.MkdirTemp("", "screenshots")
	if err != nil {
		return nil, fmt.Errorf("making a folder for a picture: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "all.png")
	if _, err := b.open(ctx, v, pages, "--screenshot="+file, fmt.Sprintf("--window-size=1000,%d", height)); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("taking a picture: %w", err)
	}
	all, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("reading a picture: %w", err)
	}
	return all, nil
}

// patience is for one start of the browser.
const patience = 3 * time.Minute

// open shows pages in a browser of its own and returns what it prints.
func (b browser) open(ctx context.Context, v view, pages []page, options ...string) (_ []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dir, err := os.MkdirTemp("", "screenshots")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the browser: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	content := struct {
		Width int
		Pages []string
	}{Width: v.width}
	for _, p := range pages {
		content.Pages = append(content.Pages, p.html)
	}
	var html bytes.Buffer
	if err := stage.Execute(&html, content); err != nil {
		return nil, fmt.Errorf("putting the mails on a page: %w", err)
	}
	file := filepath.Join(dir, "stage.html")
	if err := os.WriteFile(file, html.Bytes(), 0o600); err != nil {
		return nil, fmt.Errorf("putting the mails on a page: %w", err)
	}
	scheme := "--blink-settings=preferredColorScheme=1"
	if v.dark {
		scheme = "--blink-settings=preferredColorScheme=0"
	}
	command := exec.CommandContext(ctx, b.program, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--hide-scrollbars",
		"--user-data-dir=" + filepath.Join(dir, "profile"), scheme,
	}, append(options, "file://"+file)...)...)
	var complaints bytes.Buffer
	command.Stderr, command.WaitDelay = &complaints, 5*time.Second
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", b.program, err, complaints.Bytes())
	}
	return out, nil
}
