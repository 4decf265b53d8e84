package main

import (
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how long work goes on before a terminal is shown its progress.
const patience = 2 * time.Second

// input is a trace being read. It ends when the context does, and shows how far
// it is on a terminal.
type input struct {
	ctx    context.Context
	file   *os.File
	stderr *os.File // nil: not a terminal
	start  time.Time
	read   atomic.Int64

	release func() bool

	mu    sync.Mutex // guards what follows: done can come while Read goes on
	bar   *progressbar.ProgressBar
	ended bool
}

func newInput(ctx context.Context, f *os.File, stderr io.Writer) *input {
	in := &input{ctx: ctx, file: f, start: time.Now()}
	if t, ok := stderr.(*os.File); ok && isTerminal(t) {
		in.stderr = t
	}
	// Closing the file ends a read that waits for the writer of a pipe.
	in.release = context.AfterFunc(ctx, func() { f.Close() })
	return in
}

// Read implements io.Reader.
func (in *input) Read(p []byte) (int, error) {
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.file.Read(p)
	return in.passed(n), err
}

// passed counts bytes that were read.
func (in *input) passed(n int) int {
	in.read.Add(int64(n))
	if in.stderr != nil && time.Since(in.start) > patience {
		in.show()
	}
	return n
}

// regular is an input that can be read anywhere. Several goroutines read it at
// once.
type regular struct {
	*input
	size int64
}

// reader returns the input as what it can do. The standard input may have been
// read from before.
func (in *input) reader() io.Reader {
	if info, err := in.file.Stat(); err == nil && info.Mode().IsRegular() && in.file != os.Stdin {
		return regular{in, info.Size()}
	}
	return in
}

// ReadAt implements io.ReaderAt.
func (r regular) ReadAt(p []byte, offset int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.file.ReadAt(p, offset)
	return r.passed(n), err
}

// Size returns the size of the file when it was opened.
func (r regular) Size() int64 { return r.size }

func (in *input) show() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.ended {
		return
	}
	if in.bar == nil {
		size := int64(-1) // unknown
		if info, err := in.file.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		in.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(in.stderr),
			progressbar.OptionSetDescription("analyze"),
			progressbar.OptionSetPredictTime(false), // it would not know of the first seconds
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	in.bar.Set64(in.read.Load())
}

// done takes the progress off the terminal.
func (in *input) done() {
	in.release()
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
	if in.bar != nil {
		in.bar.Clear()
	}
}
