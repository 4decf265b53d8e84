package analyze

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
	"tracekit/analyze/rewrite/perfetto/perfettotest"
	"tracekit/analyze/timeline"
)

// span is one of a goroutine, as the timeline or an export has it.
type span struct {
	G          timeline.GoID
	State      string
	Start, End int64
}

// wake is one by a goroutine.
type wake struct {
	By, G timeline.GoID
	At    int64
}

// spansAndWakes is an Observer that collects what an export must have.
type spansAndWakes struct {
	timeline.Ignore
	spans  []span
	wakes  []wake
	groups map[timeline.GoID]string // name, and class
	procs  [][2]int64               // since when, and how many
	gaps   int
}

func (c *spansAndWakes) Span(g *timeline.Goroutine, was timeline.State, since int64) {
	c.spans = append(c.spans, span{g.ID, was.String(), since, g.Since})
}

func (c *spansAndWakes) Woken(w *timeline.Wait) {
	if w.By != nil {
		c.wakes = append(c.wakes, wake{w.By.ID, w.G.ID, w.Woken})
	}
}

func (c *spansAndWakes) Born(g *timeline.Goroutine) {
	c.groups[g.ID] = fmt.Sprint(g.Class, " ", g.Name)
}
func (c *spansAndWakes) Procs(t, n int64) { c.procs = append(c.procs, [2]int64{t, n}) }
func (c *spansAndWakes) Gap(int64, int64) { c.gaps++ }

// exported exports a trace, and reads what comes out.
func exported(t *testing.T, data []byte, o Options) (*perfettotest.Trace, []report.Caveat) {
	t.Helper()
	var b bytes.Buffer
	list, err := Perfetto(bytes.NewReader(data), &b, o)
	if err != nil {
		t.Fatal(err)
	}
	trace, err := perfettotest.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return trace, list
}

// TestPerfetto exports the fixtures, and compares what is in the files with what
// golang.org/x/exp/trace reads, and with the report.
func TestPerfetto(t *testing.T) {
	for name, data := range traceFiles(t) {
		t.Run(name, func(t *testing.T) {
			trace, _ := exported(t, data, Options{})
			c := &spansAndWakes{groups: make(map[timeline.GoID]string)}
			r, err := run(bytes.NewReader(data), name, Options{Decoder: Exp}, nil, c)
			if err != nil {
				t.Fatal(err)
			}
			comparePerfetto(t, trace, c, r.report)
		})
	}
}

// traceFiles returns the fixtures; in a short test, those of the newest release and of
// the oldest.
func traceFiles(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d fixtures, error %v", len(names), err)
	}
	files := make(map[string][]byte)
	for _, name := range names {
		if testing.Short() && !strings.Contains(name, "1.26.8") && !strings.Contains(name, "1.21") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(name), ".trace")] = data
	}
	return files
}

func comparePerfetto(t *testing.T, trace *perfettotest.Trace, c *spansAndWakes, r *report.Report) {
	t.Helper()
	c.shift()
	if diff := gocmp.Diff(sortSpans(c.spans), sortSpans(spansOf(t, trace))); diff != "" {
		t.Errorf("spans, -want +got:\n%s", diff)
	}
	if diff := gocmp.Diff(sortWakes(c.wakes), sortWakes(wakesOf(t, trace))); diff != "" {
		t.Errorf("wakes, -want +got:\n%s", diff)
	}
	if got := integral(trace, "user goroutines running", math.MaxInt64); got != r.Parallel.WorkNS {
		t.Errorf("the integral of those running is %d ns, work %d ns", got, r.Parallel.WorkNS)
	}
	compareProcs(t, trace, c, r)
	compareGroups(t, trace, c)
}

// shift moves a trace that begins before 0 to begin there, as its export does.
func (c *spansAndWakes) shift() {
	by := int64(0)
	for _, s := range c.spans {
		by = max(by, -s.Start)
	}
	for i := range c.spans {
		c.spans[i].Start += by
		c.spans[i].End += by
	}
	for i := range c.wakes {
		c.wakes[i].At += by
	}
	for i := range c.procs {
		c.procs[i][0] += by
	}
}

// compareProcs compares GOMAXPROCS, of which the report has the average.
func compareProcs(t *testing.T, trace *perfettotest.Trace, c *spansAndWakes, r *report.Report) {
	t.Helper()
	if len(c.procs) == 0 || c.gaps > 0 {
		return
	}
	end := int64(0)
	for _, s := range c.spans {
		end = max(end, s.End)
	}
	want := r.Parallel.GOMAXPROCSAvg * float64(end-c.procs[0][0])
	if got := float64(integral(trace, "GOMAXPROCS", end)); math.Abs(got-want) > 1+1e-9*want {
		t.Errorf("the integral of GOMAXPROCS is %g ns, want %g ns", got, want)
	}
}

