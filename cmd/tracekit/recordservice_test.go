package main

import (
	"net/http"
	"net/http/httptest"
	_ "net/http/pprof" // serves the traces
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tracekit/record"
)

// TestService gets the trace of a service: this test.
func TestService(t *testing.T) {
	service := httptest.NewServer(http.DefaultServeMux)
	defer service.Close()
	host := strings.TrimPrefix(service.URL, "http://")
	dir := t.TempDir()
	t.Chdir(dir)
	code, stdout, stderr := call("record", "--for", "100ms", host)
	file := strings.ReplaceAll(host, ":", "-") + ".trace"
	if code != 0 || !strings.Contains(stdout, "go tool trace "+file) || !strings.Contains(stdout, "wall 1") {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	m, err := record.ReadManifest(file)
	if err != nil || !m.Complete || m.Service != service.URL+"/debug/pprof/trace" || m.Process(file) == nil {
		t.Errorf("manifest is %+v, %v", m, err)
	}
	code, again, stderr := call("analyze", file)
	if code != 0 || !strings.Contains(again, "tracekit record --for 100ms "+service.URL) || strings.Contains(again, "still ran") {
		t.Errorf("exit code %d: %s%s", code, again, stderr)
	}
	if names := tree(t, dir); len(names) != 2 {
		t.Errorf("left %q", names)
	}
	if code, _, stderr := call("record", "--for", "100ms", host); code != 1 || !strings.Contains(stderr, "it exists already") {
		t.Errorf("a second time: exit code %d: %s", code, stderr)
	}
}

// TestNoService asks what serves no traces: the error says what came instead, and
// nothing is left.
func TestNoService(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Token") {
		case "":
			http.Error(w, "<html>who?</html>", http.StatusUnauthorized)
		case "short":
			w.Write([]byte("go 1.26 trace\x00\x00\x00"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer page.Close()
	dir := t.TempDir()
	t.Chdir(dir)
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{page.URL}, 1, "hint: --header 'Authorization: Bearer TOKEN'"},
		{[]string{"--header", "Token: x", page.URL}, 1, `hint: in the service, import _ "net/http/pprof"`},
		{[]string{"--header", "Token: short", page.URL}, 1, "no part of the trace is whole"},
		{[]string{"--header", "Token", page.URL}, 2, "it has no colon"},
		{[]string{"--for", "0s", page.URL}, 1, "0s is no time to trace for"},
		{[]string{"http://"}, 2, "it names no host"},
		{[]string{"ftp://localhost:1"}, 2, "its scheme is none of http, https and unix"},
		{[]string{"--only", "x", page.URL}, 2, "--only makes no sense with a service"},
		{[]string{"-o", filepath.Join("no", "x.trace"), page.URL}, 1, "no such file or directory"},
	} {
		code, _, stderr := call(append([]string{"record"}, tt.args...)...)
		if code != tt.code || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "<html>") {
			t.Errorf("%q: exit code %d: %s", tt.args, code, stderr)
		}
	}
	if names, _ := os.ReadDir(dir); len(names) > 0 {
		t.Errorf("left %v", names)
	}
}
