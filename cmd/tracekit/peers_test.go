package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/exp/trace"
)

var in = flag.String("in", "", "the trace to benchmark on")

// BenchmarkPeers reads a trace of yours with tracekit, with the loop of
// golang.org/x/exp/trace that does nothing with what it reads, and with go tool
// trace, each as a program of its own:
//
//	go test -run - -bench Peers ./cmd/tracekit -in "$PWD/x.trace"
func BenchmarkPeers(b *testing.B) {
	if *in == "" {
		b.Skip("-in names no trace")
	}
	for _, peer := range []struct {
		name    string
		command []string
	}{
		{"tracekit", []string{"tracekit", "analyze", *in}},
		{"tracekit-one-generation", []string{"tracekit", "analyze", "--memory", "1", *in}},
		{"x-exp-ReadEvent", []string{"readevents", *in}},
		{"go-tool-trace-pprof-sync", []string{"go", "tool", "trace", "-pprof=sync", *in}},
	} {
		b.Run(peer.name, func(b *testing.B) { benchCommand(b, peer.command) })
	}
}

func benchCommand(b *testing.B, command []string) {
	var cpu time.Duration
	var peak int64
	for b.Loop() {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		peak = max(peak, peakMemory(cmd.ProcessState))
	}
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "wall-s/op")
	b.ReportMetric(0, "ns/op")
}

// readEvents is a program that reads a trace with golang.org/x/exp/trace.
func readEvents() {
	f, err := os.Open(os.Args[1])
	if err == nil {
		err = readAllEvents(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func readAllEvents(f *os.File) error {
	r, err := trace.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return err
	}
	for {
		if _, err := r.ReadEvent(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
