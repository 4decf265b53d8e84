package wire

import (
	"math/bits"
	"math/rand/v2"
)

// index numbers keys in the order in which they come, from 0 on.
//
// It is a hash table with linear probing, of pages: a processor of the scheduler
// gives goroutines 16 ids in a row, and what is created together is used
// together. A map would take a third of the time of decoding.
type index struct {
	slots  []slot
	pages  [][pageSize]int32 // number + 1; 0: free
	n      int32             // keys
	factor uint64            // odd, and random, so that no trace can be made to collide
	shift  uint8
}

const (
	pageBits = 4
	pageSize = 1 << pageBits
)

type slot struct {
	page  uint64 // key / pageSize
	index int32  // in pages, + 1; 0: free
}

func newIndex() index {
	return index{slots: make([]slot, 64), factor: rand.Uint64() | 1, shift: 64 - 6}
}

// reset takes all keys out, and keeps the room.
func (x *index) reset() {
	clear(x.slots)
	x.pages = x.pages[:0]
	x.n = 0
}

// find returns the slot of a page, or the free one that it is to have.
func (x *index) find(page uint64) *slot {
	mask := uint64(len(x.slots) - 1)
	i := page * x.factor >> x.shift
	for {
		s := &x.slots[i&mask]
		if s.page == page || s.index == 0 {
			return s
		}
		i++
	}
}

// get returns the number of a key, -1 for one that is new.
func (x *index) get(key uint64) int32 {
	s := x.find(key / pageSize)
	if s.index == 0 {
		return -1
	}
	return x.pages[s.index-1][key%pageSize] - 1
}

// add gives a key that is new the next number.
func (x *index) add(key uint64) int32 {
	s := x.find(key / pageSize)
	if s.index == 0 {
		s = x.addPage(key / pageSize)
	}
	x.n++
	x.pages[s.index-1][key%pageSize] = x.n
	return x.n - 1
}

func (x *index) addPage(page uint64) *slot {
	if 2*len(x.pages) >= len(x.slots) {
		x.grow()
	}
	x.pages = append(x.pages, [pageSize]int32{}) // zeroes it, too, where it is used again
	s := x.find(page)
	*s = slot{page, int32(len(x.pages))}
	return s
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]slot, 2*len(old))
	x.shift = uint8(64 - bits.Len(uint(len(x.slots)-1)))
	for _, s := range old {
		if s.index != 0 {
			*x.find(s.page) = s
		}
	}
}
