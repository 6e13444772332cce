package op_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/fn/agg"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/optest"
	"github.com/skep-sql/skep/exec/vec"
)

// calc is a program of one value computed by Go.
type calc struct {
	t types.Type
	f func(r optest.Row) any
}

func (c calc) Machine(*flow.Task) flow.Machine { return c }

func (c calc) Eval(b *vec.Batch) ([]*vec.Vector, error) {
	vals, sel := make([]any, b.N), b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	for _, i := range sel { // others may hold anything
		vals[i] = c.f(optest.BatchRow(b, int(i)))
	}
	return []*vec.Vector{optest.Vector(c.t, vals)}, nil
}

func (c calc) Select(*vec.Batch, []int32) ([]int32, error) { panic("a value is no condition") }

// The columns of the rows under test.
const (
	wPart = iota // BIGINT
	wKey         // INTEGER, NULL at times
	wVal         // BIGINT, NULL at times
	wText        // VARCHAR, NULL at times
	wDist        // BIGINT, 0…3: frame distances
	wPass        // BOOLEAN, NULL at times
	wNum         // DOUBLE, NULL at times
	wRow         // BIGINT: the row's number
)

var wTypes = []types.Type{types.TBigInt, types.TInteger, types.TBigInt, types.TVarchar, types.TBigInt, types.TBoolean, types.TDouble, types.TBigInt}

func windowRows(rng *rand.Rand, n, parts int) []optest.Row {
	maybe := func(x any) any {
		if rng.IntN(6) == 0 {
			return nil
		}
		return x
	}
	rows := make([]optest.Row, n)
	for i := range rows {
		p := any(rng.Int64N(int64(parts)))
		if parts > 5 {
			p = maybe(p)
		}
		text := fmt.Sprintf("t%d", rng.IntN(9))
		if rng.IntN(3) == 0 {
			text += " and a long tail"
		}
		rows[i] = optest.Row{p, maybe(rng.Int64N(int64(n/parts/2 + 2))), maybe(rng.Int64N(20) - 10), maybe(text), rng.Int64N(4), maybe(rng.IntN(3) > 0),
			maybe(float64(rng.IntN(8))), int64(i)}
	}
	return rows
}

// winCase is a function with the way the oracle computes it from the rows of its frame.
type winCase struct {
	op.WindowFunc
	naive func(frame []optest.Row) any // aggregates
}

func overload(name string, ts ...types.Type) (*fn.Overload, []fn.Arg) {
	var args []fn.Arg
	for _, t := range ts {
		args = append(args, fn.Arg{Type: t})
	}
	for _, f := range agg.All {
		if f.Name == name {
			o, err := f.Resolve(args)
			if err != nil {
				panic(err)
			}
			return o, args
		}
	}
	panic(name)
}

func aggCase(name string, col int, naive func(vals []any) any) winCase {
	var ts []types.Type
	w := winCase{}
	if col >= 0 {
		ts = wTypes[col : col+1]
		w.Inputs = optest.Cols{col}
	}
	o, args := overload(name, ts...)
	w.WindowFunc = op.WindowFunc{Kind: op.WinAggregate, Result: o.Result, Inputs: w.Inputs, InputTypes: ts, Overload: o, Args: args}
	w.naive = func(frame []optest.Row) any {
		var vals []any
		for _, r := range frame {
			if w.Filter != nil && r[wPass] != true {
				continue
			}
			if col < 0 {
				vals = append(vals, nil)
			} else if r[col] != nil || o.TakesNulls {
				vals = append(vals, r[col])
			}
		}
		return naive(vals)
	}
	return w
}

