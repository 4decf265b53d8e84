package service

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/exp/trace"
)

// fake begins as a trace does.
const fake = "go 1.26 trace\x00\x00\x00 and more"

// An instant is a time that a fake service needs to be no sooner done than.
const instant = time.Nanosecond

// TestMain has the environment trust the certificate of httptest, and go by a
// proxy to all hosts but this one: it plays them. Both are read once only.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "service-")
	if err != nil {
		panic(err)
	}
	proxy := httptest.NewTLSServer(nil)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	proxy.Close()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, cert, 0o600); err != nil {
		panic(err)
	}
	proxy = httptest.NewServer(http.HandlerFunc(elsewhere))
	for name, value := range map[string]string{"SSL_CERT_FILE": ca, "SSL_CERT_DIR": dir, "HTTP_PROXY": proxy.URL, "http_proxy": proxy.URL,
		"HTTPS_PROXY": proxy.URL, "https_proxy": proxy.URL, "NO_PROXY": "", "no_proxy": "", "REQUEST_METHOD": ""} {
		os.Setenv(name, value)
	}
	code := m.Run()
	proxy.Close()
	os.RemoveAll(dir)
	os.Exit(code)
}

// target is the one of a server, with secrets in it.
func target(t *testing.T, url string) *Target {
	t.Helper()
	got, err := ParseTarget(strings.Replace(url, "://", "://secretuser:secretpassword@", 1) + "?token=secrettoken")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// serve starts a service of a single handler.
func serve(t *testing.T, h http.HandlerFunc) *Target {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return target(t, s.URL)
}

// whole fetches a trace that must be so.
func whole(t *testing.T, r Request) string {
	t.Helper()
	var got bytes.Buffer
	res, err := Fetch(context.Background(), &got, r)
	if err != nil {
		t.Fatal(err)
	}
	if res.Cut != nil || res.Bytes != int64(got.Len()) || res.Start.IsZero() || res.Elapsed <= 0 {
		t.Errorf("%d bytes, result %+v", got.Len(), res)
	}
	return got.String()
}

func TestFetchReal(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/svc/debug/pprof/trace", pprof.Trace)
	s := httptest.NewServer(mux)
	defer s.Close()
	got := whole(t, Request{Target: target(t, s.URL+"/svc"), For: 50 * time.Millisecond})
	r, err := trace.NewReader(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		_, err := r.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n < 10 {
		t.Errorf("%d events", n)
	}
}

func TestFetchAsks(t *testing.T) {
	var asked *http.Request
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r
		io.WriteString(w, fake)
	})
	if got := whole(t, Request{Target: to, For: instant}); got != fake {
		t.Errorf("got %q", got)
	}
	if asked.Method != "GET" || asked.RequestURI != "/debug/pprof/trace?token=secrettoken&seconds=0.000000001" || asked.UserAgent() != "tracekit" {
		t.Errorf("asked %+v", asked)
	}
	if user, password, _ := asked.BasicAuth(); user != "secretuser" || password != "secretpassword" {
		t.Errorf("asked as %q with %q", user, password)
	}
	whole(t, Request{Target: to, For: instant, Header: http.Header{"Authorization": {"Bearer x"}, "Host": {"other.test"}, "X-Key": {"1", "2"}}})
	if h := asked.Header; h.Get("Authorization") != "Bearer x" || asked.Host != "other.test" || len(h["X-Key"]) != 2 {
		t.Errorf("asked %s with %v", asked.Host, h)
	}
}

func TestFetchGzip(t *testing.T) {
	long := fake + strings.Repeat("more", 100_000)
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("accepted: %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, long)
		z.Close()
	})
	if got := whole(t, Request{Target: to, For: instant}); got != long {
		t.Errorf("%d bytes of %d", len(got), len(long))
	}
}

func TestFetchTLS(t *testing.T) {
	trustsFile(t)
	for _, http2 := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if (r.ProtoMajor == 2) != http2 {
				t.Errorf("%s", r.Proto)
			}
			io.WriteString(w, fake)
		}))
		s.EnableHTTP2 = http2
		s.StartTLS()
		if got := whole(t, Request{Target: target(t, s.URL), For: instant}); got != fake {
			t.Errorf("got %q", got)
		}
		s.Close()
	}
}

// trustsFile skips a test where the roots of TLS are not those of a file.
func trustsFile(t *testing.T) {
	switch runtime.GOOS {
	case "windows", "darwin", "ios":
		t.Skip("the roots are those of the system, and of no file")
	}
}

func TestFetchSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths there have colons and backslashes")
	}
	dir, err := os.MkdirTemp("", "s") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, fake) }))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	to, err := ParseTarget("unix://" + dir + "/s")
	if err != nil {
		t.Fatal(err)
	}
	if got := whole(t, Request{Target: to, For: instant}); got != fake {
		t.Errorf("got %q", got)
	}
	s.Close()
	_, err = Fetch(context.Background(), io.Discard, Request{Target: to, For: instant})
	wantError(t, "no socket", err, "get a trace from unix://"+dir+"/s: connect:", "listen on this socket")
}

// TestProgress has a service wait until its silence was told of twice. The second
// call goes on until the trace is there, so that the last one would overlap it.
func TestProgress(t *testing.T) {
	told := make(chan struct{})
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-told:
		case <-r.Context().Done():
		}
		io.WriteString(w, fake)
	})
	var calls atomic.Int32
	var inside atomic.Bool
	var elapsed time.Duration
	var bytes int64
	whole(t, Request{Target: to, For: instant, Progress: func(e time.Duration, b int64) {
		if !inside.CompareAndSwap(false, true) {
			t.Error("calls overlap")
		}
		defer inside.Store(false)
		if calls.Add(1) == 2 {
			close(told)
			time.Sleep(100 * time.Millisecond)
		}
		if e < elapsed || b < bytes {
			t.Errorf("from %v and %d bytes to %v and %d", elapsed, bytes, e, b)
		}
		elapsed, bytes = e, b
	}})
	if calls.Load() < 3 || bytes != int64(len(fake)) {
		t.Errorf("%d calls, at last with %d bytes", calls.Load(), bytes)
	}
}

// TestFetchCloses has a server see the end of its connection.
func TestFetchCloses(t *testing.T) {
	closed := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, fake) }))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			close(closed)
		}
	}
	s.Start()
	defer s.Close()
	whole(t, Request{Target: target(t, s.URL), For: instant})
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Error("the connection is still open")
	}
}

// full is a disk.
type full struct{ room int }

var errFull = errors.New("no room")

func (f *full) Write(p []byte) (int, error) {
	n := min(f.room, len(p))
	if f.room -= n; n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestFetchFull(t *testing.T) {
	to := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, fake) })
	res, err := Fetch(context.Background(), &full{10}, Request{Target: to, For: instant})
	if res != nil || !errors.Is(err, errFull) || err.Error() != "write the trace: no room" {
		t.Errorf("result %v, error %v", res, err)
	}
}
