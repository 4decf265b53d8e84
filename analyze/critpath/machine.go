package critpath

import "tracekit/analyze/timeline"

// machine is what is known of the processors, with those goroutines of the runtime and
// the tracer included.
type machine struct {
	procs    int64 // GOMAXPROCS; 0: not stated yet
	running  int64 // goroutines
	runnable int64
	at       int64 // ns: up to where the times hold
	full     int64 // ns so far in which more wanted a processor than there are
	spent    int64 // ns of processors, within full, in which they ran nobody: from one goroutine to the next
	halts    int64 // the world is stopped, or to be, so many times over
	since    int64 // ns: when it was halted
	halted   int64 // ns so far, up to since
}

var (
	runs     = [timeline.States]int64{timeline.Running: 1}
	couldRun = [timeline.States]int64{timeline.Runnable: 1}
)

// change notes that a goroutine goes from one state to another one at t.
func (m *machine) change(t int64, was, is timeline.State) {
	m.advance(t)
	m.running += runs[is] - runs[was]
	m.runnable += couldRun[is] - couldRun[was]
}

func (m *machine) advance(t int64) {
	ns := t - m.at
	if ns <= 0 {
		return
	}
	if idle := m.procs - m.running; m.procs > 0 && m.runnable > idle {
		m.full += ns
		m.spent += max(idle, 0) * ns
	}
	m.at = t
}

// takeSpent returns what processors have spent since it was called last.
func (m *machine) takeSpent() int64 {
	ns := m.spent
	m.spent = 0
	return ns
}

// set notes the value of GOMAXPROCS from t on.
func (m *machine) set(t, procs int64) {
	m.advance(t)
	m.procs = procs
}

// halt notes that the world begins to be stopped at t.
func (m *machine) halt(t int64) {
	if m.halts == 0 {
		m.since = t
	}
	m.halts++
}

// goOn notes that the world runs again from t on.
func (m *machine) goOn(t int64) {
	if m.halts == 0 {
		return // it was stopped when the trace began
	}
	if m.halts--; m.halts == 0 {
		m.halted += t - m.since
	}
}

// haltTime returns for how many ns the world has been stopped up to t.
func (m *machine) haltTime(t int64) int64 {
	if m.halts > 0 {
		return m.halted + t - m.since
	}
	return m.halted
}

// restart forgets what goes on: nothing is known up to t.
func (m *machine) restart(t int64) {
	m.running, m.runnable, m.spent, m.halts, m.at = 0, 0, 0, 0, t
}
