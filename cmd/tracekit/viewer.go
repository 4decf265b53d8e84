package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// findViewer returns the program that go tool trace runs, built if need be. To run it
// itself leaves no process between that could end without it.
func findViewer(ctx context.Context, trace string) (string, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return "", hint(fmt.Errorf("view %s: there is no go command in the PATH, of which go tool trace is a part", trace),
			"go.dev/dl has it; tracekit view --pprof %s does without", quote(trace))
	}
	cmd := exec.CommandContext(ctx, command, "tool", "-n", "trace")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("view %s: interrupted", trace)
	case err != nil:
		return "", fmt.Errorf("view %s: go tool trace: %w: %s", trace, err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// viewer is the program behind go tool trace.
type viewer struct {
	path           string
	address        string // that it is to listen on
	trace          string // what the user calls the trace
	browser        bool   // it is to open one
	stdout, stderr io.Writer
}

// tracePages are those of go tool trace for what a trace was annotated with.
var tracePages = []page{
	{"/usertasks", "the locks: the page of one lists who woke whom, its (goroutine view) draws the waits"},
	{"/userregions", "the waits, by what they were for and who ended them"},
}

// noBrowser has go tool trace take a program for the browser that does nothing.
const noBrowser = "BROWSER=true"

// serve has a file served until the context ends.
func (v *viewer) serve(ctx context.Context, file string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	log := &viewerLog{to: v.stderr, url: make(chan string, 1)}
	cmd := exec.CommandContext(ctx, v.path, "-http="+v.address, file)
	cmd.Stderr = log
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = apart()
	if !v.browser {
		cmd.Env = append(os.Environ(), noBrowser)
	}
	ended := make(chan error, 1)
	go func() { ended <- runLocked(cmd) }()
	select {
	case err := <-ended:
		return v.failed(ctx, log, err)
	case url := <-log.url:
		if answers(ctx, url) {
			tellPages(v.stdout, v.stderr, url, tracePages)
		}
	}
	err := <-ended
	if ctx.Err() != nil {
		return nil
	}
	return v.failed(ctx, log, err)
}

// runLocked runs a command from a thread that lasts as long: where the system ends a
// child together with its parent, that is the thread that started it.
func runLocked(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}

// answers waits until a server does.
func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{}} // and no proxy
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return true
}

var versionUnknown = regexp.MustCompile(`version go 1\.(\d+)`)

// failed says why the viewer ended by itself.
func (v *viewer) failed(ctx context.Context, log *viewerLog, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("view %s: interrupted", v.trace)
	}
	said := log.last()
	if said == "" && err != nil {
		said = err.Error()
	}
	err = fmt.Errorf("view %s: go tool trace ended: %s", v.trace, said)
	if m := versionUnknown.FindStringSubmatch(said); m != nil {
		err = hint(err, "GOTOOLCHAIN=go1.%s.0 tracekit view %s   (a go command that is as new as the trace)", m[1], quote(v.trace))
	}
	return err
}

// viewerLog takes what the viewer says: its URL, and what it goes on. The last line is
// held back, for it may be why it ended.
type viewerLog struct {
	to   io.Writer
	url  chan string
	part []byte // of a line
	held string
}

var servedAt = regexp.MustCompile(`listening on (http://\S+)`)

// Write implements io.Writer.
func (l *viewerLog) Write(p []byte) (int, error) {
	l.part = append(l.part, p...)
	for {
		line, rest, ok := bytes.Cut(l.part, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.line(string(line))
		l.part = rest
	}
}

func (l *viewerLog) line(text string) {
	if l.held != "" {
		fmt.Fprintln(l.to, l.held)
	}
	l.held = text
	m := servedAt.FindStringSubmatch(text)
	if m == nil {
		return
	}
	select {
	case l.url <- m[1]:
		l.held = ""
	default: // it is known
	}
}

// last returns the last line, when the viewer has ended.
func (l *viewerLog) last() string {
	if len(l.part) > 0 {
		l.line(string(l.part))
	}
	return l.held
}
