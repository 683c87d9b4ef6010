package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf16"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/sync/errgroup"

	"github.com/licenseledger/licenseledger/internal/invoices"
	"github.com/licenseledger/licenseledger/notify/invoice"
)

// drawing compares the PDF of an invoice with its library, which draws as many
// texts with the same fonts.
func (b *bench) drawing(context.Context) ([]figure, error) {
	sample := invoices.Sample()
	file, err := invoice.PDF(sample)
	if err != nil {
		return nil, err
	}
	texts := textsOf(file)
	if len(texts) == 0 {
		return nil, errors.New("no text was found in the PDF of an invoice")
	}
	var fonts [2][]byte
	for i, name := range []string{"DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"} {
		if fonts[i], err = os.ReadFile(filepath.Join(b.root, "notify", "invoice", "fonts", name)); err != nil {
			return nil, err
		}
	}
	var rates samples
	err = b.inRounds(func() error {
		ours, err := b.onAllCores(b.pdfs, func() error {
			_, err := invoice.PDF(sample)
			return err
		})
		if err != nil {
			return err
		}
		library, err := b.onAllCores(b.pdfs, func() error { return drawTexts(texts, fonts) })
		rates.add(ours, library)
		return err
	}, &rates)
	return []figure{{
		Letter: "J3", What: "PDFs of an invoice against fpdf alone with as many texts in the same two fonts on one page", Target: within, samples: rates,
	}}, err
}

func (b *bench) onAllCores(n int, do func() error) (float64, error) {
	return b.rate(n, func() error {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for range n {
			group.Go(do)
		}
		return group.Wait()
	})
}

// drawTexts has the library draw, a cell each, in two columns.
func drawTexts(texts []string, fonts [2][]byte) error {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddPage()
	for i, name := range []string{"regular", "bold"} {
		pdf.AddUTF8FontFromBytes(name, "", bytes.Clone(fonts[i])) // the library writes into what it is given
		pdf.SetFont(name, "", 9)
		for n := i; n < len(texts); n += 2 {
			pdf.SetXY(20+float64(i)*90, 10+float64(n)*2)
			pdf.Cell(90, 5, texts[n])
		}
	}
	return pdf.Output(io.Discard)
}

// textsOf reads the texts out of the streams of a PDF, in which each is written
// as "BT 1.00 2.00 Td (in UTF-16) Tj ET".
func textsOf(file []byte) (texts []string) {
	for _, part := range bytes.Split(file, []byte("stream\n"))[1:] {
		packed, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // the end of a stream, or one of another kind
		}
		stream, err := io.ReadAll(packed)
		if err != nil {
			continue
		}
		for _, text := range strings.Split(string(stream), " Td (")[1:] {
			if text, _, found := strings.Cut(text, ") Tj ET"); found {
				texts = append(texts, fromUTF16(unescape.Replace(text)))
			}
		}
	}
	return texts
}

var unescape = strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")

func fromUTF16(s string) string {
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return string(utf16.Decode(units))
}
