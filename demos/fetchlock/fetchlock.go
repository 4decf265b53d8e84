// Package fetchlock is the tutorial's fetcher of pages with a lock around what
// threads write to one file, and around nothing else.
package fetchlock

import (
	"errors"
	"fmt"
	"io"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/pages"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "fetch-lock",
	Short: "fetch, with a lock around the writing",
	Long: `Threads fetch pages from a server of this machine and write each to one file, as a
block from START to END, with a lock held. No block is torn. The trace shows waits
for the lock where a block is written, and waits for the network outside of it: to
fetch with the lock held would make the threads fetch one after the other.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 4, 100, "the `number` of threads that fetch")
		each := f.Count("pages", 3, 1000, "the `number` of pages that each fetches")
		pause := f.Units("pause", 0.02, "what it takes to write a line, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			blocks, torn, err := run(*threads, *each, pause.Duration())
			fmt.Fprintf(out, "%d of %d blocks are torn\n", torn, blocks)
			return demo.Outcome{Name: "torn blocks", Got: torn, Want: 0}, err
		}
	},
}

// output is the file that all threads write to, and its lock.
type output struct {
	lock *threading.Lock
	file *pages.File
}

// run returns how many blocks were written, and how many of them another one
// interrupts.
func run(threads, each int, pause time.Duration) (blocks, torn int, err error) {
	server, err := pages.Serve()
	if err != nil {
		return 0, 0, err
	}
	defer server.Close()
	file, err := pages.NewFile(pause)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()

	o := &output{lock: threading.NewLock(), file: file}
	urls := server.URLs(threads * each)
	errs := make([]error, threads)
	for i := range threads {
		threading.Go(func() { errs[i] = o.fetch(urls[i*each : (i+1)*each]) })
	}
	threading.Wait()
	blocks, torn, err = file.Torn()
	return blocks, torn, errors.Join(append(errs, err)...)
}

// fetch fetches pages one after the other, and writes them.
func (o *output) fetch(urls []string) error {
	for _, url := range urls {
		lines, err := pages.Get(url)
		if err != nil {
			return err
		}
		if err := o.write(lines); err != nil {
			return err
		}
	}
	return nil
}

// write writes a page, with the lock held.
func (o *output) write(lines []string) error {
	o.lock.Acquire()
	defer o.lock.Release()
	return o.file.Write(lines)
}
