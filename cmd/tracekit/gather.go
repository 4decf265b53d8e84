package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tracekit/analyze"
	"tracekit/analyze/compare"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
	"tracekit/record"
)

// load reads what the user named: the files of traces and of saved reports, and
// folders of recordings or of such files.
func (a *analysis) load(ctx context.Context, stderr io.Writer, paths []string) (m material, err error) {
	if len(paths) == 1 {
		m, err = a.loadOne(ctx, stderr, paths[0])
	}
	switch {
	case err != nil:
	case m == (material{}):
		m.runs, err = a.vary(ctx, stderr, paths, nil)
	case render.PerRun(a.format) || m.runs != nil: // what follows from those is worked out anew
		m.runs, err = await(ctx, m.asRuns)
	}
	return m, err
}

// loadOne reads what is one run. Of anything else, it returns nothing.
func (a *analysis) loadOne(ctx context.Context, stderr io.Writer, path string) (m material, err error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return a.read(ctx, stderr, path)
	}
	manifest, err := record.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, nil
	case err != nil:
		return m, fmt.Errorf("%s %s: the manifest in it: %w", a.doing(), path, err)
	case manifest.Plan != nil:
		return m, nil
	}
	m.set, err = a.reportSet(ctx, stderr, path, manifest)
	return m, err
}

// gather reads the runs that are in files and folders. The reports of each are handed
// to each, unless that is nil.
func (a *analysis) gather(ctx context.Context, stderr io.Writer, paths []string, each func([]*report.Report) error) (*gathering, error) {
	bar := newRunsBar(a.doing(), stderr)
	defer bar.clear()
	g := &gathering{analysis: a, ctx: ctx, bar: bar, each: each}
	for _, path := range paths {
		if err := g.add(path); err != nil {
			return nil, err
		}
	}
	if g.runs == 0 {
		return nil, g.empty(paths)
	}
	return g, nil
}

// vary reads runs, and works out what varies from one to the next.
func (a *analysis) vary(ctx context.Context, stderr io.Writer, paths []string, each func([]*report.Report) error) (*report.Runs, error) {
	g, err := a.gather(ctx, stderr, paths, each)
	if err != nil {
		return nil, err
	}
	r, err := await(ctx, func() (*report.Runs, error) { return g.Vary(), nil })
	if err != nil {
		err = fmt.Errorf("%s %s: %w", a.doing(), joinWords(paths), err)
	}
	return r, err
}

// gathering reads runs. One that cannot be read is left out, which a caveat says.
type gathering struct {
	*analysis
	compare.Gathering
	ctx   context.Context
	bar   *runsBar
	each  func([]*report.Report) error // is given the reports of each run; nil: nobody
	runs  int                          // that were added
	first error                        // of those that could not be
}

// empty says why there is no run.
func (g *gathering) empty(paths []string) error {
	if g.first != nil {
		return g.first
	}
	return hint(fmt.Errorf("%s %s: there is no trace in it", g.doing(), joinWords(paths)), "tracekit record --runs 10 lock   (makes some)")
}

func (g *gathering) add(path string) error {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		m, err := g.read(g.ctx, g.bar, path)
		if isForeign(err) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return err // it was named
		}
		return g.file(path, m, err)
	}
	m, err := record.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return g.folder(path)
	case err != nil:
		return fmt.Errorf("%s %s: the manifest in it: %w", g.doing(), path, err)
	case m.Plan == nil:
		return g.recording(path, m)
	}
	return g.many(path, m)
}

// file adds what came of reading a file.
func (g *gathering) file(path string, m material, err error) error {
	if err != nil {
		return g.leaveOut(filepath.Base(path), err, "")
	}
	return g.take(path, m)
}