func uniqueOf(vals []any) []any {
	var out []any
	seen := map[any]bool{}
	for _, v := range vals {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

func sumAny(vals []any) any {
	if len(vals) == 0 {
		return nil
	}
	s := int64(0)
	for _, v := range vals {
		s += v.(int64)
	}
	return s
}

func extremeAny(sign int) func(vals []any) any {
	return func(vals []any) any {
		var best any
		for _, v := range vals {
			if best == nil || compareAny(v, best)*sign > 0 {
				best = v
			}
		}
		return best
	}
}

func joined(vals []any) any {
	if len(vals) == 0 {
		return nil
	}
	s := make([]string, len(vals))
	for i, v := range vals {
		s[i] = v.(string)
	}
	return strings.Join(s, ",")
}

func listed(vals []any) any {
	if len(vals) == 0 {
		return nil
	}
	return vals
}

func count(vals []any) any { return int64(len(vals)) }

// aggCases are aggregates of all ways to be computed.
func aggCases() []winCase {
	distinct := func(name string, col int, naive func([]any) any) winCase {
		c := aggCase(name, col, func(vals []any) any { return naive(uniqueOf(vals)) })
		c.Distinct = true
		return c
	}
	filtered := func(c winCase) winCase {
		c.Filter = optest.Where(func(r optest.Row) (bool, error) { return r[wPass] == true, nil })
		inner := c.naive
		c.naive = func(frame []optest.Row) any {
			var kept []optest.Row
			for _, r := range frame {
				if r[wPass] == true {
					kept = append(kept, r)
				}
			}
			return inner(kept)
		}
		return c
	}
	return []winCase{
		aggCase("count", -1, count), aggCase("count", wVal, count), aggCase("sum", wVal, sumAny), filtered(aggCase("sum", wVal, sumAny)),
		aggCase("min", wText, extremeAny(-1)), aggCase("max", wVal, extremeAny(1)), aggCase("max", wNum, extremeAny(1)),
		aggCase("string_agg", wText, joined), filtered(aggCase("array_agg", wVal, listed)), filtered(aggCase("count", -1, count)),
		aggCase("first", wVal, func(vals []any) any {
			if len(vals) == 0 {
				return nil
			}
			return vals[0]
		}),
		distinct("count", wVal, count), distinct("sum", wVal, sumAny), distinct("string_agg", wText, joined),
		aggCase("avg", wVal, func(vals []any) any {
			if len(vals) == 0 {
				return nil
			}
			return float64(sumAny(vals).(int64)) / float64(len(vals))
		}),
	}
}

// pickCases are the functions that give another row's value, and those of the row's place.
func pickCases() []winCase {
	var out []winCase
	add := func(k op.WindowKind, t types.Type, ignore bool, cols ...int) {
		w := op.WindowFunc{Kind: k, Result: t, IgnoreNulls: ignore}
		if len(cols) > 0 {
			w.Inputs = optest.Cols(cols)
			for _, c := range cols {
				w.InputTypes = append(w.InputTypes, wTypes[c])
			}
		}
		out = append(out, winCase{WindowFunc: w})
	}
	for _, k := range []op.WindowKind{op.WinRowNumber, op.WinRank, op.WinDenseRank} {
		add(k, types.TBigInt, false)
	}
	add(op.WinPercentRank, types.TDouble, false)
	add(op.WinCumeDist, types.TDouble, false)
	for _, ignore := range []bool{false, true} {
		for _, k := range []op.WindowKind{op.WinLag, op.WinLead} {
			add(k, wTypes[wVal], ignore, wVal)
			add(k, wTypes[wText], ignore, wText, wVal) // distances on both sides
			add(k, wTypes[wText], ignore, wText, wDist, wText)
			add(k, wTypes[wVal], ignore, wVal, wVal, wRow)
		}
		add(op.WinFirst, wTypes[wText], ignore, wText)
		add(op.WinLast, wTypes[wVal], ignore, wVal)
		add(op.WinNth, wTypes[wVal], ignore, wVal, wDist)
	}
	return out
}

// oracle computes windows by the definition, row by row.
type oracle struct {
	w    *op.Window
	keys []int // of the order
}

func (o *oracle) cmp(a, b optest.Row) int {
	for k, c := range o.keys {
		switch x, y := a[c], b[c]; {
		case x == nil && y == nil:
		case x == nil || y == nil:
			if (x == nil) == o.w.NullsFirst[k] {
				return -1
			}
			return 1
		default:
			if d := compareAny(x, y); d != 0 {
				if o.w.Desc[k] {
					return -d
				}
				return d
			}
		}
	}
	return 0
}

func (o *oracle) rows(rows []optest.Row, cases []winCase, bound [2]func(optest.Row) any) []optest.Row {
	var order []any
	parts := map[any][]optest.Row{}
	for _, r := range rows {
		var p any
		if o.w.PartitionBy != nil {
			p = r[wPart]
		}
		if parts[p] == nil {
			order = append(order, p)
		}
		parts[p] = append(parts[p], r)
	}
	var out []optest.Row
	for _, p := range order {
		part := parts[p]
		sort.SliceStable(part, func(i, j int) bool { return o.cmp(part[i], part[j]) < 0 })
		for i, r := range part {
			got := append(optest.Row(nil), r...)
			for c := range cases {
				got = append(got, o.value(&cases[c], part, i, bound))
			}
			out = append(out, got)
		}
	}
	return out
}

func (o *oracle) value(c *winCase, part []optest.Row, i int, bound [2]func(optest.Row) any) any {
	before, peers, groups := 0, 0, map[int]bool{}
	for j := range part {
		if c.Kind < op.WinRank || c.Kind > op.WinCumeDist {
			break
		}
		switch d := o.cmp(part[j], part[i]); {
		case d < 0:
			before++
			groups[o.group(part, j)] = true
		case d == 0:
			peers++
		}
	}
	arg := func(k int) any {
		cols := c.Inputs.(optest.Cols)
		if k >= len(cols) {
			return nil
		}
		return part[i][cols[k]]
	}
	switch c.Kind {
	case op.WinRowNumber:
		return int64(i + 1)
	case op.WinRank:
		return int64(before + 1)
	case op.WinDenseRank:
		return int64(len(groups) + 1)
	case op.WinPercentRank:
		return float64(before) / float64(max(len(part)-1, 1))
	case op.WinCumeDist:
		return float64(before+peers) / float64(len(part))
	case op.WinLag, op.WinLead:
		return o.shifted(c, part, i, arg)
	}
	frame := o.frame(c, part, i, bound)
	if c.Kind == op.WinAggregate {
		return c.naive(frame)
	}
	var vals []any
	for _, r := range frame {
		if v := r[c.Inputs.(optest.Cols)[0]]; v != nil || !c.IgnoreNulls {
			vals = append(vals, v)
		}
	}
	n := int64(1)
	switch c.Kind {
	case op.WinLast:
		n = int64(len(vals))
	case op.WinNth:
		n = arg(1).(int64)
	}
	if n < 1 || n > int64(len(vals)) {
		return nil
	}
	return vals[n-1]
}

// group gives the first of row i's peers.
func (o *oracle) group(part []optest.Row, i int) int {
	for i > 0 && o.cmp(part[i-1], part[i]) == 0 {
		i--
	}
	return i
}

func (o *oracle) shifted(c *winCase, part []optest.Row, i int, arg func(int) any) any {
	off := int64(1)
	if len(c.InputTypes) > 1 {
		if arg(1) == nil {
			return nil
		}
		off = arg(1).(int64)
	}
	if c.Kind == op.WinLag {
		off = -off
	}
	at := int64(i)
	for off != 0 {
		step := int64(1)
		if off < 0 {
			step = -1
		}
		if at += step; at < 0 || at >= int64(len(part)) {
			return arg(2)
		}
		if !c.IgnoreNulls || part[at][c.Inputs.(optest.Cols)[0]] != nil {
			off -= step
		}
	}
	return part[at][c.Inputs.(optest.Cols)[0]]
}

// inside tells whether row j is not beyond one end of row i's frame: side −1 is the start.
func (o *oracle) inside(f op.Frame, part []optest.Row, i, j, side int, bound func(optest.Row) any) bool {
	b := f.Start
	if side > 0 {
		b = f.End
	}
	peer := o.cmp(part[j], part[i]) == 0
	switch b.Kind {
	case op.UnboundedPreceding, op.UnboundedFollowing:
		return true
	case op.CurrentRow:
		return (j-i)*side <= 0 || f.Unit != op.FrameRows && peer
	}
	var d int
	switch f.Unit {
	case op.FrameRows:
		d = j - i
	case op.FrameGroups:
		step := 1
		if j < i {
			step = -1
		}
		for k := i; k != j; k += step {
			if o.cmp(part[k], part[k+step]) != 0 {
				d += step
			}
		}
	default:
		if part[i][wKey] == nil {
			return (j-i)*side <= 0 || peer
		}
		limit := bound(part[i])
		if part[j][wKey] == nil {
			return (side < 0) != o.w.NullsFirst[0]
		}
		c := compareAny(part[j][wKey], limit) * side
		if o.w.Desc[0] {
			c = -c
		}
		return c <= 0
	}
	dist := int(part[i][wDist].(int64))
	if b.Kind == op.Preceding {
		dist = -dist
	}
	return (d-dist)*side <= 0
}

func (o *oracle) frame(c *winCase, part []optest.Row, i int, bound [2]func(optest.Row) any) []optest.Row {
	var out []optest.Row
	for j, r := range part {
		if !o.inside(c.Frame, part, i, j, -1, bound[0]) || !o.inside(c.Frame, part, i, j, 1, bound[1]) {
			continue
		}
		peer := o.cmp(part[j], part[i]) == 0
		switch c.Frame.Exclude {
		case op.ExcludeCurrentRow:
			if i == j {
				continue
			}
		case op.ExcludeGroup:
			if peer {
				continue
			}
		case op.ExcludeTies:
			if peer && i != j {
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// setFrame gives all cases the frame, and the oracle the values that bound it.
func setFrame(w *op.Window, cases []winCase, f op.Frame) (bound [2]func(optest.Row) any) {
	for i, b := range []*op.FrameBound{&f.Start, &f.End} {
		if b.Kind != op.Preceding && b.Kind != op.Following {
			continue
		}
		b.Offset = optest.Cols{wDist}
		if f.Unit != op.FrameRange {
			continue
		}
		sign := int64(1)
		if (b.Kind == op.Preceding) != w.Desc[0] {
			sign = -1
		}
		bound[i] = func(r optest.Row) any {
			if r[wKey] == nil {
				return nil
			}
			return r[wKey].(int64) + sign*r[wDist].(int64)
		}
		b.Offset = calc{types.TInteger, bound[i]}
	}
	for i := range cases {
		cases[i].Frame = f
	}
	return bound
}

func checkWindow(t *testing.T, task *flow.Task, rng *rand.Rand, rows []optest.Row, partitioned, ordered bool, f op.Frame, cases []winCase) {
	t.Helper()
	keys := []int{wKey}
	if !ordered {
		keys = nil
	}
	checkOrder(t, task, rng, rows, partitioned, keys, f, cases)
}

func checkOrder(t *testing.T, task *flow.Task, rng *rand.Rand, rows []optest.Row, partitioned bool, keys []int, f op.Frame, cases []winCase) {
	t.Helper()
	w := &op.Window{Types: wTypes}
	if partitioned {
		w.PartitionBy, w.PartitionTypes = optest.Cols{wPart}, wTypes[:1]
	}
	o := &oracle{w: w}
	for _, k := range keys {
		w.OrderBy, w.OrderTypes = optest.Cols(keys), append(w.OrderTypes, wTypes[k])
		w.Desc, w.NullsFirst = append(w.Desc, rng.IntN(2) == 0), append(w.NullsFirst, rng.IntN(2) == 0)
	}
	o.keys = keys
	bound := setFrame(w, cases, f)
	for i := range cases {
		w.Funcs = append(w.Funcs, cases[i].WindowFunc)
	}
	out := &optest.Collect{}
	in := &flow.Pipeline{Source: &optest.Source{Types: wTypes, Rows: rows, Seed: rng.Uint64()}, Sink: w}
	run(t, task, in, &flow.Pipeline{Source: w.Source(), Sink: out, After: []*flow.Pipeline{in}})
	got, want := out.Rows(), o.rows(rows, cases, bound)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			t.Fatalf("%d rows, want %d", len(got), len(want))
		}
		for c := range want[i] {
			if g, x := fmt.Sprint(got[i][c]), fmt.Sprint(want[i][c]); g != x {
				name := ""
				if k := c - len(wTypes); k >= 0 {
					name = fmt.Sprintf("kind %d", cases[k].Kind)
					if cases[k].Overload != nil {
						name = fmt.Sprintf("%s distinct %v", cases[k].Overload.Func.Name, cases[k].Distinct)
					}
				}
				t.Fatalf("row %d (%v) column %d %s: got %s, want %s; frame %+v desc %v nulls first %v", i, want[i][:len(wTypes)], c, name, g, x, f, w.Desc, w.NullsFirst)
			}
		}
	}
}

// allFrames lists every combination of unit, ends and exclusion that is allowed.
func allFrames() []op.Frame {
	var out []op.Frame
	for unit := op.FrameRows; unit <= op.FrameGroups; unit++ {
		for s := op.UnboundedPreceding; s < op.UnboundedFollowing; s++ {
			for e := op.Preceding; e <= op.UnboundedFollowing; e++ {
				if s > e {
					continue
				}
				for x := op.ExcludeNone; x <= op.ExcludeTies; x++ {
					out = append(out, op.Frame{Unit: unit, Start: op.FrameBound{Kind: s}, End: op.FrameBound{Kind: e}, Exclude: x})
				}
			}
		}
	}
	return out
}

func TestWindowFrames(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		for _, f := range allFrames() {
			if f.Unit != op.FrameRows && rng.IntN(3) > 0 {
				continue
			}
			n := 20 + rng.IntN(40)
			parts := []int{1, 3, 30}[rng.IntN(3)]
			rows := windowRows(rng, n, parts)
			if rng.IntN(3) == 0 { // the same distance everywhere
				for _, r := range rows {
					r[wDist] = int64(n % 5)
				}
			}
			cases := aggCases()
			if rng.IntN(3) == 0 {
				cases = append(cases, pickCases()...)
			} else {
				cases = append(cases, pickCases()[13:]...)
			}
			checkWindow(t, task, rng, rows, rng.IntN(4) > 0, true, f, cases)
		}
	})
}

func TestWindowNoOrder(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		for _, n := range []int{0, 1, 100} {
			for _, f := range []op.Frame{{Unit: op.FrameRange, End: op.FrameBound{Kind: op.UnboundedFollowing}}, {Unit: op.FrameRows, End: op.FrameBound{Kind: op.CurrentRow}}} {
				checkWindow(t, task, rng, windowRows(rng, n, 7), rng.IntN(2) == 0, false, f, append(aggCases(), pickCases()...))
			}
		}
	})
}

