package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tracekit/record"
)

// folder is the folder of a recording in the making.
type folder struct {
	name  string // as the user knows it
	path  string // where it is written, absolute
	final string // where it goes when that is another place, over what is there
	made  os.FileInfo
	done  bool
}

// make makes the folder of a recording at a path.
func (f *folder) make() (*folder, error) {
	err := os.Mkdir(f.path, 0o777)
	if err == nil {
		f.made, err = os.Stat(f.path)
	}
	if err != nil {
		return nil, writeError(f.name, err)
	}
	return f, nil
}

// createFolder makes the folder of a recording, which must be new unless it holds a
// recording that may be replaced.
func createFolder(name string, force bool) (*folder, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	f := &folder{name: name, path: abs}
	if _, err := os.Lstat(abs); errors.Is(err, os.ErrNotExist) {
		return f.make()
	}
	if !force {
		return nil, hint(fmt.Errorf("write %s: it exists already", name), "--force replaces a recording, -o FOLDER names another one")
	}
	if err := replaceable(abs); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	f.final, f.path = abs, filepath.Join(filepath.Dir(abs), temporary())
	return f.make()
}

// replaceable refuses what is no folder of a recording that has ended, or holds
// anything else: that would be lost with it.
func replaceable(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return errors.New("it is there, and no folder of its own")
	}
	m, err := record.ReadManifest(dir)
	switch {
	case err != nil:
		return errors.New("it is there, and no recording that could be replaced")
	case !m.Complete:
		return errors.New("a recording goes on in it, or its recorder was killed: remove it if it is of no use")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if strange := strings.Contains(name, ".trace") && m.Process(name) == nil; e.IsDir() || strange || !record.Holds(name) {
			return fmt.Errorf("it holds %s, which is no part of a recording, and would be lost", name)
		}
	}
	return nil
}

// createNumbered makes a new folder with a name that none has.
func createNumbered(base, ending string) (*folder, error) {
	for n := 1; ; n++ {
		name := numbered(base, n, ending)
		f, err := (&folder{name: name, path: absolute(name)}).make()
		if !errors.Is(err, os.ErrExist) {
			return f, folderHint(err)
		}
	}
}

// numbered is the n-th name that recordings of the same get.
func numbered(base string, n int, ending string) string {
	if n == 1 {
		return base + ending
	}
	return fmt.Sprintf("%s-%d%s", base, n, ending)
}

// folderHint adds to an error that the folder can be another one.
func folderHint(err error) error {
	if err == nil {
		return nil
	}
	return hint(err, "-o FOLDER names another place for the recording")
}

// The endings of the names of folders.
const (
	recordingEnding = ".recording"
	runsEnding      = ".runs" // of many runs
)

// nameOf names a command: by what go runs, or by its first words.
func nameOf(args []string) string {
	base := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	words := []string{base}
	for _, a := range args[1:] {
		if strings.HasPrefix(a, "-") || strings.Contains(a, "=") {
			continue
		}
		a, _, _ = strings.Cut(a, "@")
		if base == "go" && len(words) == 2 && words[1] == "run" {
			words = []string{strings.TrimSuffix(filepath.Base(absolute(a)), ".go")}
			break
		}
		if len(words) == 2 {
			break
		}
		words = append(words, a)
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, strings.Join(words, "-"))
	const longest = 60
	name = strings.TrimLeft(name, ".-")
	return cmp.Or(name[:min(len(name), longest)], "command")
}

func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

// commit puts the folder into its place.
func (f *folder) commit() error {
	f.done = true
	if f.final == "" {
		return nil
	}
	old := f.path + ".old"
	if err := os.Rename(f.final, old); err != nil {
		return err
	}
	if err := os.Rename(f.path, f.final); err != nil {
		os.Rename(old, f.final)
		return err
	}
	f.path = f.final
	return os.RemoveAll(old)
}

// keep leaves what was written where it is, when that could not be completed: of a
// run of hours, a trace without a manifest is better than none. It reports where.
func (f *folder) keep() string {
	entries, err := os.ReadDir(f.path)
	isTrace := func(e os.DirEntry) bool { return strings.Contains(e.Name(), ".trace") }
	if err == nil && !slices.ContainsFunc(entries, isTrace) {
		return "nothing is kept"
	}
	f.done = true
	return "the traces are kept in " + f.path
}

// stepAside leaves what is there in its place, and puts what was written beside it.
func (f *folder) stepAside() {
	f.done = true
	base := strings.TrimSuffix(f.name, runsEnding)
	ending := f.name[len(base):]
	for n := 2; ; n++ {
		name := numbered(base, n, ending)
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		if f.name = name; os.Rename(f.path, name) != nil {
			f.name = f.path
		}
		return
	}
}

// abort removes what was written. It does nothing after commit and keep.
func (f *folder) abort() {
	if info, err := os.Stat(f.path); !f.done && err == nil && os.SameFile(info, f.made) {
		os.RemoveAll(f.path)
	}
}
