package spool

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Note is what a process wrote of itself.
type Note struct {
	Records []Record // in the order in which they were made
	Crash   string   // what the runtime said when the program crashed
}

// Record is one thing that happened to a process.
//
//	start   pid, parent's pid, version of Go, GOMAXPROCS, path of the package, folder, arguments…
//	exit    the exit code, empty when it is not known
//	stop    nothing: the program ended its trace, and goes on
//	got     the number of a signal that came
//	signal  that of the signal that the process ends by
//	lost    why the rest of the trace could not be written
//	outcome name, got, want
type Record struct {
	What   string
	Time   time.Time
	Fields []string
}

// ParseNote reads the content of a note. Where it is cut, what is whole is
// returned; the error is for what is no note.
func ParseNote(data []byte) (*Note, error) {
	if !bytes.HasPrefix(data, []byte(spoolRecord)) {
		return nil, fmt.Errorf("not a note: it begins %.20q", data)
	}
	n := &Note{Records: []Record{}}
	var crash []byte
	for len(data) > 0 {
		i := bytes.Index(data, []byte(spoolRecord))
		if i < 0 {
			i = len(data)
		}
		crash, data = append(crash, data[:i]...), data[i:]
		data = n.record(data)
	}
	n.Crash = string(crash)
	return n, nil
}

// record reads the record that data begins with, and returns what follows. One
// that is cut, or that says what it cannot, is passed over.
func (n *Note) record(data []byte) (rest []byte) {
	if len(data) == 0 {
		return nil
	}
	rest = data[len(spoolRecord):]
	next := func() (field string, ok bool) {
		f, after, ok := bytes.Cut(rest, []byte{0})
		if ok {
			rest = after
		}
		return string(f), ok
	}
	what, _ := next()
	when, _ := next()
	many, _ := next()
	ns, err := strconv.ParseInt(when, 10, 64)
	count, err2 := strconv.Atoi(many)
	if err != nil || err2 != nil {
		return rest
	}
	r := Record{What: what, Time: time.Unix(0, ns), Fields: []string{}}
	for range count {
		f, ok := next()
		if !ok {
			return nil
		}
		r.Fields = append(r.Fields, f)
	}
	n.Records = append(n.Records, r)
	return rest
}
