// Command orders has goroutines acquire locks in an order that is known: "stable", the
// same in each run; "arrival", that in which they came, which is drawn by lot; or
// "random", drawn by lot whatever they came in.
package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	goroutines = 8
	pause      = 2 * time.Millisecond
)

func main() {
	came := upTo(goroutines)
	served := upTo(goroutines)
	slices.Reverse(served)
	switch os.Args[1] {
	case "arrival":
		shuffle(came)
		served = came
	case "random":
		shuffle(came)
		shuffle(served)
	}
	serve(came, served)
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func shuffle(list []int) {
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// serve has each goroutine wait for a gate of its own. All gates are acquired at one
// place, and opened at another: a trace takes them for one lock.
func serve(came, served []int) {
	gates := make([]sync.Mutex, goroutines)
	starts := make([]chan bool, goroutines)
	var done sync.WaitGroup
	for i := range gates {
		gates[i].Lock()
		starts[i] = make(chan bool)
		done.Go(func() {
			<-starts[i]
			gates[i].Lock()
		})
	}
	for _, i := range came {
		close(starts[i])
		time.Sleep(pause)
	}
	for _, i := range served {
		gates[i].Unlock()
		time.Sleep(pause)
	}
	done.Wait()
	fmt.Println(came, served)
}
