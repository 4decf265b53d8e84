package service

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"net/url"
	"os"
	"runtime/trace"
	"testing"
	"time"
)

// answer returns a handler of one answer.
func answer(status int, kind, page string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, page)
	}
}

// TestRefused has services that answer with other than a trace.
func TestRefused(t *testing.T) {
	const pprofLines = `import _ "net/http/pprof", and where it does not serve the default mux, go http.ListenAndServe("localhost:6060", nil)`
	for _, tt := range []struct {
		service    http.HandlerFunc
		want, hint string
	}{
		{answer(404, "text/plain; charset=utf-8", "secret page"), "it answered 404 Not Found with text/plain", pprofLines},
		{answer(405, "text/plain", ""), "it answered 405 Method Not Allowed with text/plain", pprofLines},
		{answer(200, "text/html", "<html>secret"), "it answered 200 OK with text/html, which is no trace", pprofLines},
		{answer(200, "application/octet-stream", "go 2.secret"), "it answered 200 OK with application/octet-stream, which is no trace", pprofLines},
		{answer(200, "text/plain", "go"), "it answered 200 OK with text/plain, which is no trace", pprofLines},
		{answer(200, "text/plain", ""), "it answered 200 OK with text/plain, and nothing in it", ""},
		{answer(200, "secret page", "page"), "it answered 200 OK with content of no type", pprofLines},
		{answer(200, "text/html; charset", "page"), "it answered 200 OK with text/html", pprofLines},
		{answer(401, "text/plain", "secret"), "it answered 401 Unauthorized", "--header 'Authorization: Bearer TOKEN'"},
		{answer(403, "text/html", "secret"), "it answered 403 Forbidden with text/html", "--header 'Authorization: Bearer TOKEN'"},
		{answer(407, "text/plain", ""), "it answered 407 Proxy Authentication Required", "HTTP_PROXY"},
		{answer(502, "text/html", "secret"), "it answered 502 Bad Gateway with text/html", "--for"},
		{answer(503, "text/html", "secret"), "it answered 503 Service Unavailable", "--for"},
		{answer(504, "text/html", "secret"), "it answered 504 Gateway Timeout", "--for"},
		{answer(500, "text/html", "secret"), "it answered 500 Internal Server Error with text/html", ""},
		{answer(304, "text/html", ""), "it answered 304 Not Modified", ""},
		{answer(799, "text/html", ""), "it answered 799 with text/html", ""},
		{answer(400, "text/plain", "secret"), "it answered 400 Bad Request with text/plain", ""},
		{answer(400, "text/plain", "profile duration exceeds server's WriteTimeout\n"), "1ns is more than the service lets an answer take, its WriteTimeout", "--for"},
		{answer(500, "text/plain", "Could not enable tracing: tracing is already enabled\n"), "the service is being traced already", "try again"},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "secret")
		}, "it answered 200 OK with content of no type in a compression that was not asked for", "Accept-Encoding"},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "no gzip at all")
		}, "gzip: invalid header", ""},
		{func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "it closed the connection before a trace came", "running"},
	} {
		to := serve(t, tt.service)
		var got bytes.Buffer
		res, err := Fetch(context.Background(), &got, Request{Target: to, For: instant})
		if wantError(t, tt.want, err, "get a trace from "+to.String()+": "+tt.want, tt.hint); res != nil || got.Len() > 0 {
			t.Errorf("%s: result %v, %q written", tt.want, res, got.String())
		}
	}
}

// TestBusy has the real handler refuse.
func TestBusy(t *testing.T) {
	if err := trace.Start(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	_, err := Fetch(context.Background(), io.Discard, Request{Target: serve(t, pprof.Trace), For: instant})
	wantError(t, "busy", err, "the service is being traced already", "try again")
}

func TestNoTime(t *testing.T) {
	_, err := Fetch(context.Background(), io.Discard, Request{Target: target(t, "http://h:1"), For: 0})
	wantError(t, "no time", err, "0s is no time to trace for", "--for 5s")
}

// says listens, and says the same to all who come.
func says(t *testing.T, text string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if text != "" {
				c.Read(make([]byte, 4<<10)) // so that no reset overtakes the text
			}
			io.WriteString(c, text)
			c.Close()
		}
	}()
	return l
}

