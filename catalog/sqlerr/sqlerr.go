// Package sqlerr is the one error type of the engine. Every phase reports a mistake of the user, of the
// data or of the machine as an *Error: a class to act on, a sentence to read, the place in the SQL text
// where the caret goes, and a hint that names the likeliest fix. Errors are told apart by class with
// errors.As, never by their text. The package is a leaf: it imports nothing of the engine.
package sqlerr

import (
	"errors"
	"fmt"
	"strings"
)

// Class says what kind of mistake an error reports; reports and exit codes use its name.
type Class string

// The classes.
const (
	Syntax      Class = "syntax"      // the text is not SQL
	Bind        Class = "bind"        // a name, a type or an aggregate does not fit
	NotFound    Class = "not_found"   // a table, column, function, file or setting does not exist
	Exists      Class = "exists"      // the thing to create is there already
	Conflict    Class = "conflict"    // somebody else changed the same thing at the same time
	Constraint  Class = "constraint"  // rows break a rule of their table: NOT NULL, CHECK, a key
	Data        Class = "data"        // a value in the data is wrong: cast, overflow, malformed file
	Limit       Class = "limit"       // memory, depth or size limit
	IO          Class = "io"          // the operating system refused
	Cancelled   Class = "cancelled"   // the context ended
	Unsupported Class = "unsupported" // valid, but not (yet) something the engine does
	Internal    Class = "internal"    // a defect of the engine itself
)

// NoPos is the position of an error that has no place in the SQL text.
const NoPos = -1

// Error is an error with a class, an optional byte offset into the SQL text, and an optional hint.
type Error struct {
	Class Class
	Msg   string
	Pos   int // byte offset into the statement's source text, or NoPos
	Hint  string
	Cause error
	Data  *Excerpt // the place in a data file, where there is one to show
	// Inside are the texts that the statement uses and that the error lies in, the innermost first; Pos is where the outermost is used.
	Inside []Inside
}

// Excerpt is a line of a data file that an error is about.
type Excerpt struct {
	Line   int64  // of the file, from 1
	Text   string // the line as it stands there
	Offset int    // of the value in Text, in bytes
}

// Error gives the message alone; the shell adds place and hint.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Msg + ": " + e.Cause.Error()
	}
	return e.Msg
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error without a place.
func New(c Class, format string, args ...any) *Error {
	return &Error{Class: c, Msg: fmt.Sprintf(format, args...), Pos: NoPos}
}

// At makes an error at byte offset pos of the SQL text.
func At(c Class, pos int, format string, args ...any) *Error {
	return &Error{Class: c, Msg: fmt.Sprintf(format, args...), Pos: pos}
}

// Wrap makes an error without a place around cause.
func Wrap(c Class, cause error, format string, args ...any) *Error {
	return &Error{Class: c, Msg: fmt.Sprintf(format, args...), Pos: NoPos, Cause: cause}
}

// WithHint sets the hint and gives the error back.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithPos gives err a place if it is an *Error that has none. Errors around an *Error stay as they are.
func WithPos(err error, pos int) error {
	if e, ok := err.(*Error); ok && e.Pos == NoPos {
		c := *e
		c.Pos = pos
		return &c
	}
	return err
}

// Move gives err, if it is an *Error, the place pos instead of its own, which is in another text.
func Move(err error, pos int) error {
	if e, ok := err.(*Error); ok {
		c := *e
		c.Pos = pos
		return &c
	}
	return err
}

// ClassOf gives the class of err: Internal for an error that is not an *Error.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Internal
}

// For says which column a value that err is about was for; "" says nothing.
func For(column string, err error) error {
	var e *Error
	if column == "" || !errors.As(err, &e) || strings.HasPrefix(e.Msg, "column ") {
		return err
	}
	c := *e
	c.Msg = "column " + column + ": " + e.Msg
	return &c
}