// take adds what was read as a source of its own.
func (g *gathering) take(path string, m material) error {
	switch {
	case m.runs != nil && g.each != nil:
		return fmt.Errorf("%s %s: a report of many runs has no stacks: name the recording that it is of", g.doing(), path)
	case m.runs != nil:
		g.AddRuns(m.runs)
		g.runs += len(m.runs.Runs)
		return nil
	case m.set != nil:
		g.Source(report.Source{Path: path, Command: m.set.Command})
		return g.set(m.set, nil)
	}
	source := report.Source{Path: path}
	if r := m.report.Recording; r != nil {
		source.Command = r.Command
	}
	g.Source(source)
	return g.run(compare.Made{Number: 1}, []compare.Process{{Report: m.report}})
}

func (g *gathering) run(m compare.Made, processes []compare.Process) error {
	if r := processes[0].Report.Recording; m.Ended == "" && r != nil {
		m.Ended = r.Ended
	}
	g.runs++
	if added := g.Add(m, processes); !added || g.each == nil {
		return nil
	}
	var reports []*report.Report
	for _, p := range processes {
		reports = append(reports, p.Report)
	}
	return g.each(reports)
}

// set adds what can be read of the processes of a recording, as one run.
func (g *gathering) set(s *report.Set, started *time.Time) error {
	for _, c := range s.Caveats {
		c.About = "recordings"
		g.Caution(c)
	}
	processes, err := processesOf(s)
	if err != nil {
		if err := g.leaveOut("a process of "+s.Path, err, recordAgain); err != nil {
			return err
		}
	}
	if len(processes) == 0 {
		return nil
	}
	return g.run(compare.Made{Number: 1, Started: started, Ended: s.Ended}, processes)
}

// processesOf returns those with a report; the error is that of the first without.
func processesOf(s *report.Set) (list []compare.Process, err error) {
	for _, p := range s.Processes {
		if p.Report != nil {
			list = append(list, compare.Process{Name: p.Path, Report: p.Report})
		} else if err == nil {
			err = fmt.Errorf("%s: %s", p.Trace, p.Error)
		}
	}
	return list, err
}

// recording adds a recording of one run.
func (g *gathering) recording(dir string, m *record.Manifest) error {
	g.Source(report.Source{Path: dir, Command: m.Command})
	s, err := g.reportSet(g.ctx, g.bar, dir, m)
	if err != nil {
		return g.leaveOut(dir, err, recordAgain)
	}
	return g.set(s, &m.Start)
}

// many adds a recording of many runs.
func (g *gathering) many(dir string, m *record.Manifest) error {
	g.Source(report.Source{Path: dir, Command: m.Command, Wanted: m.Plan.Total()})
	for _, c := range manyCaveats(dir, m) {
		g.Caution(c)
	}
	for i, made := range m.Runs {
		one := *m
		one.Plan, one.Complete, one.Interrupted, one.Exit = nil, true, false, made.Exit
		one.Processes = slices.DeleteFunc(slices.Clone(m.Processes), func(p record.Process) bool { return p.Run != i })
		if err := g.made(dir, &one, made); err != nil {
			return err
		}
		g.bar.set(i+1, len(m.Runs))
	}
	return g.foreign(dir, m)
}

// made adds a run of many. One that lacks a process would say too little.
func (g *gathering) made(dir string, m *record.Manifest, made record.RunMade) error {
	s, err := g.reportSet(g.ctx, g.bar, dir, m)
	if err != nil {
		return g.leaveOut(runName(made), err, recordAgain)
	}
	processes, err := processesOf(s)
	if err != nil {
		return g.leaveOut(runName(made), err, recordAgain)
	}
	if len(processes) == 0 {
		return nil
	}
	return g.run(compare.Made{Number: made.Number, Procs: made.GOMAXPROCS, Started: &made.Start, Ended: s.Ended}, processes)
}

// folder adds what is in a folder that is no recording: traces, reports and recordings.
func (g *gathering) folder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("%s %s: %w", g.doing(), dir, err)
	}
	var strange []string
	for i, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		switch err := g.entry(filepath.Join(dir, e.Name())); {
		case errors.Is(err, errManifest) && isManifestOf(entries, e.Name()):
		case isForeign(err):
			strange = append(strange, e.Name())
		case err != nil:
			return err
		}
		g.bar.set(i+1, len(entries))
	}
	g.strange(dir, strange, "neither a trace nor a report")
	return nil
}

