package session

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// SetVariable keeps a value of one row under a name; nil forgets it.
func (s *Session) SetVariable(name string, v *vec.Vector) {
	if v == nil {
		delete(s.variables, strings.ToLower(name))
		delete(s.declared, strings.ToLower(name))
		return
	}
	s.variables[strings.ToLower(name)] = v
}

// Variable gives the value of a variable, or nil.
func (s *Session) Variable(name string) *vec.Vector { return s.variables[strings.ToLower(name)] }

// Variables gives the names of all variables, sorted.
func (s *Session) Variables() []string {
	var out []string
	for n := range s.variables {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Macro finds a macro: a temporary one first. It gives nil if there is none.
func (s *Session) Macro(name string) *catalog.Object { return s.Object(catalog.MacroObject, name) }

// Object finds an object: a temporary one first. It gives nil if there is none.
func (s *Session) Object(kind catalog.ObjectKind, name string) *catalog.Object {
	if o := s.temp.Object(kind, name); o != nil {
		return o
	}
	return s.Catalog.Object(kind, name)
}

// Objects gives all objects of a kind that the session sees.
func (s *Session) Objects(kind catalog.ObjectKind) []*catalog.Object {
	return append(s.temp.Objects(kind), s.Catalog.Objects(kind)...)
}

// Type gives what a type that somebody made stands for.
func (s *Session) Type(name string) (types.Type, bool) {
	if o := s.Object(catalog.TypeObject, name); o != nil && o.Type != nil {
		return *o.Type, true
	}
	return types.Type{}, false
}

// Declared is what DECLARE says of a variable: its type and its value at first, as text.
type Declared struct {
	Type    types.Type
	Default string
}

// Declare makes a variable that may be used by its name alone.
func (s *Session) Declare(name string, d Declared, v *vec.Vector) {
	s.SetVariable(name, v)
	s.declared[strings.ToLower(name)] = d
}

// Declared gives what DECLARE said of a variable; ok is false if there is none.
func (s *Session) Declared(name string) (Declared, bool) {
	d, ok := s.declared[strings.ToLower(name)]
	return d, ok
}

// Given gives the number of a sequence that the session was given last.
func (s *Session) Given(sequence string) (n int64, ok bool) {
	n, ok = s.given[strings.ToLower(sequence)]
	return n, ok
}

// SetGiven keeps the number of a sequence that the session was given last.
func (s *Session) SetGiven(sequence string, n int64) { s.given[strings.ToLower(sequence)] = n }

// ForgetGiven forgets it.
func (s *Session) ForgetGiven(sequence string) { delete(s.given, strings.ToLower(sequence)) }
