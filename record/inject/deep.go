package inject

import (
	"context"
	"path/filepath"
	"slices"
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

// linksThem reports whether what go run or go tool runs links log or flag.
func (b *builder) linksThem(ctx context.Context) bool {
	c := b.command
	switch pkg := c.pkg(); {
	case c.verb == "tool" && len(c.args) > 0:
		return b.depends(ctx, "tool")
	case pkg != "" && !strings.Contains(pkg, "@"):
		return b.depends(ctx, append(c.listFlags(), pkg)...)
	case pkg != "":
		return b.buildsThem(ctx)
	}
	return true // whatever a script runs
}

// depends reports whether packages of this module's build depend on log or flag. Of
// several tools, all are to: which one is meant, only go knows.
func (b *builder) depends(ctx context.Context, args ...string) bool {
	list := append([]string{"list", "-f", `{{range .Deps}}{{.}} {{end}}`}, args...)
	out, err := b.command.run(ctx, list...)
	if err != nil {
		return true
	}
	for deps := range strings.Lines(string(out)) {
		words := strings.Fields(deps)
		if !slices.Contains(words, "log") && !slices.Contains(words, "flag") {
			return false
		}
	}
	return true
}

// buildsThem reports whether the build of a package with its version has log or
// flag among its steps, which the go command tells when it is asked. Of a program
// that it has built before, it tells nothing, and then it links them.
func (b *builder) buildsThem(ctx context.Context) bool {
	c := b.command
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
