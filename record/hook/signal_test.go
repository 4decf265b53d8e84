package hook

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestSignal sends one to this process.
func TestSignal(t *testing.T) {
	f, told := fly(t, FlightConfig{Signal: syscall.SIGHUP, Every: 1}, time.Now)
	for range 2 {
		raise(t, syscall.SIGHUP)
		s := receive(t, told)
		if s.Reason != "signal" || s.Detail != syscall.SIGHUP.String() || s.Err != nil || s.HeldBack != 0 {
			t.Errorf("%+v", s)
		}
		regionsOf(t, s.Path)
		idle(t, f)
	}
}

func raise(t *testing.T, sig os.Signal) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(sig); err != nil {
		t.Skipf("no process can be sent a signal here: %v", err)
	}
}

// TestSignalAfterStop has a signal do what it did before, which takes a process
// of its own.
func TestSignalAfterStop(t *testing.T) {
	const role = "TRACEKIT_TEST_SIGNAL"
	if os.Getenv(role) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSignalAfterStop$", "-test.v")
		cmd.Env = append(os.Environ(), role+"=1")
		out, err := cmd.CombinedOutput()
		if bytes.Contains(out, []byte("--- SKIP")) {
			t.Skipf("%s", out)
		}
		if err == nil || !bytes.Contains(out, []byte("signals itself")) || bytes.Contains(out, []byte("FAIL")) {
			t.Errorf("the process did not end by the signal: %v\n%s", err, out)
		}
		return
	}
	f, err := StartFlight(FlightConfig{Dir: t.TempDir(), Signal: syscall.SIGTERM})
	if err != nil {
		t.Fatal(err)
	}
	f.Stop()
	t.Log("signals itself")
	raise(t, syscall.SIGTERM)
	time.Sleep(time.Minute)
}
