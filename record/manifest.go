package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"tracekit/record/hook"
)

// ManifestSchema names the shape of a Manifest.
const ManifestSchema = "tracekit.recording/1"

// Manifest says how a recording was made. It lies beside its trace.
type Manifest struct {
	Schema      string            `json:"schema"`
	Command     []string          `json:"command"` // as it can be typed again
	Demo        *Demo             `json:"demo"`
	GoVersion   string            `json:"go_version"` // that the program was built with
	GOMAXPROCS  int               `json:"gomaxprocs"` // in the environment that the program got
	CPUs        int               `json:"cpus"`
	OS          string            `json:"os"`
	Arch        string            `json:"arch"`
	Env         map[string]string `json:"env"` // those of the variables that matter which are set
	Start       time.Time         `json:"start"`
	WallNS      int64             `json:"wall_ns"` // of the whole process
	Exit        Exit              `json:"exit"`
	Interrupted bool              `json:"interrupted"` // the recorder was told to stop
	Outcome     *hook.Outcome     `json:"outcome"`     // null when the program stated none
	Trace       Trace             `json:"trace"`
	Tracekit    string            `json:"tracekit"` // tracekit's version
}

// Demo is a demo and its parameters, by the names of their flags.
type Demo struct {
	Name       string            `json:"name"`
	Parameters map[string]string `json:"parameters"`
}

// Exit is how a process ended.
type Exit struct {
	Code   int    `json:"code"`   // -1: by a signal
	Signal string `json:"signal"` // its name; empty for none
	Text   string `json:"text"`   // as "exit status 1"
}

// Trace names the file that the manifest belongs to.
type Trace struct {
	File  string `json:"file"` // without its folder
	Bytes int64  `json:"bytes"`
}

// ManifestPath returns the name of the manifest of a trace.
func ManifestPath(trace string) string { return trace + ".json" }

// environment lists the variables that change how a Go program runs.
var environment = []string{"GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK"}

// newManifest returns a manifest of a program that starts now, runs in this
// environment and is this very executable.
func newManifest() *Manifest {
	m := &Manifest{
		Schema:     ManifestSchema,
		Command:    []string{},
		GoVersion:  runtime.Version(),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		CPUs:       runtime.NumCPU(),
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		Env:        make(map[string]string),
		Start:      time.Now(),
		Tracekit:   Version(),
	}
	for _, name := range environment {
		if v, ok := os.LookupEnv(name); ok {
			m.Env[name] = v
		}
	}
	return m
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

// maxManifest is far more than the size of any manifest, in bytes.
const maxManifest = 1 << 20

// ReadManifest reads the manifest of a trace. The error wraps os.ErrNotExist
// when there is none.
func ReadManifest(trace string) (*Manifest, error) {
	path := ManifestPath(trace)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxManifest {
		return nil, errors.New("not a manifest: no regular file of at most 1 MB")
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
	return m, nil
}
