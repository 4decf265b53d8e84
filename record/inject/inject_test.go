package inject

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// write writes files below a new folder, by their slashed names.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o777)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func needInjection(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("programs for Windows are not injected into")
	}
}

func TestParseCommand(t *testing.T) {
	tests := []struct {
		line             string
		verb, dir, first string
		flags            int
	}{
		{"go run .", "run", "", ".", 0},
		{"go run -race -tags a,b ./x -race", "run", "", "./x", 3},
		{"go run -tags=a x.go y.go z", "run", "", "x.go", 1},
		{"go -C sub run .", "run", "sub", ".", 0},
		{"go run -C sub -v .", "run", "sub", ".", 3},
		{"go test ./... -run X -count 2", "test", "", "./...", 5},
		{"go tool -n x", "tool", "", "x", 1},
		{"go1.25.3 run .", "run", "", ".", 0},
		{"/opt/go/bin/go run .", "run", "", ".", 0},
		{"go", "", "", "", 0},
		{"make run", "", "", "", 0},
		{"gofmt run", "", "", "", 0},
	}
	for _, tt := range tests {
		c := parseCommand(Target{Args: strings.Fields(tt.line)})
		first := ""
		if len(c.args) > 0 {
			first = c.args[0]
		}
		if c.verb != tt.verb || c.dir != tt.dir || first != tt.first || len(c.flags) != tt.flags {
			t.Errorf("%s: verb %q in %q, first argument %q, flags %q", tt.line, c.verb, c.dir, first, c.flags)
		}
	}
	c := parseCommand(Target{Args: strings.Fields("go run -v a.go b.go c d.go"), Dir: "x"})
	if got := c.files(); !slices.Equal(got, []string{filepath.Join("x", "a.go"), filepath.Join("x", "b.go")}) {
		t.Errorf("files are %q", got)
	}
}

func TestFlags(t *testing.T) {
	for _, flags := range [][]string{nil, {"-mod=mod"}, {"-a", "-ldflags=-X 'main.x=y'", "-b=c d"}} {
		if got := splitFlags(joinFlags(flags)); !slices.Equal(got, flags) {
			t.Errorf("%q became %q", flags, got)
		}
	}
	if got := splitFlags("  -a \t'-b=c \"d' \"-e=f'g\" "); !slices.Equal(got, []string{"-a", `-b=c "d`, "-e=f'g"}) {
		t.Errorf("split to %q", got)
	}
}

