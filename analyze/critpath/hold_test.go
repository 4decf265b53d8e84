package critpath

import "testing"

// handed has a writer that was handed a lock hold it for 100 ns, and wake three readers,
// who wait in two functions.
const handed = `
	0 procs 8
	0 g1 running main.first
	0 g2 running main.writer
	0 g3 running main.reader
	0 g4 running main.other
	0 g5 running main.reader
	10 g2 waits "sync" sync.(*RWMutex).Lock < main.put:1 < main.writer
	20 g1 wakes g2 sync.(*RWMutex).Unlock < main.free:2 < main.first
	20 g1 ends
	20 g2 starts
	30 g3 waits "sync" sync.(*RWMutex).RLock < main.get:1 < main.reader
	30 g4 waits "sync" sync.(*RWMutex).RLock < main.look:1 < main.other
	30 g5 waits "sync" sync.(*RWMutex).RLock < main.get:1 < main.reader
	120 g2 wakes g3 sync.(*RWMutex).Unlock < main.free:2 < main.writer
	120 g3 starts
	121 g2 wakes g4 sync.(*RWMutex).Unlock < main.free:2 < main.writer
	121 g4 starts
	122 g2 wakes g5 sync.(*RWMutex).Unlock < main.free:2 < main.writer
	122 g5 starts
	125 g2 ends
	125 g3 ends
	125 g4 ends
	140 g5 ends
	150 end
`

// TestHoldWakesMany has a lock held for longer, or for less, of which one release wakes
// all readers: it is one hold, by whatever place of the lock it is named that was known
// before. What passes between the wakes is taken to be held, too.
func TestHoldWakesMany(t *testing.T) {
	for _, place := range []string{"main.free", "main.put", "main.get"} {
		f := follow(t, handed, []Scenario{{Hold: map[string]float64{place: 2}}, {Hold: map[string]float64{place: 0}}})
		list, _ := f.Predict()
		if a, b := list[0].PredictedNS, list[1].PredictedNS; a < 240 || a > 242 || b != 30+18 {
			t.Errorf("%s: it takes %d with holds twice as long, and %d with none", place, a, b)
		}
	}
}

// TestHoldOfNewGoroutine has one that has just been created release a lock: it has held
// it for as long as it is there, at most.
func TestHoldOfNewGoroutine(t *testing.T) {
	f := follow(t, `
		0 procs 8
		0 g1 running main.first
		0 g2 running main.second
		0 g3 running main.third
		0 g5 running main.fifth
		10 g2 waits "sync" sync.(*Mutex).Lock < main.get:1 < main.second
		20 g1 wakes g2 sync.(*Mutex).Unlock < main.put:2 < main.first
		20 g2 starts
		30 g3 waits "sync" sync.(*Mutex).Lock < main.get:1 < main.third
		520 g2 wakes g3 sync.(*Mutex).Unlock < main.put:2 < main.second
		520 g2 ends
		520 g3 starts
		525 g3 ends
		530 g5 waits "sync" sync.(*Mutex).Lock < main.get:1 < main.fifth
		600 g1 creates g4 main.fourth @ main.first:5
		600 g4 starts
		601 g1 ends
		610 g4 wakes g5 sync.(*Mutex).Unlock < main.put:2 < main.fourth
		610 g4 ends
		610 g5 starts
		700 g5 ends
		700 end
	`, []Scenario{{Hold: map[string]float64{"main.get": 2}}})
	if list, _ := f.Predict(); list[0].PredictedNS != 710 {
		t.Errorf("it takes %d", list[0].PredictedNS)
	}
}
