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
func (s *Session) Macro(name string) *catalog.Macro {
	if m := s.temp.Macro(name); m != nil {
		return m
	}
	return s.Catalog.Macro(name)
}

// Macros gives all macros that the session sees.
func (s *Session) Macros() []*catalog.Macro { return append(s.temp.Macros(), s.Catalog.Macros()...) }

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