// TestOverlay prepares a command and looks at what it is given.
func TestOverlay(t *testing.T) {
	needInjection(t)
	const decl = "package main\n\nfunc main() {}\n"
	dir := write(t, map[string]string{
		"go.mod": "module example.com/x\n\ngo 1.23\n", "main.go": decl,
		"cmd/y/y.go": decl, "cmd/y/other.go": "package main\n", "cmd/y/y_test.go": decl,
		"lib/lib.go": "package lib\n", "lib/gen.go": "//go:build ignore\n\n" + decl,
		"a b/'c.go": "package main\n\nfunc main () {\n}\n", "embeds/x.go": decl + "\n//go:embed *.go\n",
		".git/x.go": decl, "node_modules/x.go": decl, "bad/x.go": "package\nfunc main()\n", "method/x.go": "package main\n\nfunc (x) main() {}\n",
		"own.json": `{"Replace": {"lib/lib.go": "lib2", "lib/gone.go": ""}}`, "lib2": "package lib\n",
	})
	in, err := Prepare(t.Context(), Target{
		Args: []string{"go", "run", "-overlay", "own.json", "."}, Dir: dir,
		Env: append(os.Environ(), "GOFLAGS=-tags=special", "GOWORK=off"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(in.Args, []string{"go", "run", "."}) || !strings.HasSuffix(in.Deep, "embeds embeds its own source") {
		t.Errorf("command is %q, deep %q", in.Args, in.Deep)
	}
	flags := splitFlags(lookEnv(in.Env, "GOFLAGS"))
	name, _ := flagValue(flags, "overlay")
	if len(flags) != 3 || flags[0] != "-tags=special" || flags[2] != "-count=1" {
		t.Errorf("flags are %q", flags)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &overlay); err != nil {
		t.Fatal(err)
	}
	var got []string
	for at, from := range overlay.Replace {
		if rel, err := filepath.Rel(dir, at); err == nil && filepath.IsLocal(rel) {
			got = append(got, filepath.ToSlash(rel))
		} else if !strings.HasPrefix(at, in.Go.GOROOT) {
			t.Errorf("%s is replaced", at)
		}
		if _, err := os.Stat(from); from != "" && err != nil {
			t.Error(err)
		}
	}
	slices.Sort(got)
	want := []string{"a b/'c.go", "cmd/y/y.go", "lib/gen.go", "lib/gone.go", "lib/lib.go", "main.go"}
	if !slices.Equal(got, want) {
		t.Errorf("replaced is\n%q, want\n%q", got, want)
	}
	in.Close()
	if _, err := os.Stat(filepath.Dir(name)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the scratch folder is still there: %v", err)
	}
}

// TestRefused has commands that cannot be injected into end in one line.
func TestRefused(t *testing.T) {
	needInjection(t)
	dir := write(t, map[string]string{
		"go.mod": "module example.com/x\n\ngo 1.23\n", "main.go": "package main\n",
		"broken.json": "{", "ours.json": `{"Replace": {"` + goroot(t) + `/src/os/signal/signal_unix.go": "main.go"}}`,
	})
	none := write(t, nil)
	tests := []struct {
		line, env, want string
	}{
		{"go run -compiler gccgo .", "", "programs built with gccgo cannot be recorded"},
		{"go run .", "GOOS=windows", "programs for windows cannot be recorded"},
		{"go run .", "GOFLAGS=-compiler=gccgo", "programs built with gccgo"},
		{"go run -overlay broken.json .", "", "merge the command's own overlay broken.json: unexpected end"},
		{"go run -overlay missing.json .", "", "merge the command's own overlay: open "},
		{"go run -overlay=ours.json .", "", "ours.json: it replaces "},
		{"make", "PATH=" + none, ErrNoGo.Error()},
	}
	for _, tt := range tests {
		in, err := Prepare(t.Context(), Target{Args: strings.Fields(tt.line), Dir: dir, Env: append(os.Environ(), tt.env)})
		if err == nil {
			in.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s with %s: %v, want %s", tt.line, tt.env, err, tt.want)
		}
	}
}

func TestReleases(t *testing.T) {
	tests := []struct {
		version string
		minor   int
		refused bool
	}{
		{"go1.22.12", 22, true}, {"go1.9", 9, true}, {"go1.23rc1", 23, false}, {"go1.26", 26, false},
		{"go1.27.1 X:nodwarf5", 27, false}, {"devel go1.28-abc", 0, false},
	}
	for _, tt := range tests {
		g := Go{GOVERSION: tt.version, GOOS: "linux"}
		err := (&command{}).supported(g)
		if g.minor() != tt.minor || (err != nil) != tt.refused {
			t.Errorf("%s: minor %d, %v", tt.version, g.minor(), err)
		}
	}
}

// TestAnchors patches standard libraries that are as none is. Where the tracer
// cannot be shared, the plainer variant is taken; where signals cannot be handled,
// that is refused; a file is never changed in the wrong place.
func TestAnchors(t *testing.T) {
	const (
		process = "process(syscall.Signal(signal_recv()))\n"
		cancel  = "cancel(sig, disableSignal)\n"
		read    = "header := runtime.ReadTrace()\ndata := runtime.ReadTrace()\n\t\t\tif data == nil {\n\t\t\t\tbreak\n\t\t\t}\n"
	)
	tests := []struct {
		name                        string
		signal, notify, subscribe   string
		refused, shared, resettable bool
	}{
		{"known", process, cancel, read, false, true, true},
		{"1.25", process, cancel, strings.ReplaceAll(read, "runtime.ReadTrace", "runtime_readTrace"), false, true, true},
		{"no subscribers", process, cancel, "", false, false, true},
		{"two readers", process, cancel, read + read, false, false, true},
		{"no reset", process, "", read, false, true, false},
		{"no loop", "", cancel, read, true, false, false},
		{"two loops", process + process, cancel, read, true, false, false},
	}
	for _, tt := range tests {
		files := map[string]string{
			"src/os/signal/signal_unix.go": tt.signal, "src/os/signal/signal.go": tt.notify,
			"src/runtime/trace/subscribe.go": tt.subscribe,
		}
		root := write(t, files)
		b := &builder{scratch: t.TempDir(), root: root, overlay: make(map[string]string)}
		err := b.patchStd()
		if (err != nil) != tt.refused {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.refused {
			continue
		}
		text := textOf(t, b)
		if got := strings.Contains(text, "tracekitFirst(header)"); got != tt.shared || got != strings.Contains(text, "func tracekitWrite(") {
			t.Errorf("%s: shared %v", tt.name, got)
		}
		if got := strings.Contains(text, "disableSignal)\n\ttracekitReset()"); got != tt.resettable {
			t.Errorf("%s: resettable %v", tt.name, got)
		}
		if !strings.Contains(text, "tracekitSignal(signal_recv())") || !strings.Contains(text, "package signal") {
			t.Errorf("%s: os/signal is not changed", tt.name)
		}
	}
}

// textOf returns all that an overlay holds.
func textOf(t *testing.T, b *builder) (text string) {
	t.Helper()
	for _, at := range slices.Sorted(maps.Keys(b.overlay)) {
		data, err := os.ReadFile(b.overlay[at])
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("// %s\n%s\n", at, data)
	}
	return text
}

// TestImports adds imports without moving a line.
func TestImports(t *testing.T) {
	tests := []struct{ text, want string }{
		{"package main\n\nimport \"fmt\"\n", "package main; import _ \"os/signal\"\n\nimport \"fmt\"\n"},
		{"// package main\npackage main // x\n", "// package main\npackage main; import _ \"os/signal\" // x\n"},
		{"package  /* y */ main;import \"fmt\"", "package  /* y */ main; import _ \"os/signal\";import \"fmt\""},
		{"package lib\n", ""}, {"", ""},
	}
	for _, tt := range tests {
		if got, _ := withImport(tt.text); got != tt.want {
			t.Errorf("%q became %q", tt.text, got)
		}
	}
}
