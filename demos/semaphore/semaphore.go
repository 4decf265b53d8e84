// Package semaphore is the tutorial's limit on connections: threads that grab a
// page of a host each, at most so many at the same time.
package semaphore

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "semaphore",
	Short: "five threads grab pages, at most two at the same time",
	Long: `The main thread starts a handler and ends. The handler starts a daemon for each
of five hosts, which grabs a page, with a semaphore that lets two in. The trace
shows a wait for the semaphore for each but the first two, ended by one that is
done, and never more than two that grab. Daemons do not keep a program alive:
--wait=false ends it with the handler.`,
	Flags: func(f *demo.Flags) demo.Run {
		maxConn := f.Count("maxconn", 2, 1000, "how many `threads` may grab at the same time")
		grab := f.Units("grab", 0.5, "what a page takes at most, in `units`")
		seed := f.Seed()
		wait := f.Bool("wait", true, "wait for the daemons")
		return func(out io.Writer) (demo.Outcome, error) {
			most, err := run(out, params{*maxConn, grab.Duration(), *seed, *wait})
			return demo.Outcome{Name: "most at the same time", Got: most, Want: min(*maxConn, len(hosts))}, err
		}
	},
}

type params struct {
	maxConn int
	grab    time.Duration
	seed    uint64
	wait    bool
}

var hosts = []string{"amber", "birch", "cedar", "dune", "elm"}

// grabber is a thread that grabs a page.
type grabber struct {
	threading.Thread
	pool *pool
	time time.Duration // what the page takes
}

// pool is what all grabbers share.
type pool struct {
	connections  *threading.Semaphore
	inside, most atomic.Int64 // that grab now, and did at the same time
}

// Run is what the thread does.
func (g *grabber) Run() {
	g.pool.connections.Acquire()
	g.grab()
	g.pool.connections.Release()
}

// grab stands for a connection to a host.
func (g *grabber) grab() {
	n := g.pool.inside.Add(1)
	for most := g.pool.most.Load(); n > most && !g.pool.most.CompareAndSwap(most, n); {
		most = g.pool.most.Load()
	}
	time.Sleep(g.time)
	g.pool.inside.Add(-1)
}

// handle starts the grabbers.
func handle(grabbers []*grabber) error {
	for _, g := range grabbers {
		if err := threading.Start(g); err != nil {
			return err
		}
	}
	return nil
}

// run returns how many grabbed at the same time, at most.
func run(out io.Writer, p params) (int, error) {
	connections, err := threading.NewSemaphore(p.maxConn)
	if err != nil {
		return 0, err
	}
	pool := &pool{connections: connections}
	random := rand.New(rand.NewPCG(p.seed, 0))
	var grabbers []*grabber
	for _, host := range hosts {
		g := &grabber{pool: pool, time: p.grab/2 + time.Duration(random.Int64N(int64(p.grab)/2+1))}
		g.Name, g.Daemon = host, true
		grabbers = append(grabbers, g)
	}
	threading.Go("main", func() {
		threading.Go("handler", func() { err = handle(grabbers) })
	})
	threading.Wait()
	fmt.Fprintln(out, "main thread and handler have ended")
	if err != nil || !p.wait {
		return int(pool.most.Load()), err
	}
	for _, g := range grabbers {
		if err := g.Join(context.Background()); err != nil {
			return 0, err
		}
		fmt.Fprintf(out, "grabbed the page of %s in %v\n", g.Name, g.time.Round(time.Microsecond))
	}
	return int(pool.most.Load()), nil
}
