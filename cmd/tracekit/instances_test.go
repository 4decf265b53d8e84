package main

import (
	"slices"
	"testing"
)

// TestInstanceFlags has the names of tasks and regions reach the options, as they are.
func TestInstanceFlags(t *testing.T) {
	var a analysis
	if err := a.command().ParseFlags([]string{"--task", "an order, paid", "--region", "a", "--region=b"}); err != nil {
		t.Fatal(err)
	}
	if o := a.options.Options; !slices.Equal(o.Tasks, []string{"an order, paid"}) || !slices.Equal(o.Regions, []string{"a", "b"}) {
		t.Errorf("options are %+v", o)
	}
}
