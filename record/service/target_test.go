package service

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct{ in, shown, asked, file string }{
		{"http://localhost:6060", "http://localhost:6060/debug/pprof/trace", "http://localhost:6060/debug/pprof/trace?seconds=1.5", "localhost-6060"},
		{"localhost:6060", "http://localhost:6060/debug/pprof/trace", "", "localhost-6060"},
		{":6060", "http://localhost:6060/debug/pprof/trace", "", "localhost-6060"},
		{"http://:6060/", "http://localhost:6060/debug/pprof/trace", "", "localhost-6060"},
		{"HTTPS://Example.com", "https://Example.com/debug/pprof/trace", "", "Example.com"},
		{"10.0.0.1:80/", "http://10.0.0.1:80/debug/pprof/trace", "", "10.0.0.1-80"},
		{"[::1]:6060", "http://[::1]:6060/debug/pprof/trace", "", "1-6060"},
		{"http://[::1]", "http://[::1]/debug/pprof/trace", "", "1"},
		{"h:1/debug/pprof", "http://h:1/debug/pprof/trace", "", "h-1"},
		{"h:1/debug/pprof/", "http://h:1/debug/pprof/trace", "", "h-1"},
		{"h:1/debug/pprof/trace", "http://h:1/debug/pprof/trace", "", "h-1"},
		{"h:1/internal/trace", "http://h:1/internal/trace", "", "h-1"},
		{"h:1/svc/a", "http://h:1/svc/a/debug/pprof/trace", "", "h-1"},
		{"h:1/svc/", "http://h:1/svc/debug/pprof/trace", "", "h-1"},
		{"h:1/svc/debug/pprof/", "http://h:1/svc/debug/pprof/trace", "", "h-1"},
		{"h:1/retrace", "http://h:1/retrace/debug/pprof/trace", "", "h-1"},
		{"h:1/a%2Fb", "http://h:1/a%2Fb/debug/pprof/trace", "", "h-1"},
		{"h:1?token=b%20c&a;b&seconds=30", "http://h:1/debug/pprof/trace", "http://h:1/debug/pprof/trace?token=b%20c&a;b&seconds=1.5", "h-1"},
		{"h:1?seconds=30&next=http://x/@", "http://h:1/debug/pprof/trace", "http://h:1/debug/pprof/trace?next=http://x/@&seconds=1.5", "h-1"},
		{"http://user:pw@h:1/#part", "http://h:1/debug/pprof/trace", "http://h:1/debug/pprof/trace?seconds=1.5", "h-1"},
		{"user:p%2Fw@h:1", "http://h:1/debug/pprof/trace", "", "h-1"},
		{"unix:///run/my app.sock?a=b", "unix:///run/my app.sock", "http://localhost/debug/pprof/trace?a=b&seconds=1.5", "my-app"},
		{"unix:///run/.sock", "unix:///run/.sock", "", "service"},
	} {
		if !IsTarget(tt.in) {
			t.Errorf("%q is no target", tt.in)
		}
		got, err := ParseTarget(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if got.String() != tt.shown {
			t.Errorf("%q is shown as %q, want %q", tt.in, got, tt.shown)
		}
		if asked := got.ask(1500 * time.Millisecond); tt.asked != "" && asked != tt.asked {
			t.Errorf("%q asks %q, want %q", tt.in, asked, tt.asked)
		}
		if got.FileName() != tt.file+".trace" {
			t.Errorf("%q goes to %q, want %q", tt.in, got.FileName(), tt.file)
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", `read "" as the address of a service: it names no host`},
		{"http://", "it names no host"},
		{"ftp://h:1", `read "ftp://h:1" as the address of a service: its scheme is none of`},
		{"localhost:", "no port behind the colon"},
		{"http://h:", "no port behind the colon"},
		{"localhost:http", `invalid port ":http"`},
		{"localhost:0", "between 1 and 65535"},
		{"localhost:65536", "between 1 and 65535"},
		{"[::1:6060", "missing ']' in host"},
		{"http://a b:1", "invalid character"},
		{"unix://run/app.sock", "three slashes"},
		{"unix:///", "three slashes"},
		{"http://user:secret/x@h:1", "address of a service: there is an @ behind a / or #"},
		{"http://user:80/secret@h:1", "an @ behind a / or #"},
		{"http://user:80#secret@h:1", "an @ behind a / or #"},
		{"http://user:sec%ret@h:1", "it is no URL; within a password"},
		{"http://user:secret@h:0", "read the address of a service: its port is not"},
		{"h:0?token=secret", "read the address of a service: its port is not"},
	} {
		_, err := ParseTarget(tt.in)
		wantError(t, tt.in, err, tt.want, "localhost:6060")
	}
}

func TestIsTarget(t *testing.T) {
	for in, want := range map[string]bool{
		"lock": false, "prodcons-spin": false, "./a:b": false, "localhost": false, "x/y?z=http://a": false, "": false,
		":1": true, "h:x": true, "h:1/p": true, "[::1]:1": true, "https://h": true, "unix:///s": true,
	} {
		if got := IsTarget(in); got != want {
			t.Errorf("IsTarget(%q) is %v", in, got)
		}
	}
}

func TestParseHeaders(t *testing.T) {
	h, err := ParseHeaders([]string{"Authorization:  Bearer a:b ", "x-key: 1", "X-Key:2", "X-None:"})
	if err != nil || len(h) != 3 || h.Get("Authorization") != "Bearer a:b" || strings.Join(h["X-Key"], "+") != "1+2" || h["X-None"][0] != "" {
		t.Errorf("%v, error %v", h, err)
	}
	for _, tt := range []struct{ in, want string }{
		{"Bearer secret", "read header 2 of 2: it has no colon"},
		{": secret", "no name before the colon"},
		{"Bearer secret: x", "a character other than"},
		{"Schlüssel: secret", "a character other than"},
		{"X-Key: secret\r\nHost: a", "the value of X-Key has a line break"},
		{"X-Key: secret\x00", "the value of X-Key has a line break"},
	} {
		_, err := ParseHeaders([]string{"A: b", tt.in})
		wantError(t, tt.in, err, tt.want, "--header 'Authorization: Bearer TOKEN'")
	}
}

// wantError checks an error, its hint, and that neither says anything secret or
// breaks the rules of speech.
func wantError(t *testing.T, of string, err error, want, hint string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v, of type %T", of, err, err)
		return
	}
	t.Logf("%s\nhint: %s", e, e.Hint)
	if !strings.Contains(e.Error(), want) {
		t.Errorf("%s: error %q, want %q", of, e, want)
	}
	if !strings.Contains(e.Hint, hint) || hint == "" && e.Hint != "" {
		t.Errorf("%s: hint %q, want %q", of, e.Hint, hint)
	}
	if all := e.Error() + e.Hint; strings.Contains(all, "secret") || strings.Contains(all, "\n") || strings.HasSuffix(e.Error(), ".") {
		t.Errorf("%s: %q with hint %q", of, e, e.Hint)
	}
}
