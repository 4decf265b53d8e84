package service

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// begin sends the beginning of a trace.
func begin(w http.ResponseWriter) {
	io.WriteString(w, fake)
	w.(http.Flusher).Flush()
}

// TestCut cuts traces that began.
func TestCut(t *testing.T) {
	trustsFile(t)
	quick := limits{connect: time.Minute, silence: 500 * time.Millisecond, whole: time.Hour, tick: time.Millisecond}
	strict := limits{connect: time.Minute, silence: 900 * time.Millisecond, whole: 1000 * time.Millisecond, tick: time.Millisecond}
	for _, tt := range []struct {
		name    string
		service http.HandlerFunc
		tls     bool // with HTTP/2
		span    time.Duration
		limits  limits
		want    string
	}{
		{"aborted", func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			panic(http.ErrAbortHandler)
		}, false, instant, patient, "the service went away"},
		{"aborted over HTTP/2", func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			panic(http.ErrAbortHandler)
		}, true, instant, patient, "the connection broke: stream error"},
		{"short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			begin(w)
		}, false, instant, patient, "the service went away"},
		{"early", func(w http.ResponseWriter, _ *http.Request) { begin(w) },
			false, time.Hour, patient, "the answer ended after "},
		{"silent", func(w http.ResponseWriter, r *http.Request) {
			begin(w)
			<-r.Context().Done()
		}, false, instant, quick, "stalled: nothing came for 500ms, and the 1ns of the trace are over"},
		{"without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				begin(w)
				time.Sleep(time.Millisecond)
			}
		}, false, instant, strict, "too slow: not at its end 1s after the 1ns of the trace"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(tt.service)
			if s.EnableHTTP2 = tt.tls; tt.tls {
				s.StartTLS()
			} else {
				s.Start()
			}
			defer s.Close()
			var got bytes.Buffer
			res, err := fetch(context.Background(), &got, Request{Target: target(t, s.URL), For: tt.span}, tt.limits)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(res.Cut)
			if res.Cut == nil || !strings.HasPrefix(res.Cut.Error(), tt.want) {
				t.Errorf("cut by %v, want %q", res.Cut, tt.want)
			}
			if !strings.HasPrefix(got.String(), fake) || res.Bytes != int64(got.Len()) {
				t.Errorf("got %d bytes, told of %d", got.Len(), res.Bytes)
			}
		})
	}
}

// ender is a buffer that calls end when something is in it.
type ender struct {
	bytes.Buffer
	end func()
}

func (e *ender) Write(p []byte) (int, error) {
	defer e.end()
	return e.Buffer.Write(p)
}

func TestInterrupted(t *testing.T) {
	to := serve(t, func(w http.ResponseWriter, r *http.Request) {
		begin(w)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(context.Background())
	got := &ender{end: cancel}
	res, err := Fetch(ctx, got, Request{Target: to, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(res.Cut, ErrInterrupted) || got.String() != fake || res.Bytes != int64(len(fake)) {
		t.Errorf("got %q, result %+v", got, res)
	}
}

func TestInterruptedBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	to := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	for range 2 { // while it waits, and at once
		res, err := Fetch(ctx, io.Discard, Request{Target: to, For: time.Hour})
		if wantError(t, "interrupted", err, "interrupted before the trace began", ""); res != nil || !errors.Is(err, ErrInterrupted) {
			t.Errorf("result %v, error %v", res, err)
		}
	}
}

// TestStalled has a service say nothing at all, and one say nothing behind its
// headers.
func TestStalled(t *testing.T) {
	for _, headers := range []bool{false, true} {
		to := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if headers {
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		})
		lim := limits{connect: time.Minute, silence: 10 * time.Millisecond, whole: time.Hour, tick: time.Millisecond}
		_, err := fetch(context.Background(), io.Discard, Request{Target: to, For: instant}, lim)
		wantError(t, "stalled", err, "stalled: nothing came for 10ms, and the 1ns of the trace are over", "debugger")
	}
}

// TestOverdue looks at the limits with a clock of its own.
func TestOverdue(t *testing.T) {
	start := time.Now()
	f := &fetching{Request: Request{For: 10 * time.Second}, limits: patient, start: start}
	for _, tt := range []struct {
		now, last time.Duration
		want      string
	}{
		{0, 0, ""},
		{40 * time.Second, 0, ""}, // all may come at the end
		{40*time.Second + 1, 0, "stalled"},
		{60 * time.Second, 30 * time.Second, ""},
		{60*time.Second + 1, 30 * time.Second, "stalled"},
		{5*time.Minute + 10*time.Second, 5 * time.Minute, ""},
		{5*time.Minute + 10*time.Second + 1, 5 * time.Minute, "too slow"},
	} {
		err := f.overdue(start.Add(tt.now), start.Add(tt.last))
		if (err != nil) != (tt.want != "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("at %v, with the last byte at %v: %v, want %q", tt.now, tt.last, err, tt.want)
		}
	}
}
