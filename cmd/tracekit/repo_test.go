package main

import (
	"bytes"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tracekit/demos"
)

const root = "../.."

// goFiles calls f for each Go file of the project, by its slashed path.
func goFiles(t *testing.T, f func(name string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			n++
			f(filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Fatalf("%d Go files, error %v", n, err)
	}
}

// rooms says what of the project and of third parties each package may import;
// the standard library is free to all. A room that is not listed may not be.
var rooms = map[string][]string{
	"cmd/tracekit": {"tracekit/record", "tracekit/record/hook", "tracekit/record/service", "tracekit/analyze", "tracekit/analyze/report", "tracekit/analyze/compare",
		"tracekit/analyze/render", "tracekit/analyze/render/pprof", "tracekit/analyze/render/folded", "tracekit/analyze/rewrite", "tracekit/analyze/rewrite/table",
		"tracekit/demos", "tracekit/demos/demo",
		"github.com/google/pprof/driver", "github.com/google/pprof/profile", "github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/schollz/progressbar/v3", "golang.org/x/term"},
	"record":         {"tracekit/record/inject", "tracekit/record/spool", "golang.org/x/sys/unix"},
	"record/hook":    {"tracekit/record/spool"},
	"record/inject":  {"tracekit/record/spool"},
	"record/service": {},
	"record/spool":   {},
	"analyze": {"tracekit/analyze/decode", "tracekit/analyze/decode/wire", "tracekit/analyze/decode/exp",
		"tracekit/analyze/timeline", "tracekit/analyze/waits", "tracekit/analyze/order", "tracekit/analyze/parallel", "tracekit/analyze/critpath",
		"tracekit/analyze/report", "tracekit/analyze/rewrite", "tracekit/analyze/rewrite/table", "tracekit/analyze/rewrite/perfetto",
		"github.com/klauspost/compress/zstd"},
	"analyze/decode":              {},
	"analyze/decode/wire":         {"tracekit/analyze/decode"},
	"analyze/decode/exp":          {"tracekit/analyze/decode", "golang.org/x/exp/trace"},
	"analyze/decode/decodetest":   {"tracekit/analyze/decode"},
	"analyze/timeline":            {"tracekit/analyze/decode"},
	"analyze/waits":               {"tracekit/analyze/timeline", "tracekit/analyze/report"},
	"analyze/order":               {"tracekit/analyze/timeline", "tracekit/analyze/report"},
	"analyze/parallel":            {"tracekit/analyze/timeline", "tracekit/analyze/report"},
	"analyze/critpath":            {"tracekit/analyze/timeline", "tracekit/analyze/report", "tracekit/analyze/critpath/replay"},
	"analyze/critpath/replay":     {},
	"analyze/rewrite":             {"tracekit/analyze/decode", "tracekit/analyze/decode/wire", "tracekit/analyze/decode/exp", "tracekit/analyze/timeline"},
	"analyze/report":              {},
	"analyze/compare":             {"tracekit/analyze/report", "tracekit/analyze/compare/stats", "go.yaml.in/yaml/v3"},
	"analyze/compare/stats":       {"github.com/aclements/go-moremath/stats", "golang.org/x/perf/benchmath", "gonum.org/v1/gonum/mat"},
	"analyze/render":              {"tracekit/analyze/report", "tracekit/analyze/render/safe"},
	"analyze/render/folded":       {"tracekit/analyze/report", "tracekit/analyze/render/safe"},
	"analyze/render/pprof":        {"tracekit/analyze/report", "github.com/google/pprof/profile"},
	"analyze/render/safe":         {},
	"analyze/rewrite/rewritetest": {"tracekit/analyze/decode", "tracekit/analyze/decode/wire", "golang.org/x/exp/trace"},
	"analyze/rewrite/table":       {"tracekit/analyze/timeline", "tracekit/analyze/report", "tracekit/analyze/render/safe"},
	"demos/demo":                  {"github.com/spf13/pflag"},
	"demos/threading":             {"golang.org/x/sync/semaphore"},
	"demos/primes":                {},
	"demos/pages":                 {},
	"testdata/programs/endings":   {},
	"testdata/programs/hooked":    {"tracekit/record/hook"},
	"testdata/programs/orders":    {},
	"testdata/programs/mixed":     {},
	"testdata/programs/load":      {},
	"testdata/programs/corners":   {},
	"testdata/programs/knobs":     {"golang.org/x/sync/semaphore"},
	"analyze/rewrite/perfetto": {"tracekit/analyze/timeline", "tracekit/analyze/rewrite/perfetto/schema",
		"google.golang.org/protobuf/proto"},
	"analyze/rewrite/perfetto/perfettotest": {"google.golang.org/protobuf/encoding/protowire"},
	"analyze/rewrite/perfetto/schema":       {"google.golang.org/protobuf/reflect/protoreflect", "google.golang.org/protobuf/runtime/protoimpl"},
}

// injected are the parts of rooms that are copied into packages of the standard
// library, which may import anything of that, and nothing else.
const injected = "record/inject/_std/"

// ofDemos is what each demo may import, which is a room of its own in demos.
var ofDemos = []string{"tracekit/demos/demo", "tracekit/demos/threading", "tracekit/demos/primes", "tracekit/demos/pages"}

// mayImport returns what a room may import. The registry of the demos may import
// all of them.
func mayImport(room string) (may []string, ok bool) {
	if may, ok = rooms[room]; ok || strings.HasPrefix(room, injected) {
		return may, true
	}
	for _, d := range demos.All() {
		imported := "demos/" + strings.ReplaceAll(d.Name, "-", "")
		switch room {
		case imported:
			return ofDemos, true
		case "demos":
			may = append(may, "tracekit/"+imported)
		}
	}
	return append(may, "tracekit/demos/demo"), room == "demos"
}

// TestRooms reads the imports of all packages, tests aside.
func TestRooms(t *testing.T) {
	goFiles(t, func(name string) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		may, ok := mayImport(path.Dir(name))
		if !ok {
			t.Errorf("%s: %s is no room of the house", name, path.Dir(name))
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		for _, imp := range file.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(p, "/")
			std := !strings.Contains(first, ".") && first != "tracekit"
			if !std && !slices.Contains(may, p) {
				t.Errorf("%s may not import %s", name, p)
			}
		}
	})
}

func TestFormatted(t *testing.T) {
	goFiles(t, func(name string) {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		formatted, err := format.Source(data)
		if err != nil || !bytes.Equal(data, formatted) {
			t.Errorf("%s: run gofmt -w %s (%v)", name, name, err)
		}
		made := bytes.Contains(data, []byte("\n// Code generated ")) // by a program, which need not read it
		if lines := bytes.Count(data, []byte("\n")); lines > 500 && !made && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s has %d lines: divide it", name, lines)
		}
	})
}

// TestTidy has go mod tidy find nothing to do. It uses no network: where the
// module cache lacks what tidy wants to look at, it is skipped; .ci/run has it.
func TestTidy(t *testing.T) {
	cmd := exec.Command("go", "mod", "tidy", "-diff")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
	case bytes.Contains(out, []byte("diff current/go.")):
		t.Errorf("run go mod tidy:\n%s", out)
	default:
		t.Skipf("go mod tidy cannot run without a network here: %v\n%s", err, out)
	}
}
