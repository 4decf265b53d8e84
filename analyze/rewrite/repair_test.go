package rewrite_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"tracekit/analyze/rewrite"
)

// TestRepairWhole repairs what is whole: that is a copy.
func TestRepairWhole(t *testing.T) {
	for _, f := range fixtures(t) {
		var out bytes.Buffer
		r, err := rewrite.Repair(memory(f.data), &out)
		if err != nil || r.Cause != nil || r.LostBytes != 0 || !bytes.Equal(out.Bytes(), f.data) {
			t.Errorf("%s: %+v, error %v, %d bytes of %d", f.name, r, err, out.Len(), len(f.data))
		}
	}
}

// TestRepairTorn tears each trace at random places: the result is read to its end, and
// has the first of its events.
func TestRepairTorn(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, f := range fixtures(t) {
		all, err := events(f.data)
		if err != nil {
			t.Fatal(err)
		}
		repaired := 0
		for range 20 {
			n := rng.IntN(len(f.data))
			var out bytes.Buffer
			r, err := rewrite.Repair(memory(f.data[:n]), &out)
			if err != nil {
				if out.Len() > 0 {
					t.Errorf("%s: torn at %d, %d bytes were written: %v", f.name, n, out.Len(), err)
				}
				continue
			}
			repaired++
			got, err := events(out.Bytes())
			if err != nil {
				t.Fatalf("%s: torn at %d: %v", f.name, n, err)
			}
			if len(got) > len(all) || !slices.Equal(got, all[:len(got)]) || r.Generations == 0 {
				t.Errorf("%s: torn at %d, %d events are not the first ones", f.name, n, len(got))
			}
			if int64(out.Len()) != int64(n)-r.LostBytes+int64(r.Marks) {
				t.Errorf("%s: torn at %d, %d bytes were written, %+v", f.name, n, out.Len(), r)
			}
		}
		if repaired == 0 && f.several() {
			t.Errorf("%s: nothing was repaired", f.name)
		}
	}
}

// TestRepairMark cuts the mark off that ends a trace from Go 1.26 on: nothing is lost.
func TestRepairMark(t *testing.T) {
	for _, f := range fixtures(t) {
		if f.data[len(f.data)-1] != 0x34 {
			continue
		}
		var out bytes.Buffer
		r, err := rewrite.Repair(memory(f.data[:len(f.data)-1]), &out)
		if err != nil || r.Marks != 1 || !bytes.Equal(out.Bytes(), f.data) {
			t.Errorf("%s: %+v, error %v", f.name, r, err)
		}
	}
}

// TestRepairMiddle damages bytes anywhere: the result is read to its end.
func TestRepairMiddle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, f := range fixtures(t) {
		rows := 0
		for range 30 {
			data := bytes.Clone(f.data)
			for range 1 + rng.IntN(3) {
				data[16+rng.IntN(len(data)-16)] ^= byte(1 + rng.IntN(255))
			}
			var out bytes.Buffer
			r, err := rewrite.Repair(memory(data), &out)
			if err != nil {
				continue
			}
			rows = max(rows, r.Rows)
			if _, err := events(out.Bytes()); err != nil {
				t.Errorf("%s: %v", f.name, err)
			}
		}
		if rows < 2 && f.several() {
			t.Errorf("%s: damage was never between two rows", f.name)
		}
	}
}
