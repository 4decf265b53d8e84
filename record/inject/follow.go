package inject

import (
	"os"
	"time"
)

// pace is how often the overlaid files are looked at.
const pace = 50 * time.Millisecond

// Follow keeps the copies of overlaid files up with the files, which somebody may
// edit, or the command itself write, while it runs, until stop is called.
func (in *Injection) Follow() (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				in.catchUp()
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// catchUp copies the files that have changed.
func (in *Injection) catchUp() {
	for i := range in.mains {
		f := &in.mains[i]
		info, err := os.Stat(f.names[0])
		if err != nil || info.ModTime().Equal(f.info.ModTime()) && info.Size() == f.info.Size() {
			continue
		}
		text, ok := overlaid(f.names[0])
		if !ok { // it is no main any more, or just being written: as it is, then
			data, err := os.ReadFile(f.names[0])
			if err != nil {
				continue
			}
			text = string(data)
		}
		part := f.content + ".part"
		if os.WriteFile(part, []byte(text), 0o666) == nil && os.Rename(part, f.content) == nil {
			f.info = info
		}
	}
}