// compareGroups compares which group each goroutine is in. Names that come late are
// those of the timeline when the track was made.
func compareGroups(t *testing.T, trace *perfettotest.Trace, c *spansAndWakes) {
	t.Helper()
	for _, track := range trace.Tracks {
		id, ok := goroutineOf(track)
		if !ok {
			continue
		}
		class, name, _ := strings.Cut(c.groups[id], " ")
		want := map[string]string{"0": name, "1": "the runtime's goroutines", "2": "the tracer's goroutines"}[class]
		if want != "" && track.Parent.Name != want {
			t.Errorf("%q is in %q, want %q", track.Name, track.Parent.Name, want)
		}
	}
}

// goroutineOf returns whose track it is.
func goroutineOf(track *perfettotest.Track) (id timeline.GoID, ok bool) {
	if track.Parent == nil || strings.HasPrefix(track.Parent.Name, "locks") {
		return 0, false
	}
	_, err := fmt.Sscanf(track.Name, "G%d", &id)
	return id, err == nil
}

func spansOf(t *testing.T, trace *perfettotest.Trace) (list []span) {
	t.Helper()
	for _, s := range trace.Slices {
		if id, ok := goroutineOf(s.Track); ok {
			state := s.Name
			if strings.Contains(state, " wait") {
				state = timeline.Waiting.String()
			}
			list = append(list, span{id, state, s.Start, s.End})
		}
	}
	return list
}

// wakesOf returns what the flows connect.
func wakesOf(t *testing.T, trace *perfettotest.Trace) (list []wake) {
	t.Helper()
	from := make(map[uint64]perfettotest.Instant)
	for _, i := range trace.Instants {
		for _, flow := range i.Flows {
			if _, twice := from[flow]; twice {
				t.Errorf("flow %d begins twice", flow)
			}
			from[flow] = i
		}
	}
	for _, s := range trace.Slices {
		for _, flow := range s.Ends {
			i, ok := from[flow]
			if !ok || i.At != s.Start || !strings.HasPrefix(s.Track.Name+" ", i.Notes["woken"]+" ") {
				t.Errorf("flow %d from %q at %d ends in %q at %d", flow, i.Notes["woken"], i.At, s.Track.Name, s.Start)
			}
			delete(from, flow)
			by, _ := goroutineOf(i.Track)
			g, _ := goroutineOf(s.Track)
			list = append(list, wake{by, g, i.At})
		}
	}
	if len(from) > 0 {
		t.Errorf("%d flows do not end", len(from))
	}
	return list
}

// integral returns the sum of a counter over time, up to an end.
func integral(trace *perfettotest.Trace, name string, end int64) (sum int64) {
	value, since := int64(0), int64(0)
	for _, v := range trace.Values {
		if v.Track.Name == name {
			sum += value * (v.At - since)
			value, since = v.Value, v.At
		}
	}
	return sum + value*(end-since)
}

func sortSpans(list []span) []span {
	slices.SortFunc(list, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.G, b.G), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.State, b.State))
	})
	return list
}

func sortWakes(list []wake) []wake {
	slices.SortFunc(list, func(a, b wake) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.By, b.By), cmp.Compare(a.G, b.G))
	})
	return list
}

// TestPerfettoHolds has holds of the fixtures be within what their goroutines did.
func TestPerfettoHolds(t *testing.T) {
	shown := 0
	for name, data := range traceFiles(t) {
		trace, list := exported(t, data, Options{})
		n := 0
		for _, s := range trace.Slices {
			if s.Track.Parent != nil && strings.HasPrefix(s.Track.Parent.Name, "locks") {
				n++
				compareHold(t, trace, s)
			}
		}
		shown += n
		i := slices.IndexFunc(list, func(c report.Caveat) bool { return c.Code == "inferred-holds" })
		if n > 0 && (i < 0 || !strings.Contains(list[i].Text, plural(int64(n), "hold is", "holds are"))) {
			t.Errorf("%s: %d holds, caveats %+v", name, n, list)
		}
	}
	least := 30
	if testing.Short() {
		least = 10
	}
	if shown < least {
		t.Errorf("only %d holds", shown)
	}
}

