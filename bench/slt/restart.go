package slt

import (
	"errors"

	"github.com/skep-sql/skep/storage"
)

// restart tells whether err asks to run the statement again, with a wider type for a column of a file.
func restart(err error) (*storage.RestartError, bool) {
	var r *storage.RestartError
	ok := errors.As(err, &r)
	return r, ok
}
