package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"
)

// ManifestSchema names the shape of a Manifest.
const ManifestSchema = "tracekit.recording/2"

// Manifest says how a recording was made. It lies beside the traces: in their
// folder, or, for a recording that is one file, beside that.
type Manifest struct {
	Schema  string            `json:"schema"`
	Command []string          `json:"command"` // as it can be typed again
	Demo    *Demo             `json:"demo"`
	Service string            `json:"service"` // the address of a running service that was asked; empty: a command was run
	Go      map[string]string `json:"go"`      // go env, as far as it matters; empty when no go command was found
	Source  *Source           `json:"source"`  // null when the command was run outside of a module
	CPUs    int               `json:"cpus"`
	OS      string            `json:"os"`
	Arch    string            `json:"arch"`
	Env     map[string]string `json:"env"` // those of the variables that matter which are set
	Start   time.Time         `json:"start"`
	// Complete is false while the command runs, and stays so when tracekit itself
	// was killed: what follows then is not known.
	Complete    bool      `json:"complete"`
	WallNS      int64     `json:"wall_ns"`     // of the whole command
	Exit        Exit      `json:"exit"`        // of the command
	Interrupted bool      `json:"interrupted"` // the recorder was told to stop
	TimedOut    bool      `json:"timed_out"`   // the recorder ended it, for it took too long
	Processes   []Process `json:"processes"`   // those recorded, by their start
	Dropped     int       `json:"dropped"`     // processes that were not to be kept
	Overhead    *Overhead `json:"overhead"`    // null when it was not measured
	Plan        *Plan     `json:"plan"`        // null for one run
	Runs        []RunMade `json:"runs"`        // those that are complete, in the order in which they were made; empty without a plan
	Changed     bool      `json:"changed"`     // source, Go, environment or tracekit changed when the recording was gone on with
	Failed      string    `json:"failed"`      // why the runs could not all be made; empty where they were, or it was interrupted
	Dir         string    `json:"dir"`         // in which the command was run, empty if not known
	Tracekit    string    `json:"tracekit"`    // tracekit's version
}

// Demo is a demo and its parameters, by the names of their flags.
type Demo struct {
	Name       string            `json:"name"`
	Parameters map[string]string `json:"parameters"`
}

// Source is the working tree that a command was run in.
type Source struct {
	Module   string `json:"module"`   // the path of the main module
	Revision string `json:"revision"` // of the version control, empty for none
	Modified bool   `json:"modified"` // the tree differs from that revision
}

// Exit is how a process ended.
type Exit struct {
	Code   int    `json:"code"`   // -1: by a signal, or not known
	Signal string `json:"signal"` // its name; empty for none
	Text   string `json:"text"`   // as "exit status 1"
}

// Trace names a file of the recording.
type Trace struct {
	File  string `json:"file"` // without its folder
	Bytes int64  `json:"bytes"`
	Tail  bool   `json:"tail"` // it is the end of a longer one, of which a ring gave up the beginning
}

// Overhead is what recording cost: the time of the recorded processes with the
// tracer over that without, from pairs of runs, one of each, in turn.
type Overhead struct {
	Pairs int     `json:"pairs"`
	Ratio float64 `json:"ratio"` // the median
	// Low and High enclose the median of all such pairs with the probability
	// Confidence: they are the smallest and the largest ratio seen, which needs no
	// assumption on how ratios are distributed (the sign test's interval).
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
}

// manifestFile is the name of the manifest in a folder.
const manifestFile = "manifest.json"

// ManifestPath returns the name of the manifest of a recording: of a folder, the
// one in it, of a file, the one beside it.
func ManifestPath(recording string) string {
	if info, err := os.Stat(recording); err == nil && info.IsDir() {
		return filepath.Join(recording, manifestFile)
	}
	return recording + ".json"
}

// environment lists the variables that change how a Go program runs.
var environment = []string{"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"}

