package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// idle waits until no snapshot is under way in the background.
func idle(t *testing.T, f *Flight) {
	t.Helper()
	eventually(t, "no snapshot under way", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return !f.busy
	})
}

// TestEvery asks for snapshots by a clock of its own.
func TestEvery(t *testing.T) {
	c := newClock()
	f, told := fly(t, FlightConfig{Every: time.Minute}, c.now)
	want := func(held int) {
		t.Helper()
		f.request("reason", "detail")
		s := receive(t, told)
		if s.Reason != "reason" || s.Detail != "detail" || s.Err != nil || s.HeldBack != held {
			t.Errorf("got %+v, want %d held back", s, held)
		}
		regionsOf(t, s.Path)
		idle(t, f)
	}
	want(0)
	for range 3 {
		f.request("too soon", "")
	}
	c.add(time.Minute - 1)
	f.request("too soon", "")
	if _, err := f.Snapshot("a call is never too soon"); err != nil {
		t.Error(err)
	}
	c.add(1)
	want(4)
	c.add(time.Minute)
	want(0)
	c.add(time.Minute)
	f.request("first", "")
	for range 2 { // it may be written, but is not told yet
		c.add(time.Hour)
		f.request("while one is under way", "")
	}
	if s := receive(t, told); s.Reason != "first" {
		t.Errorf("got %+v", s)
	}
	idle(t, f)
	want(2)
}

// TestEveryAfterFailure has failures held back like the rest, and told.
func TestEveryAfterFailure(t *testing.T) {
	c := newClock()
	f, told := fly(t, FlightConfig{}, c.now)
	if err := os.RemoveAll(f.config.Dir); err != nil {
		t.Fatal(err)
	}
	for held := range 2 {
		f.request("reason", "")
		if s := receive(t, told); !errors.Is(s.Err, fs.ErrNotExist) || s.Path != "" || s.HeldBack != held {
			t.Errorf("got %+v, want an error and %d held back", s, held)
		}
		idle(t, f)
		f.request("reason", "")
		c.add(time.Minute)
	}
}

