package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
)

// viewLimit is how many bytes of a trace are viewed unless a window is named. A trace of
// 25 MB had go tool trace take 4.9 GB of memory, and half a minute on two processors,
// before it served a page: for one of 10 MB it is 2 GB, and twice that at most with the
// waits in it.
const viewLimit = 10e6

// trace serves a trace by go tool trace.
func (v *view) trace(cmd *cobra.Command, path string) error {
	ln, err := v.listen(path)
	if err != nil {
		return err
	}
	ln.Close() // the viewer opens it again; it need not wait for that to fail
	tool, err := findViewer(cmd.Context(), path)
	if err != nil {
		return err
	}
	files, err := newViewFiles()
	if err != nil {
		return err
	}
	defer files.remove()
	if err := v.prepare(cmd, path, files); err != nil {
		return err
	}
	s := &viewer{
		path: tool, address: v.http, trace: path, browser: wantsBrowser(cmd.OutOrStdout()),
		stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(),
	}
	return s.serve(cmd.Context(), files.shown.Name())
}

// viewFiles are the temporary files of a view. They are there before they are needed:
// what is written to them may go on for a moment when the folder is removed.
type viewFiles struct {
	dir                   string
	unpacked, part, shown *os.File
}

func newViewFiles() (*viewFiles, error) {
	dir, err := os.MkdirTemp("", "tracekit-view-")
	if err != nil {
		return nil, err
	}
	f := &viewFiles{dir: dir}
	for name, file := range map[string]**os.File{"unpacked": &f.unpacked, "part": &f.part, "shown": &f.shown} {
		if *file, err = os.Create(filepath.Join(dir, name)); err != nil {
			f.remove()
			return nil, err
		}
	}
	return f, nil
}

// remove removes the files, which a second Ctrl-C does not keep it from.
func (f *viewFiles) remove() {
	defer holdSignals()()
	for _, file := range []*os.File{f.unpacked, f.part, f.shown} {
		file.Close()
	}
	os.RemoveAll(f.dir)
}

// prepare writes what is to be viewed.
func (v *view) prepare(cmd *cobra.Command, path string, files *viewFiles) error {
	stderr := cmd.ErrOrStderr()
	tell, err := readTrace(cmd.Context(), stderr, "view", path, path, func(in io.Reader) (func(), error) {
		f, err := analyze.Seekable(in, func() (*os.File, error) { return files.unpacked, nil })
		if err != nil {
			return nil, err
		}
		p := &preparation{view: v, limit: viewLimit, files: files, stderr: stderr}
		err = p.write(f)
		return p.tell, err
	})
	if err == nil {
		tell()
	}
	return rewriteProblem(err)
}

// preparation is a trace being made ready to be viewed.
type preparation struct {
	*view
	limit  int64 // bytes of trace that are viewed unless a window is named
	files  *viewFiles
	stderr io.Writer
	said   []string // what the user is to know
	done   *rewrite.Annotated
}

// tell says what was done.
func (p *preparation) tell() {
	for _, text := range p.said {
		notice(p.stderr, text)
	}
	if p.done != nil {
		tellAnnotated(p.stderr, p.done)
	}
}

// write writes the trace as it is shown.
func (p *preparation) write(f rewrite.File) error {
	out := bufio.NewWriterSize(p.files.shown, 1<<20)
	if err := rewrite.Check(f); errors.Is(err, analyze.ErrVersion) || errors.Is(err, rewrite.ErrVersion) {
		p.said = append(p.said, "the waits are not shown in it: "+err.Error())
		_, err := io.Copy(out, io.NewSectionReader(f, 0, f.Size()))
		return errors.Join(err, out.Flush())
	}
	f, err := p.cut(f)
	if err != nil {
		return err
	}
	if p.done, err = analyze.Annotate(f, out, int64(shownWait)); err != nil {
		return err
	}
	return out.Flush()
}

// cut returns the part of a trace that is viewed.
func (p *preparation) cut(f rewrite.File) (rewrite.File, error) {
	win := p.window.window()
	if !p.window.asked() {
		if f.Size() <= p.limit {
			return f, nil
		}
		x, err := analyze.FindExcerpt(f, p.limit)
		if err != nil {
			return nil, err
		}
		win = x.Window
		p.said = append(p.said, excerptText(f.Size(), p.limit, x))
	}
	out := bufio.NewWriterSize(p.files.part, 1<<20)
	if _, err := rewrite.Cut(f, out, win); err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	size, err := p.files.part.Seek(0, io.SeekEnd)
	return io.NewSectionReader(p.files.part, 0, size), err
}

// excerptText says which part of a large trace is viewed, and why that one.
func excerptText(size, limit int64, x *analyze.Excerpt) string {
	which := "the beginning, for there is no wait for a lock"
	if x.LongestNS > 0 {
		which = fmt.Sprintf("around the end of the longest wait for a lock, %v", time.Duration(x.LongestNS).Round(time.Microsecond))
	}
	to := "the end"
	if x.Window.To < math.MaxInt64 {
		to = time.Duration(x.Window.To).String()
	}
	return fmt.Sprintf("of its %.1f MB, about %.1f are shown, since go tool trace takes 200 bytes of memory for each: from %v to %s, %s; --from and --to show another part",
		float64(size)/1e6, float64(limit)/1e6, time.Duration(x.Window.From), to, which)
}
