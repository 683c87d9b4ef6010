package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
	"github.com/licenseledger/licenseledger/notify/invoice"
)

var samples = map[string]func() *domain.Invoice{
	"invoice.small": invoices.Sample, "invoice.long": invoices.Long, "invoice.credit-note": invoices.CreditNote,
}

// drawInvoices takes a picture of every page of some invoices, in every language.
func drawInvoices(ctx context.Context, dir string) (pictures int, err error) {
	for name, sample := range samples {
		for _, language := range []domain.Locale{"en", "de", "tr"} {
			i := sample()
			i.Locale = language
			pdf, err := invoice.PDF(i)
			if err != nil {
				return 0, fmt.Errorf("drawing %s in %s: %w", name, language, err)
			}
			base := filepath.Join(dir, string(language)+"."+name)
			if err := os.WriteFile(base+".pdf", pdf, 0o600); err != nil {
				return 0, fmt.Errorf("keeping %s: %w", base, err)
			}
			cmd := exec.CommandContext(ctx, "pdftoppm", "-r", "96", "-png", "-", base)
			cmd.Stdin, cmd.Stderr = bytes.NewReader(pdf), os.Stderr
			if err := cmd.Run(); err != nil {
				return 0, fmt.Errorf("taking pictures of %s (pdftoppm is in poppler-utils): %w", base, err)
			}
			made, err := filepath.Glob(base + "-*.png")
			if err != nil {
				return 0, err
			}
			pictures += len(made)
		}
	}
	return pictures, nil
}
