// Package fetch is the tutorial's fetcher of pages without a lock: threads write
// what they fetch to one file, block by block, and into each other's blocks.
package fetch

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
	Name:  "fetch",
	Short: "threads write what they fetch to one file, with no lock",
	Long: `Threads fetch pages from a server of this machine and write each to one file, as a
block from START to END, line by line, with no lock. The blocks end up in each
other. The trace shows waits for the network, and no lock of the program's own.`,
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

	urls := server.URLs(threads * each)
	errs := make([]error, threads)
	for i := range threads {
		threading.Go(func() { errs[i] = fetch(urls[i*each:(i+1)*each], file) })
	}
	threading.Wait()
	blocks, torn, err = file.Torn()
	return blocks, torn, errors.Join(append(errs, err)...)
}

// fetch fetches pages one after the other, and writes them.
func fetch(urls []string, file *pages.File) error {
	for _, url := range urls {
		lines, err := pages.Get(url)
		if err != nil {
			return err
		}
		if err := file.Write(lines); err != nil {
			return err
		}
	}
	return nil
}
