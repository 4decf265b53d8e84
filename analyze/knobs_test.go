package analyze_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"tracekit/analyze"
	"tracekit/analyze/report"
)

// knob is a program of testdata/programs/knobs, one of its edits, and the scenario that
// supposes what the edit does.
type knob struct {
	program, edit string
	scenario      analyze.Scenario
	computes      bool // on both of two processors
	gainless      bool // the edit, too
}

func drop(sites ...string) analyze.Scenario { return analyze.Scenario{Drop: sites} }

func speed(function string, factor float64) analyze.Scenario {
	return analyze.Scenario{Speed: map[string]float64{function: factor}}
}

var knobs = []knob{
	{program: "sleeping", edit: "edited", scenario: drop("main.sleepLocked")},
	{program: "spinning", edit: "edited", scenario: drop("main.spinLocked"), computes: true},
	{program: "nested", edit: "edited", scenario: drop("main.holdInner")},
	{program: "rwmutex", edit: "edited", scenario: drop("main.read", "main.write")},
	{program: "gil", edit: "edited", scenario: drop("main.takeGIL"), computes: true},
	{program: "decoy", edit: "edited-a", scenario: drop("main.holdA"), gainless: true},
	{program: "decoy", edit: "edited-b", scenario: drop("main.holdB")},
	{program: "pipeline", edit: "edited", scenario: speed("main.slowStage", 0.5)},
	{program: "pipelinewide", edit: "edited", scenario: speed("main.slowSpin", 0.25), computes: true},
	{program: "fanin", edit: "edited", scenario: speed("main.slowConsumer", 0.5), computes: true},
	{program: "semaphore", edit: "edited", scenario: drop("main.acquire")},
	{program: "weighted", edit: "edited", scenario: drop("main.acquireWeighted")},
	{program: "recv", edit: "edited", scenario: drop("main.takeToken")},
	{program: "pool", edit: "edited", scenario: drop("main.finish")},
	{program: "barrier", edit: "edited", scenario: speed("main.slowWorker", 0.5)},
	{program: "procs", edit: "edited", scenario: analyze.Scenario{Procs: 2}, computes: true},
	{program: "forkjoin", edit: "edited", scenario: drop("main.short")},
}

// workshop runs the programs.
type workshop struct {
	binary     string
	iterations string // what is a microsecond of computing in all of them
}

// newWorkshop builds the programs.
func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command here to build the programs with")
	}
	w := &workshop{binary: filepath.Join(t.TempDir(), "knobs.exe")}
	build := exec.Command(goTool, "build", "-o", w.binary, ".")
	build.Dir = "../testdata/programs/knobs"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.Command(w.binary, "calibrate").Output()
	if err != nil {
		t.Fatalf("knobs calibrate: %v", err)
	}
	w.iterations = strings.TrimSpace(string(out))
	return w
}

// run runs a program, and returns what it writes and the wall time of its work.
func (w *workshop) run(t *testing.T, args ...string) ([]byte, time.Duration) {
	t.Helper()
	c := exec.Command(w.binary, append([]string{"-iterations", w.iterations}, args...)...)
	c.Env = append(os.Environ(), "GOMAXPROCS=2")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("knobs %q: %v\n%s", args, err, stderr.Bytes())
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(stderr.String()), 10, 64)
	if err != nil {
		t.Fatalf("knobs %q: %v", args, err)
	}
	return out, time.Duration(ns)
}

// rounds is how often a program is run for a median.
const rounds = 3

// medians runs a program with each of its edits, in turn, so that whatever else the
// machine does slows all of them. "" is the program as it is.
func (w *workshop) medians(t *testing.T, program string, edits ...string) []time.Duration {
	t.Helper()
	walls := make([][]time.Duration, len(edits))
	for range rounds {
		for i, edit := range edits {
			_, wall := w.run(t, program, edit)
			walls[i] = append(walls[i], wall)
		}
	}
	list := make([]time.Duration, len(edits))
	for i := range walls {
		list[i] = median(walls[i])
	}
	return list
}

