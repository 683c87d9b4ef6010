package api_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/jobs"
)

// serveOn makes the test binary a server of the ledger that it names, to be killed.
const serveOn = "LICENSELEDGER_TEST_SERVE"

func serveUntilKilled() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	databaseURL, redisURL, _ := strings.Cut(os.Getenv(serveOn), " ")
	client, err := jobs.Connect(context.Background(), databaseURL, redisURL, log)
	if err == nil {
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
			fmt.Println(listener.Addr())
			err = api.New(client, api.Options{Log: log}).Serve(context.Background(), listener)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// server starts one in a process of its own.
func (l *ledger) server() *exec.Cmd {
	l.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveOn+"="+l.databaseURL+" "+l.redisURL)
	cmd.Stderr = l.t.Output()
	out, err := cmd.StdoutPipe()
	check(l.t, err)
	check(l.t, cmd.Start())
	address, err := bufio.NewReader(out).ReadString('\n')
	check(l.t, err)
	l.url = "http://" + strings.TrimSpace(address)
	return cmd
}

// What was answered with 202 is there, whatever was killed; what was not, may be
// sent again.
func TestAKilledServerLosesNothing(t *testing.T) {
	l := start(t, api.Options{}).work("catalog")
	token := l.token(domain.Source{Source: "portal"})
	const clients, each, killAfter = 4, 30, 25
	accepted := make([]atomic.Bool, clients*each)
	var count atomic.Int64
	send := func(stop func(status int, err error) bool) {
		var sending sync.WaitGroup
		for c := range clients {
			sending.Go(func() {
				for i := c * each; i < (c+1)*each; i++ {
					a, err := l.try(request{path: "/v1/commands", token: token, body: buy(fmt.Sprint("k-", i), "1")})
					if err == nil && a.status == http.StatusAccepted {
						accepted[i].Store(true)
						count.Add(1)
					}
					if stop(a.status, err) {
						return
					}
				}
			})
		}
		sending.Wait()
	}
	first := l.server()
	send(func(_ int, err error) bool {
		if count.Load() >= killAfter {
			_ = first.Process.Kill()
		}
		return err != nil
	})
	_ = first.Wait()
	if n := count.Load(); n < killAfter || n == clients*each {
		t.Fatalf("%d accepted before the end", n)
	}
	for i := range accepted {
		if _, found, err := l.store.Find(t.Context(), "portal", fmt.Sprint("k-", i)); err != nil || accepted[i].Load() && !found {
			t.Errorf("k-%d was accepted and is not there (%v)", i, err)
		}
	}
	second := l.server()
	defer func() {
		_ = second.Process.Kill()
		_ = second.Wait()
	}()
	send(func(status int, err error) bool {
		if err != nil || status != http.StatusAccepted {
			t.Errorf("sent again: %d %v", status, err)
		}
		return err != nil
	})
	for i := range accepted {
		if o := l.becomes(token, fmt.Sprint("k-", i)); o.Status != domain.Applied {
			t.Errorf("%+v", o)
		}
	}
	lots := 0
	for row, err := range l.store.StockReport(t.Context(), "northwind", storePage) {
		check(t, err)
		if strings.HasPrefix(row.Lot, "portal~k-") {
			lots++
		}
	}
	if lots != clients*each {
		t.Errorf("%d lots of %d purchases", lots, clients*each)
	}
}
