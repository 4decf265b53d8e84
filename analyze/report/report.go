// Package report is what tracekit says of a trace: plain data with a schema.
//
// An analysis fills in its part, a renderer turns the whole into a format, and
// a saved report can be rendered and compared without the trace. The package
// knows neither of them, and imports the standard library only.
//
//   - All times are in nanoseconds, with keys that end in _ns; shares are 0..1.
//   - Slices are never nil, and sorted by a total order of their content, so
//     that the same trace gives the same bytes.
//   - A site, stack or frame is an index into Sites, Stacks and Frames; -1 is
//     none.
//   - Totals are over user goroutines. Those of the runtime and of the tracer
//     are reported apart.
//   - A number that needs a caveat has one in Caveats, which names it by its
//     key.
package report

// Schema names the shape of a Report. It changes when a key changes its meaning
// or goes.
const Schema = "tracekit.report/1"

// Report is the result of an analysis.
type Report struct {
	Schema    string     `json:"schema"`
	Recording *Recording `json:"recording,omitempty"` // nil without a manifest
	Trace     Trace      `json:"trace"`
	Waits     Waits      `json:"waits"`
	Order     Order      `json:"order"`
	Parallel  Parallel   `json:"parallel"`
	Critpath  *Critpath  `json:"critpath"` // null in reports of before it was kept
	Sites     []Frame    `json:"sites"`
	Stacks    [][]int    `json:"stacks"` // indexes into Frames, leaf first
	Frames    []Frame    `json:"frames"`
	Caveats   []Caveat   `json:"caveats"` // in the order of what they are about in the report
}

// Recording is what the manifest beside the trace says of how it was made.
type Recording struct {
	Command []string `json:"command"` // with which the recording can be made again
	Outcome *Outcome `json:"outcome"` // nil when the program stated none
	Ended   string   `json:"ended"`   // how the program ended, as "exit status 0"
}

// Outcome is what the recorded program said of its result: a number that it got
// and the one that it should have got.
type Outcome struct {
	Name string `json:"name"`
	Got  int64  `json:"got"`
	Want int64  `json:"want"`
}

// Trace describes the input.
type Trace struct {
	Path string `json:"path"` // as it was given
	// GoVersion is the release that wrote the trace, where a manifest says so.
	// Else it is that of the format, which later releases may write too: the
	// traces of Go 1.24 say go1.23.
	GoVersion string `json:"go_version"`
	Bytes     int64  `json:"bytes"`  // size of the file, decompressed
	Events    int64  `json:"events"` // in the generations that were read
	WallNS    int64  `json:"wall_ns"`
	// Window is the part of the trace that is reported on; nil: all of it.
	Window           *Window `json:"window,omitempty"`
	Goroutines       int     `json:"goroutines"`        // user goroutines
	SystemGoroutines int     `json:"system_goroutines"` // the runtime's and the tracer's
	GOMAXPROCS       int64   `json:"gomaxprocs"`        // at the end of the trace; 0: not stated
	LostBytes        int64   `json:"lost_bytes"`        // of Bytes, how many could not be read
	LostNS           int64   `json:"lost_ns"`           // how much time these cover, as far as is known; not in WallNS
}

// Window is a part of a trace.
type Window struct {
	FromNS int64 `json:"from_ns"` // since the trace's beginning
	ToNS   int64 `json:"to_ns"`
}

// Frame is a place in the source.
type Frame struct {
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// Caveat qualifies a number.
type Caveat struct {
	Code   string `json:"code"`   // one word for programs, as "open-waits"
	About  string `json:"about"`  // the key of what it qualifies, as "waits.locks"
	Text   string `json:"text"`   // one sentence
	Remedy string `json:"remedy"` // what to do about it; may be empty
}
