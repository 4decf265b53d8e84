//go:build unix

package inject

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// linkTo makes a symbolic link to a toolchain in the user's folder of caches, and
// returns the function that removes it when nobody else uses it. Who uses it holds
// a shared lock on the toolchain's own VERSION file.
func linkTo(root, name string) (link string, release func(), err error) {
	cache, err := os.UserCacheDir()
	if err != nil { // as without HOME
		cache = os.TempDir()
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", nil, err
	}
	lock, err := os.Open(filepath.Join(root, "VERSION"))
	if err != nil {
		return "", nil, err
	}
	link = filepath.Join(cache, fmt.Sprintf("tracekit-%d-%s", os.Getuid(), name))
	if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_SH); err == nil {
		err = pointTo(link, root)
	}
	if err != nil {
		lock.Close()
		return "", nil, err
	}
	return link, func() {
		defer lock.Close()
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.Remove(link)
		}
	}, nil
}

// pointTo makes a link, beside others who do the same. A file in its place that is no
// link to the same is not trusted, and not removed if it is somebody else's.
func pointTo(link, root string) error {
	for range 100 {
		switch to, err := os.Readlink(link); {
		case err == nil && to == root:
			return nil
		case err == nil:
			if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
				return err
			}
		case !os.IsNotExist(err):
			return err
		}
		if err := os.Symlink(root, link); err != nil && !os.IsExist(err) {
			return err
		}
	}
	return fmt.Errorf("somebody else changes %s all the time", link)
}
