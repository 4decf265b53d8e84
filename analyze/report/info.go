package report

// InfoSchema names the shape of an Info.
const InfoSchema = "tracekit.info/1"

// Info says what a trace consists of, without what it means.
type Info struct {
	Schema      string           `json:"schema"`
	Path        string           `json:"path"`
	GoVersion   string           `json:"go_version"`  // of the format: later releases may write it, too
	Compression string           `json:"compression"` // "": none
	Bytes       int64            `json:"bytes"`       // decompressed
	Events      int64            `json:"events"`
	WallNS      int64            `json:"wall_ns"` // gaps left out
	Goroutines  int              `json:"goroutines"`
	Threads     int              `json:"threads"`     // 0: not known
	TickNS      int64            `json:"tick_ns"`     // what the clock resolves; 0: not known
	GOMAXPROCS  []Setting        `json:"gomaxprocs"`  // its changes, the first value included
	Generations []InfoGeneration `json:"generations"` // that are whole, in the order of the file
	Parts       []Part           `json:"parts"`       // events by type, and tables, by size; empty before Go 1.22
	LostBytes   int64            `json:"lost_bytes"`
	LostNS      int64            `json:"lost_ns"`
	Losses      []Loss           `json:"losses"`
}

// Setting is a value of GOMAXPROCS.
type Setting struct {
	NS         int64 `json:"ns"` // since when, from the start of the trace
	GOMAXPROCS int64 `json:"gomaxprocs"`
}

// InfoGeneration is a generation of a trace.
type InfoGeneration struct {
	Number     uint64 `json:"number"`
	Offset     int64  `json:"offset"`
	Bytes      int64  `json:"bytes"`
	Batches    int    `json:"batches"`
	Threads    int    `json:"threads"`
	Goroutines int    `json:"goroutines"`
	Events     int    `json:"events"`
	StartNS    int64  `json:"start_ns"` // from the start of the trace
	EndNS      int64  `json:"end_ns"`
	Strings    int    `json:"strings"`
	Stacks     int    `json:"stacks"`
}

// Part is one kind of what a trace consists of. The bytes of all parts add up to
// those of the generations.
type Part struct {
	Name  string `json:"name"` // the type of an event; in parentheses what is none
	Count int64  `json:"count"`
	Bytes int64  `json:"bytes"`
}

// Loss is a stretch of a trace that cannot be read.
type Loss struct {
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
	NS     int64  `json:"ns"` // as far as is known
	Cause  string `json:"cause"`
}
