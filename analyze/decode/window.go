package decode

import (
	"fmt"
	"math"
)

// Window is a stretch of a trace, in ns on its clock: From is in it, To is not.
type Window struct{ From, To int64 }

// All is the Window of a whole trace.
var All = Window{math.MinInt64, math.MaxInt64}

// WindowLog is the category of the log by which a trace that was cut out of another
// one says which window it is of. What comes before only says what was going on.
const WindowLog = "tracekit.window"

// windowFormat is how the log's message is written.
const windowFormat = "from %d ns to %d ns"

// WindowText returns the message of that log.
func WindowText(from, to int64) string { return fmt.Sprintf(windowFormat, from, to) }

// ParseWindow reads the message of that log. It reports false for what is none.
func ParseWindow(text string) (w Window, ok bool) {
	n, err := fmt.Sscanf(text, windowFormat, &w.From, &w.To)
	return w, err == nil && n == 2 && w.From < w.To
}