func median[T cmp.Ordered](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// spare reports whether the machine has two processors for the programs now.
func (w *workshop) spare(t *testing.T) bool {
	walls := w.medians(t, "procs", "", "edited")
	return walls[0].Seconds()/walls[1].Seconds() > 1.6
}

// proof is a prediction beside what came true.
type proof struct {
	knob
	tries            int
	recorded         time.Duration // the wall time of the work in the traced run
	said             *report.WhatIf
	unedited, edited time.Duration // medians of runs without a trace
}

// prove has a prediction made from one traced run, and the edit made.
func (w *workshop) prove(t *testing.T, k knob) (proof, error) {
	t.Helper()
	p := proof{knob: k}
	data, recorded := w.run(t, "-trace", k.program)
	p.recorded = recorded
	said, err := analyze.WhatIf(bytes.NewReader(data), k.program, analyze.Options{}, k.scenario)
	switch {
	case err != nil:
		return p, err
	case len(said.Scenarios) != 1 || said.ReplayNS <= 0:
		return p, fmt.Errorf("%d scenarios, replayed in %d ns", len(said.Scenarios), said.ReplayNS)
	}
	p.said = said
	walls := w.medians(t, k.program, "", k.edit)
	p.unedited, p.edited = walls[0], walls[1]
	return p, nil
}

// off returns by what share the prediction is longer than what came true. The program
// that is predicted from and the one that is edited ran at different times, the one under
// the tracer: it is ratios that are compared, the predicted length to that of the run
// in the trace, and the measured length of the edited program to that of the
// program as it is, which ran in turn with it.
func (p proof) off() float64 {
	predicted := float64(p.said.Scenarios[0].PredictedNS) / float64(p.said.WallNS)
	return predicted/p.gain() - 1
}

// gain returns how long the edited program takes as a share of the other.
func (p proof) gain() float64 { return p.edited.Seconds() / p.unedited.Seconds() }

// holds returns nil where a prediction is right, for an edit that does something.
func (p proof) holds() error {
	const tolerance, least = 0.25, 0.8
	off := p.off()
	switch {
	case p.gainless == (p.gain() < least):
		return fmt.Errorf("%s takes %v, %s %v: the edit is not what it is said to be", p.program, p.unedited, p.edit, p.edited)
	case !(math.Abs(off) <= tolerance):
		return fmt.Errorf("%s: predicted %v of replayed %v, measured %v of %v: %+.0f %%", p.program,
			time.Duration(p.said.Scenarios[0].PredictedNS), time.Duration(p.said.ReplayNS), p.edited, p.unedited, 100*off)
	}
	return nil
}

// settle proves up to three times, for a machine that is busy with something else. That
// is less often than attempt does: it takes seconds.
func (w *workshop) settle(t *testing.T, k knob) (p proof, err error) {
	t.Helper()
	for tries := range 3 {
		if p, err = w.prove(t, k); err != nil {
			break
		}
		p.tries = tries + 1
		if err = p.holds(); err == nil {
			break
		}
		t.Logf("missed: %v", err)
		if k.computes && !w.spare(t) {
			t.Skip("other work has the second processor")
		}
	}
	return p, err
}

// TestKnobs has the length of a run predicted, and makes the edit that the prediction
// supposes.
func TestKnobs(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute, in processes of their own")
	}
	w := newWorkshop(t)
	var proofs []proof
	for _, k := range knobs {
		t.Run(k.program+"/"+k.edit, func(t *testing.T) {
			if k.computes && runtime.NumCPU() < 2 {
				t.Skip("it takes two processors, and the machine has one")
			}
			p, err := w.settle(t, k)
			if err != nil {
				t.Error(err)
			}
			if p.said != nil {
				proofs = append(proofs, p)
			}
		})
	}
	if len(proofs) > 0 {
		t.Log("\n" + tabulate(proofs))
	}
}

// tabulate returns a table of proofs, and how far off their predictions are.
func tabulate(proofs []proof) string {
	var b strings.Builder
	var offs []float64
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "ms:\tprogram\trecorded\treplayed\tpredicted\tlow..high\tunedited\tedited\terror\ttries\t")
	for _, p := range proofs {
		s := p.said.Scenarios[0]
		fmt.Fprintf(tw, "\t%s %s\t%.0f\t%.0f\t%.0f\t%.0f..%.0f\t%.0f\t%.0f\t%+.1f %%\t%d\t\n", p.program, p.edit,
			inMS(p.recorded), inMS(p.said.ReplayNS), inMS(s.PredictedNS), inMS(s.LowNS), inMS(s.HighNS),
			inMS(p.unedited), inMS(p.edited), 100*p.off(), p.tries)
		offs = append(offs, math.Abs(p.off()))
	}
	tw.Flush()
	fmt.Fprintf(&b, "error: median %.1f %%, worst %.1f %%\n", 100*median(offs), 100*slices.Max(offs))
	return b.String()
}

func inMS[T ~int64](ns T) float64 { return float64(ns) / 1e6 }

// TestDecoy has a lock that most is waited for and that does not matter: the report ranks
// it first by time, and last by what the run takes without it, and the edits agree.
func TestDecoy(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds, in processes of their own")
	}
	w := newWorkshop(t)
	attempt(t, func() error {
		data, _ := w.run(t, "-trace", "decoy")
		if err := decoyed(verified(t, data, "decoy")); err != nil {
			return err
		}
		walls := w.medians(t, "decoy", "", "edited-a", "edited-b")
		a, b := walls[1].Seconds()/walls[0].Seconds(), walls[2].Seconds()/walls[0].Seconds()
		if math.Abs(a-1) > 0.1 || b > 0.8 {
			return fmt.Errorf("without lock A it takes %.2f times as long, without lock B %.2f times", a, b)
		}
		return nil
	})
}

func decoyed(r *report.Report) error {
	a, b := rankOf(r, "main.holdA"), rankOf(r, "main.holdB")
	switch {
	case a != 0 || b < 0:
		return fmt.Errorf("lock A is %d and B %d by time waited", a, b)
	case r.Critpath == nil || len(r.Critpath.Locks) == 0:
		return fmt.Errorf("no lock is on the critical path: %+v", r.Critpath)
	}
	first := r.Critpath.Locks[0]
	if first.Lock != b || first.Dropped == nil {
		return fmt.Errorf("first by what the run takes without it is lock %d, not %d: %+v", first.Lock, b, first.Dropped)
	}
	for _, l := range r.Critpath.Locks {
		if l.Lock == a && l.Dropped != nil && l.Dropped.WallNS <= first.Dropped.WallNS {
			return fmt.Errorf("without lock A it is to take %d ns, without B %d", l.Dropped.WallNS, first.Dropped.WallNS)
		}
	}
	return nil
}

// rankOf returns the first of the locks that are acquired in a function by its index, -1
// for none.
func rankOf(r *report.Report, function string) int {
	return slices.IndexFunc(r.Waits.Locks, func(l report.Lock) bool {
		return slices.ContainsFunc(l.Acquires, func(a report.Acquire) bool { return has(r, a.Stack, function) })
	})
}
