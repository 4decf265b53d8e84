package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// readTrace opens a trace and has it read, until that is done or the context is.
// Errors say that what was being done to the file of the given name. What read
// returns is all that may come of it: it can go on when readTrace has returned.
func readTrace[T any](ctx context.Context, stderr io.Writer, what, path, name string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	f, err := openTrace(ctx, what, path)
	if err != nil {
		return none, err
	}
	defer f.Close()
	in := newInput(ctx, f, stderr, what)
	defer in.done()
	// A generation that is read already can take seconds to go through: the
	// reader is left to itself then.
	value, err := await(ctx, func() (T, error) { return read(in.reader()) })
	switch {
	case ctx.Err() != nil:
		return none, fmt.Errorf("%s %s: interrupted", what, name)
	case err != nil:
		return none, traceProblem(fmt.Errorf("%s %s: %w", what, name, err))
	}
	return value, nil
}

// await has something worked out, until that is done or the context is.
func await[T any](ctx context.Context, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := work()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, errors.New("interrupted")
	}
}

// openTrace opens a file that is to be a trace. To open a named pipe can take
// for ever, which must not keep the program from ending.
func openTrace(ctx context.Context, what, path string) (*os.File, error) {
	if path == "-" {
		return openStdin(what)
	}
	var f *os.File
	var err error
	opened := make(chan struct{})
	go func() {
		f, err = os.Open(path)
		close(opened)
	}()
	select {
	case <-opened:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s %s: interrupted", what, path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", what, path, openError(err))
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, hint(fmt.Errorf("%s %s: it is a directory", what, path), "name the trace in it")
	}
	return f, nil
}

// openError is what was wrong, without the name of the file.
func openError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func openStdin(what string) (*os.File, error) {
	if isTerminal(os.Stdin) {
		return nil, hint(fmt.Errorf("%s -: the standard input is a terminal", what), "tracekit %s - < FILE", what)
	}
	return os.Stdin, nil
}

// patience is how long work goes on before a terminal is shown its progress.
const patience = 2 * time.Second

// input is a trace being read. It ends when the context does, and shows how far
// it is on a terminal.
type input struct {
	ctx    context.Context
	file   *os.File
	what   string   // is being done
	stderr *os.File // nil: not a terminal
	start  time.Time
	read   atomic.Int64

	release func() bool

	mu    sync.Mutex // guards what follows: done can come while Read goes on
	bar   *progressbar.ProgressBar
	size  int64 // of the file; -1: unknown
	ended bool
}

func newInput(ctx context.Context, f *os.File, stderr io.Writer, what string) *input {
	in := &input{ctx: ctx, file: f, what: what, start: time.Now()}
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
		in.size = -1 // unknown
		if info, err := in.file.Stat(); err == nil && info.Mode().IsRegular() {
			in.size = info.Size()
		}
		in.bar = progressbar.NewOptions64(in.size,
			progressbar.OptionSetWriter(in.stderr),
			progressbar.OptionSetDescription(in.what),
			progressbar.OptionSetPredictTime(false), // it would not know of the first seconds
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	n := in.read.Load()
	if in.size >= 0 {
		n = min(n, in.size) // headers are read before what they are of, too
	}
	in.bar.Set64(n)
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
