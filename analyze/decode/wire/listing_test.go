package wire

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tracekit/analyze/decode"
)

// TestListing lists the events that a walk shows, in the order of their batch.
func TestListing(t *testing.T) {
	names, err := filepath.Glob("../../../testdata/traces/*.trace")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		version, err := decode.ReadHeader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if !Reads(version) {
			continue
		}
		r := NewReader(bytes.NewReader(data), version, Options{Workers: 1, InFlight: 2})
		for _, err := r.Next(); err != io.EOF; _, err = r.Next() {
			if err != nil {
				t.Fatal(err)
			}
			raw := r.Raw()
			n += checkListing(t, name, data[raw.Begin:raw.End], &raw)
		}
	}
	if n < 100_000 {
		t.Errorf("only %d events", n)
	}
}

// checkListing returns how many events a generation has.
func checkListing(t *testing.T, name string, data []byte, raw *Raw) (n int) {
	t.Helper()
	walked := make(map[int64][]string)
	err := raw.Walk(Walk{Visit: func(e *Event) error {
		walked[e.Batch] = append(walked[e.Batch], fmt.Sprint(e.Kind, e.Args))
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	batches, err := raw.Batches(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if b.Kind != EvBatch {
			continue
		}
		var listed []string
		for kind, args := range raw.Listing(data[b.Data:b.End]) {
			listed = append(listed, fmt.Sprint(kind, args))
		}
		if want := walked[raw.Begin+int64(b.Data)]; !slices.Equal(listed, want) {
			t.Errorf("%s, generation %d: %d events are listed of %d", name, raw.Number, len(listed), len(want))
		}
		n += len(listed)
	}
	return n
}
