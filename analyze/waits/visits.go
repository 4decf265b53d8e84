package waits

import "slices"

// visits holds the places where each goroutine alive has waited, by its Slot.
type visits []visited

// visited is the places of one goroutine: the first few in a list, for most wait at
// the same few places again and again.
type visited struct {
	few  []*place
	many map[*place]bool // the others
}

const fewPlaces = 8

// has reports whether a goroutine has waited at a place.
func (v visits) has(slot int, p *place) bool {
	return slot < len(v) && (slices.Contains(v[slot].few, p) || v[slot].many[p])
}

// add notes that a goroutine has waited at a place, and reports whether that is
// new.
func (v *visits) add(slot int, p *place) bool {
	for len(*v) <= slot {
		*v = append(*v, visited{})
	}
	if v.has(slot, p) {
		return false
	}
	g := &(*v)[slot]
	if len(g.few) < fewPlaces {
		g.few = append(g.few, p)
		return true
	}
	if g.many == nil {
		g.many = make(map[*place]bool)
	}
	g.many[p] = true
	return true
}

// forget drops a goroutine that has ended.
func (v visits) forget(slot int) {
	if slot < len(v) {
		v[slot] = visited{few: v[slot].few[:0]}
	}
}
