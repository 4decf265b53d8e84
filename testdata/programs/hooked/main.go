// Command hooked has tracekit's hook in its source. It ends by a panic when it is
// given an argument.
package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	_ "tracekit/record/hook"
)

func main() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			time.Sleep(100 * time.Millisecond)
		})
	}
	wg.Wait()
	fmt.Println("done")
	if len(os.Args) > 1 {
		panic(os.Args[1])
	}
}
