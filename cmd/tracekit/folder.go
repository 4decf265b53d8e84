package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tracekit/record"
)

// folder is the folder of a recording in the making.
type folder struct {
	name  string // as the user knows it
	path  string // where it is written, absolute
	final string // where it goes when that is another place, over what is there
	done  bool
}

// createFolder makes the folder of a recording: that of a name, which must be new
// unless it holds a recording that may be replaced, or a new one that is named
// after the command.
func createFolder(name string, args []string, force bool) (*folder, error) {
	if name == "" {
		return createNamed(args)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	f := &folder{name: name, path: abs}
	err = os.Mkdir(abs, 0o777)
	if !errors.Is(err, os.ErrExist) {
		return f, folderError(name, err)
	}
	if !force {
		return nil, hint(fmt.Errorf("write %s: it exists already", name), "--force replaces a recording, -o FOLDER names another one")
	}
	if err := replaceable(abs); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	f.final, f.path = abs, filepath.Join(filepath.Dir(abs), temporary())
	return f, folderError(name, os.Mkdir(f.path, 0o777))
}

// replaceable refuses a folder that is no recording, or holds anything else: that
// would be lost with it.
func replaceable(dir string) error {
	if _, err := record.ReadManifest(dir); err != nil {
		return errors.New("it is there, and no recording that could be replaced")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); e.IsDir() || !record.Holds(name) {
			return fmt.Errorf("it holds %s, which is no part of a recording, and would be lost", name)
		}
	}
	return nil
}

func folderError(name string, err error) error {
	if err != nil {
		return writeError(name, err)
	}
	return nil
}

// createNamed makes a new folder that is named after a command.
func createNamed(args []string) (*folder, error) {
	base := nameOf(args)
	for n := 1; ; n++ {
		name := base + ".recording"
		if n > 1 {
			name = fmt.Sprintf("%s-%d.recording", base, n)
		}
		err := os.Mkdir(name, 0o777)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, writeError(name, err)
		}
		abs, err := filepath.Abs(name)
		return &folder{name: name, path: abs}, err
	}
}

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
	return cmp.Or(strings.TrimLeft(name, ".-"), "command")
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
	traces, _ := filepath.Glob(filepath.Join(f.path, "*.trace*"))
	if len(traces) == 0 {
		return "nothing is kept"
	}
	f.done = true
	return "the traces are kept in " + f.path
}

// abort removes what was written. It does nothing after commit and keep.
func (f *folder) abort() {
	if !f.done {
		os.RemoveAll(f.path)
	}
}
