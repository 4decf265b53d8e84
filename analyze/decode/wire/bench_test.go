package wire_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

func BenchmarkDecode(b *testing.B) {
	data, err := os.ReadFile(*in)
	if err != nil {
		b.Skip("no trace")
	}
	version, err := decode.ReadHeader(bytes.NewReader(data))
	if err != nil {
		b.Fatal(err)
	}
	events := 0
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := wire.NewReader(bytes.NewReader(data), version, wire.Options{Workers: 1, InFlight: 2})
		for {
			gen, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			events += gen.Read
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}
