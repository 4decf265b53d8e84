//go:build unix

package record

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The ways in which a program is named to the go command, and in which that is
// run. The program is one that links as little as it can: what records it must
// come from outside.

const little = `package main

import (
	"context"
	"os"
	"runtime/trace"
	"strconv"
	"syscall"
	"time"
)

func main() {
	for i := range 20 {
		trace.Log(context.Background(), "tick", strconv.Itoa(i+1))
		os.Stdout.WriteString("tick " + strconv.Itoa(i+1) + "\n")
		time.Sleep(time.Millisecond)
	}
	switch os.Args[1] {
	case "panic":
		panic("on purpose")
	case "exit3":
		os.Exit(3)
	case "INT":
		syscall.Kill(os.Getpid(), syscall.SIGINT)
		time.Sleep(time.Hour)
	}
}
`

// littleSources returns its files by name.
func littleSources() map[string]string {
	return map[string]string{"main.go": little, "other.go": "package main\n"}
}

// littleModule is it as the only package of a module.
func littleModule(t *testing.T) place {
	dir := write(t, t.TempDir(), with(littleSources(), "go.mod", module))
	return place{"module", dir, []string{"go", "run", "."}, "example.com/endings"}
}

func inFile(t *testing.T) place {
	dir := write(t, t.TempDir(), littleSources())
	return place{"files", dir, []string{"go", "run", "main.go", "other.go"}, "command-line-arguments"}
}

func inFolder(t *testing.T) place {
	files := with(in("cmd/endings", littleSources()), "go.mod", module)
	// A folder with another package, and a main one among its files that is not built.
	files["lib/lib.go"] = "package lib\n"
	files["lib/gen.go"] = "//go:build ignore\n\npackage main\n\nfunc main() {}\n"
	files["cmd/endings/lib_test.go"] = "package main\n\nimport _ \"example.com/endings/lib\"\n"
	dir := write(t, t.TempDir(), files)
	return place{"folder", dir, []string{"go", "run", "./cmd/endings"}, "example.com/endings/cmd/endings"}
}

func inOtherFolder(t *testing.T) place {
	p := littleModule(t)
	return place{"-C", t.TempDir(), []string{"go", "-C", p.dir, "run", "."}, p.path}
}

func inNestedModule(t *testing.T) place {
	files := with(in("tools", with(littleSources(), "go.mod", "module example.com/tools\n\ngo 1.23\n")), "go.mod", module)
	dir := write(t, t.TempDir(), files)
	return place{"nested module", dir, []string{"sh", "-c", `cd tools && go run . "$1"`, "sh"}, "example.com/tools"}
}

func inWorkspace(t *testing.T) place {
	files := with(in("a", with(littleSources(), "go.mod", module)), "go.work", "go 1.23\n\nuse ./a\nuse ./b\n")
	files["b/go.mod"] = "module example.com/b\n\ngo 1.23\n"
	files["b/b.go"] = "package b\n"
	dir := write(t, t.TempDir(), files)
	return place{"workspace", dir, []string{"go", "run", "example.com/endings"}, "example.com/endings"}
}

func inVendor(t *testing.T) place {
	files := in("vendor/example.com/dep/endings", littleSources())
	files["go.mod"] = module + "\nrequire example.com/dep v1.0.0\n"
	files["vendor/modules.txt"] = "# example.com/dep v1.0.0\n## explicit; go 1.23\nexample.com/dep/endings\n"
	files["a.go"] = "//go:build tools\n\npackage a\n\nimport _ \"example.com/dep/endings\"\n"
	dir := write(t, t.TempDir(), files)
	return place{"vendor", dir, []string{"sh", "-c", `go run -mod=vendor example.com/dep/endings "$1"`, "sh"}, "example.com/dep/endings"}
}

func withC(t *testing.T) place {
	if out, err := exec.Command("go", "env", "CGO_ENABLED").Output(); err != nil || strings.TrimSpace(string(out)) != "1" {
		t.Skip("no cgo here")
	}
	files := with(littleSources(), "go.mod", module)
	files["c.go"] = "package main\n\n// int one() { return 1; }\nimport \"C\"\n\nfunc init() {\n\tif C.one() != 1 {\n\t\tpanic(\"C\")\n\t}\n}\n"
	return place{"cgo", write(t, t.TempDir(), files), []string{"go", "run", "."}, "example.com/endings"}
}

// byFlags builds with the flags that change most.
func byFlags(t *testing.T) place {
	p := littleModule(t)
	p.args = []string{"go", "run", "-trimpath", "-ldflags", "-s -w", "-gcflags=-l", "-tags", "x,y", "."}
	return p
}