// TestWindowOrder sorts by keys that fit no word, in partitions of several sizes.
func TestWindowOrder(t *testing.T) {
	setups(t, func(t *testing.T, task *flow.Task, rng *rand.Rand) {
		for _, keys := range [][]int{{wText}, {wText, wNum}, {wNum, wVal, wText, wKey}, {wDist, wPass}} {
			for _, parts := range []int{1, 3, 20} {
				f := op.Frame{Unit: op.FrameRange, End: op.FrameBound{Kind: op.CurrentRow}}
				checkOrder(t, task, rng, windowRows(rng, 150, parts), true, keys, f, append(pickCases(), aggCases()[:3]...))
			}
		}
	})
}

// TestWindowLarge has a partition of several batches.
func TestWindowLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	rows := windowRows(rng, 5000, 1)
	rowNumber := winCase{WindowFunc: op.WindowFunc{Kind: op.WinRowNumber, Result: types.TBigInt}}
	for workers, unit := range map[int]op.FrameUnit{1: op.FrameRows, 8: op.FrameRange} {
		f := op.Frame{Unit: unit, Start: op.FrameBound{Kind: op.Preceding}, End: op.FrameBound{Kind: op.Following}}
		checkWindow(t, optest.Task(workers, 0), rng, rows, true, true, f, []winCase{aggCase("sum", wVal, sumAny), rowNumber})
	}
}

