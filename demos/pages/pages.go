// Package pages is what the demos that fetch pages fetch: a few pages on a server
// of this machine, and the blocks that they become in a file, START, lines, END.
package pages

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// Lines is how many lines a page has.
const Lines = 4

// Server serves pages.
type Server struct {
	server http.Server
	base   string
	ended  chan error
}

// Serve starts a server on a free port of this machine.
func Serve() (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a server for pages: %w", err)
	}
	s := &Server{base: "http://" + l.Addr().String() + "/", ended: make(chan error, 1)}
	s.server.Handler = http.HandlerFunc(page)
	go func() { s.ended <- s.server.Serve(l) }()
	return s, nil
}

// page writes the lines of the page that the path names.
func page(w http.ResponseWriter, r *http.Request) {
	for i := range Lines {
		fmt.Fprintf(w, "%s line %d\n", r.URL.Path, i+1)
	}
}

// URLs returns the addresses of n pages.
func (s *Server) URLs(n int) []string {
	urls := make([]string, n)
	for i := range urls {
		urls[i] = fmt.Sprintf("%spage%d", s.base, i+1)
	}
	return urls
}

// Close ends the server, at once.
func (s *Server) Close() error {
	if err := s.server.Close(); err != nil {
		return err
	}
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// client has a connection for each page, and leaves none open.
var client = http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// Get fetches a page and returns its lines.
func Get(url string) ([]string, error) {
	resp, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("get %s: %s", url, resp.Status)
	}
	body, err := io.ReadAll(resp.Body)
	return strings.Split(strings.TrimSpace(string(body)), "\n"), err
}

// File is a file that pages are written to, as blocks.
type File struct {
	file  *os.File
	pause time.Duration
}

// NewFile returns a file in the folder for temporary ones. To write a line to it
// takes a pause.
func NewFile(pause time.Duration) (*File, error) {
	file, err := os.CreateTemp("", "pages-*.txt")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name()) // where it can be while it is open, so that nothing is left of an interrupted run
	return &File{file, pause}, nil
}

// Close closes the file and removes it.
func (f *File) Close() error {
	os.Remove(f.file.Name())
	return f.file.Close()
}

// Write writes a page as a block.
func (f *File) Write(lines []string) error {
	name, _, _ := strings.Cut(lines[0], " ")
	for _, line := range slices.Concat([]string{"START " + name}, lines, []string{"END " + name}) {
		if _, err := fmt.Fprintln(f.file, line); err != nil {
			return err
		}
		time.Sleep(f.pause)
	}
	return nil
}

// Torn returns how many blocks there are in the file, and how many of them another
// one interrupts.
func (f *File) Torn() (blocks, torn int, err error) {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return 0, 0, err
	}
	return countTorn(f.file)
}

func countTorn(file io.Reader) (blocks, torn int, err error) {
	in := "" // the block that the last line belongs to, "" behind its end
	interrupted := make(map[string]bool)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		word, name, _ := strings.Cut(lines.Text(), " ")
		if word != "START" && word != "END" {
			name = word
		}
		if in != "" && in != name {
			interrupted[in] = true
		}
		in = name
		if word == "END" {
			blocks++
			in = ""
		}
	}
	return blocks, len(interrupted), lines.Err()
}
