package compare

import (
	"math"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// tests are the comparisons of a Diff, which are corrected for how many they are.
type tests struct {
	holm    bool
	samples []sample
}

// sample is what was compared.
type sample struct {
	old, new []float64 // empty for what is tested in a way of its own
	change   *report.Change
	test     stats.Test
}

// compare fills in a change, but for what takes all tests to know.
func (t *tests) compare(c *report.Change, old, new []float64) {
	*c = report.Change{Old: seriesOf(old), New: seriesOf(new)}
	c.Shift = c.New.Median - c.Old.Median
	if len(old) > 0 && len(new) > 0 {
		s := stats.HodgesLehmann(old, new, confidence)
		c.Shift, c.Low, c.High = s.Estimate, known(s.Low), known(s.High)
	}
	if c.Old.Median != 0 {
		c.Ratio = known(c.Shift / c.Old.Median)
	}
	if len(old) > 1 && len(new) > 1 {
		test := stats.MannWhitney(old, new)
		c.P = &test.P
		t.samples = append(t.samples, sample{old, new, c, test})
	}
}

// correct fills in the rest, and returns how many tests could have shown anything, had
// all come out as clearly as they could.
func (t *tests) correct() (able int) {
	list := make([]stats.Test, len(t.samples))
	for i, s := range t.samples {
		list[i] = s.test
	}
	adjusted, best := t.adjust(list), t.adjust(stats.Best(list))
	for _, p := range best {
		if p <= level {
			able++
		}
	}
	for i, s := range t.samples {
		if best[i] <= level {
			s.change.Adjusted = &adjusted[i]
			s.change.Significant = adjusted[i] <= level
			if len(s.old) > 0 {
				s.change.Least = positive(stats.Least(s.old, s.new, level/float64(able)))
			}
		}
	}
	return able
}

// adjust corrects the P of tests for their number.
func (t *tests) adjust(list []stats.Test) []float64 {
	if t.holm {
		return stats.Holm(list, level)
	}
	return stats.BenjaminiHochberg(list, level)
}

// scaled divides the numbers of runs by what they are to be per.
func scaled(values, units []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v / units[i]
	}
	return out
}

// finite returns the values that are numbers.
func finite(values []float64) (list []float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			list = append(list, v)
		}
	}
	return list
}
