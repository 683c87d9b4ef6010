// Command screenshots shows mails and invoices as their readers see them: it takes
// pictures of the golden mails with Chromium, in every language, in light, in dark
// and on a small screen, and of a small invoice, a long one and a credit note. It
// fails when anything in a mail is cut off or reaches beyond the screen, and when a
// word of ours has to be broken.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// view is a screen.
type view struct {
	name  string
	width int
	dark  bool
}

var views = []view{{"light", 800, false}, {"dark", 800, true}, {"small", 360, false}, {"small-dark", 360, true}}

// page is a mail's HTML part.
type page struct{ name, html string }

func main() { os.Exit(run()) }

func run() int {
	mails := flag.String("mails", "notify/testdata/*/*.golden", "the mails, in a folder for each language")
	dir := flag.String("o", "screenshots", "folder for the pictures; those that are there are removed")
	program := flag.String("chromium", "chromium", "the browser")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	pages, err := read(*mails)
	if err == nil {
		err = prepare(*dir)
	}
	if err == nil {
		err = shoot(ctx, browser{*program}, pages, *dir)
	}
	sheets := 0
	if err == nil {
		sheets, err = drawInvoices(ctx, *dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		return 1
	}
	fmt.Fprintf(os.Stdout, "%d pictures of %d mails and %d pages of invoices in %s\n", len(pages)*len(views), len(pages), sheets, *dir)
	return 0
}

func read(pattern string) ([]page, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("finding the mails: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no mails at %s", pattern)
	}
	var pages []page
	for _, file := range files {
		golden, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a mail: %w", err)
		}
		_, html, found := strings.Cut(string(golden), "\n--- html\n")
		if !found {
			return nil, fmt.Errorf("%s has no HTML part", file)
		}
		language := filepath.Base(filepath.Dir(file))
		pages = append(pages, page{language + "." + strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), html})
	}
	return pages, nil
}

// prepare removes the pictures of mails that are no more.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.p[nd][gf]"))
	for _, file := range old {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}
