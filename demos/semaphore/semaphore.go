// Package semaphore is the tutorial's limit on connections: threads that grab a
// page of a host each, at most so many at the same time.
package semaphore

import (
	"context"
	"errors"
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
done, never more than two that grab, and that the main thread ends before them.`,
	Flags: func(f *demo.Flags) demo.Run {
		maxConn := f.Count("maxconn", 2, 1000, "the `number` of threads that may grab at the same time")
		grab := f.Units("grab", 0.5, "what a page takes at most, in `units`")
		seed := f.Seed()
		return func(out io.Writer) (demo.Outcome, error) {
			p := &pool{random: rand.New(rand.NewPCG(*seed, 0)), longest: grab.Duration()}
			err := p.run(*maxConn)
			fmt.Fprintf(out, "%d pages grabbed, %d at the same time at most\n", p.grabbed.Load(), p.most.Load())
			return demo.Outcome{Name: "pages grabbed", Got: int(p.grabbed.Load()), Want: len(hosts)}, err
		}
	},
}

var hosts = []string{"amber", "birch", "cedar", "dune", "elm"}

// pool is what all grabbers share.
type pool struct {
	connections  *threading.Semaphore
	random       *rand.Rand
	longest      time.Duration // that a page takes
	inside, most atomic.Int64  // grabbers that grab now, and did at the same time
	grabbed      atomic.Int64
}

// grabber is a thread that grabs a page.
type grabber struct {
	threading.Thread
	pool *pool
	time time.Duration // what the page takes
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
	g.pool.grabbed.Add(1)
}

// run has the pages grabbed. Daemons are not waited for, unless somebody does.
func (p *pool) run(maxConn int) (err error) {
	p.connections, err = threading.NewSemaphore(maxConn)
	if err != nil {
		return err
	}
	var grabbers []*grabber
	threading.Go(func() { // the main thread
		threading.Go(func() { grabbers, err = p.handle() })
	})
	threading.Wait()
	for _, g := range grabbers {
		err = errors.Join(err, g.Join(context.Background()))
	}
	return err
}

// handle starts a grabber for each host.
func (p *pool) handle() (grabbers []*grabber, err error) {
	for _, host := range hosts {
		g := &grabber{pool: p, time: p.longest/2 + time.Duration(p.random.Int64N(int64(p.longest)/2+1))}
		g.Name, g.Daemon = host, true
		if err := threading.Start(g); err != nil {
			return grabbers, err
		}
		grabbers = append(grabbers, g)
	}
	return grabbers, nil
}
