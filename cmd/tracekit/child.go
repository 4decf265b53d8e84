package main

import (
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/demos"
	"tracekit/demos/demo"
	"tracekit/record/hook"
)

// childCommand is the hidden command under which tracekit starts itself again
// to run a demo under the tracer.
const childCommand = "run-recorded"

func newChild() *cobra.Command {
	cmd := &cobra.Command{Use: childCommand, Short: "run a demo for record", Hidden: true, Args: noSubcommand, RunE: needSubcommand}
	for _, d := range demos.All() {
		parameters := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
		run := d.Flags(demo.NewFlags(parameters))
		child := &cobra.Command{
			Use:  d.Name,
			Args: exactly(0, "no arguments"),
			RunE: func(cmd *cobra.Command, _ []string) error { return runRecorded(cmd, run) },
		}
		child.Flags().AddFlagSet(parameters)
		cmd.AddCommand(child)
	}
	return cmd
}

// runRecorded runs a demo between the start and the end of the trace.
func runRecorded(cmd *cobra.Command, run demo.Run) error {
	// A reader of our output that goes away must not end the recording.
	signal.Ignore(syscall.SIGPIPE)
	stop, err := hook.Start()
	if err != nil {
		return err
	}
	defer stop()
	o, err := run(cmd.OutOrStdout())
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	hook.SetOutcome(o.Name, int64(o.Got), int64(o.Want))
	return nil
}