func byRace(t *testing.T) place {
	withC(t) // which it needs
	p := littleModule(t)
	p.args = []string{"go", "run", "-race", "."}
	return p
}

func byMake(t *testing.T) place {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make here")
	}
	files := with(littleSources(), "go.mod", module)
	files["Makefile"] = "all:\n\t@go build -o prog .\n\t@./prog $(WAY)\n"
	dir := write(t, t.TempDir(), files)
	return place{"make", dir, []string{"sh", "-c", `make -s WAY="$1"`, "sh"}, "example.com/endings"}
}

// byNohup is started by what has it ignore a signal.
func byNohup(t *testing.T) place {
	p := inModule(t)
	p.args = []string{"sh", "-c", `trap "" HUP; go run . "$1"`, "sh"}
	return p
}

// byScript is run by a script that does more: builds for other systems, and what
// reads the files of packages by itself.
func byScript(t *testing.T) place {
	p := littleModule(t)
	write(t, p.dir, map[string]string{
		"lib/lib.go":     "package lib\n\n//go:generate go version\n",
		"linux/main.go":  "//go:build linux\n\npackage main\n\nfunc main() {}\n",
		"gen/gen.go":     "//go:build ignore\n\npackage main\n\nfunc main() { println(1) }\n",
		"windows/w.go":   "package main\n\nimport \"os/signal\"\n\nfunc main() { signal.Reset() }\n",
		"cover/cover.go": "package main\n\nfunc main() {}\n",
		"other.go":       "package main\n\n//go:generate go version\n",
	})
	p.args = []string{"sh", "-ec", `
		go generate ./... >/dev/null
		go fmt ./... >/dev/null
		go vet ./lib ./cover
		go vet gen/gen.go
		for os in windows darwin; do GOOS=$os go build -o other.exe ./windows; done
		GOOS=darwin go build ./...
		CGO_ENABLED=0 go build ./...
		go build -cover -o other.exe ./cover
		go test -cover ./... >/dev/null
		go run . "$1"`, "sh"}
	return p
}

// tracingEarly traces itself from an init function that runs before ours.
func tracingEarly(t *testing.T) place {
	p := littleModule(t)
	write(t, p.dir, map[string]string{
		"a/a.go":   "package a\n\nimport (\n\t\"io\"\n\t\"runtime/trace\"\n\t\"time\"\n)\n\nfunc init() {\n\tif trace.Start(io.Discard) != nil {\n\t\tpanic(1)\n\t}\n\ttime.Sleep(time.Millisecond)\n}\n",
		"other.go": "package main\n\nimport _ \"example.com/endings/a\"\n",
	})
	return p
}

// byNameInScript is a list of files that a script names.
func byNameInScript(t *testing.T) place {
	p := littleModule(t)
	p.args = []string{"sh", "-c", `go run main.go other.go "$1"`, "sh"}
	p.path = "command-line-arguments"
	return p
}

// byTag needs a tag, which a script sets.
func byTag(t *testing.T) place {
	p := littleModule(t)
	write(t, p.dir, map[string]string{"main.go": "//go:build special\n\n" + little})
	p.args = []string{"sh", "-c", `go run -tags special . "$1"`, "sh"}
	return p
}

// behindLink is entered by a symbolic link.
func behindLink(t *testing.T) place {
	p := littleModule(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(p.dir, link); err != nil {
		t.Fatal(err)
	}
	p.dir = link
	p.args = []string{"sh", "-c", `go run . "$1"`, "sh"}
	return p
}

// aboveModules is a folder that holds modules, and is in none.
func aboveModules(t *testing.T) place {
	dir := write(t, t.TempDir(), in("some where/'a", with(littleSources(), "go.mod", module)))
	return place{"above", dir, []string{"sh", "-c", `cd "some where/'a" && go run . "$1"`, "sh"}, "example.com/endings"}
}

// withCoverage builds for coverage.
func withCoverage(t *testing.T) place {
	p := littleModule(t)
	t.Setenv("GOCOVERDIR", t.TempDir())
	p.args = []string{"go", "run", "-cover", "."}
	return p
}

// withTemporary has its temporary files within the module.
func withTemporary(t *testing.T) place {
	p := littleModule(t)
	tmp := filepath.Join(p.dir, "tmp")
	if err := os.Mkdir(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	p.args = []string{"sh", "-c", `go vet ./... && go run . "$1"`, "sh"}
	return p
}

// byOverlay has an overlay of its own, which adds a file, on the command line.
func byOverlay(t *testing.T) place {
	p := littleModule(t)
	main := filepath.Join(p.dir, "main.go")
	data, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	write(t, p.dir, map[string]string{
		"elsewhere": string(data), "main.go": "package main\n\nthis is replaced\n",
		"overlay.json": `{"Replace": {"main.go": "elsewhere"}}`,
	})
	p.args = []string{"go", "run", "-overlay", "overlay.json", "."}
	return p
}

// inCache is a main package in the module cache, named with its version.
func inCache(t *testing.T) place { return cached(t, littleSources()) }

// inCacheWithLog is such a program that links log.
func inCacheWithLog(t *testing.T) place {
	return cached(t, with(littleSources(), "log.go", "package main\n\nimport _ \"log\"\n"))
}

// cached puts a module into a proxy of its own.
func cached(t *testing.T, files map[string]string) place {
	t.Helper()
	const mod = "example.com/cached"
	files = with(files, "go.mod", "module "+mod+"\n\ngo 1.23\n")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(mod + "@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	proxy := write(t, t.TempDir(), in(mod+"/@v", map[string]string{
		"list": "v1.0.0\n", "v1.0.0.mod": files["go.mod"], "v1.0.0.zip": b.String(),
		"v1.0.0.info": `{"Version": "v1.0.0"}`,
	}))
	t.Setenv("GOPROXY", "file://"+proxy)
	t.Setenv("GONOSUMDB", "example.com")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw")
	return place{"module cache", t.TempDir(), []string{"go", "run", mod + "@v1.0.0"}, mod}
}

