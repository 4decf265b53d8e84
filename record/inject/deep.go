package inject

import (
	"context"
	"path/filepath"
	"strings"

	"tracekit/record/spool"
)

// deepen has packages of the standard library that nearly every command links
// import what records: log and flag. What links neither gets the trace from os,
// which everything links; then a signal costs it up to a generation, and it cannot
// trace itself.
func (b *builder) deepen(ctx context.Context, why string) error {
	b.deep = why
	for _, dir := range []string{"log", "flag"} {
		if err := b.add(dir, source("deep/deep.go")); err != nil {
			return err
		}
	}
	if b.linksThem(ctx) {
		return nil
	}
	for _, dir := range []string{"log", "flag", "runtime/trace", "os/signal"} {
		b.drop(dir)
	}
	return b.add("os", spool.Source, spool.UnixSource, source("exit/exit.go"), source("os/begin.go"))
}

// drop takes what is changed in a package of the standard library out again.
func (b *builder) drop(dir string) {
	for at := range b.overlay {
		if filepath.Dir(at) == b.in(dir) {
			delete(b.overlay, at)
		}
	}
}

// linksThem reports whether what go run runs links log or flag. The go command
// says so when it is asked for the steps of the build; of a program that it has
// built before, it says nothing, and then it linked them.
func (b *builder) linksThem(ctx context.Context) bool {
	c := b.command
	if c.verb != "run" {
		return true
	}
	overlay, err := b.write()
	if err != nil {
		return true
	}
	args := append([]string{}, c.target.Args[1:c.at]...)
	args = append(append(args, "run", "-n", "-overlay="+overlay), c.target.Args[c.at+1:]...)
	out, err := c.steps(ctx, args)
	if err != nil || !strings.Contains(out, "packagefile runtime=") {
		return true
	}
	return strings.Contains(out, "packagefile log=") || strings.Contains(out, "packagefile flag=")
}
