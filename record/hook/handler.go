package hook

import (
	"bytes"
	"net/http"
	"strconv"
)

// Handler serves the flight recorder of this program as Flight.Handler does,
// whichever one runs when a request comes. It answers 503 while none does.
//
//	http.Handle("/debug/flight", hook.Handler())
//
// It is on no path by itself.
func Handler() http.Handler {
	return serveFlight(running.Load)
}

// Handler serves snapshots: a GET takes one and downloads it. Nothing is written
// to Dir, nor does Every matter. A snapshot in progress is waited for. HEAD takes
// none, other methods are answered 405, and after Stop all is answered 503.
//
// A snapshot tells much of the program, and is made in memory first, so that a
// slow client holds up no other snapshot: serve it where only those come who
// may have it, like net/http/pprof.
func (f *Flight) Handler() http.Handler {
	return serveFlight(func() *Flight { return f })
}

func serveFlight(which func() *Flight) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := which()
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "a snapshot is taken by GET", http.StatusMethodNotAllowed)
		case f == nil || running.Load() != f:
			http.Error(w, errStopped.Error(), http.StatusServiceUnavailable)
		case r.Method == http.MethodHead:
			setTraceHeader(w.Header())
		default:
			f.download(w)
		}
	})
}

func setTraceHeader(h http.Header) {
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // each one is another
}

// download answers with a new snapshot.
func (f *Flight) download(w http.ResponseWriter) {
	var data bytes.Buffer
	name, err := f.snapshotTo(&data)
	switch err {
	case nil:
	case errStopped:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	default:
		http.Error(w, "take a snapshot: "+err.Error(), http.StatusInternalServerError)
		return
	}
	setTraceHeader(w.Header())
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(data.Len()))
	w.Write(data.Bytes()) // an error is the client's, who has gone
}

// snapshotTo takes a snapshot in memory, and returns the name that it would have
// as a file.
func (f *Flight) snapshotTo(data *bytes.Buffer) (name string, err error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	if !f.recorder.Enabled() {
		return "", errStopped
	}
	_, err = f.recorder.WriteTo(data)
	return f.name("http"), err
}
