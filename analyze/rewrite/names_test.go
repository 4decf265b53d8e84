package rewrite

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode"
)

var update = flag.Bool("update", false, "rewrite the golden files and the list of packages; read them before you commit them")

// TestFunctionNames has pseudonyms for all that functions can be called, one after the
// other.
func TestFunctionNames(t *testing.T) {
	n := newNaming()
	for _, tt := range []struct{ name, want string }{
		{"main.main", "main.main"},
		{"main.main.func1", "main.main.func1"},
		{"main.init", "main.init"},
		{"main.init.0", "main.init.0"},
		{"main.init.0.func1", "main.init.0.func1"},
		{"main.map.init.0", "main.map.init.0"},
		{"main.glob..func1", "main.glob..func1"},
		{"main.secret", "main.f1"},
		{"main.Secret", "main.F2"},
		{"main.main.secret.func2", "main.main.f1.func2"}, // inlined
		{"main.main.gowrap1", "main.main.gowrap1"},
		{"main.secret.deferwrap2", "main.f1.deferwrap2"},
		{"main.secret.func1-range2", "main.f1.func1-range2"},
		{"main.func1", "main.f3"}, // there can be such a function
		{"main.gowrap1.func1", "main.f4.func1"},
		{"example.com/x.main", "p1.f5"},
		{"example.com/x.init.1", "p1.init.1"},
		{"example.com/x.T.Method", "p1.T1.F6"},
		{"example.com/x.(*T).Method", "p1.(*T1).F6"},
		{"example.com/x.(*T).method-fm", "p1.(*T1).f7-fm"},
		{"example.com/x.(*T).Method.func1.2", "p1.(*T1).F6.func1.2"},
		{"example.com/x.(*U).Method", "p1.(*T2).F8"},
		{"example.com/x.Method", "p1.F9"},
		{"example.com/x.(*U).run.(*T).Method.func1", "p1.(*T2).f10.(*T1).F6.func1"},
		{"example.com/x.F[...]", "p1.F11[...]"},
		{"example.com/x.F[...].func1", "p1.F11[...].func1"},
		{"example.com/x.(*G[...]).M", "p1.(*T3[...]).F12"},
		{"example.com/x.G[...].M", "p1.T3[...].F12"},
		{"example.com/x.F[go.shape.int]", "p1.F11[T4]"},
		{"example.com/x.F[example.com/secret/y.T]", "p1.F11[T5]"},
		{"example.com/x.(*G[example.com/a.b,c.d]).M.func1", "p1.(*T3[T6]).F12.func1"},
		{"gopkg.in/yaml%2ev3.Unmarshal", "p2.F13"},
		{"example.com/x/cmd.F", "p3.F14"},
		{"example.com/x_test.TestF", "p4.F15"},
		{"vendor/golang.org/x/net/http2.F", "p5.F16"},
		{"example.com/a(b/c.F", "c1"}, // whatever this is
		{"main._Cfunc_secret", "main._Cfunc_f17"},
		{"_cgoexp_0123456789ab_secret", "_cgoexp_c2"},
		{"pthread_secret", "c3"},
		{"type:.eq.example.com/x.T", "c4"},
		{"go:struct { example.com/x.T }.M", "c5"},
		{"example.com/x.(*T·1).M", "p1.(*T7).F18"},
		{"a.", "p6.f19"},
		{".a", "c6"},
		{"[", "c7"},
		{"a.(*", "p6.(*T8)"},
		{"a.b]", "p6.f20"},
		{"a.🙂", "p6.f21"},
		{"a/" + strings.Repeat("b.", 500), "c8"}, // which would be too long
	} {
		if got := n.function(tt.name); got != tt.want {
			t.Errorf("%q is %q, and is to be %q", tt.name, got, tt.want)
		}
	}
}

func TestFileNames(t *testing.T) {
	n := newNaming()
	n.avoid("it has an f2.go and d1/f3")
	for _, tt := range []struct{ name, want string }{
		{"/home/me/secret/x.go", "d2/f1.go"},
		{"/home/me/secret/y.go", "d2/f4.go"},
		{"/home/me/x.go", "d3/f5.go"},
		{`C:\Users\me\x.c`, "d4/f6.c"},
		{"secret.go", "f7.go"},
		{"secret.of.mine", "f8"},
		{"/", "d5/f9"},
	} {
		if got := n.file(tt.name); got != tt.want {
			t.Errorf("%q is %q, and is to be %q", tt.name, got, tt.want)
		}
	}
}

