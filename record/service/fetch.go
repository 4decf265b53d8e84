package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Request is what is to be fetched.
type Request struct {
	Target *Target
	For    time.Duration // how long the service is to trace; it takes fractions of a second
	Header http.Header   // to be sent besides; nil for none
	// Progress is told ten times a second, and once at the end, how long it has
	// been and how many bytes have come. Its calls do not overlap. It may be nil.
	Progress func(elapsed time.Duration, bytes int64)
}

// Result is what was fetched.
type Result struct {
	Start   time.Time // when the service was asked
	Elapsed time.Duration
	Bytes   int64
	// Cut says why the trace ends before it should, and is nil when it does not.
	// It is ErrInterrupted when the context was done.
	Cut error
}

// limits are how long is waited for what.
type limits struct {
	connect time.Duration // for a connection, and as long again for the handshake of TLS
	silence time.Duration // for the next byte, when the time of the trace is over
	whole   time.Duration // for the end, when the time of the trace is over
	tick    time.Duration // from one look at these to the next
}

// patient are the limits of Fetch. A trace may come much faster than the network
// takes it, so that its end is waited for as long as something comes.
var patient = limits{
	connect: 10 * time.Second,
	silence: 30 * time.Second,
	whole:   5 * time.Minute,
	tick:    100 * time.Millisecond,
}

// Fetch asks for a trace and writes it to w as it comes. A connection must be
// there within 10 seconds; the first byte, as every one that comes after the time
// of the trace, 30 seconds after that time or the byte before; and the end within
// 5 minutes after that time.
//
// A trace that is cut is no error, as long as it began: what came of it is
// written, and the result says what cut it. The error is an [*Error], and wraps
// ErrInterrupted when ctx was done before the trace began; or it wraps what w
// returned.
func Fetch(ctx context.Context, w io.Writer, r Request) (*Result, error) {
	return fetch(ctx, w, r, patient)
}

func fetch(parent context.Context, w io.Writer, r Request, lim limits) (*Result, error) {
	if r.For <= 0 {
		return nil, failed(r.Target, "--for 5s", fmt.Errorf("%v is no time to trace for", r.For))
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	f := &fetching{Request: r, limits: lim, start: time.Now(), to: w}
	stop := f.watch(cancel)
	begun, err := f.pass(ctx)
	stop()
	switch {
	case f.failure != nil:
		return nil, fmt.Errorf("write the trace: %w", f.failure)
	case begun:
		return f.result(parent, ctx, err), nil
	case err != nil && parent.Err() != nil:
		return nil, failed(r.Target, "", fmt.Errorf("%w before the trace began", ErrInterrupted))
	case err != nil && ctx.Err() != nil:
		return nil, failed(r.Target, "a service that is stopped, in a debugger for one, takes connections and answers nothing", context.Cause(ctx))
	}
	return nil, err
}

// fetching is a fetch that is under way.
type fetching struct {
	Request
	limits
	start   time.Time
	to      io.Writer
	failure error // of to
	bytes   atomic.Int64
}

// pass asks for the trace and passes it on. It tells whether the trace began, and
// why it ended: nil for its end.
func (f *fetching) pass(ctx context.Context) (begun bool, err error) {
	client := f.client()
	defer client.CloseIdleConnections()
	req, err := f.request(ctx)
	if err != nil {
		return false, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, unanswered(f.Target, err)
	}
	defer resp.Body.Close()
	body := bufio.NewReaderSize(resp.Body, 64<<10)
	if err := f.check(resp, body); err != nil {
		return false, err
	}
	_, err = io.Copy(f, body)
	return true, err
}

// Write passes p on.
func (f *fetching) Write(p []byte) (int, error) {
	n, err := f.to.Write(p)
	f.bytes.Add(int64(n))
	f.failure = err
	return n, err
}

// result says how much came of a trace that began, and how it ended.
func (f *fetching) result(parent, ctx context.Context, err error) *Result {
	r := &Result{Start: f.start, Elapsed: time.Since(f.start), Bytes: f.bytes.Load()}
	switch {
	case err == nil && r.Elapsed < f.For/10*9: // the clock over there may be a little faster
		r.Cut = fmt.Errorf("the answer ended after %v of %v", r.Elapsed.Round(time.Millisecond), f.For)
	case err == nil:
	case parent.Err() != nil:
		r.Cut = ErrInterrupted
	case ctx.Err() != nil:
		r.Cut = context.Cause(ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.Cut = errors.New("the service went away, or may write for a limited time only: the connection was closed")
	default:
		r.Cut = fmt.Errorf("the connection broke: %w", err)
	}
	return r
}
