//go:build unix

package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// releases are those of Go that are tried beside the one at hand. The tests use
// those that the module cache has; to fetch one: GOTOOLCHAIN=go1.23.12 go version.
var releases = []string{"go1.23.12", "go1.24.9", "go1.25.3", "go1.27.0"}

// TestReleases records programs that are built with other releases of Go, to which
// the go command switches.
func TestReleases(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the standard library once for each release")
	}
	for _, release := range releases {
		t.Run(release, func(t *testing.T) {
			t.Setenv("GOTOOLCHAIN", release)
			cmd := exec.Command("go", "version")
			cmd.Env = append(cmd.Environ(), "GOPROXY=off")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Skipf("%s is not in the module cache, and nothing is fetched here; GOTOOLCHAIN=%s go version does that (%s)", release, release, out)
			}
			testRelease(t, release)
		})
	}
}

func testRelease(t *testing.T, release string) {
	p := inModule(t)
	for _, tt := range words {
		t.Run(tt.arg, func(t *testing.T) {
			if tracesAlone(release) && (tt.arg == "own" || tt.arg == "flight" || tt.arg == "blocked") {
				t.Skip("only from Go 1.25 on can a program trace itself while it is recorded")
			}
			process := check(t, p, tt.arg, false, tt.lossy)
			if process.Ended != tt.ended || process.Exit.Code != tt.code || process.GoVersion != release {
				t.Errorf("the process ended by %s with %+v, want %s with %d", process.Ended, process.Exit, tt.ended, tt.code)
			}
		})
	}
	for _, place := range []func(*testing.T) place{inFile, byMake} {
		p := place(t)
		t.Run(p.name, func(t *testing.T) { check(t, p, "exit3", false, false) })
	}
	withoutSwitch(t)
	for name, place := range map[string]func(*testing.T) place{"cache": inCache, "cache with log": inCacheWithLog} {
		p := place(t)
		t.Run(name, func(t *testing.T) { check(t, p, "exit3", false, false) })
	}
}

// withoutSwitch has the go command be that of the release itself, for the sake of
// a module cache without toolchains.
func withoutSwitch(t *testing.T) {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("PATH", filepath.Join(strings.TrimSpace(string(root)), "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// tracesAlone reports whether the tracer of a release has one taker.
func tracesAlone(release string) bool {
	return strings.HasPrefix(release, "go1.23") || strings.HasPrefix(release, "go1.24")
}
