package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// size is what a benchmark of the tests found at one size.
type size struct {
	Name string  `json:"name"` // CloseOfAMonth/1000
	Rate float64 `json:"rate"`
	Unit string  `json:"unit"`
	MiB  float64 `json:"peak_mib"`
}

const sizesCommand = "go test ./jobs -run ^$ -bench Close|Expire -benchtime 1x -timeout 30m"

// measureSizes runs the benchmarks that show how J1 and J2 grow.
func (r *report) measureSizes(ctx context.Context, root string) error {
	words := strings.Fields(sizesCommand)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", sizesCommand, err, out)
	}
	r.Sizes = sizesIn(string(out))
	if len(r.Sizes) == 0 {
		return errors.New(sizesCommand + " showed no figures")
	}
	return nil
}

var (
	sizeLine = regexp.MustCompile(`(?m)^Benchmark(\w+/\d+)\S*\s.*$`)
	sizeRate = regexp.MustCompile(`([\d.e+]+) (lines|licenses)/s`)
	sizePeak = regexp.MustCompile(`([\d.e+]+) MiB`)
)

func sizesIn(out string) (all []size) {
	for _, m := range sizeLine.FindAllStringSubmatch(out, -1) {
		rate, peak := sizeRate.FindStringSubmatch(m[0]), sizePeak.FindStringSubmatch(m[0])
		if rate == nil || peak == nil {
			continue
		}
		perSecond, errRate := strconv.ParseFloat(rate[1], 64)
		mib, errPeak := strconv.ParseFloat(peak[1], 64)
		if errRate == nil && errPeak == nil {
			all = append(all, size{m[1], perSecond, rate[2], mib})
		}
	}
	return all
}

// sizes says it in one line.
func (r report) sizes() string {
	if len(r.Sizes) == 0 {
		return ""
	}
	said := make([]string, len(r.Sizes))
	for i, s := range r.Sizes {
		said[i] = fmt.Sprintf("%s %s %s/s with at most %s MiB", s.Name, number(s.Rate), s.Unit, number(s.MiB))
	}
	return "At sizes, without fsync (`go test ./jobs -run '^$' -bench 'Close|Expire' -benchtime 1x -timeout 30m`): " + strings.Join(said, "; ") + ".\n"
}
