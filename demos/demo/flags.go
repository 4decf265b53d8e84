package demo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// The bounds of parameters, far beyond what a demo is good for.
const (
	maxUnit  = time.Hour
	maxUnits = 1000
)

// Flags enters the parameters of a demo in a flag set. A value that makes no
// sense is refused when the flags are parsed.
type Flags struct {
	set  *pflag.FlagSet
	unit *unit // nil: there is none
}

// NewFlags returns a Flags for a flag set.
func NewFlags(set *pflag.FlagSet) *Flags { return &Flags{set: set} }

// Count enters a number from 1 to most.
func (f *Flags) Count(name string, value, most int, usage string) *int {
	c := &count{value, most}
	f.set.Var(c, name, usage)
	return &c.n
}

// Units enters a time in units, from 0 to 1000 of them. The first one enters
// --unit, by which all of them scale.
func (f *Flags) Units(name string, value float64, usage string) *Units {
	u := &Units{value, f.Unit()}
	f.set.Var(u, name, usage)
	return u
}

// Unit enters --unit, by which all sleeps of a demo scale, and returns it.
func (f *Flags) Unit() *time.Duration {
	if f.unit == nil {
		f.unit = &unit{100 * time.Millisecond}
		f.set.Var(f.unit, "unit", "the `time` by which all sleeps scale")
	}
	return &f.unit.d
}

// Seed enters --seed, for all that a demo does at random: two runs with one seed
// differ in scheduling alone.
func (f *Flags) Seed() *uint64 {
	return f.set.Uint64("seed", 1, "the `number` that all randomness follows from")
}

// count is a flag's value.
type count struct{ n, most int }

func (c *count) String() string { return strconv.Itoa(c.n) }
func (c *count) Type() string   { return "int" }

func (c *count) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > c.most {
		return fmt.Errorf("it must be a number from 1 to %d", c.most)
	}
	c.n = n
	return nil
}

// Units is a time, as a number of units.
type Units struct {
	n    float64
	unit *time.Duration
}

// Duration returns the time.
func (u *Units) Duration() time.Duration { return time.Duration(u.n * float64(*u.unit)) }

// String returns the number of units.
func (u *Units) String() string { return strconv.FormatFloat(u.n, 'g', -1, 64) }

// Type implements pflag.Value.
func (u *Units) Type() string { return "units" }

// Set implements pflag.Value.
func (u *Units) Set(s string) error {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 0 && n <= maxUnits) { // NaN is neither
		return fmt.Errorf("it must be a number from 0 to %d, of units", maxUnits)
	}
	u.n = n
	return nil
}

// unit is a flag's value.
type unit struct{ d time.Duration }

func (u *unit) String() string { return u.d.String() }
func (u *unit) Type() string   { return "duration" }

func (u *unit) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > maxUnit {
		return fmt.Errorf("it must be a time as 20ms, above 0 and at most %v", maxUnit)
	}
	u.d = d
	return nil
}
