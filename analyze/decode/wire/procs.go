package wire

// procStatus passes the statement of what a processor was doing when the
// generation began, or since.
func (d *decoder) procStatus(s *stream) outcome {
	status := s.args[1]
	if status < procRunning || status > procAbandoned {
		return d.fail(errStatus)
	}
	p := d.procIDs.get(s.args[0])
	if p < 0 {
		p = d.procIDs.add(s.args[0])
		d.procs = append(d.procs, proc{id: s.args[0], status: uint8(status), found: uint8(status)})
	} else if !d.restateProc(p, uint8(status)) {
		return d.fail(errStatus)
	}
	if status == procRunning || status == procSyscall {
		s.thread.hold(p)
	}
	return d.leaveOut(s.time)
}

// restateProc takes a statement about a processor that is known. That the thread
// of a system call is not known any more is no news where it is.
func (d *decoder) restateProc(p int32, status uint8) bool {
	known := &d.procs[p]
	known.seq = 0
	return known.status == status || status == procAbandoned && known.status == procSyscall
}

func (d *decoder) procStart(s *stream) outcome {
	p := d.procIDs.get(s.args[0])
	if p < 0 || d.procs[p].status != procIdle || s.args[1] != d.procs[p].seq+1 || s.thread.p >= 0 {
		return early
	}
	if s.thread.id == noThread {
		return d.fail(errContext)
	}
	d.procs[p].status, d.procs[p].seq = procRunning, s.args[1]
	s.thread.p = p
	return d.leaveOut(s.time)
}

func (d *decoder) procStop(s *stream) outcome {
	t := s.thread
	if t.p < 0 || d.procs[t.p].status != procRunning && d.procs[t.p].status != procSyscall {
		return d.fail(errContext)
	}
	d.procs[t.p].status = procIdle
	t.p = none
	return d.leaveOut(s.time)
}

// procSteal passes the taking of a processor from a thread in a system call.
func (d *decoder) procSteal(s *stream) outcome {
	p := d.procIDs.get(s.args[0])
	if p < 0 || s.args[1] != d.procs[p].seq+1 {
		return early
	}
	was := d.procs[p].status
	if was != procSyscall && was != procAbandoned {
		return early
	}
	if s.thread.id == noThread {
		return d.fail(errContext)
	}
	d.procs[p].status, d.procs[p].seq = procIdle, s.args[1]
	if was == procSyscall {
		from := d.threads[s.args[2]]
		if from == nil || from.p != p {
			return d.fail(errThread)
		}
		from.p = none
	}
	return d.leaveOut(s.time)
}
