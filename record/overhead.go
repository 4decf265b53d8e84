package record

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
)

// RunPairs runs a command with the tracer and without, in turn, as often as pairs
// says, and returns the manifest of the last run with it, whose traces are in the
// folder, with what recording cost. The order within a pair changes from one to the
// next, so that what drifts touches both alike.
func RunPairs(ctx context.Context, c Command, dir string, pairs int) (*Manifest, error) {
	var last *Manifest
	ratios := make([]float64, 0, pairs)
	for i := range pairs {
		c.tell(fmt.Sprintf("pair %d of %d", i+1, pairs))
		var ns [2]int64 // without the tracer, and with it
		for _, traced := range []int{i % 2, 1 - i%2} {
			keep := traced == 1 && i == pairs-1
			m, err := c.once(ctx, dir, traced == 1, keep)
			if err != nil {
				return nil, err
			}
			ns[traced] = m.processTime()
			if keep {
				last = m
			}
		}
		if ns[0] == 0 || ns[1] == 0 {
			return nil, errors.New("no process was recorded, so that there is nothing to compare")
		}
		ratios = append(ratios, float64(ns[1])/float64(ns[0]))
	}
	last.Overhead = overhead(ratios)
	return last, nil
}

// once runs the command once, with or without the tracer. What is not to be kept
// goes into a folder of its own, for as long as it takes.
func (c Command) once(ctx context.Context, dir string, traced, keep bool) (*Manifest, error) {
	c.NoTrace = !traced
	if !keep {
		var err error
		if dir, err = os.MkdirTemp(dir, "pair-"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	m, err := Run(ctx, c, dir)
	if err == nil && m.Interrupted {
		err = ErrInterrupted
	}
	return m, err
}

// processTime returns for how long the processes ran, in nanoseconds: building
// them is left out.
func (m *Manifest) processTime() (ns int64) {
	for _, p := range m.Processes {
		if p.End != nil {
			ns += p.End.Sub(p.Start).Nanoseconds()
		}
	}
	return ns
}

// overhead says what is to be said of the ratios.
func overhead(ratios []float64) *Overhead {
	slices.Sort(ratios)
	n := len(ratios)
	return &Overhead{
		Pairs: n,
		Ratio: (ratios[(n-1)/2] + ratios[n/2]) / 2,
		Low:   ratios[0], High: ratios[n-1],
		// That all of them lie on one side of the median has the chance of as many
		// coins that fall alike.
		Confidence: 1 - 2*math.Pow(0.5, float64(n)),
	}
}
