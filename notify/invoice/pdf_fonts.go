package invoice

import (
	_ "embed"
	"fmt"
	"os"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed fonts/DejaVuSansCondensed.ttf
var regularFont []byte

//go:embed fonts/DejaVuSansCondensed-Bold.ttf
var boldFont []byte

// japaneseFonts are where Debian's packages fonts-vlgothic, fonts-ipafont-gothic
// and fonts-takao-gothic put a font with TrueType outlines; others are not
// understood. The first that is there is used.
var japaneseFonts = []string{
	"/usr/share/fonts/truetype/vlgothic/VL-PGothic-Regular.ttf",
	"/usr/share/fonts/opentype/ipafont-gothic/ipagp.ttf",
	"/usr/share/fonts/truetype/takao-gothic/TakaoPGothic.ttf",
}

// face is a font that was read: which letters it has, and how wide they are.
type face struct {
	name   string
	data   []byte
	widths [1 << 16]int16 // in thousandths of the font's size; none: -1
}

func (f *face) has(r rune) bool { return r < 1<<16 && f.widths[r] >= 0 }

// The fonts are read once, the Japanese one not before a text needs it.
var (
	regular  = sync.OnceValue(func() *face { return mustRead("regular", regularFont) })
	bold     = sync.OnceValue(func() *face { return mustRead("bold", boldFont) })
	japanese = sync.OnceValue(installedJapanese)
)

func mustRead(name string, data []byte) *face {
	f, err := readFace(name, data)
	if err != nil {
		panic(err)
	}
	return f
}

// installedJapanese is nil if none is installed: an invoice is made all the same.
func installedJapanese() *face {
	for _, path := range japaneseFonts {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if f, err := readFace("japanese", data); err == nil {
			return f
		}
	}
	return nil
}

func readFace(name string, data []byte) (*face, error) {
	read, err := sfnt.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("reading the font %s: %w", name, err)
	}
	f := &face{name: name, data: data}
	var scratch sfnt.Buffer
	for r := range f.widths {
		f.widths[r] = -1
		glyph, err := read.GlyphIndex(&scratch, rune(r))
		if err != nil || glyph == 0 {
			continue
		}
		// Asked for a size of 1000, it answers in thousandths.
		width, err := read.GlyphAdvance(&scratch, glyph, fixed.I(1000), font.HintingNone)
		if err != nil {
			return nil, fmt.Errorf("reading the width of %U in the font %s: %w", r, name, err)
		}
		f.widths[r] = int16(width.Round()) //nolint:gosec // a few thousand
	}
	return f, nil
}
