package inject

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tracekit/record/spool"
)

// sources are the files that are added to packages of the standard library.
//
//go:embed _std
var sources embed.FS

// added is the name of an added file, with what distinguishes several.
const added = "zz_tracekit"

// builder makes an overlay.
type builder struct {
	scratch   string // where the content of files lies
	root      string // the toolchain's, for the overlay
	command   *command
	toolchain Go
	overlay   map[string]string // path -> file with its content
	deep      string            // why it is deep
	mains     []mainFile
	embedding string // a folder whose program embeds its own source
	files     int
}

// build fills the overlay.
func (b *builder) build(ctx context.Context, deep bool) error {
	if err := b.patchStd(); err != nil {
		return err
	}
	why, err := b.findMains(ctx)
	if err != nil {
		return err
	}
	if deep {
		why = "what --deep asks for"
	}
	if why != "" {
		return b.deepen(ctx, why)
	}
	return nil
}

// put has the overlay hold data at a path.
func (b *builder) put(at, data string) error {
	b.files++
	name := filepath.Join(b.scratch, fmt.Sprintf("%d-%s", b.files, filepath.Base(at)))
	if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
		return err
	}
	b.overlay[at] = name
	return nil
}

// in returns a path in the standard library.
func (b *builder) in(name string) string {
	return filepath.Join(b.root, "src", filepath.FromSlash(name))
}

// edit is a change to a file: old occurs in it once.
type edit struct{ old, new string }

// patch adds a file of the standard library to the overlay, changed. It reports
// whether the file is there, and everything that is to be changed in it once.
func (b *builder) patch(name string, edits ...edit) (ok bool, err error) {
	data, err := os.ReadFile(b.in(name))
	if err != nil {
		return false, nil
	}
	s := string(data)
	for _, e := range edits {
		if strings.Count(s, e.old) != 1 {
			return false, nil
		}
		s = strings.Replace(s, e.old, e.new, 1)
	}
	return true, b.put(b.in(name), s)
}

// add adds our sources to a package of the standard library, whose name their
// package clauses get, for builds for Unix: a script may build for others, too.
func (b *builder) add(dir string, texts ...string) error {
	for i, text := range texts {
		if err := b.addFor("unix", dir, i, text); err != nil {
			return err
		}
	}
	return nil
}

// addFor adds a source for builds that a constraint allows, as the file of a number.
func (b *builder) addFor(constraint, dir string, i int, text string) error {
	text, err := repackage(text, path.Base(dir))
	if err != nil {
		return err
	}
	text = strings.TrimPrefix(text, "//go:build unix\n\n")
	return b.put(b.in(path.Join(dir, fmt.Sprintf("%s_%d.go", added, i))), "//go:build "+constraint+"\n\n"+text)
}

// repackage changes the package clause of a source.
func repackage(text, name string) (string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.PackageClauseOnly)
	if err != nil {
		return "", err
	}
	at := fset.Position(file.Name.Pos()).Offset
	return text[:at] + name + text[at+len(file.Name.Name):], nil
}

// source returns one of our sources.
func source(name string) string {
	data, err := sources.ReadFile("_std/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(data)
}

// patchStd has runtime/trace record, and os/signal flush.
func (b *builder) patchStd() error {
	tracer, err := b.patchTracer()
	if err != nil {
		return err
	}
	err = b.add("runtime/trace", spool.Source, spool.UnixSource, source("exit/exit.go"), source("trace/begin.go"), source(tracer))
	if err != nil {
		return err
	}
	ok, err := b.patch("os/signal/signal_unix.go", edit{
		"process(syscall.Signal(signal_recv()))",
		"process(syscall.Signal(tracekitSignal(signal_recv())))",
	})
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s is not known here: its os/signal is not that of Go 1.%d to 1.27, and a trace would lose its end at a signal", b.toolchain.GOVERSION, oldest)
	}
	if _, err := b.patch("os/signal/signal.go", edit{
		"cancel(sig, disableSignal)\n",
		"cancel(sig, disableSignal)\n\ttracekitReset()\n",
	}); err != nil {
		return err
	}
	if err := b.addFor("!unix", "os/signal", 9, source("signal/other.go")); err != nil {
		return err
	}
	return b.add("os/signal", source("signal/signal.go"))
}

