package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// runsBar shows on a terminal how many runs are made, and how much time is left. What
// is to be said meanwhile is written through it.
type runsBar struct {
	what   string // is being done
	stderr io.Writer
	start  time.Time
	mu     sync.Mutex // guards what follows: programs are watched while they run
	bar    *progressbar.ProgressBar
	shown  bool
}

// newRunsBar begins to count the time.
func newRunsBar(what string, stderr io.Writer) *runsBar {
	return &runsBar{what: what, stderr: stderr, start: time.Now(), bar: progressbar.NewOptions(1,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetPredictTime(false), // it would not know of the first seconds
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowCount())}
}

// set says how many runs of a total are made.
func (b *runsBar) set(done, total int) {
	t, ok := b.stderr.(*os.File)
	if !ok || !isTerminal(t) || time.Since(b.start) < patience {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = true
	left := time.Since(b.start) / time.Duration(max(done, 1)) * time.Duration(total-done)
	b.bar.Describe(fmt.Sprintf("%s, %s left", b.what, left.Round(time.Second)))
	b.bar.ChangeMax(total)
	b.bar.Set(done)
}

// Write implements io.Writer: of what is said beside the bar.
func (b *runsBar) Write(p []byte) (int, error) {
	b.clear()
	return b.stderr.Write(p)
}

func (b *runsBar) notice(s string) { notice(b, s) }

// clear takes the bar off the terminal, until a run is made. The bar itself does not,
// once it is full.
func (b *runsBar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shown {
		fmt.Fprint(b.stderr, "\r\x1b[K")
		b.shown = false
	}
}

// heldBack is what programs print of which many runs are made: of each, no more than
// its end is kept, for the case that it fails.
type heldBack struct {
	mu    sync.Mutex
	tail  []byte
	more  bool // was printed before
	shown bool // once
}

// mostHeld is how much of it is kept, in bytes.
const mostHeld = 16 << 10

// Write implements io.Writer.
func (h *heldBack) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tail = append(h.tail, p...)
	if n := len(h.tail) - mostHeld; n > 0 {
		h.tail = append(h.tail[:0], h.tail[n:]...)
		h.more = true
	}
	return len(p), nil
}

func (h *heldBack) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tail, h.more = h.tail[:0], false
}

// show prints it.
func (h *heldBack) show(w io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shown = true; len(h.tail) == 0 {
		return
	}
	if h.more {
		fmt.Fprintln(w, "…")
	}
	w.Write(h.tail)
	if h.tail[len(h.tail)-1] != '\n' {
		fmt.Fprintln(w)
	}
}