// TestWindowPieces has a partition that is computed in pieces, against sums that are known.
func TestWindowPieces(t *testing.T) {
	const n = 200_000
	cols := []*vec.Vector{ints(n, func(i int) int64 { return int64(i / 150_000) }), ints(n, func(i int) int64 { return int64(i) })}
	two := []types.Type{types.TBigInt, types.TBigInt}
	o, args := overload("sum", types.TBigInt)
	sum := func(s, e op.FrameBound) op.WindowFunc {
		return op.WindowFunc{Kind: op.WinAggregate, Result: o.Result, Inputs: optest.Cols{1}, InputTypes: two[:1], Overload: o, Args: args, Frame: op.Frame{Start: s, End: e}}
	}
	const back = 99
	dist := calc{types.TBigInt, func(optest.Row) any { return int64(back) }}
	unb, cur, end := op.FrameBound{}, op.FrameBound{Kind: op.CurrentRow}, op.FrameBound{Kind: op.UnboundedFollowing}
	w := &op.Window{Types: two, PartitionBy: optest.Cols{0}, PartitionTypes: two[:1], OrderBy: optest.Cols{1}, OrderTypes: two[:1],
		Funcs: []op.WindowFunc{{Kind: op.WinRowNumber, Result: types.TBigInt}, sum(unb, end), sum(unb, cur), sum(cur, end), sum(op.FrameBound{Kind: op.Preceding, Offset: dist}, cur)}}
	out := &optest.Collect{}
	in := &flow.Pipeline{Source: &op.Values{Cols: cols, N: n}, Sink: w}
	run(t, optest.Task(4, 0), in, &flow.Pipeline{Source: w.Source(), Sink: out, After: []*flow.Pipeline{in}})
	upTo := func(a, b int64) int64 { return (a + b) * (b - a + 1) / 2 }
	got := out.Rows()
	if len(got) != n {
		t.Fatal(len(got))
	}
	for i, r := range got {
		lo, hi, at := int64(0), int64(150_000-1), int64(i)
		if i > 149_999 {
			lo, hi = 150_000, n-1
		}
		want := []any{at / 150_000, at, at - lo + 1, upTo(lo, hi), upTo(lo, at), upTo(at, hi), upTo(max(lo, at-back), at)}
		if fmt.Sprint(r) != fmt.Sprint(want) {
			t.Fatalf("row %d: got %v, want %v", i, r, want)
		}
	}
}

