package console

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

func TestConsole(t *testing.T) {
	s := lived(t)
	if os.Getenv("D") == "" {
		t.Run("click", func(t *testing.T) { testABrowserFindsTheWay(t, s) })
		t.Run("axe", func(t *testing.T) { testEverybodyCanRead(t, s) })
	}
	h := opened(t, s)
	for _, path := range []string{"", "commands", "commands?show=dead", "commands?show=waiting", "command?source=default&id=po-4711", "command?source=portal&id=demo-05", "command?id=y-028&source=default",
		"accounts", "account?id=northwind", "account?id=acme", "account?id=y-clare&show=invoices", "account?id=..", "contract?id=Y-CLARE", "thing?sort=subscription&id=y-tara-flex", "invoices", "invoice?contract=Y-CLARE&period=2027-03", "mails", "mails?show=waiting", "mail?id=1-1", "search?q=y-", "search?q=HRP-000003", "search?q=po-4711"} {
		r := httptest.NewRequest("GET", "http://localhost/console/"+path, nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		t.Log(path, w.Code, w.Header().Get("Location"), w.Body.Len())
		if w.Code != http.StatusOK && w.Code != 303 {
			t.Log(w.Body.String())
		}
		if d := os.Getenv("D"); d != "" {
			_ = os.WriteFile(d+"/"+httptestName(path)+".html", w.Body.Bytes(), 0o644)
		}
	}
}
func httptestName(p string) string {
	b := []byte(p)
	for i, c := range b {
		if c == '?' || c == '/' || c == '&' {
			b[i] = '_'
		}
	}
	return string(b)
}
