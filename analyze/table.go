package analyze

import (
	"io"

	"tracekit/analyze/decode/wire"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite/table"
)

// Table reads a trace to its end and writes a table of its waits or its spans, as it
// goes. path is what the report that it returns is to call the trace. An input that can
// be read again is read twice for the table of waits, for the numbers of the locks are
// those of the report: which sites are of one lock, its end tells. A stream is read
// once, and has no such numbers, which a caveat says.
//
// Errors are those of Trace, and of the writer. Rows may have been written before.
func Table(r io.Reader, path string, w io.Writer, of table.Of, o Options) (*report.Report, error) {
	locks, again, err := lockNumbers(r, path, of, o)
	if err != nil {
		return nil, err
	}
	t, err := table.New(w, of, locks)
	if err != nil {
		return nil, err
	}
	done, err := run(again, path, o, nil, t)
	if err != nil {
		return nil, err
	}
	rep := done.report
	if of == table.Waits && locks == nil {
		rep.Caveats = append(rep.Caveats, report.Caveat{
			Code:   "lock-numbers",
			About:  "waits.locks",
			Text:   "the trace could be read only once: the column lock is empty, for which sites are of one lock is known at its end",
			Remedy: "give the trace as a file",
		})
	}
	return rep, t.End()
}

// lockNumbers reads a trace for the numbers of its locks, if that is of use and it can
// be read twice. It returns nil if not, and what to read the trace from now.
func lockNumbers(r io.Reader, path string, of table.Of, o Options) (table.Locks, io.Reader, error) {
	at, ok := r.(wire.Sized)
	if !ok || of != table.Waits {
		return nil, r, nil
	}
	rep, err := Trace(r, path, o)
	if err != nil {
		return nil, nil, err
	}
	return table.LocksOf(rep), io.NewSectionReader(at, 0, at.Size()), nil
}