// compareHold checks that a hold begins where its goroutine runs again and ends where
// it wakes, and that it does not wait for that lock in between.
func compareHold(t *testing.T, trace *perfettotest.Trace, hold perfettotest.Slice) {
	t.Helper()
	runs, wakes := false, false
	for _, s := range trace.Slices {
		if s.Track.Name != hold.Name {
			continue
		}
		runs = runs || s.Start == hold.Start && s.Name == "running"
		if s.Notes["lock"] == hold.Track.Name && s.Start >= hold.Start && s.End <= hold.End {
			t.Errorf("%s holds %s from %d to %d, and waits for it at %d", hold.Name, hold.Track.Name, hold.Start, hold.End, s.Start)
		}
	}
	for _, i := range trace.Instants {
		wakes = wakes || i.Track.Name == hold.Name && i.At == hold.End
	}
	if !runs || !wakes || hold.Notes["inferred"] != "true" {
		t.Errorf("hold %v from %d to %d: runs %v, wakes %v", hold.Event, hold.Start, hold.End, runs, wakes)
	}
}

// TestPerfettoDamaged exports what is whole of a damaged trace, and says what was lost.
func TestPerfettoDamaged(t *testing.T) {
	whole := traceFiles(t)["generations-1.26.8"]
	torn := whole[:len(whole)*2/3]
	trace, list := exported(t, torn, Options{})
	if len(list) == 0 || list[0].Code != "lost-bytes" || !strings.Contains(list[0].Text, "the export covers") {
		t.Errorf("caveats are %+v", list)
	}
	told := slices.ContainsFunc(trace.Instants, func(i perfettotest.Instant) bool {
		return i.Name == "lost-bytes" && i.Notes["text"] == list[0].Text
	})
	if !told {
		t.Error("the file does not tell of the loss")
	}
	c := &spansAndWakes{groups: make(map[timeline.GoID]string)}
	r, err := run(bytes.NewReader(torn), "torn", Options{}, nil, c)
	if err != nil {
		t.Fatal(err)
	}
	comparePerfetto(t, trace, c, r.report)
	if _, err := Perfetto(bytes.NewReader(torn), io.Discard, Options{Strict: true}); !errors.Is(err, ErrLoss) {
		t.Errorf("strict: %v", err)
	}
	for _, data := range [][]byte{nil, []byte("this is no trace, and longer than a header"), whole[:16]} {
		if list, err := Perfetto(bytes.NewReader(data), io.Discard, Options{}); err == nil || list != nil {
			t.Errorf("of %d bytes: %+v, error %v", len(data), list, err)
		}
	}
}

// TestPerfettoGap has a generation in the middle be damaged.
func TestPerfettoGap(t *testing.T) {
	data := bytes.Clone(traceFiles(t)["generations-1.26.8"])
	for i := range 64 {
		data[len(data)/2+i] ^= 0xff
	}
	trace, _ := exported(t, data, Options{})
	c := &spansAndWakes{groups: make(map[timeline.GoID]string)}
	r, err := run(bytes.NewReader(data), "gap", Options{}, nil, c)
	if err != nil {
		t.Fatal(err)
	}
	comparePerfetto(t, trace, c, r.report)
	gaps := 0
	for _, s := range trace.Slices {
		if strings.HasPrefix(s.Name, "lost") {
			gaps++
		}
	}
	if gaps != c.gaps || gaps == 0 {
		t.Errorf("%d gaps are shown, of %d", gaps, c.gaps)
	}
}

// TestPerfettoPacked has a compressed trace make the same file.
func TestPerfettoPacked(t *testing.T) {
	data := traceFiles(t)["mixed-1.26.8"]
	var packed, want, got bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(data)
	z.Close()
	if _, err := Perfetto(bytes.NewReader(data), &want, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Perfetto(io.MultiReader(&packed), &got, Options{Workers: 1, InFlight: 1}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Bytes(), got.Bytes()) {
		t.Error("the files differ")
	}
}

// narrow is a writer that has room for so many bytes.
type narrow struct{ room int }

var errNarrow = errors.New("there is no more room")

func (n *narrow) Write(p []byte) (int, error) {
	if n.room -= len(p); n.room < 0 {
		return 0, errNarrow
	}
	return len(p), nil
}

// TestPerfettoUnwritten has the output be full: the trace is not read to its end.
func TestPerfettoUnwritten(t *testing.T) {
	data := traceFiles(t)["generations-1.26.8"]
	for _, room := range []int{0, 100_000} {
		in := &counted{r: bytes.NewReader(data)}
		_, err := Perfetto(in, &narrow{room}, Options{Workers: 1, InFlight: 1})
		if !errors.Is(err, errNarrow) || in.n == int64(len(data)) {
			t.Errorf("room for %d: error %v, %d of %d bytes were read", room, err, in.n, len(data))
		}
	}
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
