package analyze

import (
	"fmt"
	"io"

	"tracekit/analyze/rewrite"
	"tracekit/analyze/timeline"
)

// Annotate analyzes a trace and writes it out again with its waits in it, see
// rewrite.Annotate: those of user goroutines that lasted min, in ns, or longer; and with
// the critical path. Where these would make it twice as large, only longer waits are, and
// longer stays of the path on one goroutine.
func Annotate(f rewrite.File, w io.Writer, min int64) (*rewrite.Annotated, error) {
	src, err := rewrite.ReadWaits(f, min)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	notes := rewrite.NewNotes(src, min, f.Size()-f.Size()/16)
	done, err := build(src, Options{steps: true}, notes)
	if err != nil {
		return nil, err
	}
	names := make(map[timeline.LockID]string)
	for i, id := range done.rank {
		names[id] = fmt.Sprintf("%d %s", i, done.report.Waits.Locks[i].Name)
	}
	return rewrite.Annotate(f, w, src, notes, func(id timeline.LockID) string { return names[id] }, stays(done.critpath.Steps()))
}
