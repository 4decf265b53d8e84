package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"

	"tracekit/analyze/rewrite"
)

// TestInterruptedRewrite interrupts the rewriting of a trace that had to be unpacked:
// nothing of it is left behind.
func TestInterruptedRewrite(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	data, err := os.ReadFile("../../testdata/traces/mixed-1.26.8.trace")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(data)
	z.Close()
	path := filepath.Join(t.TempDir(), "x.trace.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := new(cobra.Command)
	cmd.SetContext(ctx)
	cmd.SetErr(io.Discard)
	resume := make(chan bool)
	defer close(resume)
	err = new(rewriting).rewrite(cmd, path, io.Discard, func(rewrite.File, io.Writer) error {
		cancel()
		<-resume
		return nil
	})
	if err == nil {
		t.Error("there is no error")
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("%v are left, error %v", left, err)
	}
}
