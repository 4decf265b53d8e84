package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze/render/pprof"
)

// view is what the flags of view ask for.
type view struct {
	http   string // address to listen on
	window windowFlags
	pprof  bool
	by     string
}

func newView() *cobra.Command {
	var v view
	cmd := &cobra.Command{
		Use:   "view FILE",
		Short: "look at a trace in go tool trace, with the waits in it",
		Long: `View opens a trace in go tool trace, with the waits in it as export gotrace puts them
there, prints the URL, and serves it until Ctrl-C. /usertasks lists the locks: the page
of one lists who woke whom, and its "(goroutine view)" draws the waits. /userregions lists
the waits by what they were for and who ended them. Nothing is written but temporary
files, which are removed in the end. What go tool trace says goes to stderr.

--from and --to view a window. For each byte of trace, go tool trace takes about 200 of
memory. Of a trace of more than 10 MB, which the waits can make twice as large, view
shows about that much around the end of the longest wait for a lock, and says which
window that is. --from and --to show any other, however large: --to 1h is all of most.

With --pprof, view shows the waits of traces as a profile, as export pprof makes it: a
flame graph, and all else that the web pages of pprof have. It takes many runs, too,
and no go command. Its menus cannot save settings.

The browser opens where stdout is a terminal of this machine. Traces of Go 1.21 and
before are opened as they are. Where the trace is newer than the go command in the PATH,
GOTOOLCHAIN names another.`,
		Example: `  tracekit view lock.trace
  tracekit view --from 20ms --to 60ms lock.trace
  tracekit view --pprof --by chain lock.trace   who waited for whom, as a flame graph`,
		Args: some("a trace"),
	}
	flags := cmd.Flags()
	flags.StringVar(&v.http, "http", "localhost:0", "the `address` to serve it on; port 0 is a free one")
	v.window.add(flags, "view it")
	flags.BoolVar(&v.pprof, "pprof", false, "view the waits as a profile, in the pages of pprof")
	flags.StringVar(&v.by, "by", string(pprof.Waiter), "with --pprof, whose stacks to `charge`: "+strings.Join(pprof.Ways(), ", "))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(pprof.Ways(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := v.check(cmd, args); err != nil {
			return usage(cmd, err)
		}
		if v.pprof {
			return v.profile(cmd, args)
		}
		return v.trace(cmd, args[0])
	}
	return cmd
}

// check refuses flags that do not go together.
func (v *view) check(cmd *cobra.Command, args []string) error {
	_, _, err := net.SplitHostPort(v.http)
	switch {
	case err != nil:
		return fmt.Errorf("--http is %q; it takes HOST:PORT, as localhost:8080", v.http)
	case !slices.Contains(pprof.Ways(), v.by):
		return fmt.Errorf("--by is %q; it can be %s", v.by, strings.Join(pprof.Ways(), ", "))
	case v.pprof && v.window.asked():
		return errors.New("--pprof shows whole traces; tracekit cut makes one of a window")
	case !v.pprof && cmd.Flags().Changed("by"):
		return errors.New("--by is for --pprof")
	case !v.pprof && len(args) > 1:
		return fmt.Errorf("without --pprof, view takes one trace, and was given %q", args)
	}
	return v.window.check()
}

// listen takes the address that is to be served on.
func (v *view) listen(what string) (net.Listener, error) {
	ln, err := net.Listen("tcp", v.http)
	if err == nil {
		return ln, nil
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return nil, hint(fmt.Errorf("view %s: listen on %s: %w", what, v.http, err), "without --http, a free port of localhost is taken")
}

// page is a page that is worth to be named.
type page struct{ path, holds string }

// tellPages prints where pages are served.
func tellPages(stdout, stderr io.Writer, url string, pages []page) {
	fmt.Fprintln(stdout, url)
	for _, p := range pages {
		fmt.Fprintf(stdout, "%s%-12s  %s\n", url, p.path, p.holds)
	}
	notice(stderr, "Ctrl-C ends it")
}

// wantsBrowser reports whether somebody sits before this machine who would see a
// browser open.
func wantsBrowser(stdout io.Writer) bool {
	f, ok := stdout.(*os.File)
	return ok && isTerminal(f) && os.Getenv("SSH_CONNECTION") == ""
}