// TestUnanswered has peers that are not what the address says.
func TestUnanswered(t *testing.T) {
	closed := says(t, "")
	closed.Close()
	plain := httptest.NewServer(answer(200, "text/plain", fake))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(answer(200, "text/plain", fake))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	hostPort := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	for _, tt := range []struct{ url, want, hint string }{
		{"http://" + closed.Addr().String(), "connect", "is the service running, and does it serve net/http/pprof on port "},
		{"https://" + hostPort(plain), "it speaks HTTP on that port, not HTTPS", "tracekit record http://" + hostPort(plain) + "/debug/pprof/trace"},
		{"http://" + hostPort(secure), "it speaks HTTPS on that port, not HTTP", "tracekit record https://" + hostPort(secure) + "/debug/pprof/trace"},
		{"http://" + says(t, "\x15\x03\x01\x00\x02\x02\x28").Addr().String(), "it speaks HTTPS on that port, not HTTP", "tracekit record https://"},
		{"https://" + says(t, "SSH-2.0-secret\r\n").Addr().String(), "it does not speak HTTPS on that port", "tracekit record http://"},
		{"http://" + says(t, "SSH-2.0-secret\r\n").Addr().String(), "it does not speak HTTP on that port", "on which port"},
		{"http://" + says(t, "").Addr().String(), "it closed the connection before a trace came", "does that port speak HTTP"},
	} {
		_, err := Fetch(context.Background(), io.Discard, Request{Target: target(t, tt.url), For: instant})
		wantError(t, tt.url, err, tt.want, tt.hint)
	}
}

// TestUntrusted has a service with a certificate of its own making, and one with
// that of another host.
func TestUntrusted(t *testing.T) {
	trustsFile(t)
	fetch := func(url string) error {
		_, err := Fetch(context.Background(), io.Discard, Request{Target: target(t, url), For: instant})
		return err
	}
	own := func(until time.Duration) *httptest.Server {
		s := httptest.NewUnstartedServer(answer(200, "text/plain", fake))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, until)}}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	wantError(t, "own", fetch(own(time.Hour).URL), "certificate signed by unknown authority", "SSL_CERT_FILE")
	wantError(t, "expired", fetch(own(-time.Hour).URL), "certificate has expired", "clock")
	s := httptest.NewTLSServer(answer(200, "text/plain", fake))
	defer s.Close()
	wantError(t, "host", unanswered(target(t, s.URL), &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: s.Certificate(), Host: "a.test"}}),
		"certificate is valid for", "use a name")
}

// certificate makes one that nobody trusts.
func certificate(t *testing.T, until time.Duration) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(until), IPAddresses: []net.IP{{127, 0, 0, 1}}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestExplained has errors that no loopback makes.
func TestExplained(t *testing.T) {
	at := target(t, "https://h.test")
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, tt := range []struct {
		err        error
		want, hint string
	}{
		{dial(&net.DNSError{Name: "h.test", Err: "no such host"}), "look up h.test: no such host", "is the name right"},
		{dial(os.ErrDeadlineExceeded), "no connection within 10s", "let port 443 through"},
		{dial(errors.New("no route")), ": no route", "on port 443?"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(errors.New("refused"))}, "the proxy cannot be reached: dial tcp: refused", "NO_PROXY"},
		{errors.New(`invalid proxy address "http://u:secret@h"`), "the address of the proxy is no URL", "NO_PROXY"},
		{&net.OpError{Op: "read", Net: "tcp", Err: errors.New("reset")}, "it closed the connection before a trace came", "running"},
		{errors.New("http: server closed idle connection"), "it closed the connection before a trace came", "running"},
		{errors.New("something else"), "get a trace from https://h.test/debug/pprof/trace: something else", ""},
	} {
		err := &url.Error{Op: "Get", URL: "https://h.test/?secret", Err: tt.err}
		wantError(t, tt.want, unanswered(at, err), tt.want, tt.hint)
	}
}
