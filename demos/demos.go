// Package demos lists the programs of the threading tutorial that the project
// grew out of. Each is a package of its own, to be read as an example; this one
// gives them names, parameters and a statement of their outcome.
package demos

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"tracekit/demos/increment"
	"tracekit/demos/lock"
	"tracekit/demos/prodcons"
	"tracekit/demos/sleeper"
)

// Demo is a program that can be run.
type Demo struct {
	Name  string
	Short string // one line
	Long  string // what it does and what its trace shows
	// Flags enters the parameters in a flag set, with their defaults, and
	// returns a function that makes a run of what they say by then. Its error
	// is for parameters that make no sense.
	Flags func(*pflag.FlagSet) func() (Run, error)
}

// Run runs a demo once. What it prints goes to out.
type Run func(out io.Writer) Outcome

// Outcome is what a demo says of its result.
type Outcome struct {
	Name string // of the number
	Got  int    // what it became
	Want int    // what it should have become
}

// All returns the demos, by name.
func All() []Demo {
	return []Demo{
		{
			Name:  "increment",
			Short: "threads add one to a variable with no lock, and lose updates",
			Long: `Threads read a variable, add one and write it back, with no lock. Who reads
between another's read and write loses that one's update: some_var becomes less
than the number of threads. The trace shows no lock wait.`,
			Flags: incrementFlags,
		},
		{
			Name:  "lock",
			Short: "threads add one to a variable under a lock",
			Long: `Threads add one to a variable while they hold a lock, each for a fiftieth of a
unit. The first one keeps the lock until all others have asked for it. The trace
shows one lock with a wait and a hand-over for each thread but the first.`,
			Flags: lockFlags,
		},
		{
			Name:  "prodcons",
			Short: "a producer and a consumer on a condition",
			Long: `A producer puts items into a list and signals a condition; a consumer waits on
it while the list is empty. The trace shows the consumer's waits on the
condition, ended by the producer's signal.`,
			Flags: prodconsFlags,
		},
		{
			Name:  "sleeper",
			Short: "three threads sleep 4, 2 and 3 units at the same time",
			Long: `Three threads sleep 4, 2 and 3 units at the same time. The run takes 4 units, not
9, and the parallelism achieved is near 0: who sleeps does not run.`,
			Flags: sleeperFlags,
		},
	}
}

// The bounds of the parameters, far beyond what a demo is good for.
const (
	maxUnit  = time.Hour
	maxUnits = 1000.0
	maxCount = 10_000
)

// unitFlag adds --unit, by which all sleeps and holds of a demo scale.
func unitFlag(flags *pflag.FlagSet) *time.Duration {
	return flags.Duration("unit", 100*time.Millisecond, "the `time` by which all sleeps and holds scale")
}

func checkUnit(unit time.Duration) error {
	if unit <= 0 || unit > maxUnit {
		return fmt.Errorf("--unit is %v; it must be above 0 and at most %v", unit, maxUnit)
	}
	return nil
}

func checkCount(flag string, n int) error {
	if n < 1 || n > maxCount {
		return fmt.Errorf("--%s is %d; it must be from 1 to %d", flag, n, maxCount)
	}
	return nil
}

func checkUnits(flag string, n float64) error {
	if !(n >= 0 && n <= maxUnits) { // NaN is neither
		return fmt.Errorf("--%s is %v; it must be from 0 to %v units", flag, n, maxUnits)
	}
	return nil
}

// scale returns a number of units as a time.
func scale(n float64, unit time.Duration) time.Duration {
	return time.Duration(n * float64(unit))
}

func threadsFlag(flags *pflag.FlagSet) *int {
	return flags.Int("threads", 50, "how many `threads` add one")
}

func sleeperFlags(flags *pflag.FlagSet) func() (Run, error) {
	unit := unitFlag(flags)
	return func() (Run, error) {
		p := sleeper.Params{Unit: *unit}
		return func(out io.Writer) Outcome {
			return Outcome{Name: "threads woken", Got: sleeper.Run(out, p), Want: sleeper.Threads()}
		}, checkUnit(*unit)
	}
}

func incrementFlags(flags *pflag.FlagSet) func() (Run, error) {
	unit := unitFlag(flags)
	threads := threadsFlag(flags)
	window := flags.Float64("window", 0, "time between reading and writing, in `units`; 0 only lets others run")
	return func() (Run, error) {
		p := increment.Params{Threads: *threads, Window: scale(*window, *unit)}
		return func(out io.Writer) Outcome {
			return Outcome{Name: "some_var", Got: increment.Run(out, p), Want: p.Threads}
		}, errors.Join(checkUnit(*unit), checkCount("threads", *threads), checkUnits("window", *window))
	}
}

func lockFlags(flags *pflag.FlagSet) func() (Run, error) {
	unit := unitFlag(flags)
	threads := threadsFlag(flags)
	hold := flags.Float64("hold", 0.02, "how long each thread holds the lock, in `units`")
	return func() (Run, error) {
		p := lock.Params{Threads: *threads, Hold: scale(*hold, *unit)}
		return func(out io.Writer) Outcome {
			return Outcome{Name: "some_var", Got: lock.Run(out, p), Want: p.Threads}
		}, errors.Join(checkUnit(*unit), checkCount("threads", *threads), checkUnits("hold", *hold))
	}
}

func prodconsFlags(flags *pflag.FlagSet) func() (Run, error) {
	unit := unitFlag(flags)
	items := flags.Int("items", 10, "how many `items` are produced")
	pause := flags.Float64("pause", 0.1, "what the producer takes for each item, in `units`")
	return func() (Run, error) {
		p := prodcons.Params{Items: *items, Pause: scale(*pause, *unit)}
		return func(out io.Writer) Outcome {
			return Outcome{Name: "items consumed", Got: prodcons.Run(out, p), Want: p.Items}
		}, errors.Join(checkUnit(*unit), checkCount("items", *items), checkUnits("pause", *pause))
	}
}
