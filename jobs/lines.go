package jobs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Line is a line of a file of commands, and what is wrong with it.
type Line struct {
	Number   int // from 1
	Command  Command
	Problems Problems
	text     []byte // until it is checked
	length   int    // of the whole line, of which text may be the beginning
}

// Parser reads one command: Parse, or ParseFrom for the holder of a token.
type Parser func(line []byte) (Command, Problems)

// check checks a line, of which no more may be there than the longest command has.
func (l *Line) check(parse Parser) {
	if l.length > len(l.text) {
		l.Problems.add("line", "has %d bytes; a command has at most %d", l.length, MaxCatalogCommandBytes)
	} else {
		l.Command, l.Problems = parse(l.text)
	}
	l.text = nil
}

// page is lines that are checked together.
type page struct {
	lines   []Line
	checked chan struct{} // closed when they are
}

// A page ends at either, so that long lines do not fill the memory.
const (
	pageLines = 256
	pageBytes = 256 << 10
)

// CheckLines checks lines on all processors while it reads on, and gives them in
// their order. Blank lines do not count. After an error it still gives what was
// read before.
func CheckLines(ctx context.Context, in io.Reader, parse Parser, take func(Line)) error {
	processors := runtime.GOMAXPROCS(0)
	unchecked, inOrder := make(chan *page, processors), make(chan *page, 2*processors)
	var running errgroup.Group
	running.Go(func() error {
		defer close(inOrder)
		defer close(unchecked)
		return readPages(in, func(p *page) error {
			inOrder <- p
			unchecked <- p
			return ctx.Err()
		})
	})
	for range processors {
		running.Go(func() error {
			for p := range unchecked {
				for i := range p.lines {
					p.lines[i].check(parse)
				}
				close(p.checked)
			}
			return nil
		})
	}
	for p := range inOrder {
		<-p.checked
		for _, l := range p.lines {
			take(l)
		}
	}
	return running.Wait()
}

// readPages cuts the input into pages.
func readPages(in io.Reader, do func(*page) error) error {
	next, size := &page{checked: make(chan struct{})}, 0
	err := eachLine(in, func(number int, line []byte, length int) error {
		next.lines = append(next.lines, Line{Number: number, text: line, length: length})
		if size += len(line); len(next.lines) < pageLines && size < pageBytes {
			return nil
		}
		full := next
		next, size = &page{checked: make(chan struct{})}, 0
		return do(full)
	})
	if len(next.lines) == 0 {
		return err
	}
	return errors.Join(err, do(next))
}

// eachLine gives the lines that are not blank, with their numbers. Of a line
// that is too long it keeps the beginning only; length is that of the whole.
func eachLine(in io.Reader, do func(number int, line []byte, length int) error) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	var line []byte
	length := 0
	for number := 1; ; {
		part, err := reader.ReadSlice('\n')
		part = bytes.TrimSuffix(part, []byte("\n"))
		length += len(part)
		line = append(line, part[:min(len(part), MaxCatalogCommandBytes+2-len(line))]...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		if number == 1 {
			line, length = withoutMark(line, length)
		}
		if whole, cr := bytes.CutSuffix(line, []byte("\r")); cr && length == len(line) {
			line, length = whole, len(whole)
		}
		if len(bytes.TrimSpace(line)) > 0 || length > len(line) {
			if err := do(number, line, length); err != nil {
				return err
			}
		}
		if last {
			return nil //nolint:nilerr // the end of the input is none
		}
		line, length, number = nil, 0, number+1
	}
}

// withoutMark takes off the byte order mark that some editors put first.
func withoutMark(line []byte, length int) ([]byte, int) {
	if rest, marked := bytes.CutPrefix(line, []byte("\xef\xbb\xbf")); marked {
		return rest, length - len(line) + len(rest)
	}
	return line, length
}
