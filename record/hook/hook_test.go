package hook

import (
	"os"
	"path/filepath"
	"testing"

	"tracekit/record/spool"
)

// again forgets that Start was called, for the time of a test.
func again(t *testing.T) {
	s, c := started, current
	started, current = nil, nil
	t.Cleanup(func() { started, current = s, c })
}

// TestOff has a program that nobody records: nothing happens.
func TestOff(t *testing.T) {
	again(t)
	t.Setenv(spool.SpoolDirEnv, "")
	stop, err := Start()
	if err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	SetOutcome("n", 1, 1)
}

// TestOn has a program that is recorded: its trace and its note are there.
func TestOn(t *testing.T) {
	again(t)
	dir := t.TempDir()
	t.Setenv(spool.SpoolDirEnv, dir)
	stop, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := Start(); err != nil || twice == nil {
		t.Errorf("a second Start: %v", err)
	}
	SetOutcome("n", -1, 1<<60)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	traces, _ := filepath.Glob(filepath.Join(dir, "tracekit_record_hook.test-*.trace"))
	notes, _ := filepath.Glob(filepath.Join(dir, "*.note"))
	if len(traces) != 1 || len(notes) != 1 {
		t.Fatalf("left %v and %v", traces, notes)
	}
	data, err := os.ReadFile(notes[0])
	if err != nil {
		t.Fatal(err)
	}
	note, err := spool.ParseNote(data)
	if err != nil || len(note.Records) != 3 {
		t.Fatalf("note is %+v, %v", note, err)
	}
	if o := note.Records[1]; o.What != "outcome" || o.Fields[1] != "-1" || o.Fields[2] != "1152921504606846976" {
		t.Errorf("outcome is noted as %+v", o)
	}
	if info, err := os.Stat(traces[0]); err != nil || info.Size() < 100 {
		t.Errorf("trace is %v, %v", info, err)
	}
}

// TestBadFolder names a folder that is not there: an error, and a stop that can be
// called all the same.
func TestBadFolder(t *testing.T) {
	again(t)
	t.Setenv(spool.SpoolDirEnv, filepath.Join(t.TempDir(), "no", "folder"))
	stop, err := Start()
	if err == nil {
		t.Error("no error")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
