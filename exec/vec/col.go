package vec

// Col reads a Flat or Const vector by row without asking its form each time.
type Col[T any] struct {
	vals []T
	mask int32 // -1: flat, 0: constant
}

// ColOf makes a Col of v, which must be Flat or Const and have the layout of T.
func ColOf[T any](v *Vector) Col[T] {
	if v.Form == Const {
		return Col[T]{Values[T](v), 0}
	}
	return Col[T]{Values[T](v), -1}
}

// At gives the value of row i.
func (c *Col[T]) At(i int32) T { return c.vals[i&c.mask] }

// Strs reads a Flat or Const string vector by row.
type Strs struct {
	views []View
	bufs  [][]byte
	mask  int32
}

// StrsOf makes a Strs of v, which must be Flat or Const and hold views.
func StrsOf(v *Vector) Strs {
	if v.Form == Const {
		return Strs{Values[View](v), v.Bufs, 0}
	}
	return Strs{Values[View](v), v.Bufs, -1}
}

// At gives the string of row i; it lives as long as the vector's memory.
func (s *Strs) At(i int32) []byte { return s.views[i&s.mask].Bytes(s.bufs) }

// View gives the view of row i.
func (s *Strs) View(i int32) *View { return &s.views[i&s.mask] }
