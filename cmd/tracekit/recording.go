package main

import (
	"fmt"
	"os"

	"tracekit/record"
)

// recording is what the flags of record ask for, of any kind of recording.
type recording struct {
	output    string
	outputSet bool
	force     bool
	quiet     bool
}

// check refuses outputs that cannot be a recording of one file.
func (r *recording) check() error {
	if info, err := os.Stat(r.output); r.output == "" || r.output == "-" || err == nil && !info.IsDir() && special(r.output, info) {
		return fmt.Errorf("write %q: a recording needs the name of a file, beside which its manifest can lie", r.output)
	}
	return nil
}

// recordingFiles are the two files of a recording that is no folder, in the making.
type recordingFiles struct {
	trace, manifest *output
}

// create opens both.
func (r *recording) create() (*recordingFiles, error) {
	trace, err := create(r.output, r.force)
	if err != nil {
		return nil, err
	}
	manifest, err := create(record.ManifestPath(r.output), r.force)
	if err != nil {
		trace.abort()
		return nil, err
	}
	return &recordingFiles{trace, manifest}, nil
}

// commit writes the manifest and puts both into their places.
func (f *recordingFiles) commit(m *record.Manifest) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	if _, err := f.manifest.Write(data); err != nil {
		return writeError(f.manifest.path, err)
	}
	if err := f.trace.commit(); err != nil {
		return err
	}
	return f.manifest.commit()
}

// abort removes both. It does nothing after commit.
func (f *recordingFiles) abort() {
	f.trace.abort()
	f.manifest.abort()
}
