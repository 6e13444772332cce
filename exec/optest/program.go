package optest

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// Cols is a program that gives columns as they are.
type Cols []int

// Machine gives the program itself.
func (c Cols) Machine(*flow.Task) flow.Machine { return &colsMachine{cols: c} }

// Columns tells that the program gives columns as they are.
func (c Cols) Columns() []int { return c }

type colsMachine struct {
	cols []int
	out  []*vec.Vector
}

func (m *colsMachine) Eval(b *vec.Batch) ([]*vec.Vector, error) {
	m.out = m.out[:0]
	for _, c := range m.cols {
		m.out = append(m.out, b.Cols[c])
	}
	return m.out, nil
}

func (m *colsMachine) Select(b *vec.Batch, sel []int32) ([]int32, error) {
	v := b.Cols[m.cols[0]]
	n := 0
	for _, i := range sel {
		if sel[n] = i; !v.IsNull(int(i)) && vec.ValueAt[uint8](v, int(i)) != 0 {
			n++
		}
	}
	return sel[:n], nil
}

// Where is a program of one condition.
type Where func(r Row) (bool, error)

// Machine gives the program itself.
func (w Where) Machine(*flow.Task) flow.Machine { return w }

// Eval gives the condition as a column.
func (w Where) Eval(b *vec.Batch) ([]*vec.Vector, error) {
	v := vec.New(types.TBoolean, b.N)
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, i := range sel {
		ok, err := w(BatchRow(b, int(i)))
		if err != nil {
			return nil, err
		}
		vec.Values[uint8](v)[i] = 0
		if ok {
			vec.Values[uint8](v)[i] = 1
		}
	}
	return []*vec.Vector{v}, nil
}

// Select narrows sel.
func (w Where) Select(b *vec.Batch, sel []int32) ([]int32, error) {
	n := 0
	for _, i := range sel {
		ok, err := w(BatchRow(b, int(i)))
		if err != nil {
			return nil, err
		}
		if sel[n] = i; ok {
			n++
		}
	}
	return sel[:n], nil
}

// SumInts is sum(BIGINT), NULL for no rows.
func SumInts() *fn.Overload {
	return &fn.Overload{Result: types.TBigInt, Args: []types.Type{types.TBigInt}, NewAcc: func([]fn.Arg) fn.Accumulator { return &sumInts{} }}
}

type sumInts struct {
	sum  []int64
	some []bool
}

func (s *sumInts) Grow(n int) {
	if n > cap(s.sum) {
		c := max(2*cap(s.sum), n)
		s.sum, s.some = append(make([]int64, 0, c), s.sum...), append(make([]bool, 0, c), s.some...)
	}
	s.sum, s.some = s.sum[:max(n, len(s.sum))], s.some[:max(n, len(s.some))]
}

func (s *sumInts) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	col := vec.ColOf[int64](args[0])
	for k, i := range sel {
		s.sum[groups[k]] += col.At(i)
		s.some[groups[k]] = true
	}
	return nil
}

func (s *sumInts) UpdateOne(group int32, args []*vec.Vector, sel []int32) error {
	col := vec.ColOf[int64](args[0])
	x := int64(0)
	for _, i := range sel {
		x += col.At(i)
	}
	s.sum[group] += x
	s.some[group] = true
	return nil
}

func (s *sumInts) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*sumInts)
	for k, g := range src {
		s.sum[dst[k]] += f.sum[g]
		s.some[dst[k]] = s.some[dst[k]] || f.some[g]
	}
	return nil
}

func (s *sumInts) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[int64](out), s.sum[lo:hi])
	for i := lo; i < hi; i++ {
		if !s.some[i] {
			out.SetNull(i - lo)
		}
	}
	return nil
}

func (s *sumInts) Size() int { return 9 * cap(s.sum) }

// CountRows is count(*).
func CountRows() *fn.Overload {
	return &fn.Overload{Result: types.TBigInt, NewAcc: func([]fn.Arg) fn.Accumulator { return &countRows{} }}
}

type countRows struct{ n []int64 }

func (c *countRows) Grow(n int) {
	if n > cap(c.n) {
		c.n = append(make([]int64, 0, max(2*cap(c.n), n)), c.n...)
	}
	c.n = c.n[:max(n, len(c.n))]
}

func (c *countRows) Update(groups []int32, _ []*vec.Vector, _ []int32) error {
	for _, g := range groups {
		c.n[g]++
	}
	return nil
}

func (c *countRows) UpdateOne(group int32, _ []*vec.Vector, sel []int32) error {
	c.n[group] += int64(len(sel))
	return nil
}

func (c *countRows) Merge(from fn.Accumulator, src, dst []int32) error {
	for k, g := range src {
		c.n[dst[k]] += from.(*countRows).n[g]
	}
	return nil
}

func (c *countRows) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[int64](out), c.n[lo:hi])
	return nil
}

func (c *countRows) Size() int { return 8 * cap(c.n) }

// Concat joins strings with commas in the order of the rows.
func Concat() *fn.Overload {
	return &fn.Overload{Result: types.TVarchar, Args: []types.Type{types.TVarchar}, OrderMatters: true, NewAcc: func([]fn.Arg) fn.Accumulator { return &concat{} }}
}

type concat struct{ s []string }

func (c *concat) Grow(n int) {
	for len(c.s) < n {
		c.s = append(c.s, "")
	}
}

func (c *concat) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	for k, i := range sel {
		c.s[groups[k]] += string(args[0].Bytes(int(i))) + ","
	}
	return nil
}

func (c *concat) Merge(from fn.Accumulator, src, dst []int32) error {
	for k, g := range src {
		c.s[dst[k]] += from.(*concat).s[g]
	}
	return nil
}

func (c *concat) Result(lo, hi int, out *vec.Vector) error {
	for i := lo; i < hi; i++ {
		out.SetBytes(i-lo, []byte(c.s[i]))
	}
	return nil
}

func (c *concat) Size() int { return 16 * len(c.s) }
