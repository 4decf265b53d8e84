package hook

import (
	"context"
	"fmt"
	"runtime/metrics"
	"runtime/trace"
	"slices"
	"time"
)

// Watch begins a region of the trace, as trace.StartRegion does, and returns the
// function that ends it, to be called once and in the same goroutine. If more
// than limit has passed until then, it asks for a snapshot by that name:
//
//	defer flight.Watch(ctx, "checkout", 200*time.Millisecond)()
//
// The snapshot is written in the background, and held back like any trigger's
// by Every. A limit of 0 or less is off: the region alone. What never ends is
// not noticed, and of what takes longer than MinAge, the beginning is not in the
// snapshot.
func (f *Flight) Watch(ctx context.Context, name string, limit time.Duration) (end func()) {
	region := trace.StartRegion(ctx, name)
	if f == nil || limit <= 0 {
		return region.End
	}
	start := time.Now()
	return func() {
		took := time.Since(start)
		region.End()
		if took > limit {
			f.request(name, fmt.Sprintf("took %v, limit %v", took, limit))
		}
	}
}

// trigger watches one metric of the runtime.
type trigger struct {
	reason string
	metric string
	// over says what is over the limit, or nothing. It is first called when the
	// recorder starts, for what to compare with, and that answer does not count.
	over func(value metrics.Value, elapsed time.Duration) (detail string)
}

// triggers returns those of the configuration.
func (c FlightConfig) triggers() (on []trigger) {
	if c.MutexWait > 0 {
		on = append(on, trigger{"mutex-wait", "/sync/mutex/wait/total:seconds", overRate(c.MutexWait)})
	}
	if c.SchedLatency > 0 {
		on = append(on, trigger{"sched-latency", "/sched/latencies:seconds", overP99(c.SchedLatency)})
	}
	if c.Goroutines > 0 {
		on = append(on, trigger{"goroutines", "/sched/goroutines:goroutines", overCount(uint64(c.Goroutines))})
	}
	return on
}

func overRate(limit float64) func(metrics.Value, time.Duration) string {
	var before float64
	return func(value metrics.Value, elapsed time.Duration) string {
		rate := (value.Float64() - before) / elapsed.Seconds()
		before = value.Float64()
		if rate > limit {
			return fmt.Sprintf("waited %.3g s in a second, limit %g", rate, limit)
		}
		return ""
	}
}

func overP99(limit time.Duration) func(metrics.Value, time.Duration) string {
	var before []uint64
	return func(value metrics.Value, _ time.Duration) string {
		h := value.Float64Histogram()
		p99 := p99Since(before, h)
		before = append(before[:0], h.Counts...) // the next reading may write over them
		if p99 > limit.Seconds() {
			return fmt.Sprintf("p99 at least %.3g ms, limit %v", p99*1e3, limit)
		}
		return ""
	}
}

func overCount(limit uint64) func(metrics.Value, time.Duration) string {
	return func(value metrics.Value, _ time.Duration) string {
		if n := value.Uint64(); n > limit {
			return fmt.Sprintf("%d goroutines, limit %d", n, limit)
		}
		return ""
	}
}

// p99Since returns the p99 of what has been counted since before: the lower end
// of its bucket, so that it is not above the true one. Of nothing, it is 0.
func p99Since(before []uint64, h *metrics.Float64Histogram) float64 {
	since := slices.Clone(h.Counts)
	var total, seen uint64
	for i := range since {
		if i < len(before) {
			since[i] -= before[i]
		}
		total += since[i]
	}
	for i, n := range since {
		if seen += n; n > 0 && seen >= total-total/100 {
			return h.Buckets[i]
		}
	}
	return 0
}

// poller looks at the metrics of all triggers at once.
type poller struct {
	triggers []trigger
	samples  []metrics.Sample // of each trigger
	at       time.Time        // of the last look
}

// newPoller has the first look, for the next one to compare with. It is an error
// when the runtime does not have one of the metrics.
func newPoller(triggers []trigger) (*poller, error) {
	p := &poller{triggers: triggers, samples: make([]metrics.Sample, len(triggers)), at: time.Now()}
	if len(triggers) == 0 {
		return p, nil // Read panics on none
	}
	for i, t := range triggers {
		p.samples[i].Name = t.metric
	}
	metrics.Read(p.samples)
	for _, s := range p.samples {
		if s.Value.Kind() == metrics.KindBad {
			return nil, fmt.Errorf("this version of Go has no metric %s", s.Name)
		}
	}
	p.look()
	return p, nil
}

// look returns the reasons for a snapshot, and what was measured.
func (p *poller) look() (reason, detail string) {
	metrics.Read(p.samples)
	now := time.Now()
	for i, t := range p.triggers {
		d := t.over(p.samples[i].Value, now.Sub(p.at))
		switch {
		case d == "":
		case reason == "":
			reason, detail = t.reason, d
		default:
			reason, detail = reason+"+"+t.reason, detail+"; "+d
		}
	}
	p.at = now
	return reason, detail
}
