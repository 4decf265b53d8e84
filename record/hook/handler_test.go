package hook

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func ask(h http.Handler, method string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "/debug/flight", nil))
	return w
}

func TestHandler(t *testing.T) {
	var none *Flight
	f, _ := fly(t, FlightConfig{}, time.Now)
	for name, h := range map[string]http.Handler{"package": Handler(), "method": f.Handler()} {
		w := ask(h, "GET")
		header := w.Header()
		if w.Code != 200 || header.Get("Content-Type") != "application/octet-stream" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: GET gives %d, %v", name, w.Code, header)
		}
		file, ok := strings.CutPrefix(header.Get("Content-Disposition"), `attachment; filename="`)
		if file, ok2 := strings.CutSuffix(file, `-http.trace"`); !ok || !ok2 || !f.owns(file+"-http.trace") {
			t.Errorf("%s: Content-Disposition is %q", name, header.Get("Content-Disposition"))
		}
		regions(t, w.Body)
		named := f.named
		w = ask(h, "HEAD")
		if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "application/octet-stream" || f.named != named {
			t.Errorf("%s: HEAD gives %d, %v, and a snapshot at %v", name, w.Code, w.Header(), f.named)
		}
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
			if w := ask(h, method); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s: %s gives %d, %v", name, method, w.Code, w.Header())
			}
		}
	}
	if left := list(t, f.config.Dir); len(left) != 0 {
		t.Errorf("in the folder: %s", left)
	}
	f.Stop()
	other, _ := fly(t, FlightConfig{}, time.Now)
	if w := ask(f.Handler(), "GET"); w.Code != 503 {
		t.Errorf("a stopped one beside one that runs gives %d", w.Code)
	}
	if w := ask(Handler(), "GET"); w.Code != 200 {
		t.Errorf("another one gives %d", w.Code)
	}
	other.Stop()
	for _, h := range []http.Handler{Handler(), f.Handler(), none.Handler()} {
		for _, method := range []string{"GET", "HEAD"} {
			w := ask(h, method)
			if got := w.Body.String(); w.Code != 503 || got != "no flight recorder is running\n" {
				t.Errorf("after Stop, %s gives %d, %q", method, w.Code, got)
			}
		}
	}
}

// TestHandlerAtOnce downloads beside other snapshots, and while Stop comes.
func TestHandlerAtOnce(t *testing.T) {
	f, _ := fly(t, FlightConfig{}, time.Now)
	var work sync.WaitGroup
	ok := make(chan bool, 40)
	for range 4 {
		work.Go(func() {
			for range 5 {
				switch w := ask(Handler(), "GET"); w.Code {
				case 200:
					regions(t, w.Body)
					ok <- true
				case 503:
				default:
					t.Errorf("%d, %s", w.Code, w.Body)
				}
				f.Snapshot("beside")
			}
		})
	}
	for range 3 {
		receive(t, ok)
	}
	f.Stop()
	work.Wait()
}