func TestNtile(t *testing.T) {
	for n, want := range map[int64]string{1: "11111", 2: "11122", 3: "11223", 5: "12345", 9: "12345"} {
		buckets := calc{types.TBigInt, func(optest.Row) any { return n }}
		w := &op.Window{Types: wTypes[:1], Funcs: []op.WindowFunc{{Kind: op.WinNtile, Result: types.TBigInt, Inputs: buckets, InputTypes: []types.Type{types.TBigInt}}}}
		out := &optest.Collect{}
		in := &flow.Pipeline{Source: &op.Values{Cols: []*vec.Vector{ints(5, func(i int) int64 { return int64(i) })}, N: 5}, Sink: w}
		run(t, optest.Task(1, 0), in, &flow.Pipeline{Source: w.Source(), Sink: out, After: []*flow.Pipeline{in}})
		got := ""
		for _, r := range out.Rows() {
			got += fmt.Sprint(r[1])
		}
		if got != want {
			t.Errorf("ntile(%d): got %s, want %s", n, got, want)
		}
	}
}

func benchWindow(b *testing.B, key func(i int) int64, f op.WindowFunc) {
	const n = 1_000_000
	rng := rand.New(rand.NewPCG(1, 1))
	cols := []*vec.Vector{ints(n, key), ints(n, func(int) int64 { return rng.Int64N(1 << 30) })}
	two := []types.Type{types.TBigInt, types.TBigInt}
	benchRun(b, n, func() []*flow.Pipeline {
		w := &op.Window{Types: two, PartitionBy: optest.Cols{0}, PartitionTypes: two[:1], OrderBy: optest.Cols{1}, OrderTypes: two[:1], Funcs: []op.WindowFunc{f}}
		in := &flow.Pipeline{Source: &op.Values{Cols: cols, N: n}, Sink: w}
		return []*flow.Pipeline{in, {Source: w.Source(), Sink: &sizes{}, After: []*flow.Pipeline{in}}}
	})
}

