//go:build unix

package hook_test

import (
	"log"
	"net/http"
	"syscall"
	"time"

	"tracekit/record/hook"
)

// A service that keeps its last ten seconds, to be written when it is asked to
// by kill -USR1 or curl, when it gets slow, and when an order takes too long.
func ExampleStartFlight() {
	flight, err := hook.StartFlight(hook.FlightConfig{
		MinAge:       10 * time.Second,
		Dir:          "/var/tmp/shop",
		Signal:       syscall.SIGUSR1,
		MutexWait:    4,                     // goroutines that wait for locks, on average
		SchedLatency: 20 * time.Millisecond, // of one in a hundred
		Goroutines:   50_000,
		OnSnapshot: func(s hook.Snapshot) {
			log.Printf("snapshot %s: %s (%s), error %v", s.Path, s.Reason, s.Detail, s.Err)
		},
	})
	if err != nil {
		log.Print(err) // and go on: a nil Flight does nothing
	}
	defer flight.Stop()

	http.HandleFunc("/order", func(w http.ResponseWriter, r *http.Request) {
		defer flight.Watch(r.Context(), "order", 200*time.Millisecond)()
		// ...
	})
	go http.ListenAndServe("localhost:6060", hook.Handler())
	http.ListenAndServe(":8080", nil)
}
