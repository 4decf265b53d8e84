package demos

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func run(t *testing.T, name string, args ...string) (Outcome, string) {
	t.Helper()
	for _, d := range All() {
		if d.Name != name {
			continue
		}
		flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
		prepare := d.Flags(flags)
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}
		run, err := prepare()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		return run(&out), out.String()
	}
	t.Fatalf("no demo %q", name)
	return Outcome{}, ""
}

func TestOutcomes(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		want  int
		exact bool
		says  string
	}{
		{"sleeper", []string{"--unit=1ms"}, 3, true, "thread 2 slept 2 units"},
		{"increment", nil, 50, false, "after 50 threads"},
		{"increment", []string{"--window=0.5", "--unit=2ms", "--threads=7"}, 7, false, "after 7 threads"},
		{"lock", []string{"--unit=1ms"}, 50, true, "some_var is 50"},
		{"lock", []string{"--unit=1ms", "--threads=1"}, 1, true, "some_var is 1"},
		{"lock", []string{"--unit=1ms", "--hold=0"}, 50, true, "some_var is 50"},
		{"prodcons", []string{"--unit=1ms", "--items=3"}, 3, true, "3 consumed"},
	}
	for _, tt := range tests {
		t.Run(tt.name+strings.Join(tt.args, ""), func(t *testing.T) {
			o, out := run(t, tt.name, tt.args...)
			if o.Want != tt.want || o.Got < 1 || o.Got > o.Want || tt.exact && o.Got != o.Want {
				t.Errorf("outcome is %+v, want %d (exact: %v)", o, tt.want, tt.exact)
			}
			if !strings.Contains(out, tt.says) {
				t.Errorf("printed %q, which lacks %q", out, tt.says)
			}
		})
	}
}

// TestIncrementLoses holds the demo to its point. A window of a few
// milliseconds makes it certain that somebody reads before another has written.
func TestIncrementLoses(t *testing.T) {
	if o, _ := run(t, "increment", "--unit=20ms", "--window=1"); o.Got == o.Want {
		t.Errorf("no update was lost: %+v", o)
	}
}

func TestParametersOutOfRange(t *testing.T) {
	tests := map[string][]string{
		"sleeper":   {"--unit=0s", "--unit=-1s", "--unit=48h"},
		"increment": {"--threads=0", "--threads=100000", "--window=-1"},
		"lock":      {"--threads=-1", "--hold=NaN", "--hold=1e9", "--unit=0s"},
		"prodcons":  {"--items=0", "--pause=-0.1"},
	}
	for _, d := range All() {
		if len(tests[d.Name]) == 0 {
			t.Errorf("no case for %s", d.Name)
		}
		for _, arg := range tests[d.Name] {
			flags := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
			prepare := d.Flags(flags)
			if err := flags.Parse([]string{arg}); err != nil {
				t.Fatal(err)
			}
			flag, _, _ := strings.Cut(arg, "=")
			if _, err := prepare(); err == nil || !strings.Contains(err.Error(), flag) {
				t.Errorf("%s %s: error is %v, want one about %s", d.Name, arg, err, flag)
			}
		}
	}
}

func TestSorted(t *testing.T) {
	last := ""
	for _, d := range All() {
		if d.Name <= last || d.Short == "" || d.Long == "" {
			t.Errorf("%q after %q, short %q, long %q", d.Name, last, d.Short, d.Long)
		}
		last = d.Name
	}
}
