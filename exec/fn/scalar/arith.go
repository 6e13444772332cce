package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// operands gives the types of two operands. NULL takes the other's type, and so does a text constant; a text column beside a
// number is read as DOUBLE.
func operands(a []fn.Arg) (l, r types.Type, ok bool) {
	if len(a) != 2 {
		return l, r, false
	}
	l, r = operand(a[0], a[1].Type), operand(a[1], a[0].Type)
	if l.Kind == types.Null && r.Kind == types.Null {
		l, r = types.TInteger, types.TInteger
	}
	return l, r, true
}

func operand(a fn.Arg, other types.Type) types.Type {
	switch {
	case a.Type.Kind == types.Null && other.Kind != types.Varchar:
		return other
	case a.Type.Kind == types.Null && other.Kind == types.Varchar:
		return types.TInteger
	case a.Type.Kind != types.Varchar || other.Kind == types.Varchar || other.IsNested():
		return a.Type
	case !other.IsNumeric():
		return other
	case a.Const != nil && !a.Const.IsNull(0) && other.IsExact():
		if x, exact, ok := kernel.ParseDecimal(kernel.Trim(a.Const.Bytes(0)), 38, 0); ok && exact && kernel.IsInt64(x) {
			if other.Kind == types.Decimal {
				return types.TBigInt
			}
			return other
		}
	}
	return types.TDouble
}

// commonInt gives the type that arithmetic on two integers yields; ok is false where it takes decimals.
func commonInt(l, r types.Type) (t types.Type, ok bool) {
	if l.Kind == types.UBigInt || r.Kind == types.UBigInt {
		return t, false
	}
	for _, x := range [2]types.Type{l, r} {
		if x.Kind == types.BigInt || x.Kind == types.UInteger {
			return types.TBigInt, true
		}
	}
	return types.TInteger, true
}

// asDecimal gives the decimal type of an exact operand. An integer constant has just its digits, so that 1 - x stays narrow.
func asDecimal(t types.Type, c *vec.Vector) types.Type {
	if t.Kind != types.Decimal && c != nil && !c.IsNull(0) && c.Type.IsInteger() {
		x := kernel.Int128At(c, 0)
		for p := 1; p < 38; p++ {
			if kernel.FitsPrecision(x, p) {
				return types.NewDecimal(p, 0)
			}
		}
	}
	return types.AsDecimal(t)
}

// adjust makes precision p and scale s fit 38 digits: digits of the fraction are given up, but not below six.
func adjust(p, s int) types.Type {
	if p > types.MaxPrecision {
		whole := p - s
		s = max(types.MaxPrecision-whole, min(s, 6))
		p = types.MaxPrecision
	}
	return types.NewDecimal(p, s)
}

// decimalResult gives the type of + − × on decimals.
func decimalResult(op kernel.ArithOp, l, r types.Type) types.Type {
	lp, ls, rp, rs := int(l.P), int(l.S), int(r.P), int(r.S)
	if (l.IsHuge() || r.IsHuge()) && ls == 0 && rs == 0 {
		return types.THugeInt
	}
	if op == kernel.Mul {
		return adjust(lp+rp+1, ls+rs)
	}
	s := max(ls, rs)
	return adjust(max(lp-ls, rp-rs)+s+1, s)
}

// bindArith binds + − × on numbers; nil where the operands are none.
func bindArith(op kernel.ArithOp, sign string, args []fn.Arg) *fn.Overload {
	l, r, ok := operands(args)
	if !ok || !l.IsNumeric() || !r.IsNumeric() {
		return nil
	}
	if !l.IsExact() || !r.IsExact() {
		return sig(types.TDouble, floatArith(op), types.TDouble, types.TDouble)
	}
	if l.IsInteger() && r.IsInteger() {
		if t, ok := commonInt(l, r); ok {
			return failing(sig(t, intArith(op, sign, t), t, t))
		}
	}
	ld, rd := asDecimal(l, args[0].Const), asDecimal(r, args[1].Const)
	t := decimalResult(op, ld, rd)
	o := failing(sig(t, decimalArith(op, sign, int(ld.S), int(rd.S), t), l, r))
	o.Narrow = true
	o.CanFail = int(t.P) >= types.MaxPrecision
	o.Prepare = func(args []fn.Arg) (fn.Eval, error) { return prescale(op, sign, args, int(ld.S), int(rd.S), t), nil }
	return o
}

// prescale brings a constant operand of + and − to the other's scale once, instead of once a batch.
func prescale(op kernel.ArithOp, sign string, args []fn.Arg, ls, rs int, t types.Type) fn.Eval {
	scales := [2]int{ls, rs}
	for k := range 2 {
		c, up := args[k].Const, scales[1-k]-scales[k]
		if op == kernel.Mul {
			up = 0
		}
		if c == nil || c.IsNull(0) || args[1-k].Const != nil || up < 0 || up > 18 {
			continue
		}
		x, ok := kernel.Mul128(kernel.Int128At(c, 0), kernel.Pow10(up))
		if !ok || !kernel.IsInt64(x) {
			continue
		}
		v := vec.NewConst(types.TBigInt, 1)
		vec.Values[int64](v)[0] = int64(x.Lo)
		scales[k] += up
		return func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
			pair := [2]*vec.Vector{args[0], args[1]}
			pair[k] = v
			if i := c.Decimals.Arith(op, pair[0], pair[1], scales[0], scales[1], sel, n, t, out); i >= 0 {
				return overflow(sign, args, i, t)
			}
			return nil
		}
	}
	return nil
}

func floatArith(op kernel.ArithOp) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		kernel.ArithFloat(op, args[0], args[1], sel, out)
		return nil
	}
}

func intArith(op kernel.ArithOp, sign string, t types.Type) fn.Eval {
	return func(_ *fn.Ctx, args []*vec.Vector, sel []int32, _ int, out *vec.Vector) error {
		if i := kernel.ArithInt(op, args[0], args[1], sel, out); i >= 0 {
			return overflow(sign, args, i, t)
		}
		return nil
	}
}

func decimalArith(op kernel.ArithOp, sign string, ls, rs int, t types.Type) fn.Eval {
	return func(c *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		if i := c.Decimals.Arith(op, args[0], args[1], ls, rs, sel, n, t, out); i >= 0 {
			return overflow(sign, args, i, t)
		}
		return nil
	}
}

func overflow(sign string, args []*vec.Vector, i int32, t types.Type) error {
	return dataErr("overflow: %s %s %s does not fit %s", show(args[0], i), sign, show(args[1], i), t)
}

// store writes an exact number into row i of out, whose layout is PI32, PI64 or PI128.
func store(out *vec.Vector, i int32, x vec.Int128) {
	switch out.Phys() {
	case types.PI32:
		vec.Values[int32](out)[i] = int32(x.Lo)
	case types.PI64:
		vec.Values[int64](out)[i] = int64(x.Lo)
	default:
		vec.Values[vec.Int128](out)[i] = x
	}
}
