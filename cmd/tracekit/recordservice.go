package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/analyze/render"
	"tracekit/analyze/report"
	"tracekit/record"
	"tracekit/record/service"
)

// serviceRecording is what the flags of record ask for, of a running service.
type serviceRecording struct {
	recording
	duration time.Duration
	headers  []string
}

func (r *serviceRecording) add(flags *pflag.FlagSet) {
	flags.DurationVar(&r.duration, "for", 5*time.Second, "of a service: have it trace itself for this `time`")
	flags.StringArrayVar(&r.headers, "header", nil, "of a service: send this `header` with the request, as 'Authorization: Bearer TOKEN'")
}

// run gets the trace of a service, and reports on it.
func (r *serviceRecording) run(cmd *cobra.Command, address string) error {
	target, err := service.ParseTarget(address)
	if err != nil {
		return serviceProblem(err, exitUsage)
	}
	header, err := service.ParseHeaders(r.headers)
	if err != nil {
		return serviceProblem(err, exitUsage)
	}
	if r.output == "" {
		r.output = target.FileName()
	}
	if err := r.check(); err != nil {
		return err
	}
	request := service.Request{Target: target, For: r.duration, Header: header}
	result, rep, err := r.make(cmd, request)
	if err != nil {
		return err
	}
	return r.tell(cmd, request, result, rep)
}

// serviceProblem takes over the hint of an error.
func serviceProblem(err error, code int) error {
	var e *service.Error
	if errors.As(err, &e) {
		return &problem{err: e.Err, hint: e.Hint, code: code}
	}
	return err
}

// make gets the trace, reports on it, and puts it and its manifest in their places.
// One of which nothing can be read does not get there.
func (r *serviceRecording) make(cmd *cobra.Command, request service.Request) (*service.Result, *report.Report, error) {
	defer holdSignals()()
	files, err := r.create()
	if err != nil {
		return nil, nil, err
	}
	defer files.abort()
	result, err := r.fetch(cmd, files.trace, request)
	if err != nil {
		return nil, nil, serviceProblem(err, exitFailed)
	}
	m := r.manifest(request.Target, result)
	var a analysis
	ctx, stop := untilSignal(context.WithoutCancel(cmd.Context()))
	defer stop()
	rep, err := a.readTraceAs(ctx, cmd.ErrOrStderr(), files.trace.Name(), r.output)
	if err != nil && result.Cut != nil {
		err = fmt.Errorf("%w (the trace was cut: %w)", err, result.Cut)
	}
	if err != nil {
		return nil, nil, err
	}
	describe(rep, m, &m.Processes[0])
	return result, rep, files.commit(m)
}

// fetch gets the trace, with its progress on a terminal when it takes long.
func (r *serviceRecording) fetch(cmd *cobra.Command, w io.Writer, request service.Request) (*service.Result, error) {
	stderr, ok := cmd.ErrOrStderr().(*os.File)
	if ok && isTerminal(stderr) && r.duration > patience {
		bar := progressbar.NewOptions64(r.duration.Milliseconds(),
			progressbar.OptionSetWriter(stderr),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionClearOnFinish())
		defer bar.Clear()
		request.Progress = func(elapsed time.Duration, bytes int64) {
			bar.Describe(fmt.Sprintf("tracing %s, %.1f MB", request.Target, float64(bytes)/1e6))
			bar.Set64(min(elapsed.Milliseconds(), r.duration.Milliseconds()))
		}
	}
	return service.Fetch(cmd.Context(), w, request)
}

// manifest says how the recording was made: of a process of which nothing is known
// but its trace.
func (r *serviceRecording) manifest(target *service.Target, result *service.Result) *record.Manifest {
	m := record.NewManifest()
	m.Command = []string{"tracekit", "record", "--for", r.duration.String(), target.String()}
	m.Service = target.String()
	m.Start, m.WallNS, m.Complete = result.Start, result.Elapsed.Nanoseconds(), true
	m.Interrupted = errors.Is(result.Cut, service.ErrInterrupted)
	p := record.Process{
		Path: target.String(), Args: []string{}, Start: result.Start, Ended: record.EndedNot,
		Trace: record.Trace{File: filepath.Base(r.output), Bytes: result.Bytes},
	}
	if result.Cut != nil {
		p.Lost = result.Cut.Error()
	}
	m.Processes = append(m.Processes, p)
	return m
}

// tell prints the report and the commands that come next. A trace that was cut is
// an error all the same.
func (r *serviceRecording) tell(cmd *cobra.Command, request service.Request, result *service.Result, rep *report.Report) error {
	out := cmd.OutOrStdout()
	if !r.quiet {
		if err := render.Text(out, rep); err != nil {
			return err
		}
		printNext(out, r.output)
	}
	if result.Cut != nil {
		return fmt.Errorf("record %s: %w; %s has what came until then", request.Target, result.Cut, r.output)
	}
	return nil
}
