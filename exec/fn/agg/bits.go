package agg

import (
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/vec"
)

// folded makes an aggregate that folds machine words with an associative operation.
func folded(name string, aliases []string, doc string, dup bool, os []*fn.Overload, examples ...string) *fn.Function {
	for _, o := range os {
		o.IgnoresDuplicates = dup
	}
	return &fn.Function{Name: name, Aliases: aliases, Kind: fn.Aggregate, Category: "aggregate", Doc: doc, Examples: tex(examples...), Overloads: os}
}

func foldOf[T any](t types.Type, f func(a, b T) T) *fn.Overload {
	return &fn.Overload{Args: []types.Type{t}, Result: t, NewAcc: func([]fn.Arg) fn.Accumulator { return &foldAcc[T]{f: f} }}
}

// foldBits is an aggregate of bit strings of one length.
func foldBits(f func(a, b byte) byte) *fn.Overload {
	o := &fn.Overload{Args: []types.Type{types.TBit}, Result: types.TBit, NewAcc: func([]fn.Arg) fn.Accumulator { return &bitsAcc{f: f} }}
	o.CanFail = true
	return o
}

// bitsAcc folds bit strings.
type bitsAcc struct {
	f     func(a, b byte) byte
	val   [][]byte
	bytes int
}

func (a *bitsAcc) Grow(n int) { a.val = grow(a.val, n) }

func (a *bitsAcc) Size() int { return 24*cap(a.val) + a.bytes }

func (a *bitsAcc) put(g int32, x []byte) error {
	v := a.val[g]
	if v == nil {
		a.val[g] = append([]byte{}, x...)
		a.bytes += len(x)
		return nil
	}
	if len(v) != len(x) {
		return sqlerr.New(sqlerr.Data, "the aggregate meets %d and %d bits: there must be as many in each row", len(v), len(x))
	}
	for i := range v {
		v[i] = '0' + a.f(v[i]&1, x[i]&1)
	}
	return nil
}

func (a *bitsAcc) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	s := vec.StrsOf(args[0])
	for k, i := range sel {
		if err := a.put(groups[k], s.At(i)); err != nil {
			return err
		}
	}
	return nil
}

func (a *bitsAcc) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*bitsAcc)
	for k, g := range src {
		if f.val[g] != nil {
			if err := a.put(dst[k], f.val[g]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *bitsAcc) Result(lo, hi int, out *vec.Vector) error {
	for i, v := range a.val[lo:hi] {
		if v == nil {
			out.SetNull(i)
		} else {
			out.SetBytes(i, v)
		}
	}
	return nil
}

func and8(a, b uint8) uint8 { return a & b }

func or8(a, b uint8) uint8 { return a | b }

var (
	boolAnd = folded("bool_and", []string{"every"}, "Whether all values are true.", true, []*fn.Overload{foldOf(types.TBoolean, and8)}, "bool_and(x > 0) FROM (VALUES (1), (2)) t(x)", "true")
	boolOr  = folded("bool_or", []string{"any", "some"}, "Whether a value is true.", true, []*fn.Overload{foldOf(types.TBoolean, or8)}, "bool_or(x > 1) FROM (VALUES (1), (2)) t(x)", "true")
	bitAnd  = folded("bit_and", nil, "The bits that all integers have.", true, []*fn.Overload{
		foldOf(types.TInteger, func(a, b int32) int32 { return a & b }), foldOf(types.TBigInt, func(a, b int64) int64 { return a & b }), foldBits(func(a, b byte) byte { return a & b }),
	}, "bit_and(x) FROM (VALUES (6), (3)) t(x)", "2")
	bitOr = folded("bit_or", nil, "The bits that any integer has.", true, []*fn.Overload{
		foldOf(types.TInteger, func(a, b int32) int32 { return a | b }), foldOf(types.TBigInt, func(a, b int64) int64 { return a | b }), foldBits(func(a, b byte) byte { return a | b }),
	}, "bit_or(x) FROM (VALUES (6), (3)) t(x)", "7")
	bitXor = folded("bit_xor", nil, "The bits that an odd number of the integers has.", false, []*fn.Overload{
		foldOf(types.TInteger, func(a, b int32) int32 { return a ^ b }), foldOf(types.TBigInt, func(a, b int64) int64 { return a ^ b }), foldBits(func(a, b byte) byte { return a ^ b }),
	}, "bit_xor(x) FROM (VALUES (6), (3)) t(x)", "5")
	product = folded("product", nil, "The product as DOUBLE.", false, []*fn.Overload{foldOf(types.TDouble, func(a, b float64) float64 { return a * b })}, "product(x) FROM (VALUES (2), (3)) t(x)", "6.0")
)

// foldAcc folds values.
type foldAcc[T any] struct {
	f    func(a, b T) T
	val  []T
	seen []uint8
}

func (a *foldAcc[T]) Grow(n int) { a.val, a.seen = grow(a.val, n), grow(a.seen, n) }

func (a *foldAcc[T]) Size() int { return 9 * cap(a.seen) }

func (a *foldAcc[T]) put(g int32, x T) {
	if a.seen[g] != 0 {
		x = a.f(a.val[g], x)
	}
	a.val[g], a.seen[g] = x, 1
}

func (a *foldAcc[T]) Update(groups []int32, args []*vec.Vector, sel []int32) error {
	c := vec.ColOf[T](args[0])
	for k, i := range sel {
		a.put(groups[k], c.At(i))
	}
	return nil
}

func (a *foldAcc[T]) Merge(from fn.Accumulator, src, dst []int32) error {
	f := from.(*foldAcc[T])
	for k, g := range src {
		if f.seen[g] != 0 {
			a.put(dst[k], f.val[g])
		}
	}
	return nil
}

func (a *foldAcc[T]) Result(lo, hi int, out *vec.Vector) error {
	copy(vec.Values[T](out), a.val[lo:hi])
	nullWhereZero(out, a.seen[lo:hi])
	return nil
}
