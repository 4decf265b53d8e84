package analyze

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tracekit/analyze/rewrite"
	"tracekit/analyze/timeline"
)

// TestAnnotateCounts has each wait of the report in the annotated trace or among those
// that are said not to be, however little room there is.
func TestAnnotateCounts(t *testing.T) {
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, room := range []int64{300, 1 << 30} {
			done, want := annotated(t, data, room)
			if got := int64(done.Waits) + done.Dropped + done.Unseen; got != want {
				t.Errorf("%s, %d bytes: %d waits, %d dropped, %d unseen, want %d",
					name, room, done.Waits, done.Dropped, done.Unseen, want)
			}
			if (done.Dropped > 0) != (room == 300) {
				t.Errorf("%s, %d bytes: %d waits are dropped", name, room, done.Dropped)
			}
		}
	}
}

// annotated annotates a trace with waits of any length, for which there are so many
// bytes. It returns with what, and how many waits the report has.
func annotated(t *testing.T, data []byte, room int64) (done *rewrite.Annotated, waits int64) {
	f := bytes.NewReader(data)
	src, err := rewrite.ReadWaits(f, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	notes := rewrite.NewNotes(src, 0, room)
	r, err := build(src, Options{}, notes)
	if err != nil {
		t.Fatal(err)
	}
	done, err = rewrite.Annotate(f, io.Discard, src, notes, func(timeline.LockID) string { return "" }, nil)
	if err != nil {
		t.Fatal(err)
	}
	waits = r.report.Waits.IdleWaits
	for _, k := range r.report.Waits.Kinds {
		waits += k.Waits
	}
	return done, waits
}
