package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportInterrupted has an export be interrupted: nothing is left of it.
func TestExportInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	code := execute(ctx, []string{"export", "perfetto", "../../testdata/traces/mixed-1.26.8.trace", "-o", filepath.Join(dir, "out")}, &stdout, &stderr)
	if code != exitFailed || !strings.Contains(stderr.String(), "mixed-1.26.8.trace: interrupted") || stdout.Len() > 0 {
		t.Errorf("code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

// TestInterruptible has a writer end with its context.
func TestInterruptible(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var b bytes.Buffer
	w := interruptible{ctx, &b}
	if _, err := w.Write([]byte("before")); err != nil {
		t.Error(err)
	}
	cancel()
	if _, err := w.Write([]byte("behind")); err != context.Canceled || b.String() != "before" {
		t.Errorf("%q was written, error %v", &b, err)
	}
}
