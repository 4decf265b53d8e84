package demos

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"tracekit/demos/demo"
)

// parse enters the flags of a demo and parses arguments.
func parse(d demo.Demo, args ...string) (demo.Run, error) {
	flags := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
	run := d.Flags(demo.NewFlags(flags))
	return run, flags.Parse(args)
}

func run(t *testing.T, name string, args ...string) (demo.Outcome, string) {
	t.Helper()
	for _, d := range All() {
		if d.Name != name {
			continue
		}
		run, err := parse(d, args...)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		o, err := run(&out)
		if err != nil {
			t.Fatal(err)
		}
		return o, out.String()
	}
	t.Fatalf("no demo %q", name)
	return demo.Outcome{}, ""
}

// outcomes has at least one run of each demo.
var outcomes = []struct {
	name     string
	args     string
	min, max int // of what it gets
	want     int
	says     string
}{
	{"atomic", "--threads=3 --rounds=1000", 3000, 3000, 3000, "3000 of 3000 by add"},
	{"barrier", "--unit=5ms", 3, 3, 3, "was the last of round 3"},
	{"barrier", "--unit=1ms --parties=1 --rounds=2", 2, 2, 2, "party 1 was the last of round 2"},
	{"event", "--unit=1ms --threads=3", 3, 3, 3, "3 of 3 threads"},
	{"fetch", "--unit=20ms", 2, 12, 0, "of 12 blocks are torn"},
	{"fetch-lock", "--unit=1ms", 0, 0, 0, "0 of 12 blocks are torn"},
	{"gil-cpu", "--limit=1000 --threads=3", 504, 504, 504, "3 threads counted 504 primes"},
	{"gil-cpu", "--limit=1000 --ticks=1", 336, 336, 336, "2 threads"},
	{"gil-io", "--unit=1ms", 12, 12, 12, "12 answers to 4 threads"},
	{"increment", "", 1, 50, 50, "after 50 threads"},
	// A window of a few milliseconds makes it certain that somebody reads
	// before another has written.
	{"increment", "--window=1 --unit=20ms --threads=7", 1, 6, 7, "after 7 threads"},
	{"lock", "--unit=1ms", 50, 50, 50, "some_var is 50"},
	{"lock", "--unit=1ms --threads=1", 1, 1, 1, "some_var is 1"},
	{"lock", "--unit=1ms --hold=0", 50, 50, 50, "some_var is 50"},
	{"lock-defer", "--unit=1ms", 50, 50, 50, "of which 1 panicked"},
	{"lock-with", "--unit=1ms", 50, 50, 50, "some_var is 50"},
	{"multi", "--limit=1000", 168, 168, 168, "4 threads counted 168 primes"},
	{"no-gil", "--limit=1000", 336, 336, 336, "2 threads counted 336 primes"},
	{"prodcons", "--unit=1ms --items=3", 3, 3, 3, "3 consumed"},
	{"prodcons", "--unit=1ms --pause=0 --seed=7", 10, 10, 10, "10 consumed"},
	{"prodcons-spin", "--unit=1ms --items=3", 3, 3, 3, "3 consumed"},
	{"prodcons-with", "--unit=1ms --items=3", 3, 3, 3, "3 consumed"},
	{"rlock", "--unit=1ms", 3, 3, 3, "5 threads reached recursion level 3"},
	{"rlock-deadlock", "--unit=5ms", 1, 1, 3, "at recursion level 1, the thread waits for itself"},
	{"rlock-deadlock", "--deadline=0", 1, 1, 3, "at recursion level 1, the thread waits for itself"},
	{"rlock-deadlock", "--levels=1 --unit=20s --deadline=0.01", 1, 1, 1, "the thread acquired the lock at all levels"},
	{"semaphore", "--unit=2ms --maxconn=1", 5, 5, 5, "5 pages grabbed, 1 at the same time at most"},
	{"semaphore", "--maxconn=9 --grab=0", 5, 5, 5, "5 pages grabbed, "},
	{"semaphore-bounded", "--unit=1ms", 1, 1, 1, "one release too many"},
	{"single", "--limit=1000", 168, 168, 168, "1 thread counted 168 primes"},
	{"sleeper", "--unit=1ms", 3, 3, 3, "thread 2 slept 2 units"},
	{"sleeper-type", "--unit=1ms", 3, 3, 3, "sleeper 2 slept 2ms"},
	{"timer", "--unit=1ms", 1, 1, 1, "1 of 2 timers fired"},
	{"timer", "--interval=0", 1, 1, 1, "1 of 2 timers fired"},
}

func TestOutcomes(t *testing.T) {
	tested := make(map[string]bool)
	for _, tt := range outcomes {
		tested[tt.name] = true
		t.Run(tt.name+" "+tt.args, func(t *testing.T) {
			o, out := run(t, tt.name, strings.Fields(tt.args)...)
			if o.Name == "" || o.Got < tt.min || o.Got > tt.max || o.Want != tt.want {
				t.Errorf("outcome is %+v, want from %d to %d, which should be %d", o, tt.min, tt.max, tt.want)
			}
			if !strings.Contains(out, tt.says) {
				t.Errorf("printed %q, which lacks %q", out, tt.says)
			}
		})
	}
	for _, d := range All() {
		if !tested[d.Name] {
			t.Errorf("no case for %s", d.Name)
		}
	}
}

// TestParametersOutOfRange tries all flags of all demos.
func TestParametersOutOfRange(t *testing.T) {
	bad := map[string][]string{
		"int":      {"0", "-1", "many", "2000000000", ""},
		"units":    {"-1", "NaN", "1e9", "long", ""},
		"duration": {"0s", "-1s", "48h", "5", ""},
		"uint64":   {"-1", "x"},
	}
	for _, d := range All() {
		flags := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
		d.Flags(demo.NewFlags(flags))
		flags.VisitAll(func(f *pflag.Flag) {
			if len(bad[f.Value.Type()]) == 0 || f.Usage == "" {
				t.Errorf("%s --%s: type %q, usage %q", d.Name, f.Name, f.Value.Type(), f.Usage)
			}
			for _, value := range bad[f.Value.Type()] {
				if _, err := parse(d, "--"+f.Name+"="+value); err == nil || !strings.Contains(err.Error(), "--"+f.Name) {
					t.Errorf("%s --%s=%s: error is %v", d.Name, f.Name, value, err)
				}
			}
			// What the manifest says can be used to run it again.
			if _, err := parse(d, "--"+f.Name+"="+f.DefValue); err != nil {
				t.Errorf("%s: the default: %v", d.Name, err)
			}
		})
	}
}

func TestSorted(t *testing.T) {
	last := ""
	for _, d := range All() {
		if d.Name <= last || d.Short == "" || !strings.Contains(strings.Join(strings.Fields(d.Long), " "), "trace shows") || strings.Contains(d.Short, "\n") {
			t.Errorf("%q after %q, short %q, long %q", d.Name, last, d.Short, d.Long)
		}
		last = d.Name
	}
}
