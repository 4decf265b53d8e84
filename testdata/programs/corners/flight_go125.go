//go:build go1.25

package main

import (
	"os"
	"runtime/trace"
	"time"
)

// fly starts the flight recorder. The function that it returns writes what the
// recorder holds to the file that is named, if any.
func fly(names []string) (stop func()) {
	if len(names) == 0 {
		return func() {}
	}
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 50 * time.Millisecond})
	check(r.Start())
	return func() {
		f, err := os.Create(names[0])
		check(err)
		_, err = r.WriteTo(f)
		check(err)
		check(f.Close())
		r.Stop()
	}
}
