// Package service gets an execution trace from a running Go service, by the
// endpoint /debug/pprof/trace of net/http/pprof.
//
// The way of the data:
//
//  1. [ParseTarget] makes of what the user typed the address of the endpoint.
//  2. [Fetch] asks it for a trace of some seconds. The service starts its tracer,
//     sends what that writes as it goes, and stops it when the time is over.
//  3. The beginning of the answer is looked at: what is no trace is an error
//     that says what came instead, and none of it is passed on.
//  4. A trace is passed on as it comes, until its end, or until it is cut: by the
//     service, by silence, or by the user. What came before a cut is kept, and
//     [Result] says why it was. Readers make something of all but the last
//     second or so before a cut, for that is what the tracer writes by.
//
// Secrets are the user information and the query of an address, and the values
// of headers. None of them is in an error or a name, nor goes to another host
// when the service redirects there.
//
// What it cannot know: the program, which is not ours, so that there is no exit
// status, no output and no outcome; when exactly the trace begins, for the
// service starts it when the request has got there; whether it is whole, when
// something in between ends an answer as if it were; what goroutines did before,
// of which the trace has the status only; and whether silence means anything,
// for a service with little to do sends all of its trace at the end.
package service
