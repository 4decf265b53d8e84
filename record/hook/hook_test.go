package hook

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestOff has a program that nobody records: nothing happens.
func TestOff(t *testing.T) {
	t.Setenv(TraceEnv, "")
	t.Setenv(OutcomeEnv, "")
	stop, err := Start()
	if err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := SetOutcome(Outcome{Name: "n"}); err != nil {
		t.Error(err)
	}
}

func TestOutcome(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outcome")
	t.Setenv(OutcomeEnv, path)
	t.Setenv(TraceEnv, "")
	if _, err := Start(); err != nil {
		t.Fatal(err)
	}
	if os.Getenv(OutcomeEnv) != "" {
		t.Error("the variable is still in the environment")
	}
	want := Outcome{Name: "n", Got: -1, Want: 1 << 60}
	for _, o := range []Outcome{{Name: "first"}, want} {
		if err := SetOutcome(o); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got Outcome
	if err := json.Unmarshal(data, &got); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	outcomePath = filepath.Join(t.TempDir(), "no", "folder")
	if err := SetOutcome(want); err == nil {
		t.Error("an outcome that cannot be written is no error")
	}
	outcomePath = ""
}

// TestBadPath names a trace that cannot be written: an error, and a stop that
// can be called all the same.
func TestBadPath(t *testing.T) {
	t.Setenv(TraceEnv, filepath.Join(t.TempDir(), "no", "folder"))
	stop, err := Start()
	if err == nil {
		t.Error("no error")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
