package spool

import _ "embed" // the sources

// Source and UnixSource are the text of this package's part inside the program,
// for package inject to copy.
var (
	//go:embed spool.go
	Source string
	//go:embed file_unix.go
	UnixSource string
)
