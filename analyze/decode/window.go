package decode

import (
	"errors"
	"fmt"
	"math"
)

// Window is a stretch of a trace, in ns on its clock: From is in it, To is not.
type Window struct{ From, To int64 }

// All is the Window of a whole trace.
var All = Window{math.MinInt64, math.MaxInt64}

// ErrWindow is the error for a window behind the end of a trace.
var ErrWindow = errors.New("the trace ends before that window")

// WindowLog is the category of the log by which a trace that was cut out of another
// one says which window it is of. What comes before only says what was going on.
const WindowLog = "tracekit.window"

// How the log's message is written.
const (
	windowFormat = "from %d ns to %d ns"
	openFormat   = "from %d ns on"
)

// Text returns the message of that log.
func (w Window) Text() string {
	if w.To == math.MaxInt64 {
		return fmt.Sprintf(openFormat, w.From)
	}
	return fmt.Sprintf(windowFormat, w.From, w.To)
}

// maxBeyond is far more, in ns, than a window goes on behind what a trace has of it.
const maxBeyond = 1 << 50

// Whole returns the window that a trace is of which begins with the generation; nil where
// it does not say, or cannot be: it begins with what was going on before.
func (g *Generation) Whole() *Window {
	w := g.Window
	if w == nil || w.From < g.Start || w.From-g.End > maxBeyond || w.To < math.MaxInt64 && w.To-g.End > maxBeyond {
		return nil
	}
	return w
}

// ParseWindow reads the message of that log. It reports false for what is none.
func ParseWindow(text string) (w Window, ok bool) {
	if n, err := fmt.Sscanf(text, windowFormat, &w.From, &w.To); err != nil || n != 2 {
		w.To = math.MaxInt64
		if n, err := fmt.Sscanf(text, openFormat, &w.From); err != nil || n != 1 {
			return Window{}, false
		}
	}
	return w, w.From >= 0 && w.From < w.To && w.Text() == text
}
