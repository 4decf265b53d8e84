package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// output is a file in the making. It is written beside its place and renamed
// into it when it is complete, so that a run which fails or is interrupted
// leaves no half file, and destroys no older one.
type output struct {
	*os.File
	path   string // where it is to be
	direct bool   // it is no regular file: written to as it is
	force  bool   // may replace what is there
}

// create opens an output for the file at path. Without force, a file that is
// there is an error.
func create(path string, force bool) (*output, error) {
	if path == "" {
		return nil, errors.New("the name of the output is empty")
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("write %s: it is a directory", path)
	case err == nil && !force:
		return nil, exists(path)
	case err == nil && special(path, info):
		return openSpecial(path)
	case err == nil && !writable(path):
		return nil, fmt.Errorf("write %s: %w", path, os.ErrPermission)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, writeError(path, err)
	}
	given := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	} else if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("write %s: it is a symbolic link to nothing", path)
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), temporary()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, writeError(given, err)
	}
	o := &output{File: f, path: path, force: force}
	if info != nil {
		if err := f.Chmod(info.Mode().Perm()); err != nil {
			o.abort()
			return nil, writeError(given, err)
		}
	}
	return o, nil
}

// special reports whether a file cannot be replaced by another: a pipe, or
// whatever a descriptor of this process is open on.
func special(path string, info os.FileInfo) bool {
	return !info.Mode().IsRegular() || strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/")
}

// openSpecial opens such a file as it is. What is in it already stays.
func openSpecial(path string) (*output, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, writeError(path, err)
	}
	return &output{File: f, path: path, direct: true}, nil
}

// writable reports whether the user may write to a file: one that is protected is
// not replaced either.
func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// writeError says that an output could not be written, by its own name instead
// of that of its temporary file.
func writeError(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("write %s: %w", path, err)
}

var temporaries int

// temporary returns a new name for a file in the making.
func temporary() string {
	temporaries++
	return fmt.Sprintf(".tracekit-%d-%d.tmp", os.Getpid(), temporaries)
}

func exists(path string) error {
	return hint(fmt.Errorf("write %s: it exists already", path), "--force replaces it, -o FILE names another one")
}

// commit puts the file into its place.
func (o *output) commit() error {
	if err := o.Close(); err != nil {
		o.abort()
		return err
	}
	if o.direct {
		return nil
	}
	if _, err := os.Lstat(o.path); err == nil && !o.force {
		o.abort()
		return exists(o.path)
	}
	if err := os.Rename(o.Name(), o.path); err != nil {
		o.abort()
		return err
	}
	return nil
}

// abort removes what was written. It does nothing after commit.
func (o *output) abort() {
	o.Close()
	if !o.direct {
		os.Remove(o.Name())
	}
}
