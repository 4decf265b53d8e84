package decode

import "sync"

// Pool holds blocks of Events for reuse. Its methods may be called from several
// goroutines at once.
type Pool struct {
	mu   sync.Mutex
	free [][]uint32
}

func (p *Pool) take() []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		b := p.free[n-1]
		p.free = p.free[:n-1]
		return b[:0]
	}
	return make([]uint32, 0, blockWords)
}

func (p *Pool) give(b []uint32) {
	if cap(b) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, b)
}

// Free empties a sequence of events and keeps its blocks for reuse.
func (s *Events) Free() {
	for _, b := range append(s.blocks, s.tail) {
		s.pool.give(b)
	}
	*s = Events{pool: s.pool}
}
