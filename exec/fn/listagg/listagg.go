// Package listagg makes a scalar function over arrays of every aggregate: list_aggregate(list, 'name', …) and list_name(list, …).
// The aggregate's own Accumulator does the work, one group an array, so that both give the same.
package listagg

import (
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/agg"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// short is a function of an array that is one aggregate. Result is what list_name([1, 2, 2]) gives, with the arguments in more.
type short struct{ name, aliases, agg, doc, example, result string }

var shorts = []short{
	{"list_sum", "array_sum", "sum", "The sum of the elements.", "list_sum([1, 2, NULL])", "3"},
	{"list_avg", "list_mean array_avg", "avg", "The mean of the elements that are not NULL.", "list_avg([1, 2, NULL])", "1.5"},
	{"list_count", "", "count", "The number of elements that are not NULL.", "list_count([1, NULL, 1])", "2"},
	{"list_median", "", "median", "The middle element.", "list_median([1, 2, 10])", "2.0"},
	{"list_mode", "", "mode", "The most frequent element.", "list_mode([1, 2, 2])", "2"},
	{"list_mad", "", "mad", "The median distance of the elements from their median.", "list_mad([1, 2, 10])", "1.0"},
	{"list_product", "", "product", "The product of the elements.", "list_product([2, 3])", "6.0"},
	{"list_first", "", "first", "The first element, NULL or not.", "list_first([3, 1])", "3"},
	{"list_last", "", "last", "The last element, NULL or not.", "list_last([3, 1])", "1"},
	{"list_any_value", "", "first_value_not_null", "The first element that is not NULL.", "list_any_value([NULL, 2])", "2"},
	{"list_bool_and", "", "bool_and", "Whether all elements are true.", "list_bool_and([true, false])", "false"},
	{"list_bool_or", "", "bool_or", "Whether an element is true.", "list_bool_or([true, false])", "true"},
	{"list_bit_and", "", "bit_and", "The bits that all elements have.", "list_bit_and([6, 3])", "2"},
	{"list_bit_or", "", "bit_or", "The bits that any element has.", "list_bit_or([6, 3])", "7"},
	{"list_bit_xor", "", "bit_xor", "The bits that an odd number of elements has.", "list_bit_xor([6, 3])", "5"},
	{"list_string_agg", "", "string_agg", "The elements as one text, with a separator.", "list_string_agg(['a', 'b'], '-')", "a-b"},
	{"list_stddev_samp", "list_stddev", "stddev_samp", "The standard deviation of the elements, a sample.", "list_stddev_samp([1, 2, 3])", "1.0"},
	{"list_stddev_pop", "", "stddev_pop", "The standard deviation of the elements, a population.", "list_stddev_pop([1, 3])", "1.0"},
	{"list_var_samp", "list_variance", "var_samp", "The variance of the elements, a sample.", "list_var_samp([1, 2, 3])", "1.0"},
	{"list_var_pop", "", "var_pop", "The variance of the elements, a population.", "list_var_pop([1, 3])", "1.0"},
	{"list_sem", "", "sem", "The standard error of the elements' mean.", "round(list_sem([1, 2, 3]), 4)", "0.5774"},
	{"list_skewness", "", "skewness", "How lopsided the elements lie.", "round(list_skewness([1, 2, 10]), 4)", "1.6523"},
	{"list_kurtosis", "", "kurtosis", "How heavy the ends of the elements' distribution are, by the formula for samples.", "round(list_kurtosis([1, 2, 3, 10]), 4)", "3.228"},
	{"list_kurtosis_pop", "", "kurtosis_pop", "How heavy the ends of the elements' distribution are, by the formula for populations.", "round(list_kurtosis_pop([1, 2, 3, 10]), 4)", "-0.7696"},
	{"list_entropy", "", "entropy", "The information in an element, in bits.", "list_entropy([1, 2])", "1.0"},
	{"list_histogram", "", "histogram", "A map of the elements and how often each occurs.", "list_histogram([2, 1, 2])", "{1=1, 2=2}"},
	{"list_approx_count_distinct", "", "approx_count_distinct", "About how many different elements there are.", "list_approx_count_distinct([1, 2, 2])", "2"},
}

// firstPresent is first(x, true) under a name of its own.
const firstPresent = "first_value_not_null"

// All gives the functions.
func All() []*fn.Function {
	byName := map[string]*fn.Function{}
	for _, f := range agg.All {
		for _, n := range append([]string{f.Name}, f.Aliases...) {
			byName[n] = f
		}
	}
	out := []*fn.Function{general(byName)}
	for _, s := range shorts {
		f := &fn.Function{
			Name: s.name, Aliases: strings.Fields(s.aliases), Category: "nested", Doc: s.doc + " NULL of a NULL array.", Signatures: []string{s.name + "(T[], …)"},
			Examples: []fn.Example{{SQL: s.example, Result: s.result}},
		}
		a, notNull := byName[s.agg], s.agg == firstPresent
		if notNull {
			a = byName["first"]
		}
		f.Bind = func(args []fn.Arg) (*fn.Overload, error) { return bind(a, args, 1, notNull) }
		out = append(out, f)
	}
	return out
}

func general(byName map[string]*fn.Function) *fn.Function {
	return &fn.Function{
		Name: "list_aggregate", Aliases: []string{"list_aggr", "array_aggregate", "array_aggr", "aggregate"}, Category: "nested",
		Doc: "The aggregate of that name over the elements of the array.", Signatures: []string{"list_aggregate(T[], 'name', …)"},
		Examples: []fn.Example{{SQL: "list_aggregate([1, 2, 4], 'max')", Result: "4"}, {SQL: "list_aggr(['a', 'b'], 'string_agg', '|')", Result: "a|b"}},
		Bind: func(args []fn.Arg) (*fn.Overload, error) {
			if len(args) < 2 || args[1].Const == nil || args[1].Type.Kind != types.Varchar {
				return nil, nil
			}
			if args[1].Const.IsNull(0) {
				return nil, sqlerr.New(sqlerr.Bind, "list_aggregate wants the name of an aggregate, not NULL")
			}
			name := strings.ToLower(string(args[1].Const.Bytes(0)))
			f := byName[name]
			if name == "any_value" { // of a list, which has an order, it is the first
				return bind(byName["first"], args, 2, true)
			}
			if f == nil {
				var names []string
				for n := range byName {
					names = append(names, n)
				}
				return nil, sqlerr.New(sqlerr.NotFound, "aggregate %s does not exist", name).WithHint("%s", sqlerr.DidYouMean(name, names))
			}
			return bind(f, args, 2, false)
		},
	}
}

// bind makes the overload of f over the first argument; those from skip on are f's own. present: NULLs are passed over.
func bind(f *fn.Function, args []fn.Arg, skip int, present bool) (*fn.Overload, error) {
	if len(args) == 0 || args[0].Type.Kind != types.Array && args[0].Type.Kind != types.Null {
		return nil, nil
	}
	elem := types.TNull
	if args[0].Type.Kind == types.Array {
		elem = args[0].Type.Elems[0].Type
	}
	if elem.Kind == types.Null {
		elem = types.TInteger
	}
	own := append([]fn.Arg{{Type: elem}}, args[skip:]...)
	o, err := f.Resolve(own)
	if err != nil {
		return nil, err
	}
	if t := o.ArgType(0); t.Kind != types.Null {
		elem = t
	}
	out := &fn.Overload{Args: []types.Type{types.NewArray(elem)}, Result: o.Result, CanFail: true}
	for i := 1; i < skip; i++ {
		out.Args = append(out.Args, args[i].Type)
	}
	own[0].Type = elem
	for i := 1; i < len(own); i++ {
		t := o.ArgType(i)
		if t.Kind == types.Null {
			t = own[i].Type
		}
		own[i].Type = t
		out.Args = append(out.Args, t)
	}
	if present {
		c := *o
		c.TakesNulls = false
		o = &c
	}
	out.Eval = func(_ *fn.Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
		return eval(o, own, append([]*vec.Vector{args[0]}, args[skip:]...), sel, n, out)
	}
	return out, nil
}

// eval runs the aggregate with one group for each row of sel.
func eval(o *fn.Overload, own []fn.Arg, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error {
	if len(sel) == 0 {
		return nil
	}
	acc := o.NewAcc(own)
	acc.Grow(len(sel))
	var at, rows, groups []int32
	var kid *vec.Vector
	idx := make([]int32, n)
	for i := range idx {
		idx[i] = -1
	}
	for g, i := range sel {
		idx[i] = int32(g)
		f, k := args[0].At(int(i))
		e := vec.Values[vec.ListEntry](f)[k]
		kid = f.Kids[0]
		for j := range e.Len {
			at, rows, groups = append(at, int32(e.Off+j)), append(rows, i), append(groups, int32(g))
		}
	}
	if len(at) > 0 {
		cols := make([]*vec.Vector, len(args))
		cols[0] = &vec.Vector{}
		vec.Gather(cols[0], kid, at)
		for j, a := range args[1:] {
			cols[j+1] = &vec.Vector{}
			vec.Gather(cols[j+1], a, rows)
		}
		live := vec.Identity(len(at))
		if !o.TakesNulls {
			for _, c := range cols {
				live = kernel.ValidRows(c, live)
			}
			if len(live) < len(at) {
				kept := make([]int32, len(live))
				for k, i := range live {
					kept[k] = groups[i]
				}
				groups = kept
			}
		}
		if len(live) > 0 {
			if err := acc.Update(groups, cols, live); err != nil {
				return err
			}
		}
	}
	res := vec.New(o.Result, len(sel))
	if err := acc.Result(0, len(sel), res); err != nil {
		return err
	}
	keep := append(vec.Bitmap(nil), out.Valid...)
	vec.GatherAt(out, res, idx, vec.Identity(n), n)
	for i := range keep {
		out.MakeValid()[i] &= keep[i]
	}
	return nil
}
