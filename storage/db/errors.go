package db

import "errors"

// temporary is an error that a second try may not meet.
type temporary struct{ error }

// Temporary marks an error as one that a second try may not meet: a server that is away, a deadlock.
func Temporary(err error) error { return temporary{err} }

// IsTemporary tells whether a second try may do better.
func IsTemporary(err error) bool {
	var t temporary
	return errors.As(err, &t)
}
