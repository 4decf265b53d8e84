package stats

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg adjusts the P of many tests so that, of those whose adjusted P is
// at most a level, no greater share than that level is expected to be false alarms
// (Benjamini and Hochberg 1995). Tests that could not have come to their share of the
// level, whatever the data, are no part of the family, as Gilbert (2005) has it: theirs
// becomes 1. Where none could, several together still can, and the family is that of
// those that could have come to the level alone.
func BenjaminiHochberg(tests []Test, level float64) []float64 {
	family := familyOf(tests, level/float64(familySize(tests, level)))
	if len(family) == 0 {
		family = familyOf(tests, level)
	}
	return adjust(tests, family, func(p float64, rank int) float64 { return p * float64(len(family)) / float64(rank) }, true)
}

// Holm adjusts the P of many tests so that the chance of even one false alarm among
// those whose adjusted P is at most a level is at most that level (Holm 1979). The
// family is that of Tarone (1990): without the tests that could not have come to their
// share of the level, which are only in the way of the others.
func Holm(tests []Test, level float64) []float64 {
	family := familyOf(tests, level/float64(familySize(tests, level)))
	return adjust(tests, family, func(p float64, rank int) float64 { return p * float64(len(family)-rank+1) }, false)
}

// familyOf returns the tests that could have come to a P of at most a limit.
func familyOf(tests []Test, limit float64) (family []int) {
	for i, t := range tests {
		if t.MinP <= limit {
			family = append(family, i)
		}
	}
	return family
}

// adjust applies a rule to the tests of a family in the order of their P, from 1 on,
// and makes the results as monotonous as the P are: from the largest one down, or from
// the smallest one up.
func adjust(tests []Test, family []int, rule func(p float64, rank int) float64, down bool) []float64 {
	adjusted := slices.Repeat([]float64{1}, len(tests))
	slices.SortStableFunc(family, func(a, b int) int { return cmp.Compare(tests[a].P, tests[b].P) })
	for k, i := range family {
		adjusted[i] = min(1, rule(tests[i].P, k+1))
	}
	if down {
		for k := len(family) - 2; k >= 0; k-- {
			adjusted[family[k]] = min(adjusted[family[k]], adjusted[family[k+1]])
		}
		return adjusted
	}
	for k := 1; k < len(family); k++ {
		adjusted[family[k]] = max(adjusted[family[k]], adjusted[family[k-1]])
	}
	return adjusted
}

// Best returns the tests with the smallest P that they could have had.
func Best(tests []Test) []Test {
	best := slices.Clone(tests)
	for i := range best {
		best[i].P = best[i].MinP
	}
	return best
}

// familySize returns for how many tests a level has to be shared: the smallest number
// K such that no more than K tests could come to a P of level/K. It is at least 1.
func familySize(tests []Test, level float64) int {
	for k := 1; ; k++ {
		n := 0
		for _, t := range tests {
			if t.MinP <= level/float64(k) {
				n++
			}
		}
		if n <= k {
			return k
		}
	}
}
