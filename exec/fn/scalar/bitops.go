package scalar

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
)

// bitOp makes a bitwise operator on two integers.
func bitOp(name string, aliases []string, doc string, f func(a, b int64) int64, examples ...string) *fn.Function {
	bit := func(a, b byte) byte { return byte(f(int64(a), int64(b))) }
	return &fn.Function{
		Name: name, Aliases: aliases, Category: "operator", Doc: doc, Examples: tex(examples...),
		Overloads: []*fn.Overload{
			sig(types.TInteger, map2(func(a, b int32) int32 { return int32(f(int64(a), int64(b))) }), types.TInteger, types.TInteger),
			sig(types.TBigInt, map2(f), types.TBigInt, types.TBigInt),
			bitwise(name, bit),
		},
	}
}

var (
	bitAnd = bitOp("bit_and_op", []string{"&", "bitand"}, "The bits that both have, integers or bit strings of one length.", func(a, b int64) int64 { return a & b }, "6 & 3", "2", "'1100'::BIT & '1010'::BIT", "1000")
	bitOr  = bitOp("bit_or_op", []string{"|", "bitor"}, "The bits that either has, of integers or bit strings of one length.", func(a, b int64) int64 { return a | b }, "6 | 3", "7")
	bitXor = bitOp("xor", []string{"#", "bitxor"}, "The bits that just one has, of integers or bit strings of one length.", func(a, b int64) int64 { return a ^ b }, "6 # 3", "5")
)

var bitNot = &fn.Function{
	Name: "bit_not", Aliases: []string{"bitnot"}, Category: "operator", Doc: "The integer with every bit changed.",
	Examples: tex("~5", "-6", "~('101'::BIT)", "010"),
	Overloads: []*fn.Overload{
		sig(types.TInteger, map1(func(a int32) int32 { return ^a }), types.TInteger),
		sig(types.TBigInt, map1(func(a int64) int64 { return ^a }), types.TBigInt),
		notBits,
	},
}

// shifts gives the overloads of a shift; the left side stays BIGINT so that bits have room.
func shifts(left bool, f func(a, n int64) (int64, error)) []*fn.Overload {
	return []*fn.Overload{failing(sig(types.TBigInt, try2(f), types.TBigInt, types.TBigInt)), shiftBits(left)}
}

var shiftLeft = &fn.Function{
	Name: "shift_left", Aliases: []string{"<<", "shiftleft"}, Category: "operator", Doc: "The integer's bits moved up by n places; bits that leave BIGINT are an error.",
	Examples: tex("1 << 4", "16", "'0011'::BIT << 1", "0110"),
	Overloads: shifts(true, func(a, n int64) (int64, error) {
		if n < 0 || a != 0 && n >= 63 || n < 64 && a<<uint(n)>>uint(n) != a {
			return 0, dataErr("overflow: %d << %d does not fit BIGINT", a, n)
		}
		if a == 0 {
			return 0, nil
		}
		return a << uint(n), nil
	}),
}

var shiftRight = &fn.Function{
	Name: "shift_right", Aliases: []string{">>", "shiftright"}, Category: "operator", Doc: "The integer's bits moved down by n places, keeping the sign.",
	Examples: tex("16 >> 2", "4"),
	Overloads: shifts(false, func(a, n int64) (int64, error) {
		if n < 0 {
			return 0, dataErr("%d >> %d: a shift must not be negative", a, n)
		}
		return a >> uint(min(n, 63)), nil
	}),
}
