// Package inject has the Go programs that a command builds record themselves,
// with no change to their source or to the command.
//
// The way of the data, in [Prepare]:
//
//  1. [parseCommand] finds out of the command line which go command will run, on
//     what. A command that is none, as make, may run any: then it is the one in PATH.
//  2. That go command is asked for its toolchain and its flags ([askGo]).
//  3. A few files of the toolchain's standard library are copied with additions
//     ([patchStd]): runtime/trace ends a trace from an exit hook, os/signal begins it,
//     and ends it before a deadly signal.
//  4. The files that declare main, in the modules at hand, are copied with an import
//     of os/signal in the package clause, so that no line moves ([findMains]). Where a
//     main package lies in the module cache, which cannot be overlaid, packages of the
//     standard library that it links import it ([deepen]).
//  5. All of that goes into an overlay, and the overlay's name into GOFLAGS, by which
//     it reaches every go command that the command runs. While that goes on, the copies
//     follow what is edited ([Injection.Follow]).
//
// Nothing is written but for a scratch folder and, for a toolchain in the module
// cache, a symbolic link to it; [Injection.Close] removes both. The build cache
// gets the packages built, as from any build.
//
// What it cannot reach: programs built before; builds that set GOFLAGS or
// -overlay themselves, by another go than the one asked, by other tools than go;
// main packages outside of the folder at hand that a script builds.
package inject

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Target is the command whose programs are to be recorded.
type Target struct {
	Args []string // the command line
	Env  []string // its environment
	Dir  string   // the folder that it runs in; empty: this one
	Deep bool     // reach main packages everywhere, at the price of a longer first build
}

// Injection is what a command is to be given to have its programs recorded.
type Injection struct {
	Args []string // the command line: the target's, but for an overlay of its own and for where go lies
	Env  []string // what to set beside the target's environment, as "name=value"
	Deep string   // why the standard library is injected deeply; empty: it is not
	Go   Go       // the toolchain

	mains   []mainFile
	release []func()
}

// Close removes what Prepare made.
func (in *Injection) Close() {
	for _, f := range in.release {
		f()
	}
	in.release = nil
}

// Prepare makes the injection for a command. The errors say why it cannot be
// recorded; one that wraps ErrNoGo, that there is no go command which could be
// injected into: the command may still run programs that record themselves.
func Prepare(ctx context.Context, t Target) (_ *Injection, err error) {
	scratch, err := os.MkdirTemp("", "tracekit-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	// Where temporary files lie within a module, it is none of its packages.
	if err := os.WriteFile(filepath.Join(scratch, "go.mod"), []byte("module tracekit.scratch\n"), 0o666); err != nil {
		os.RemoveAll(scratch)
		return nil, err
	}
	in := &Injection{Args: t.Args, release: []func(){func() { os.RemoveAll(scratch) }}}
	defer func() {
		if err != nil {
			in.Close()
		}
	}()
	c := parseCommand(t)
	if in.Go, err = askGo(ctx, c); err != nil {
		return nil, err
	}
	if err := c.supported(in.Go); err != nil {
		return nil, err
	}
	root, err := in.outsideCache(c)
	if err != nil {
		return nil, err
	}
	b := &builder{scratch: scratch, root: root, command: c, toolchain: in.Go, overlay: make(map[string]string)}
	if err := b.build(ctx, t.Deep); err != nil {
		return nil, err
	}
	in.Deep = b.deep
	return in, in.hand(b)
}

// hand writes the overlay, and has the command be given it.
func (in *Injection) hand(b *builder) error {
	flags, err := b.mergeOverlays(in)
	if err != nil {
		return err
	}
	in.mains = b.mains
	name, err := b.write()
	if err != nil {
		return err
	}
	// A test that was run before would be answered from the cache.
	flags = append(flags, "-overlay="+name, "-count=1")
	if in.Go.GOMODCACHE == "" { // as without HOME, where overlays are refused
		in.Env = append(in.Env, "GOMODCACHE="+filepath.Join(b.scratch, "mod"))
		flags = append(flags, "-modcacherw")
	}
	in.Env = append(in.Env, "GOFLAGS="+joinFlags(flags))
	return nil
}

// write writes the overlay to its file, and returns the name of that.
func (b *builder) write() (name string, err error) {
	data, err := json.Marshal(map[string]any{"Replace": b.overlay})
	if err != nil {
		return "", err
	}
	name = filepath.Join(b.scratch, "overlay.json")
	return name, os.WriteFile(name, data, 0o666)
}

// joinFlags joins flags for GOFLAGS, in which those with spaces are quoted.
func joinFlags(flags []string) string {
	quoted := make([]string, len(flags))
	for i, f := range flags {
		switch {
		case !strings.ContainsAny(f, " \t\n'\""):
		case !strings.Contains(f, "'"):
			f = "'" + f + "'"
		default:
			f = `"` + f + `"`
		}
		quoted[i] = f
	}
	return strings.Join(quoted, " ")
}

// splitFlags divides the value of GOFLAGS as the go command does.
func splitFlags(s string) (flags []string) {
	for {
		s = strings.TrimLeft(s, " \t\n\r")
		if s == "" {
			return flags
		}
		if quote := s[:1]; quote == `"` || quote == "'" {
			flag, rest, _ := strings.Cut(s[1:], quote)
			flags, s = append(flags, flag), rest
			continue
		}
		i := strings.IndexAny(s, " \t\n\r")
		if i < 0 {
			i = len(s)
		}
		flags, s = append(flags, s[:i]), s[i:]
	}
}
