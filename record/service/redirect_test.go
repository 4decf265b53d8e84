package service

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// seen are the headers of the last request to each host that elsewhere plays. It
// has one test at a time.
var seen = make(map[string]http.Header)

// elsewhere is the proxy, and plays the hosts behind it.
func elsewhere(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	seen[r.URL.Host] = r.Header
	switch host, back := r.URL.Host, r.URL.Query().Get("back"); {
	case back != "":
		http.Redirect(w, r, back, http.StatusFound)
	case host == "login.test":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<html>secretpage")
	default:
		io.WriteString(w, fake)
	}
}

func TestFetchProxy(t *testing.T) {
	if got := whole(t, Request{Target: target(t, "http://a.test:6060"), For: instant}); got != fake || seen["a.test:6060"] == nil {
		t.Errorf("got %q, seen %v", got, seen)
	}
	_, err := Fetch(context.Background(), io.Discard, Request{Target: target(t, "https://a.test"), For: instant})
	wantError(t, "proxy", err, "the proxy asks for a user and password", "HTTPS_PROXY")
}

// TestRedirect looks at what arrives at the end of a redirect.
func TestRedirect(t *testing.T) {
	trustsFile(t)
	var to string // which the services redirect to
	var got http.Header
	end := func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		io.WriteString(w, fake)
	}
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	last := httptest.NewServer(http.HandlerFunc(end))
	defer last.Close()
	lastTLS := httptest.NewTLSServer(http.HandlerFunc(end))
	defer lastTLS.Close()
	plain := httptest.NewServer(http.HandlerFunc(redirect))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(redirect))
	defer secure.Close()
	for _, tt := range []struct {
		name, from, to string
		arrives        bool
	}{
		{"same host", plain.URL, last.URL, true},
		{"to TLS", plain.URL, lastTLS.URL, true},
		{"from TLS", secure.URL, last.URL, false},
		{"other host", plain.URL, "http://a.test/", false},
		{"there and back", plain.URL, "http://a.test/?back=" + last.URL, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to, got = tt.to, nil
			delete(seen, "a.test")
			h := http.Header{"X-Key": {"secret"}, "Cookie": {"a=secret"}, "x-raw": {"secret"}}
			if trace := whole(t, Request{Target: target(t, tt.from), For: instant, Header: h}); trace != fake {
				t.Errorf("got %q", trace)
			}
			for _, h := range []http.Header{got, seen["a.test"]} {
				for _, name := range []string{"Authorization", "X-Key", "Cookie", "X-Raw"} {
					if h != nil && (h.Get(name) != "") != tt.arrives {
						t.Errorf("%s is %q", name, h.Get(name))
					}
				}
				if h.Get("Referer") != "" {
					t.Errorf("the referer is %q", h.Get("Referer"))
				}
			}
			if got == nil && seen["a.test"] == nil {
				t.Error("nothing arrived")
			}
		})
	}
}

func TestRedirectAstray(t *testing.T) {
	for _, tt := range []struct{ to, want, hint string }{
		{"http://login.test/?a=secret", "it redirected to http://login.test, which answered 200 OK with text/html, which is no trace", "--header"},
		{"/", "it redirected ten times", ""},
		{"http://secret%zz/", "it redirected to what is no URL", ""},
	} {
		n := 0
		to := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			n++
			w.Header().Set("Location", tt.to)
			w.WriteHeader(http.StatusFound)
		})
		_, err := Fetch(context.Background(), io.Discard, Request{Target: to, For: instant})
		if wantError(t, tt.to, err, tt.want, tt.hint); n > maxRedirects {
			t.Errorf("%s: asked %d times", tt.to, n)
		}
	}
}