// TestNames has clocks that stand, run and are put back: names sort by the order
// of the snapshots.
func TestNames(t *testing.T) {
	c := newClock()
	f, _ := fly(t, FlightConfig{}, c.now)
	form := regexp.MustCompile(`^[A-Za-z0-9+._-]+-2026010[12]T\d{6}\.\d{6}Z-[A-Za-z0-9+._-]+\.trace$`)
	var names []string
	for _, step := range []time.Duration{0, 0, time.Nanosecond, -time.Hour, 2 * time.Hour, -24 * time.Hour, 0} {
		c.add(step)
		name := f.name("GET /a b:ü\\" + strings.Repeat("x", 500))
		if !form.MatchString(name) || len(name) > 200 || !f.owns(name) || !f.owns(name+partExt) {
			t.Errorf("%s (%d bytes)", name, len(name))
		}
		names = append(names, name)
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != 7 {
		t.Errorf("not in order:\n%s", strings.Join(names, "\n"))
	}
	for reason, end := range map[string]string{"": "Z-snapshot.trace", "mutex-wait+goroutines": "Z-mutex-wait+goroutines.trace", "../a": "Z-.._a.trace"} {
		if name := f.name(reason); !strings.HasSuffix(name, end) || !strings.HasPrefix(name, program()+"-2026") {
			t.Errorf("%q gives %s", reason, name)
		}
	}
}

// sparse makes files of such a size, without data.
func sparse(t *testing.T, dir string, size int64, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// others are names that snapshots of this program do not have.
func others() []string {
	p := program()
	return []string{
		"a.trace", p + ".trace", p + "-a.trace", p + "-20260102T150405.123456Z-a.trac",
		p + "-20260102T150405.123456Z.trace", p + "-20260102T150405.12345Z-a.trace",
		p + "-20261302T150405.123456Z-a.trace", "other-20260102T150405.123456Z-a.trace",
		p + "-x-20260102T150405.123456Z-a.trace", p + "-20260102T150405.123456Z-a.trace.json",
	}
}

// TestMaxDisk fills the folder with old snapshots and with files that are none.
func TestMaxDisk(t *testing.T) {
	const mb = 1 << 20
	f, _ := fly(t, FlightConfig{MaxDisk: 50 * mb}, time.Now)
	dir := f.config.Dir
	sparse(t, dir, 1000*mb, others()...)
	folder := program() + "-20200101T000000.000000Z-folder.trace"
	if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
		t.Fatal(err)
	}
	old := func(n int) string { return fmt.Sprintf("%s-20200102T%06d.000000Z-a.trace", program(), n) }
	sparse(t, dir, 20*mb, old(3), old(1)+partExt, old(2))
	path, err := f.Snapshot("reason")
	if err != nil {
		t.Fatal(err)
	}
	regionsOf(t, path)
	want := append(others(), folder, old(2), old(3), filepath.Base(path))
	slices.Sort(want)
	if got := list(t, dir); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	os.Remove(path)
	// To the byte: 40 MB and 10 have room, one more byte has not. The part that is
	// to become the new one does not count twice.
	part := program() + "-20200103T000000.000000Z-a.trace" + partExt
	sparse(t, dir, 10*mb, part)
	for _, size := range []int64{10 * mb, 10*mb + 1} {
		if err := f.makeRoom(size, part); err != nil {
			t.Error(err)
		}
		if got := slices.Contains(list(t, dir), old(2)); got != (size == 10*mb) {
			t.Errorf("before %d bytes, the oldest one is there: %v", size, got)
		}
	}
}

// TestTooLarge has a snapshot that has no room at all.
func TestTooLarge(t *testing.T) {
	f, _ := fly(t, FlightConfig{MaxDisk: 100}, time.Now)
	old := program() + "-20200102T000000.000000Z-a.trace"
	sparse(t, f.config.Dir, 100, old)
	path, err := f.Snapshot("reason")
	if err == nil || path != "" || !strings.Contains(err.Error(), "may have 100") {
		t.Errorf("%q, error %v", path, err)
	}
	if got := list(t, f.config.Dir); !slices.Equal(got, []string{old}) {
		t.Errorf("left: %q", got)
	}
}

// TestSnapshotsAtOnce takes many from many goroutines, while somebody looks into
// the folder, and stops in the midst.
func TestSnapshotsAtOnce(t *testing.T) {
	f, _ := fly(t, FlightConfig{}, time.Now)
	dir := f.config.Dir
	var work sync.WaitGroup
	for i := range 4 {
		work.Go(func() {
			for range 5 {
				if path, err := f.Snapshot(fmt.Sprint("r", i)); err == nil {
					regionsOf(t, path)
				} else if !errors.Is(err, errStopped) {
					t.Error(err)
				}
			}
		})
	}
	first := make(map[string]int64) // size, as soon as it was seen
	look := func() {
		for _, name := range list(t, dir) {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && strings.HasSuffix(name, ".trace") {
				if _, ok := first[name]; !ok {
					first[name] = info.Size()
				}
			}
		}
		runtime.Gosched()
	}
	for len(first) < 10 {
		look()
	}
	f.Stop()
	work.Wait()
	look()
	for _, name := range list(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Size() != first[name] {
			t.Errorf("%s had %d bytes when it was seen, then %v, %v", name, first[name], info, err)
		}
	}
}

func TestLogSnapshot(t *testing.T) {
	was := slog.Default()
	defer slog.SetDefault(was)
	var out bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	f, err := StartFlight(FlightConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	f.request("signal", "hangup")
	f.Stop()
	logSnapshot(Snapshot{Reason: "signal", HeldBack: 2, Err: errStopped})
	lines := strings.SplitAfter(out.String(), "\n")
	for i, want := range []string{
		`level=INFO msg="flight recorder snapshot" reason=signal detail=hangup held_back=0 path=`,
		`level=ERROR msg="no flight recorder snapshot" reason=signal detail="" held_back=2 err="no flight`,
		"",
	} {
		if i >= len(lines) || !strings.Contains(lines[i], want) || want == "" && lines[i] != "" {
			t.Fatalf("line %d has no %s:\n%s", i+1, want, lines)
		}
	}
}
