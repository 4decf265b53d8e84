package rewrite

import (
	_ "embed"
	"path"
	"strings"
	"sync"
)

// stdList names the packages of the standard library, for all systems and of all
// releases that write a format which is rewritten; a line each, sorted.
//
//go:embed std.txt
var stdList string

var stdPaths = sync.OnceValue(func() map[string]bool {
	paths := make(map[string]bool)
	for _, p := range strings.Fields(stdList) {
		paths[p] = true
	}
	return paths
})

// isStd reports whether a path is that of a package of the standard library.
func isStd(pkg string) bool { return stdPaths()[pkg] }

// gorootName stands for the directory of the toolchain, which may be in somebody's home.
const gorootName = "$GOROOT"

// goroot is where the sources of the standard library lay when a program was built.
type goroot struct {
	found  bool
	prefix string // of the names of its files; empty for a program built with -trimpath
}

// findRoot finds where they lay: where those of the package runtime do. files are
// those of functions which claim to be of it, as often as such a function has them.
func findRoot(files []string) goroot {
	votes := make(map[string]int)
	best := goroot{}
	for _, f := range files {
		prefix, ok := strings.CutSuffix(path.Dir(f), "runtime")
		if !ok || prefix != "" && !strings.HasSuffix(prefix, "/src/") {
			continue
		}
		votes[prefix]++
		if n := votes[best.prefix]; !best.found || votes[prefix] > n || votes[prefix] == n && prefix < best.prefix {
			best = goroot{true, prefix}
		}
	}
	return best
}

// has reports whether a file is in the directory of a package of the standard library.
func (g goroot) has(file string) bool {
	rest, ok := strings.CutPrefix(file, g.prefix)
	return g.found && ok && isStd(path.Dir(rest))
}

// dir returns the directory of the toolchain; empty where the trace does not have it.
func (g goroot) dir() string { return strings.TrimSuffix(g.prefix, "/src/") }

// hide returns the name of a file that it has, without that directory.
func (g goroot) hide(file string) string {
	if g.prefix == "" {
		return file
	}
	return gorootName + "/src/" + strings.TrimPrefix(file, g.prefix)
}
