package rewrite_test

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
)

// TestRepairWhole repairs what is whole: that is a copy.
func TestRepairWhole(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		var out bytes.Buffer
		r, err := rewrite.Repair(rewritetest.Memory(f.Data), &out)
		if err != nil || r.Cause != nil || r.LostBytes != 0 || !bytes.Equal(out.Bytes(), f.Data) {
			t.Errorf("%s: %+v, error %v, %d bytes of %d", f.Name, r, err, out.Len(), len(f.Data))
		}
	}
}

// TestRepairTorn tears each trace at random places: the result is read to its end, and
// has the first of its events.
func TestRepairTorn(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, f := range rewritetest.Fixtures(t) {
		all, err := rewritetest.Events(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		repaired := 0
		for range 20 {
			n := rng.IntN(len(f.Data))
			var out bytes.Buffer
			r, err := rewrite.Repair(rewritetest.Memory(f.Data[:n]), &out)
			if err != nil {
				if out.Len() > 0 {
					t.Errorf("%s: torn at %d, %d bytes were written: %v", f.Name, n, out.Len(), err)
				}
				continue
			}
			repaired++
			got, err := rewritetest.Events(out.Bytes())
			if err != nil {
				t.Fatalf("%s: torn at %d: %v", f.Name, n, err)
			}
			if len(got) > len(all) || !slices.Equal(got, all[:len(got)]) || r.Generations == 0 {
				t.Errorf("%s: torn at %d, %d events are not the first ones", f.Name, n, len(got))
			}
			if int64(out.Len()) != int64(n)-r.LostBytes+int64(r.Marks) {
				t.Errorf("%s: torn at %d, %d bytes were written, %+v", f.Name, n, out.Len(), r)
			}
		}
		if repaired == 0 && f.Several() {
			t.Errorf("%s: nothing was repaired", f.Name)
		}
	}
}

// TestRepairMark cuts the mark off that ends a trace from Go 1.26 on: nothing is lost.
func TestRepairMark(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		if f.Data[len(f.Data)-1] != 0x34 {
			continue
		}
		var out bytes.Buffer
		r, err := rewrite.Repair(rewritetest.Memory(f.Data[:len(f.Data)-1]), &out)
		if err != nil || r.Marks != 1 || !bytes.Equal(out.Bytes(), f.Data) {
			t.Errorf("%s: %+v, error %v", f.Name, r, err)
		}
	}
}

// TestRepairMiddle damages bytes anywhere: the result is read to its end.
func TestRepairMiddle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, f := range rewritetest.Fixtures(t) {
		rows := 0
		for range 30 {
			data := bytes.Clone(f.Data)
			for range 1 + rng.IntN(3) {
				data[16+rng.IntN(len(data)-16)] ^= byte(1 + rng.IntN(255))
			}
			var out bytes.Buffer
			r, err := rewrite.Repair(rewritetest.Memory(data), &out)
			if err != nil {
				continue
			}
			rows = max(rows, r.Rows)
			if _, err := rewritetest.Events(out.Bytes()); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if rows < 2 && f.Several() {
			t.Errorf("%s: damage was never between two rows", f.Name)
		}
	}
}

// TestCutTorn cuts a torn trace: what is lost is told where the window was to go on to the
// end, and there alone.
func TestCutTorn(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		if !f.Several() {
			continue
		}
		torn := rewritetest.Memory(f.Data[:len(f.Data)-100])
		for to, lost := range map[int64]bool{1e6: false, math.MaxInt64: true} {
			for name, cut := range map[string]func(rewrite.File, io.Writer, rewrite.Window) (*rewrite.Extent, error){"cut": rewrite.Cut, "generations": rewrite.CutGenerations} {
				x, err := cut(torn, io.Discard, rewrite.Window{To: to})
				if err != nil || x.Lost > 0 != lost {
					t.Errorf("%s, %s up to %d: %+v, error %v", f.Name, name, to, x, err)
				}
			}
		}
	}
}
