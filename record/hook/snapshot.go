package hook

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Snapshot is what OnSnapshot is told.
type Snapshot struct {
	// Path is the file, absolute; empty if there is an Err.
	Path string
	// Reason is "signal", one or more of "mutex-wait", "sched-latency" and
	// "goroutines", joined by "+", or the name that was given to Watch.
	Reason string
	// Detail is what was measured, beside its limit, for people to read.
	Detail string
	// HeldBack is how many signals and triggers have been denied a snapshot
	// since the one before, because that was too short a time ago or not done.
	HeldBack int
	// Err says why there is no file.
	Err error
}

// logSnapshot is the default for OnSnapshot.
func logSnapshot(s Snapshot) {
	log := slog.With("reason", s.Reason, "detail", s.Detail, "held_back", s.HeldBack)
	if s.Err != nil {
		log.Error("no flight recorder snapshot", "err", s.Err)
		return
	}
	log.Info("flight recorder snapshot", "path", s.Path)
}

// request begins a snapshot in the background, unless there was one just now.
func (f *Flight) request(reason, detail string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	switch {
	case f.stopped:
		return
	case f.busy || now.Sub(f.last) < f.config.Every:
		f.held++
		return
	}
	s := Snapshot{Reason: reason, Detail: detail, HeldBack: f.held}
	f.busy, f.last, f.held = true, now, 0
	f.work.Go(func() { f.background(s) })
}

// background takes the snapshot that request let through.
func (f *Flight) background(s Snapshot) {
	s.Path, s.Err = f.Snapshot(s.Reason)
	f.config.OnSnapshot(s)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy = false
}

// Snapshot writes what the recorder holds into Dir and returns the path, which
// is absolute. The file is there whole or not at all. Its name is that of the
// program, the time in UTC and the reason, in which anything but ASCII letters,
// digits and "+-." becomes "_":
//
//	shop-20260102T150405.123456Z-mutex-wait.trace
//
// Snapshot waits for one that is under way, but not for Every, and removes older
// ones as MaxDisk says. It is an error when the new one alone has more than
// MaxDisk, in which case no other is removed, and after Stop.
func (f *Flight) Snapshot(reason string) (path string, err error) {
	if f == nil {
		return "", errStopped
	}
	f.writing.Lock()
	defer f.writing.Unlock()
	if !f.recorder.Enabled() {
		return "", errStopped
	}
	path = filepath.Join(f.config.Dir, f.name(reason))
	if err := f.write(path); err != nil {
		return "", fmt.Errorf("write a snapshot: %w", err)
	}
	return path, nil
}

// partExt is at the end of the name of a snapshot that is not whole yet.
const partExt = ".part"

// write takes a snapshot into a file of the folder, by way of another one.
func (f *Flight) write(path string) error {
	part := path + partExt
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	size, err := f.recorder.WriteTo(file)
	if err = errors.Join(err, file.Close()); err == nil {
		err = f.makeRoom(size, filepath.Base(part))
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// makeRoom removes the oldest snapshots until one more of that size has room.
// The one that is called spare is left out of it.
func (f *Flight) makeRoom(size int64, spare string) error {
	if size > f.config.MaxDisk {
		return fmt.Errorf("it has %d bytes, and all may have %d", size, f.config.MaxDisk)
	}
	olds, err := f.olds(spare)
	if err != nil {
		return err
	}
	for _, old := range olds {
		size += old.Size()
	}
	for _, old := range olds {
		if size <= f.config.MaxDisk {
			break
		}
		if err := os.Remove(filepath.Join(f.config.Dir, old.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		size -= old.Size()
	}
	return nil
}

// olds returns the snapshots in the folder, the oldest first, which is the order
// of their names. Among them are the parts that were left when the program was
// killed.
func (f *Flight) olds(spare string) (infos []fs.FileInfo, err error) {
	entries, err := os.ReadDir(f.config.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !f.owns(e.Name()) || e.Name() == spare || !e.Type().IsRegular() {
			continue
		}
		switch info, err := e.Info(); {
		case err == nil:
			infos = append(infos, info)
		case !errors.Is(err, fs.ErrNotExist): // another process makes room, too
			return nil, err
		}
	}
	return infos, nil
}

// stamp is the time in a name. Its length is always the same, so that names sort
// by it.
const stamp = "20060102T150405.000000Z"

// name returns a name that no snapshot of this recorder had, later than all of
// them, even by a coarse clock, or by one that was put back. f.writing is held.
func (f *Flight) name(reason string) string {
	t := f.now().UTC().Truncate(time.Microsecond)
	if !t.After(f.named) {
		t = f.named.Add(time.Microsecond)
	}
	f.named = t
	if reason == "" {
		reason = "snapshot"
	}
	return f.program + "-" + t.Format(stamp) + "-" + fileWord(reason) + ".trace"
}

// owns says whether a file has the name of a snapshot of this program, or of a
// part of one.
func (f *Flight) owns(name string) bool {
	rest, ok := strings.CutPrefix(name, f.program+"-")
	if !ok || len(rest) <= len(stamp) || rest[len(stamp)] != '-' {
		return false
	}
	_, err := time.Parse(stamp, rest[:len(stamp)])
	return err == nil && strings.HasSuffix(strings.TrimSuffix(rest, partExt), ".trace")
}

// program returns the name of this program, for the names of files.
func program() string {
	if len(os.Args) == 0 || os.Args[0] == "" {
		return "program"
	}
	return fileWord(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"))
}

// fileWord returns what may be a part of a file's name on every system.
func fileWord(s string) string {
	s = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("+-.", r) {
			return r
		}
		return '_'
	}, s)
	return s[:min(len(s), 64)] // with the rest, well below the 255 that most systems allow
}
