package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestManual runs the commands that the README and the help of each command
// show, one after the other in one folder, as a reader would who tries them.
func TestManual(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs all that the README and the help show, in processes of their own")
	}
	lines := readmeCommands(t)
	lines = append(lines, helpExamples(newRoot(nil, nil))...)
	if len(lines) < 15 {
		t.Fatalf("only %d commands: %q", len(lines), lines)
	}
	dir := t.TempDir()
	write(t, dir, reader)
	service := httptest.NewServer(nil) // the default mux, with net/http/pprof
	defer service.Close()
	for _, line := range lines {
		if strings.HasPrefix(line, "go test") || strings.HasPrefix(line, "go tool trace") || strings.HasPrefix(line, "tracekit view") {
			continue // this very run; servers that do not end
		}
		if line = strings.Replace(line, "go run ./cmd/tracekit", "tracekit", 1); line == "go install ./cmd/tracekit" {
			continue
		}
		line = strings.Replace(line, "--for 5s http://localhost:6060", "--for 100ms "+service.URL, 1)
		// A second recording under the same name needs --force, in a manual
		// as on the command line.
		if strings.HasPrefix(line, "tracekit record") && !strings.Contains(line, "--force") && !strings.Contains(line, "--resume") {
			line = strings.Replace(line, "tracekit record", "tracekit record --force", 1)
			if name := strings.Fields(line)[3]; name != "--" && !strings.HasPrefix(name, "-") { // a flag of the demo
				line = strings.Replace(line, " --force "+name, " "+name+" --force", 1)
			}
		}
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".tracekit-*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// reader is what the reader of the manual has at hand: a server, its tests, a
// Makefile.
var reader = map[string]string{
	"go.mod":             "module example.com/shop\n\ngo 1.25\n",
	"cmd/server/main.go": "package main\n\nimport \"flag\"\n\nfunc main() { flag.String(\"addr\", \"\", \"\"); flag.Parse() }\n",
	"shop_test.go":       "package shop\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) {}\n\nfunc BenchmarkX(b *testing.B) {\n\tfor b.Loop() {\n\t}\n}\n",
	"Makefile":           "bench:\n\tgo test -bench . -benchtime 10x\n",
}

// write writes files, by their slashed paths, into a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// readmeCommands returns the lines of the README's blocks of shell commands.
func readmeCommands(t *testing.T) (lines []string) {
	t.Helper()
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	in := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			in = line == "```sh"
		case in && line != "":
			lines = append(lines, uncomment(line))
		}
	}
	return lines
}

// helpExamples returns the examples of a command and of those below it.
func helpExamples(cmd *cobra.Command) (lines []string) {
	for line := range strings.Lines(cmd.Example) {
		if line = uncomment(line); line != "" {
			lines = append(lines, line)
		}
	}
	for _, sub := range cmd.Commands() {
		lines = append(lines, helpExamples(sub)...)
	}
	return lines
}

// uncomment cuts what stands behind a command to explain it: in the README
// behind a #, in help behind several spaces.
func uncomment(line string) string {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
	line, _, _ = strings.Cut(line, "   ")
	return strings.TrimSpace(line)
}
