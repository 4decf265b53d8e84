package render

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"tracekit/analyze/report"
)

// duration writes ns with three digits and the unit that fits.
func duration(ns int64) string {
	v := float64(ns)
	switch {
	case ns < 0:
		return "-" + duration(-max(ns, -math.MaxInt64))
	case ns == 0:
		return "0s"
	case ns < 1_000:
		return fmt.Sprintf("%dns", ns)
	case v < 999.5e3:
		return digits(v/1e3) + "µs"
	case v < 999.5e6:
		return digits(v/1e6) + "ms"
	}
	if v >= 999.5e9 {
		return time.Duration(ns).Round(time.Second).String()
	}
	return digits(v/1e9) + "s"
}

// digits writes v with three significant digits, but never cuts off whole ones.
func digits(v float64) string {
	switch {
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// value writes a number of a unit: "ns", "ns/s" and the like, or none.
func value(unit string, v float64) string {
	const most = 1e18 // beyond, no integer holds it
	v = min(max(v, -most), most)
	size := math.Abs(v)
	switch {
	case unit == "ns" || strings.HasPrefix(unit, "ns/"):
		return duration(int64(math.Round(v)))
	case v == math.Trunc(v) || size >= 99.95:
		return number(int64(math.Round(v)))
	case size < 0.9995:
		return fmt.Sprintf("%.3f", v)
	case size >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// signed writes a difference.
func signed(unit string, v float64) string {
	if v > 0 {
		return "+" + value(unit, v)
	}
	return value(unit, v)
}

// between writes an interval, a dash where it is not known.
func between(low, high *float64, write func(float64) string) string {
	if low == nil || high == nil {
		return "-"
	}
	return write(*low) + ".." + write(*high)
}

// probability writes p as it stands in a sentence.
func probability(p *float64) string {
	switch {
	case p == nil:
		return "no p"
	case *p < 0.001:
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.3f", *p)
}

// share writes a share of 1.
func share(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

// number writes n with commas between thousands.
func number[T ~int | ~int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// percent writes a part of a whole.
func percent(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// plural writes a number with the word for one or more of it.
func plural[T ~int | ~int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// outcome compares what a program got with what it should have got.
func outcome(o report.Outcome) string {
	verdict := "as it should be"
	switch {
	case o.Got < o.Want:
		verdict = fmt.Sprintf("should be %d: %d too few", o.Want, o.Want-o.Got)
	case o.Got > o.Want:
		verdict = fmt.Sprintf("should be %d: %d too many", o.Want, o.Got-o.Want)
	}
	return fmt.Sprintf("%s = %d, %s", o.Name, o.Got, verdict)
}

// function cuts the path of the package off the name of a function, but for its
// last part.
func function(name string) string {
	// A path can stand in the brackets of type parameters too.
	head, params, generic := strings.Cut(name, "[")
	head = head[strings.LastIndexByte(head, '/')+1:]
	if generic {
		return head + "[" + params
	}
	return head
}

// packageOf returns the path of the package that a function belongs to.
func packageOf(name string) string {
	name, _, _ = strings.Cut(name, "[") // type parameters have paths too
	slash := strings.LastIndexByte(name, '/') + 1
	last, _, _ := strings.Cut(name[slash:], ".")
	return name[:slash] + last
}

// place writes a site in short: function, file and line. Frames of C have none.
func place(f report.Frame) string {
	if f.Func == "" {
		return "(no name)"
	}
	file := path.Base(strings.ReplaceAll(f.File, `\`, "/"))
	return fmt.Sprintf("%s %s:%d", function(f.Func), file, f.Line)
}