// entry adds a file, or a recording, that is in a folder.
func (g *gathering) entry(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		if _, err := record.ReadManifest(path); err == nil {
			return g.add(path)
		}
		return errForeign
	case err != nil || !info.Mode().IsRegular():
		return errForeign
	}
	m, err := g.read(g.ctx, g.bar, path)
	if isForeign(err) {
		return err
	}
	return g.file(path, m, err)
}

// isManifestOf reports whether a file is by its name the manifest of another one.
func isManifestOf(entries []fs.DirEntry, name string) bool {
	trace, ok := strings.CutSuffix(name, ".json")
	return ok && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == trace })
}

// foreign tells of files in a folder that its manifest does not know.
func (g *gathering) foreign(dir string, m *record.Manifest) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("%s %s: %w", g.doing(), dir, err)
	}
	var names []string
	manifest := filepath.Base(record.ManifestPath(dir))
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && m.Process(name) == nil && name != manifest {
			names = append(names, name)
		}
	}
	g.strange(dir, names, "no part of the recording")
	return nil
}

// strange tells of what is in a folder and is not used.
func (g *gathering) strange(dir string, names []string, what string) {
	const most = 3
	if len(names) == 0 {
		return
	}
	list := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		list += fmt.Sprintf(" and %d more", len(names)-most)
	}
	g.Caution(report.Caveat{Code: "foreign", About: "recordings", Text: fmt.Sprintf("not used, for it is %s: %s in %s", what, list, dir)})
}

// isForeign reports whether an error is for what is no trace and no report.
func isForeign(err error) bool {
	return errors.Is(err, errForeign) || errors.Is(err, analyze.ErrNotTrace)
}

// recordAgain is what helps where a recording cannot be read.
const recordAgain = "record again"

// leaveOut leaves out what could not be read, unless all is to be read.
func (g *gathering) leaveOut(what string, err error, remedy string) error {
	if g.ctx.Err() != nil || g.options.Strict {
		return err
	}
	if g.first == nil {
		g.first = err
	}
	g.Caution(report.Caveat{Code: "unreadable", About: "recordings", Text: fmt.Sprintf("%s is left out: %s", what, strings.TrimPrefix(err.Error(), g.doing()+" ")), Remedy: remedy})
	return nil
}

// manyCaveats are those on a recording of many runs.
func manyCaveats(dir string, m *record.Manifest) (list []report.Caveat) {
	add := func(code, text, remedy string) {
		list = append(list, report.Caveat{Code: code, About: "recordings", Text: text, Remedy: remedy})
	}
	switch made, wanted := len(m.Runs), m.Plan.Total(); {
	case made >= wanted:
	case m.Interrupted:
		add("interrupted", fmt.Sprintf("the recording was interrupted: it has %d of %d runs", made, wanted), resumeCommand(dir, m))
	case m.Failed != "":
		add("failed", fmt.Sprintf("the recording has %d of %d runs: %s", made, wanted, m.Failed), "")
	case m.Complete:
		add("no-trace", fmt.Sprintf("of %d runs, %d left a trace", wanted, made), "")
	default:
		add("incomplete", fmt.Sprintf("the recorder was killed, or still records: there are %d of %d runs", made, wanted), resumeCommand(dir, m))
	}
	if m.Changed {
		add("changed", "the source, Go, its environment or tracekit changed before the recording was gone on with: its runs are not of one program", "record again")
	}
	timedOut := 0
	for _, r := range m.Runs {
		if r.TimedOut {
			timedOut++
		}
	}
	if timedOut > 0 {
		add("timed-out", fmt.Sprintf("--timeout ended %d of the %d runs: they are shorter than they would be", timedOut, len(m.Runs)), "a longer --timeout")
	}
	if most := slices.Max(append(m.Plan.GOMAXPROCS, 0)); m.CPUs > 0 && most > m.CPUs {
		add("few-cpus", fmt.Sprintf("GOMAXPROCS %d is more than the %d CPUs of the machine: threads shared them", most, m.CPUs), "")
	}
	return list
}
