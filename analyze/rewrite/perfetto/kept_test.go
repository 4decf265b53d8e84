package perfetto

// Kept returns how many things an Exporter holds on to.
func Kept(x *Exporter) int {
	n := len(x.lives) + len(x.sites) + len(x.waits) + len(x.tracks.groups) + len(x.holds.locks)
	for _, l := range x.holds.locks {
		if l != nil {
			n += len(l.lanes)
		}
	}
	for _, l := range x.lives {
		n += len(l.held)
	}
	p := &x.out
	return n + len(p.names) + len(p.keys) + len(p.texts) + len(p.functions) + len(p.files) + len(p.stacks) + len(p.frames) + len(p.places)
}