// NewManifest returns a manifest of what starts now, on this machine and in this
// environment.
func NewManifest() *Manifest {
	m := &Manifest{
		Schema:    ManifestSchema,
		Command:   []string{},
		Go:        make(map[string]string),
		CPUs:      runtime.NumCPU(),
		OS:        runtime.GOOS,
		Arch:      runtime.GOARCH,
		Env:       make(map[string]string),
		Start:     time.Now(),
		Processes: []Process{},
		Runs:      []RunMade{},
		Tracekit:  Version(),
	}
	m.Dir, _ = os.Getwd()
	for _, name := range environment {
		if v, ok := os.LookupEnv(name); ok {
			m.Env[name] = v
		}
	}
	return m
}

// Process returns the process whose trace is in the file of a name, nil for none.
func (m *Manifest) Process(file string) *Process {
	for i := range m.Processes {
		if m.Processes[i].Trace.File == file {
			return &m.Processes[i]
		}
	}
	return nil
}

// Version returns tracekit's version, as the build knows it: a module version,
// or "devel" with the revision of the source where it is stamped.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value
		}
	}
	return "devel"
}

// Encode returns the manifest as the content of its file.
func (m *Manifest) Encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

// Write puts the manifest into its place in a folder, at once or not at all.
func (m *Manifest) Write(dir string) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	part := filepath.Join(dir, manifestFile+".part")
	if err := os.WriteFile(part, data, 0o666); err != nil {
		os.Remove(part)
		return err
	}
	return os.Rename(part, filepath.Join(dir, manifestFile))
}

// maxManifest is far more than the size of any manifest, in bytes.
const maxManifest = 64 << 20

// ReadManifest reads the manifest of a recording: a folder, or the file of a
// trace, which may lie in such a folder. The error wraps os.ErrNotExist when there
// is none.
func ReadManifest(recording string) (*Manifest, error) {
	m, err := readManifest(ManifestPath(recording))
	if errors.Is(err, os.ErrNotExist) {
		beside := filepath.Join(filepath.Dir(recording), manifestFile)
		if b, err := readManifest(beside); err == nil && b.Process(filepath.Base(recording)) != nil {
			return b, nil
		}
	}
	return m, err
}

func readManifest(path string) (*Manifest, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxManifest {
		return nil, errors.New("not a manifest: no regular file of at most 64 MB")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseManifest(data)
}

// ParseManifest reads the content of a manifest's file. The error is for what is
// none, and for one of another schema.
func ParseManifest(data []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("not a manifest: %w", err)
	}
	if m.Schema != ManifestSchema {
		return nil, fmt.Errorf("its schema is %q, not %q", m.Schema, ManifestSchema)
	}
	return m, m.check()
}

// check returns an error for what no recorder writes.
func (m *Manifest) check() error {
	if m.WallNS < 0 || m.Dropped < 0 {
		return errors.New("not a manifest: a number in it is negative")
	}
	if err := m.Plan.check(); m.Plan != nil && err != nil {
		return fmt.Errorf("not a manifest: %w", err)
	}
	for _, r := range m.Runs {
		if r.Number < 1 || r.GOMAXPROCS < 0 || r.WallNS < 0 {
			return errors.New("not a manifest: a number of a run in it is negative")
		}
	}
	for _, p := range m.Processes {
		if f := p.Trace.File; f != filepath.Base(f) || f == "." || f == ".." {
			return fmt.Errorf("not a manifest: the file of a trace in it is %q", f)
		}
		if p.Run < 0 || p.Run > 0 && p.Run >= len(m.Runs) {
			return fmt.Errorf("not a manifest: a process in it is of run %d of %d", p.Run, len(m.Runs))
		}
	}
	return nil
}

// Open reads the manifest of a recording that is a folder. Of one whose recorder
// was killed, and which has no end therefore, the processes are those that left
// their notes.
func Open(dir string) (*Manifest, error) {
	m, err := readManifest(filepath.Join(dir, manifestFile))
	if err != nil || m.Complete || m.Plan != nil { // of several runs, it has those that are complete
		return m, err
	}
	m.Processes, err = noted(dir)
	return m, err
}
