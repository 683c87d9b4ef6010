package invoice

import (
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
)

// Strips come out in order, each once and within its page; what must not be
// parted is not, and what stands above comes with every new page.
func TestPagesOfStrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var strips []strip
		above := []strip{{height: 10}}
		for n := range rapid.IntRange(1, 80).Draw(t, "strips") {
			strips = append(strips, strip{
				height: float64(rapid.IntRange(1, 40).Draw(t, "height")) + float64(n)/1e6, // tells which it is
				bond:   rapid.SampledFrom([]bond{loose, loose, together, together, always}).Draw(t, "bond"), above: above,
			})
		}
		strips[len(strips)-1].bond = loose
		at, page := 0, make([]int, len(strips))
		for n, placed := range paginate(strips, float64(rapid.IntRange(20, 200).Draw(t, "from"))) {
			for k, p := range placed {
				if k == 0 && n > 0 {
					if p.height != 10 || p.y != top {
						t.Fatalf("page %d begins with %f at %f", n, p.height, p.y)
					}
					continue
				}
				if p.height != strips[at].height {
					t.Fatalf("strip %d is another", at)
				}
				if k > 0 && p.y != placed[k-1].y+placed[k-1].height {
					t.Fatalf("strip %d does not follow the one before", at)
				}
				page[at] = n
				at++
			}
			for _, p := range placed {
				if p.y+p.height > bottom && longest(strips, always)+heightOf(above) <= bottom-top {
					t.Fatalf("page %d goes on to %f", n, p.y+p.height)
				}
			}
		}
		if at != len(strips) {
			t.Fatalf("%d strips of %d", at, len(strips))
		}
		for from := 0; from < len(strips); {
			n := bound(strips[from:], together)
			if heightOf(above)+heightOf(strips[from:from+n]) <= bottom-top && page[from] != page[from+n-1] {
				t.Fatalf("strips %d to %d are parted", from, from+n-1)
			}
			from += n
		}
	})
}

// longest is the height of what holds together so firmly.
func longest(strips []strip, firmly bond) float64 {
	most := 0.0
	for len(strips) > 0 {
		n := bound(strips, firmly)
		most, strips = max(most, heightOf(strips[:n])), strips[n:]
	}
	return most
}

func TestALongInvoice(t *testing.T) {
	t.Parallel()
	i := invoices.Long()
	pdf := drawn(t, i)
	checked(t, pdf)
	pages := strings.Split(strings.TrimSuffix(textOf(t, pdf), "\f"), "\f")
	if len(pages) != pageCount(t, pdf) || len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	headings := map[string]bool{}
	for _, l := range i.Lines {
		headings[string(l.CustomerName)] = true
	}
	continued := 0
	for n, page := range pages {
		lines := strings.Split(strings.TrimSpace(page), "\n")
		if !strings.Contains(page, "Page "+strconv.Itoa(n+1)+" of "+strconv.Itoa(len(pages))) || !strings.Contains(page, "Description Quantity Unit price Net (EUR)") {
			t.Errorf("page %d has no number, or its table no head:\n%s", n+1, page)
		}
		for k, line := range lines {
			if strings.HasPrefix(line, "Lumen Software Ltd. · VAT") && headings[lines[max(0, k-1)]] {
				t.Errorf("page %d ends with the heading %q", n+1, lines[k-1])
			}
		}
		continued += strings.Count(page, "(continued)")
	}
	if continued == 0 {
		t.Error("no page says that it continues a customer's lines")
	}
	last := pages[len(pages)-1]
	for _, want := range []string{"Total due", "VAT 23%", "VAT 24%", "VAT in total", "EUR 1,493,429.67", "IBAN"} {
		if !strings.Contains(last, want) {
			t.Errorf("%q is not on the last page:\n%s", want, last)
		}
	}
}

// However long a note is, it is all there, and nothing is drawn off the page.
func TestALineHigherThanAPage(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	i.Lines[1].Note = domain.Note(strings.Repeat("x\n", 2000/2))
	pages := strings.Split(textOf(t, drawn(t, i)), "\f")
	found := 0
	for _, page := range pages {
		n := strings.Count(page, "\nx")
		if n > 100 {
			t.Errorf("%d lines on one page", n)
		}
		found += n
	}
	if found != 2000/2 {
		t.Errorf("%d lines of %d", found, 2000/2)
	}
}

func TestFiveHundredLines(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	for len(i.Lines) < 500 {
		i.Lines = append(i.Lines, i.Lines[len(i.Lines)-1])
	}
	pdf := drawn(t, i)
	checked(t, pdf)
	if n := strings.Count(textOf(t, pdf), "12,000.00\n"); n < 497 {
		t.Errorf("%d lines", n)
	}
}

// The longest texts that are allowed, of the widest letters: nothing runs off
// the first page or into something else.
func TestTheLongestNames(t *testing.T) {
	t.Parallel()
	i := invoices.CreditNote()
	wide := domain.Name(strings.Repeat("W", 200))
	worst := domain.Party{
		Name: wide, Address: domain.Address{Line1: wide, Line2: wide, City: wide, PostalCode: wide, Country: "GB"}, VATNumber: wide,
		Email: domain.Email(strings.Repeat("w", 254)), IBAN: wide, BIC: wide,
	}
	i.Seller, i.Reseller, i.Contract, i.Number = worst, worst, domain.ContractID(strings.Repeat("W", 128)), string(wide)+"000001"
	i.Preceding.Number = i.Number
	for _, kind := range []int{domain.TypeInvoice, domain.TypeCreditNote} {
		i.Type, i.Total = kind, decimal.NewFromInt(1)
		s := newSheet(i)
		if _, y := s.opening(); y > bottom-30 {
			t.Errorf("the lines begin at %f", y)
		}
		if h := longest(s.closing(), always); h > bottom-top {
			t.Errorf("the totals are %f high", h)
		}
		checked(t, drawn(t, i))
	}
}
