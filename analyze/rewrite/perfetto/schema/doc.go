// Package schema holds what an export writes of Perfetto's trace format, as Go
// types. There is no module with Go types of Perfetto's whole format, which is some
// hundred times as large: trace.proto has the messages and fields that are needed,
// with the names, numbers and types that they have there, and trace.pb.go is made
// of it.
package schema

// It takes protoc, and google.golang.org/protobuf/cmd/protoc-gen-go in the PATH.
//go:generate protoc --go_out=. --go_opt=paths=source_relative trace.proto
