package analyze_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/report"
)

var mutations = flag.Int("mutations", 150, "how many damaged traces TestMutations reads")

// TestMutations cuts and flips the fixtures at random. What comes out holds, the
// same from a file and from a pipe; and what is missing is told. 10,000 of them:
//
//	go test -run Mutations ./analyze -mutations 10000
func TestMutations(t *testing.T) {
	all := fixtures(t)
	names := slices.Sorted(maps.Keys(all))
	counts := make(map[string]int)
	for seed := range uint64(*mutations) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		name := names[rnd.IntN(len(names))]
		if strings.Contains(name, "1.21") {
			continue
		}
		counts[mutant(t, seed, name, all[name], mutate(rnd, all[name]))]++
	}
	t.Log(counts)
}

// mutate returns a trace that is cut, or has some bits flipped.
func mutate(rnd *rand.Rand, data []byte) []byte {
	bad := bytes.Clone(data)
	if rnd.IntN(3) == 0 {
		return bad[:rnd.IntN(len(bad))]
	}
	for range 1 + rnd.IntN(3) {
		bad[rnd.IntN(len(bad))] ^= 1 << rnd.IntN(8)
	}
	return bad
}

// mutant reads a damaged trace and returns what came of it.
func mutant(t *testing.T, seed uint64, name string, whole, bad []byte) string {
	t.Helper()
	r, _, err := analyze.Verify(struct{ io.Reader }{bytes.NewReader(bad)}, "x", analyze.Options{Workers: 1, InFlight: 1})
	other, err2 := analyze.Trace(bytes.NewReader(bad), "x", analyze.Options{Workers: 16})
	if (err == nil) != (err2 == nil) || err != nil && (errors.Is(err, analyze.ErrInconsistent) || strings.Contains(err.Error(), "bug")) {
		t.Errorf("seed %d, %s: errors %v, %v", seed, name, err, err2)
	}
	if err != nil {
		return "error"
	}
	if a, b := marshal(t, r), marshal(t, other); a != b {
		t.Errorf("seed %d, %s: the report of a file is not that of a pipe", seed, name)
	}
	if r.Trace.Bytes != int64(len(bad)) || r.Trace.LostBytes >= r.Trace.Bytes {
		t.Errorf("seed %d, %s: trace is %+v of %d bytes", seed, name, r.Trace, len(bad))
	}
	told := slices.ContainsFunc(r.Caveats, func(c report.Caveat) bool { return c.Code == "lost-bytes" })
	if told {
		return "loss"
	}
	if len(bad) < len(whole) && r.Trace.LostBytes == 0 && !endsWhole(whole, len(bad)) {
		t.Errorf("seed %d, %s: cut at %d of %d bytes, and nothing is lost", seed, name, len(bad), len(whole))
	}
	return unnoticed(t, seed, name, bad, r)
}

// unnoticed is called for a damaged trace in which no damage is seen. Then x/exp
// must see none, or the same be read by both: a flipped byte may leave a trace
// that is as good as another one.
func unnoticed(t *testing.T, seed uint64, name string, bad []byte, r *report.Report) string {
	t.Helper()
	theirs, err := analyze.Trace(bytes.NewReader(bad), "x", analyze.Options{Decoder: analyze.Exp})
	if err != nil || theirs.Trace.LostBytes > 0 {
		return "unnoticed by us alone"
	}
	if a, b := marshal(t, r), marshal(t, theirs); a != b {
		t.Errorf("seed %d, %s: nobody sees any damage, and the reports differ", seed, name)
	}
	return "unnoticed by both"
}

// endsWhole reports whether a trace that is cut at n ends where a generation does.
func endsWhole(whole []byte, n int) bool {
	r, err := analyze.Info(bytes.NewReader(whole), "x", analyze.Options{})
	return err == nil && slices.ContainsFunc(r.Generations, func(g report.InfoGeneration) bool { return g.Offset+g.Bytes == int64(n) })
}