func one(int) int64 { return 1 }

func BenchmarkWindowRowNumber(b *testing.B) {
	benchWindow(b, one, op.WindowFunc{Kind: op.WinRowNumber, Result: types.TBigInt})
}

func BenchmarkWindowRowNumberParts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	benchWindow(b, func(int) int64 { return rng.Int64N(100_000) }, op.WindowFunc{Kind: op.WinRowNumber, Result: types.TBigInt})
}

func benchSum(b *testing.B, key func(i int) int64, f op.Frame) {
	o, args := overload("sum", types.TBigInt)
	benchWindow(b, key, op.WindowFunc{Kind: op.WinAggregate, Result: o.Result, Inputs: optest.Cols{1}, InputTypes: []types.Type{types.TBigInt}, Overload: o, Args: args, Frame: f})
}

func BenchmarkWindowRunningSum(b *testing.B) {
	benchSum(b, one, op.Frame{Unit: op.FrameRows, End: op.FrameBound{Kind: op.CurrentRow}})
}

func BenchmarkWindowRunningSumRange(b *testing.B) {
	benchSum(b, one, op.Frame{Unit: op.FrameRange, End: op.FrameBound{Kind: op.CurrentRow}})
}

// hundred is the constant 99 without the price of calc.
type hundred struct{ v *vec.Vector }

func (h hundred) Machine(*flow.Task) flow.Machine { return h }

func (h hundred) Eval(b *vec.Batch) ([]*vec.Vector, error) {
	h.v = vec.NewConst(types.TBigInt, b.N)
	vec.Values[int64](h.v)[0] = 99
	return []*vec.Vector{h.v}, nil
}

func (h hundred) Select(*vec.Batch, []int32) ([]int32, error) { panic("no condition") }

func BenchmarkWindowSlidingSum(b *testing.B) {
	benchSum(b, one, op.Frame{Unit: op.FrameRows, Start: op.FrameBound{Kind: op.Preceding, Offset: hundred{}}, End: op.FrameBound{Kind: op.CurrentRow}})
}

func BenchmarkWindowWholeSumParts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	benchSum(b, func(int) int64 { return rng.Int64N(100_000) }, op.Frame{Unit: op.FrameRange, End: op.FrameBound{Kind: op.UnboundedFollowing}})
}
