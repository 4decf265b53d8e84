package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/pprof/driver"
	"github.com/google/pprof/profile"
	"github.com/spf13/cobra"

	"tracekit/analyze/render/pprof"
)

// profile serves the waits of traces by the web pages of pprof.
func (v *view) profile(cmd *cobra.Command, paths []string) error {
	what := joinWords(paths)
	ln, err := v.listen(what)
	if err != nil {
		return err
	}
	defer ln.Close()
	var data bytes.Buffer
	if err := writeProfile(cmd, &data, "view", paths, pprof.By(v.by)); err != nil {
		return err
	}
	p, err := profile.ParseData(data.Bytes())
	if err != nil {
		return fmt.Errorf("view %s: %w", what, err)
	}
	return v.serveProfile(cmd, what, ln, p)
}

// serveProfile has pprof's driver serve a profile until the context ends. It is given
// all that it would otherwise look for itself: flags, a profile, symbols.
func (v *view) serveProfile(cmd *cobra.Command, what string, ln net.Listener, p *profile.Profile) error {
	s := &profilePages{ctx: cmd.Context(), ln: ln, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), by: pprof.By(v.by)}
	err := driver.PProf(&driver.Options{
		Flagset:    newPprofFlags("-http="+ln.Addr().String(), what),
		Fetch:      fetched{p},
		Sym:        noSymbols{},
		UI:         s,
		HTTPServer: s.serve,
	})
	if err != nil {
		return fmt.Errorf("view %s: pprof: %w", what, err)
	}
	return nil
}

// pprofFlags are the flags of pprof, set to what it is to do.
type pprofFlags struct {
	*flag.FlagSet
	args []string
}

func newPprofFlags(args ...string) *pprofFlags {
	return &pprofFlags{flag.NewFlagSet("pprof", flag.ContinueOnError), args}
}

// StringList implements driver.FlagSet.
func (f *pprofFlags) StringList(string, string, string) *[]*string { return new([]*string) }

// ExtraUsage implements driver.FlagSet.
func (f *pprofFlags) ExtraUsage() string { return "" }

// AddExtraUsage implements driver.FlagSet.
func (f *pprofFlags) AddExtraUsage(string) {}

// Parse implements driver.FlagSet.
func (f *pprofFlags) Parse(func()) []string {
	if f.FlagSet.Parse(f.args) != nil {
		return nil
	}
	return f.Args()
}

// fetched is the driver's Fetcher of a profile that is there already. It has no address
// from which it came, so that the driver keeps no copy of it.
type fetched struct{ p *profile.Profile }

// Fetch implements driver.Fetcher.
func (f fetched) Fetch(string, time.Duration, time.Duration) (*profile.Profile, string, error) {
	return f.p, "", nil
}

// noSymbols is the driver's Symbolizer of profiles that have their names.
type noSymbols struct{}

// Symbolize implements driver.Symbolizer.
func (noSymbols) Symbolize(string, driver.MappingSources, *profile.Profile) error { return nil }

// profilePages serves the pages, and is what the driver takes for the user.
type profilePages struct {
	ctx            context.Context
	ln             net.Listener
	stdout, stderr io.Writer
	by             pprof.By
}

// serve serves the pages until the context ends.
func (s *profilePages) serve(args *driver.HTTPServerArgs) error {
	delete(args.Handlers, "/saveconfig") // the settings are those of go tool pprof
	delete(args.Handlers, "/deleteconfig")
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := args.Handlers[r.URL.Path]
		if h == nil {
			h = http.NotFoundHandler()
		}
		h.ServeHTTP(w, r)
	})}
	defer context.AfterFunc(s.ctx, func() { server.Close() })()
	tellPages(s.stdout, s.stderr, "http://"+s.ln.Addr().String(), []page{
		{"/flamegraph", s.shows()},
		{"/top", "the same as a table"},
	})
	err := server.Serve(s.ln)
	if s.ctx.Err() != nil {
		return nil
	}
	return err
}

// shows says what the flame graph is of.
func (s *profilePages) shows() string {
	switch s.by {
	case pprof.Release:
		return "where others were made to wait, and for how long"
	case pprof.Chain:
		return "where goroutines wait, and on top of that who ended the wait, upside down"
	}
	return "where goroutines wait, and for how long"
}

// ReadLine implements driver.UI.
func (s *profilePages) ReadLine(string) (string, error) { return "", errors.New("there is no prompt") }

// Print implements driver.UI.
func (s *profilePages) Print(...any) {}

// PrintErr implements driver.UI.
func (s *profilePages) PrintErr(args ...any) {
	notice(s.stderr, strings.TrimSpace(fmt.Sprint(args...)))
}

// IsTerminal implements driver.UI.
func (s *profilePages) IsTerminal() bool { return false }

// WantBrowser implements driver.UI.
func (s *profilePages) WantBrowser() bool { return wantsBrowser(s.stdout) }

// SetAutoComplete implements driver.UI.
func (s *profilePages) SetAutoComplete(func(string) string) {}