// patchTracer has the tracer hand what it reads to us, beside whoever else wants
// it, and returns the source that goes with it: that for a tracer with one taker,
// where there is no other.
func (b *builder) patchTracer() (string, error) {
	for _, read := range []string{"runtime.ReadTrace()", "runtime_readTrace()"} { // Go 1.26, 1.25
		ok, err := b.patch("runtime/trace/subscribe.go",
			edit{"header := " + read + "\n", "header := " + read + "\n\t\ttracekitFirst(header)\n"},
			edit{"data := " + read + "\n\t\t\tif data == nil {\n\t\t\t\tbreak\n\t\t\t}\n",
				"data := " + read + "\n\t\t\tif data == nil {\n\t\t\t\tbreak\n\t\t\t}\n\t\t\ttracekitWrite(data)\n"})
		if err != nil {
			return "", err
		}
		if ok {
			return "trace/shared.go", b.addFor("!unix", "runtime/trace", 9, source("trace/other.go"))
		}
	}
	return "trace/alone.go", nil
}

// mergeOverlays adds what the user's own overlays replace, and returns the flags
// of GOFLAGS without them. One on the command line would make go forget ours: it
// is replaced there.
func (b *builder) mergeOverlays(in *Injection) (flags []string, err error) {
	for _, f := range splitFlags(b.toolchain.GOFLAGS) {
		if v, ok := flagValue([]string{f}, "overlay"); ok {
			if err := b.merge(v); err != nil {
				return nil, err
			}
			continue
		}
		flags = append(flags, f)
	}
	if v, ok := flagValue(b.command.flags, "overlay"); ok {
		if err := b.merge(v); err != nil {
			return nil, err
		}
		from := b.command.at + 1
		in.Args = withoutFlag(in.Args, from, from+len(b.command.flags), "overlay")
	}
	return flags, nil
}

// withoutFlag returns the arguments without a flag that stands between two indexes.
func withoutFlag(args []string, from, to int, name string) []string {
	out := append([]string{}, args[:from]...)
	for i := from; i < len(args); i++ {
		n, ok := flagName(args[i])
		if i >= to || !ok || n != name {
			out = append(out, args[i])
		} else if !strings.Contains(args[i], "=") {
			i++
		}
	}
	return out
}

// merge adds another overlay to this one, which its entries must not contradict. Of
// one that is of an outer recording, what is ours is left out.
func (b *builder) merge(name string) error {
	data, err := os.ReadFile(join(b.command.dir, name))
	if err != nil {
		return fmt.Errorf("merge the command's own overlay: %w", err)
	}
	var other struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &other); err != nil {
		return fmt.Errorf("merge the command's own overlay %s: %w", name, err)
	}
	outer := false
	for at := range other.Replace {
		outer = outer || strings.HasPrefix(filepath.Base(at), added)
	}
	for at, from := range other.Replace {
		if err := b.mergeFile(absolute(b.command.dir, at), absolute(b.command.dir, from), outer); err != nil {
			return fmt.Errorf("merge the command's own overlay %s: %w", name, err)
		}
	}
	return nil
}

// absolute returns the absolute path of a name in a folder; "" stays.
func absolute(dir, name string) string {
	if name == "" {
		return ""
	}
	if abs, err := filepath.Abs(join(dir, name)); err == nil {
		return abs
	}
	return name
}

// mergeFile adds what another overlay has at a path. Where that declares main, it
// gets the import.
func (b *builder) mergeFile(at, from string, outer bool) error {
	isMain := func(f mainFile) bool { return slices.Contains(f.names, at) }
	_, ours := b.overlay[at]
	switch {
	case ours && outer:
		return nil
	case ours && !slices.ContainsFunc(b.mains, isMain):
		return fmt.Errorf("it replaces %s, which recording has to change", at)
	}
	b.mains = slices.DeleteFunc(b.mains, isMain) // it is not that file which is to be followed
	b.overlay[at] = from
	if text, ok := overlaid(from); ok && declaresMain(text) {
		return b.put(at, text)
	}
	return nil
}
