//go:build unix && go1.25

package main

import (
	"bytes"
	"fmt"
	"log"
	"runtime/trace"
)

// flight has a flight recorder of its own.
func flight() {
	r := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	if err := r.Start(); err != nil {
		log.Fatal(err)
	}
	tick(10)
	var b bytes.Buffer
	if _, err := r.WriteTo(&b); err != nil {
		log.Fatal(err)
	}
	r.Stop()
	fmt.Println("its own flight recorder:", bytes.HasPrefix(b.Bytes(), []byte("go 1.")) && bytes.Contains(b.Bytes(), []byte("tick")))
}
