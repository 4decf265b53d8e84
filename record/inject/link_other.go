//go:build !unix

package inject

import "errors"

func linkTo(root, name string) (link string, release func(), err error) {
	return "", nil, errors.ErrUnsupported
}
