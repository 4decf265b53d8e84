package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <unistd.h>

extern void called(void);

static void *thread(void *p) { called(); called(); return p; }

// Threads of C that call Go, one after the other: the second one may get the id
// of the first.
static void run(void) {
	for (int i = 0; i < 2; i++) {
		pthread_t t;
		pthread_create(&t, 0, thread, 0);
		pthread_join(t, 0);
	}
}

static void rest(void) { usleep(25000); called(); }
*/
import "C"

import "time"

//export called
func called() { time.Sleep(ms / 4) }

// callbacks has C call Go, on threads of C and on one of Go, and rest for a
// generation or so.
func callbacks() {
	done := make(chan time.Duration)
	go func() {
		C.rest()
		done <- 0
	}()
	C.run()
	<-done
}
