package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"tracekit/analyze"
)

// readOptions are the flags that say how a trace is read.
type readOptions struct {
	analyze.Options
	decoder string
}

func (o *readOptions) add(flags *pflag.FlagSet) {
	flags.StringVar(&o.decoder, "decoder", string(analyze.Auto), "the `reader` of the trace: "+strings.Join(analyze.Decoders(), ", "))
	flags.IntVar(&o.InFlight, "memory", 0, "hold at most `N` generations, each about a second of the trace, in memory at once; 0 is as many as make use of the processors")
}

func (o *readOptions) check() error {
	if !slices.Contains(analyze.Decoders(), o.decoder) {
		return fmt.Errorf("there is no decoder %q; there are %s", o.decoder, strings.Join(analyze.Decoders(), ", "))
	}
	if o.InFlight < 0 {
		return fmt.Errorf("--memory is %d; 1 is the least, and 0 stands for as many as make use of the processors", o.InFlight)
	}
	o.Decoder = analyze.Decoder(o.decoder)
	return nil
}