// embedding is a program that counts the files of its own folder.
func embedding(t *testing.T) place {
	p := littleModule(t)
	write(t, p.dir, map[string]string{"embed.go": `package main

import (
	"embed"
	"fmt"
	_ "log"
)

//go:embed *.go
var files embed.FS

func init() {
	list, err := files.ReadDir(".")
	fmt.Println(len(list), err)
	for _, f := range list {
		fmt.Println(f)
	}
}
`})
	return p
}

// asTool is a tool of a module, which lies in the module cache.
func asTool(t *testing.T) place {
	if out, err := exec.Command("go", "version").Output(); err != nil || strings.Contains(string(out), "go1.23") {
		t.Skip("there is no go tool of a module here")
	}
	p := cached(t, littleSources())
	t.Setenv("GOFLAGS", "-modcacherw -mod=mod")
	dir := write(t, t.TempDir(), map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.24\n\nrequire example.com/cached v1.0.0\n\ntool example.com/cached\n",
	})
	cmd := exec.Command("go", "mod", "download", "example.com/cached") // for go.sum
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return place{"tool", dir, []string{"go", "tool", "cached"}, p.path}
}

// TestFollow has a command change the program before it builds it.
func TestFollow(t *testing.T) {
	p := littleModule(t)
	write(t, p.dir, map[string]string{"new": strings.Replace(little, "os.Args[1]", `"exit3"`, 1)})
	p.args = []string{"sh", "-c", `cp new main.go; sleep 2; go run . "$1"`, "sh"}
	m, _, _ := recordedAt(t, p, "return", false)
	if len(m.Processes) != 1 || m.Processes[0].Exit.Code != 3 {
		t.Errorf("processes are %+v", m.Processes)
	}
}

// TestPlaces records a program wherever it can lie. Each place is tried with the
// ending that says most: a status that is not 0, or a signal.
func TestPlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("builds many programs, in processes of their own")
	}
	tests := []struct {
		name  string
		place func(t *testing.T) place
		args  string
	}{
		{"module", littleModule, "return exit3 INT panic"},
		{"files", inFile, "exit3 INT"},
		{"folder", inFolder, "exit3"},
		{"-C", inOtherFolder, "exit3"},
		{"nested", inNestedModule, "exit3"},
		{"workspace", inWorkspace, "exit3"},
		{"vendor", inVendor, "exit3"},
		{"cgo", withC, "exit3 INT panic"},
		{"flags", byFlags, "exit3 INT"},
		{"race", byRace, "exit3 INT"},
		{"make", byMake, "return INT"},
		{"overlay", byOverlay, "exit3"},
		{"script", byScript, "exit3"},
		{"name in script", byNameInScript, "exit3"},
		{"early", tracingEarly, "exit3 return INT panic"},
		{"tag", byTag, "exit3"},
		{"link", behindLink, "exit3"},
		{"above", aboveModules, "exit3"},
		{"coverage", withCoverage, "exit3"},
		{"temporary", withTemporary, "exit3"},
		{"cache", inCache, "exit3 return panic"}, // a signal costs it a generation
		{"cache with log", inCacheWithLog, "exit3 return INT panic"},
		{"nohup", byNohup, "survive"},
		{"embed", embedding, "exit3"},
		{"tool", asTool, "exit3 return"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.place(t)
			for arg := range strings.FieldsSeq(tt.args) {
				t.Run(arg, func(t *testing.T) { check(t, p, arg, false, false) })
			}
		})
	}
}
