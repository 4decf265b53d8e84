//go:build unix

package inject

import (
	"os"
	"path/filepath"
	"syscall"
)

// linkTo makes a symbolic link to a toolchain in the user's cache folder, and
// returns the function that removes it when nobody else uses it. Who uses it holds
// a shared lock on the toolchain's own VERSION file.
func linkTo(root, name string) (link string, release func(), err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", nil, err
	}
	dir := filepath.Join(cache, "tracekit")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	lock, err := os.Open(filepath.Join(root, "VERSION"))
	if err != nil {
		return "", nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH); err != nil {
		lock.Close()
		return "", nil, err
	}
	link = filepath.Join(dir, name)
	if to, err := os.Readlink(link); err != nil || to != root {
		os.Remove(link)
		if err := os.Symlink(root, link); err != nil && !os.IsExist(err) {
			lock.Close()
			return "", nil, err
		}
	}
	return link, func() {
		defer lock.Close()
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.Remove(link)
			os.Remove(dir) // if it is empty
		}
	}, nil
}