func TestCutPackage(t *testing.T) {
	for _, tt := range []struct{ name, pkg, path string }{
		{"runtime.main", "runtime", "runtime"},
		{"vendor/golang.org/x/net/http2.F", "vendor/golang.org/x/net/http2", "vendor/golang.org/x/net/http2"},
		{"gopkg.in/yaml%2ev3.(*T).M", "gopkg.in/yaml%2ev3", "gopkg.in/yaml.v3"},
		{"slices.SortFunc[example.com/x.T]", "slices", "slices"},
		{"sync/atomic.(*Pointer[example.com/x.T]).Load", "sync/atomic", "sync/atomic"},
		{"a%zz.F", "a%zz", "a%zz"},
		{"malloc", "", ""},
	} {
		if pkg, _ := cutPackage(tt.name); pkg != tt.pkg || importPath(pkg) != tt.path {
			t.Errorf("%s: %q, %q", tt.name, pkg, importPath(pkg))
		}
	}
}

// TestStdList compares the list of packages with that of the toolchain at hand, for
// several systems. A newer toolchain than the list may have more.
func TestStdList(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	listed := strings.Fields(stdList)
	all := slices.Clone(listed)
	for _, system := range []string{"linux/amd64", "darwin/arm64", "windows/amd64", "js/wasm"} {
		goos, goarch, _ := strings.Cut(system, "/")
		cmd := exec.Command("go", "list", "std")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Fields(string(out))...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if *update {
		if err := os.WriteFile("std.txt", []byte(strings.Join(all, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !slices.IsSorted(listed) || len(slices.Compact(slices.Clone(listed))) < len(listed) {
		t.Error("the list is not sorted, or has a package twice")
	}
	if more := cmp.Diff(listed, all); more != "" {
		report := t.Errorf
		if !strings.HasPrefix(runtime.Version(), "go1.26") {
			report = t.Logf
		}
		report("%s has more packages; -update adds them:\n%s", runtime.Version(), more)
	}
}

// outline is a trace that has all of the corner cases, made of one of the fixtures.
func outline(t testing.TB, more map[string]string) []byte {
	names := map[string]string{
		"main.starve":       "example.com/secret/x.(*Starver).Starve",
		"main.starve.func1": "example.com/secret/x.(*Starver).Starve.func1",
		"main.compute":      "example.com/secret/y%2ev2.Compute[example.com/secret/x.Starver]",
		"main.timers":       "example.com/secret/x.timers",
		"main.churn":        "runtime.churn", // by a directive
		"time.Sleep":        "slices.SortFunc[example.com/secret/x.Starver]",
	}
	for k, v := range more {
		names[k] = v
	}
	return renamed(t, fixtureOf(t, "corners-1.26.8.trace"), names)
}

func TestAnonymiseNames(t *testing.T) {
	data := outline(t, nil)
	p, out := anonymous(t, data, nil)
	sameEvents(t, p, data, out)
	checkHidden(t, p, out)
	golden(t, "names", p)
	keep := func(pkg string) bool { return strings.HasPrefix(pkg, "example.com/secret/") }
	p, out = anonymous(t, data, keep)
	sameEvents(t, p, data, out)
	golden(t, "keep", p)
}

// golden compares a plan with a file.
func golden(t *testing.T, name string, p *Plan) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "root %s\n", p.Root)
	for _, n := range p.Names {
		fmt.Fprintf(&b, "%s %q -> %s\n", n.Role, n.Original, n.Pseudonym)
	}
	r := p.Remains
	fmt.Fprintf(&b, "remain: %d functions and %d files of std, %d words, window %t, %d experimental\n", r.StdFunctions, r.StdFiles, r.Words, r.Window, r.Experimental)
	for _, l := range []struct {
		what string
		list []string
	}{{"kept", r.Kept}, {"common", r.Common}, {"shared", r.Shared}, {"masked", r.Masked}} {
		for _, s := range l.list {
			fmt.Fprintf(&b, "%s %q\n", l.what, s)
		}
	}
	// Where the program lay is nobody's business.
	got := strings.ReplaceAll(b.String(), filepath.Dir(cornersFile("main.go")), "$CORNERS")
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

// TestAnonymiseRoles has strings used for more than one thing. The one that says less
// wins.
func TestAnonymiseRoles(t *testing.T) {
	for _, tt := range []struct {
		name    string
		as      map[string]string // what strings of the fixture are named
		text    string
		written string
	}{
		{"a task as a word of the runtime", map[string]string{"outer": "chan receive", "chan receive": "chan receive"}, "chan receive", "chan receive"},
		{"a word of the runtime as a function of the program, by damage", map[string]string{"chan receive": "main.starve"}, "main.starve", "main.f1"},
		{"a word of the runtime as a file, by damage", map[string]string{"chan receive": cornersFile("main.go")}, cornersFile("main.go"), "d1/f1.go"},
		{"a word of the runtime that is a function of it", map[string]string{"chan receive": "runtime.main"}, "runtime.main", "runtime.main"},
		{"a log as a function of the program", map[string]string{"message": "main.starve"}, "main.starve", "main.f1"},
		{"a log as one of the standard library", map[string]string{"message": "time.Sleep"}, "time.Sleep", "p1.F1"},
		{"a log as one of what is kept", map[string]string{"message": "kept.F", "main.starve": "kept.F"}, "kept.F", "p1.F1"},
		{"a region as a file", map[string]string{"region": cornersFile("main.go")}, cornersFile("main.go"), "d1/f1.go"},
		{"a log as a file of the standard library", map[string]string{"message": "/usr/local/go/src/runtime/proc.go"}, "/usr/local/go/src/runtime/proc.go", "d1/f1.go"},
		{"a task as a region", map[string]string{"outer": "region"}, "region", "task1"},
		{"a task as a pseudonym", map[string]string{"outer": "task1"}, "task1", "task2"},
		{"a package as a pseudonym", map[string]string{"main.starve": "p1.T1.F1"}, "p1.T1.F1", "p2.T2.F4"},
		{"a window", map[string]string{"category": decode.WindowLog, "message": decode.Window{From: 1, To: 2}.Text()}, decode.Window{From: 1, To: 2}.Text(), decode.Window{From: 1, To: 2}.Text()},
		{"more than a window", map[string]string{"category": decode.WindowLog, "message": decode.Window{From: 1, To: 2}.Text() + " secret"}, decode.Window{From: 1, To: 2}.Text() + " secret", "log1"},
		{"a window elsewhere", map[string]string{"category": "mine", "message": decode.Window{From: 1, To: 2}.Text()}, decode.Window{From: 1, To: 2}.Text(), "log1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := renamed(t, fixtureOf(t, "corners-1.26.8.trace"), tt.as)
			p, out := anonymous(t, data, func(pkg string) bool { return pkg == "kept" })
			if got := p.names[tt.text]; got != tt.written {
				t.Errorf("%q is %q, and is to be %q", tt.text, got, tt.written)
			}
			sameEvents(t, p, data, out)
			checkHidden(t, p, out)
		})
	}
}

// TestAnonymiseKeptFiles has two files that would get one name.
func TestAnonymiseKeptFiles(t *testing.T) {
	data := renamed(t, fixtureOf(t, "corners-1.26.8.trace"), map[string]string{
		cornersFile("cgo.go"):              "/home/me/secret/a.go",
		cornersFile("main.go"):             "/home/me/other/a.go",
		cornersFile("coroutines_go123.go"): "main/b.go",
		cornersFile("flight_go125.go"):     "/home/me/secret/b.go",
	})
	p, out := anonymous(t, data, func(pkg string) bool { return pkg == "main" })
	sameEvents(t, p, data, out)
	files := []string{p.names["/home/me/secret/a.go"], p.names["/home/me/other/a.go"], p.names["main/b.go"], p.names["/home/me/secret/b.go"]}
	slices.Sort(files)
	if want := []string{"d1/f2.go", "d1/f3.go", "main/a.go", "main/b.go"}; !slices.Equal(files, want) {
		t.Errorf("files are %q", files)
	}
}

// TestAnonymiseTrimmed has a module with the name of a package of the standard library,
// in a program built with -trimpath.
func TestAnonymiseTrimmed(t *testing.T) {
	data := renamed(t, fixtureOf(t, "mixed-1.22.12.trace"), map[string]string{"mixed/main.go": "sort/main.go"})
	p, out := anonymous(t, data, nil)
	checkHidden(t, p, out)
	if got := p.names["sort/main.go"]; got != "d1/f1.go" || p.names["runtime/proc.go"] != "runtime/proc.go" {
		t.Errorf("a file of the program is %q", got)
	}
}

// TestAnonymiseTwice makes anonymous what is so already.
func TestAnonymiseTwice(t *testing.T) {
	_, once := anonymous(t, fixtureOf(t, "corners-1.26.8.trace"), nil)
	p, twice := anonymous(t, once, nil)
	sameEvents(t, p, once, twice)
	checkHidden(t, p, twice)
}

func TestFindRoot(t *testing.T) {
	for _, tt := range []struct {
		files []string
		want  goroot
	}{
		{nil, goroot{}},
		{[]string{"/usr/local/go/src/runtime/proc.go"}, goroot{true, "/usr/local/go/src/"}},
		{[]string{"C:/Program Files/Go/src/runtime/proc.go"}, goroot{true, "C:/Program Files/Go/src/"}},
		{[]string{"runtime/proc.go"}, goroot{true, ""}},
		{[]string{"/home/me/src/runtime/x.go", "/go/src/runtime/a.go", "/go/src/runtime/b.go"}, goroot{true, "/go/src/"}},
		{[]string{"/home/me/x.go", "/home/me/runtime/x.go", "/home/me/runtime.go", ""}, goroot{}},
	} {
		if got := findRoot(tt.files); got != tt.want {
			t.Errorf("%q: %+v", tt.files, got)
		}
	}
	std := goroot{true, "/go/src/"}
	for file, want := range map[string]bool{
		"/go/src/runtime/proc.go": true, "/go/src/vendor/golang.org/x/net/http/httpguts/guts.go": true,
		"/go/src/cmd/go/main.go": false, "/go/src/secret/x.go": false, "/go/srcs/runtime/x.go": false, "": false, "/go/src/": false,
	} {
		if got := std.has(file); got != want {
			t.Errorf("%s: %t", file, got)
		}
	}
}

// TestAnonymiseRandom gives strings names put together of what can be misread.
func TestAnonymiseRandom(t *testing.T) {
	pieces := []string{
		"main", "runtime", "sync", "example.com/", "secret", "x", ".", ".", "/", "/src/", "(*", ")", "[", "]", "[...]", "%2e", "%",
		"init", "glob", "map", "func1", "gowrap2", "-fm", "-range3", "7", "·1", "p1", "T1", "F2", "f1.go", "f1", "d1/", "task1", "log1",
		"$GOROOT/src/", "<autogenerated>", "_cgoexp_", "_Cfunc_", "\\", "\x00", "\xff", "é", " ", ":", "{", "}", "runtime/proc.go", decode.WindowLog,
	}
	n := 60
	if testing.Short() {
		n = 6
	}
	data := fixtureOf(t, "corners-1.22.12.trace")
	p, _ := anonymous(t, data, nil)
	all := slices.Sorted(maps.Keys(p.names))
	rng := rand.New(rand.NewPCG(3, 4))
	for range n {
		names := make(map[string]string)
		for _, s := range all {
			if s == "" || rng.IntN(3) == 0 {
				continue
			}
			var b strings.Builder
			for range 1 + rng.IntN(8) {
				b.WriteString(pieces[rng.IntN(len(pieces))])
			}
			names[s] = b.String()
		}
		odd := renamed(t, data, names)
		p, out := anonymous(t, odd, nil)
		sameEvents(t, p, odd, out)
		checkHidden(t, p, out)
		p, out = anonymous(t, odd, func(pkg string) bool { return len(pkg)%2 == 0 })
		sameEvents(t, p, odd, out)
		checkPairs(t, p)
		if t.Failed() {
			t.Fatalf("%q", names)
		}
	}
}

// checkPairs has no two strings written alike.
func checkPairs(t *testing.T, p *Plan) {
	t.Helper()
	of := make(map[string]string)
	for original, s := range p.names {
		if other, ok := of[s]; ok {
			t.Errorf("%q is written for %q and for %q", s, original, other)
		}
		of[s] = original
	}
}

// cornersFile returns a file of the program of the corners traces, as they have it.
func cornersFile(name string) string {
	data, err := os.ReadFile("../../testdata/traces/corners-1.26.8.trace")
	if err != nil {
		panic(err)
	}
	return string(regexp.MustCompile(`/[a-z/]+/testdata/programs/corners`).Find(data)) + "/" + name
}
