package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/demos"
	"tracekit/demos/demo"
)

func newDemos() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "demos",
		Short: "list the demos that can be recorded",
		Long: `Demos lists the programs that tracekit record runs, a line each. They are those of
a tutorial on threads; what each does, and what its trace shows, is in the help of
its recording.`,
		Example: `  tracekit demos
  tracekit demos -f json                        with their parameters, for programs
  tracekit record barrier --help`,
		Args:              exactly(0, "no arguments"),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	formats := map[string]func(io.Writer) error{"text": listDemos, "json": encodeDemos}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "the `format`: text or json")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		list := formats[format]
		if list == nil {
			return usage(cmd, fmt.Errorf("there is no format %q; there is text and json", format))
		}
		return list(cmd.OutOrStdout())
	}
	return cmd
}

// listDemos writes a line for each demo.
func listDemos(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range demos.All() {
		fmt.Fprintf(tab, "%s\t%s\n", d.Name, d.Short)
	}
	return tab.Flush()
}

// listedDemo is a demo in JSON.
type listedDemo struct {
	Name       string            `json:"name"`
	Short      string            `json:"short"` // one line
	Long       string            `json:"long"`  // what it does, and what its trace shows
	Parameters []listedParameter `json:"parameters"`
}

// listedParameter is a flag of a demo in JSON.
type listedParameter struct {
	Name    string `json:"name"` // --name sets it
	Default string `json:"default"`
	Usage   string `json:"usage"`
}

// encodeDemos writes the demos as a list in JSON.
func encodeDemos(w io.Writer) error {
	var list []listedDemo
	for _, d := range demos.All() {
		listed := listedDemo{Name: d.Name, Short: d.Short, Long: d.Long, Parameters: []listedParameter{}}
		set := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
		d.Flags(demo.NewFlags(set))
		set.VisitAll(func(f *pflag.Flag) {
			_, usage := pflag.UnquoteUsage(f)
			listed.Parameters = append(listed.Parameters, listedParameter{f.Name, f.DefValue, usage})
		})
		list = append(list, listed)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
