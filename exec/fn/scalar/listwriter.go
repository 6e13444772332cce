package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/vec"
)

// listWriter fills a vector of arrays or maps row by row.
type listWriter struct {
	out     *vec.Vector
	entries []vec.ListEntry
	b       *vec.Builder
	row     int32
	one     [1]int32
	idx     []int32
}

// newListWriter makes a writer of out, which has been Reset to n rows.
func newListWriter(out *vec.Vector, _ int) *listWriter {
	w := &listWriter{out: out, entries: vec.Values[vec.ListEntry](out), b: vec.NewBuilder(vec.ChildType(out.Type, 0))}
	clear(w.entries)
	return w
}

// begin starts the list of row i.
func (w *listWriter) begin(i int32) {
	w.row = i
	w.entries[i] = vec.ListEntry{Off: uint32(w.b.Len())}
}

// add adds row i of v as an element.
func (w *listWriter) add(v *vec.Vector, i int) {
	w.one[0] = int32(i)
	w.b.Append(v, w.one[:])
}

// addRange adds the elements off…off+n-1 of kid.
func (w *listWriter) addRange(kid *vec.Vector, off, n uint32) {
	w.idx = w.idx[:0]
	for k := range n {
		w.idx = append(w.idx, int32(off+k))
	}
	if n > 0 {
		w.b.Append(kid, w.idx)
	}
}

// copyList adds the elements of the array in row i of v.
func (w *listWriter) copyList(v *vec.Vector, i int32) {
	f, k := v.At(int(i))
	e := vec.Values[vec.ListEntry](f)[k]
	w.addRange(f.Kids[0], e.Off, e.Len)
}

// end completes the list begun.
func (w *listWriter) end() { w.entries[w.row].Len = uint32(w.b.Len()) - w.entries[w.row].Off }

// done hands the elements to the vector.
func (w *listWriter) done() { w.out.Kids = []*vec.Vector{w.b.Vector()} }

// list is one array: elements off…off+n-1 of kid.
type list struct {
	kid    *vec.Vector
	off, n int
}

// listAt gives the array in row i of v.
func listAt(v *vec.Vector, i int32) list {
	f, k := v.At(int(i))
	e := vec.Values[vec.ListEntry](f)[k]
	return list{f.Kids[0], int(e.Off), int(e.Len)}
}

// elem gives the element type of an array type, or NULL's.
func elem(t types.Type) types.Type {
	if t.Kind == types.Array {
		return t.Elems[0].Type
	}
	return types.TNull
}
