package decode_test

import (
	"bytes"
	"testing"
)

// FuzzRead reads whatever it is given to the end.
func FuzzRead(f *testing.F) {
	for _, data := range fixtures(f) {
		if len(data) < 60_000 {
			f.Add(data)
		}
		f.Add(data[:min(len(data), 5000)])
	}
	f.Add([]byte("go 1.26 trace\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzRead(t, data, "exp")
		fuzzRead(t, data, "wire")
	})
}

func fuzzRead(t *testing.T, data []byte, reader string) {
	got := readAll(bytes.NewReader(data), reader)
	last := got.start
	for i, e := range got.events {
		if e.Time < last {
			t.Fatalf("event %d at %d ns comes after %d ns", i, e.Time, last)
		}
		last = e.Time
	}
	checkLosses(t, "fuzz", got, int64(len(data)))
}
