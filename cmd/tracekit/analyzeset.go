package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tracekit/analyze"
	"tracekit/analyze/report"
	"tracekit/record"
)

// reportSet reads the traces of a recording, one after the other.
func (a *analysis) reportSet(ctx context.Context, stderr io.Writer, dir string, m *record.Manifest) (*report.Set, error) {
	s := &report.Set{
		Schema: report.SetSchema, Path: dir, Command: m.Command, Ended: m.Exit.Text, WallNS: m.WallNS,
		Dropped: m.Dropped, Processes: []report.Process{}, Caveats: setCaveats(m),
	}
	var first error
	for i := range m.Processes {
		p, err := a.process(ctx, stderr, dir, m, &m.Processes[i])
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil && a.options.Strict:
			return nil, err
		case first == nil:
			first = err
		}
		s.Processes = append(s.Processes, p)
	}
	s.Total = analyze.Total(s.Processes)
	if s.Total.Processes == 0 && first != nil {
		return nil, first
	}
	return s, s.Check()
}

// process reports on one process. Where its trace cannot be read, the error is
// also in what is returned.
func (a *analysis) process(ctx context.Context, stderr io.Writer, dir string, m *record.Manifest, p *record.Process) (report.Process, error) {
	out := report.Process{Path: p.Path, Args: p.Args, PID: p.PID, Ended: string(p.Ended), Exit: p.Exit.Text, Trace: p.Trace.File}
	path := filepath.Join(dir, filepath.Base(p.Trace.File))
	r, err := a.regular(ctx, stderr, path)
	if err != nil {
		if why := whyUnreadable(p); why != "" {
			err = fmt.Errorf("%w; %s", err, why)
		}
		out.Error = strings.TrimPrefix(err.Error(), a.doing()+" "+path+": ")
		return out, err
	}
	if m.Complete && p.Ended != record.EndedNot && p.Trace.Bytes != r.Trace.Bytes {
		distrust(r, fmt.Sprintf("the manifest says that it has %d bytes", p.Trace.Bytes))
	}
	describe(r, m, p)
	out.Report = r
	return out, nil
}

// whyUnreadable says what the recording knows of why nothing of a trace can be read.
func whyUnreadable(p *record.Process) string {
	switch {
	case p.Lost != "":
		return "the rest could not be written: " + p.Lost
	case p.Ended == record.EndedByFatal:
		return "an error of the runtime ended the program before the first part of the trace was written"
	case p.Ended == record.EndedUnknown:
		return "the program was killed, or ended past Go's runtime, before the first part of the trace was written"
	}
	return ""
}

// regular reports on a file of a recording. What is none would be waited for.
func (a *analysis) regular(ctx context.Context, stderr io.Writer, path string) (*report.Report, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s %s: it is no regular file", a.doing(), path)
	}
	return a.readTraceAs(ctx, stderr, path, path)
}

// setCaveats are those on the recording as a whole.
func setCaveats(m *record.Manifest) []report.Caveat {
	caveats := []report.Caveat{}
	if !m.Complete {
		caveats = append(caveats, report.Caveat{Code: "incomplete", About: "recording",
			Text: "the recorder was killed: processes may be missing, and how they ended is not known", Remedy: "record again"})
	}
	return caveats
}
