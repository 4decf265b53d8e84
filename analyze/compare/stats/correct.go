package stats

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg adjusts the P of many tests so that, of those whose adjusted P is
// at most a level, no greater share than that level is expected to be false alarms
// (Benjamini and Hochberg 1995). Tests that could not have come to a small P, whatever
// the data, are no part of the family, as Tarone (1990) and Gilbert (2005) have it:
// theirs becomes 1.
func BenjaminiHochberg(tests []Test, level float64) []float64 {
	return adjust(tests, level, func(p float64, rank, n int) float64 { return p * float64(n) / float64(rank) }, true)
}

// Holm adjusts the P of many tests so that the chance of even one false alarm among
// those whose adjusted P is at most a level is at most that level (Holm 1979), with
// the family of BenjaminiHochberg.
func Holm(tests []Test, level float64) []float64 {
	return adjust(tests, level, func(p float64, rank, n int) float64 { return p * float64(n-rank+1) }, false)
}

// adjust applies a rule to the tests of the family in the order of their P, from 1 on,
// and makes the results as monotonous as the P are: from the largest one down, or from
// the smallest one up.
func adjust(tests []Test, level float64, rule func(p float64, rank, n int) float64, down bool) []float64 {
	adjusted := make([]float64, len(tests))
	var family []int
	limit := level / float64(FamilySize(tests, level))
	for i, t := range tests {
		adjusted[i] = 1
		if t.MinP <= limit {
			family = append(family, i)
		}
	}
	slices.SortStableFunc(family, func(a, b int) int { return cmp.Compare(tests[a].P, tests[b].P) })
	for k, i := range family {
		adjusted[i] = min(1, rule(tests[i].P, k+1, len(family)))
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

// FamilySize returns for how many tests a level has to be shared: the smallest number
// K such that no more than K tests could come to a P of level/K. It is at least 1.
func FamilySize(tests []Test, level float64) int {
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
