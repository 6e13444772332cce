// Package fn says what a function is: its names, its overloads, its documentation, and the code that runs it over vectors.
// The planner chooses an Overload, the bound expression holds it, and the executor calls it: one object, no second list.
// Scalar functions live in fn/scalar, aggregates in fn/agg, table functions in fn/table, each in one file; fn/builtin lists them.
package fn

import (
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// Kind tells what a function yields.
type Kind uint8

// The kinds of functions.
const (
	Scalar Kind = iota
	Aggregate
	Window
)

// Function is one function under all its names.
type Function struct {
	Name     string
	Aliases  []string
	Kind     Kind
	Category string // "string", "math", "date", …: the chapter of docs/functions.md
	Doc      string // what it does, in one sentence
	Examples []Example
	// Overloads are tried by the smallest sum of implicit-cast costs. Bind, if set, is asked instead.
	Overloads []*Overload
	// Bind chooses an overload for these arguments, where types depend on each other or on constants. It may give a fresh
	// Overload. A nil Overload with a nil error means: no such signature.
	Bind func(args []Arg) (*Overload, error)
	// Signatures, for documentation and hints, when Bind is set.
	Signatures []string
}

// Example is an expression and its value as text, run as a test.
type Example struct{ SQL, Result string }

// Arg is an argument as the planner knows it.
type Arg struct {
	Type  types.Type
	Const *vec.Vector // one row, when the argument is a constant; else nil
}

// Overload is one signature of a function and its code.
type Overload struct {
	Func     *Function // set by NewRegistry, or by Resolve for a fresh overload
	Args     []types.Type
	Variadic bool // the last of Args may come any number of times more, or not at all
	Result   types.Type

	// NullAware: Eval sees NULL arguments. Otherwise the result is NULL wherever an argument is, and the evaluator sees to it:
	// sel then has no row with a NULL argument.
	NullAware bool
	CanFail   bool // may raise an error for some values: it is not run for rows that an earlier condition excludes
	Volatile  bool // gives another value each time (random, uuid): never folded or shared
	// Stable means that it depends on the session (now, current_database): folded once a statement.
	Stable bool

	// Numbers: it changes what sequences give next.
	Numbers bool

	// Narrow: arguments of type DECIMAL(p>18) may come in PI64 (see vec.ResetAs); otherwise they are widened first. Aggregates always
	// get them as they come.
	Narrow bool

	// Eval computes the rows sel of out, which has been Reset to n rows of Result. args are Flat or Const; not all are Const
	// unless n is 1. sel is never nil; when len(sel) == n it is every row in order. Eval sets NULLs with out.SetNull. Rows
	// outside sel may be left as they are.
	Eval Eval
	// Prepare, if set, makes the Eval for a call whose constant arguments are known (a compiled pattern); it is called once a
	// query and its result is shared by the workers.
	Prepare func(args []Arg) (Eval, error)

	// NewAcc makes the state of an aggregate.
	NewAcc func(args []Arg) Accumulator
	// IgnoresDuplicates: DISTINCT changes nothing (min, max).
	IgnoresDuplicates bool
	// OrderMatters: the result depends on the order of the rows (first, string_agg).
	OrderMatters bool
	// TakesNulls: the aggregate sees rows with a NULL argument; otherwise they are left out (all aggregates of the standard).
	TakesNulls bool
}

// Eval is the code of a scalar function.
type Eval func(c *Ctx, args []*vec.Vector, sel []int32, n int, out *vec.Vector) error

// Ctx is what a function may know of the statement that runs it.
type Ctx struct {
	NowMicros int64          // the statement's start, in UTC microseconds since 1970
	Location  *time.Location // the session's time zone; nil is UTC
	Setting   func(name string) string
	Decimals  *kernel.Decimals // the worker's scratch memory
	Sequences Sequences        // nil where there are none
}

// Sequences gives numbers of the sequences that a statement sees. It is safe for many goroutines.
type Sequences interface {
	// Next writes the next numbers of a sequence.
	Next(name string, out []int64) error
	// Last gives the number that the session was given last.
	Last(name string) (int64, error)
	// Restart makes n the number given last, or, if it is not used, the one to be given next.
	Restart(name string, n int64, used bool) error
}

// Accumulator is the state of one aggregate for many groups, numbered from 0. It belongs to one goroutine at a time. Its states
// grow with the data, so they hold no Go pointers where that can be helped.
type Accumulator interface {
	// Grow makes states 0…n-1 exist, new ones empty.
	Grow(n int)
	// Update adds row sel[k] of args to group groups[k]. args are Flat or Const. Rows with a NULL argument have been left out
	// unless TakesNulls. Rows come in order within a worker.
	Update(groups []int32, args []*vec.Vector, sel []int32) error
	// Merge adds state src[k] of from, an Accumulator of the same kind, to state dst[k]. In ordered input, from comes later.
	Merge(from Accumulator, src, dst []int32) error
	// Result writes the values of groups lo…hi-1 to rows 0… of out, which has been Reset to hi-lo rows.
	Result(lo, hi int, out *vec.Vector) error
	// Size gives the bytes held.
	Size() int
}

// OneGroup is implemented by an Accumulator that adds many rows to one group faster than Update does: in a register, without
// looking at groups. It is used without GROUP BY, and where the groups are so few that rows are sorted by group first.
type OneGroup interface {
	// UpdateOne adds the rows sel of args to the group, as Update would.
	UpdateOne(group int32, args []*vec.Vector, sel []int32) error
}

// Chained is implemented by an Accumulator whose states are small and whose Merge may take the Accumulator itself as from and then does
// the pairs one after the other: merging state k-1 into state k, for all k, gives running totals. Window functions use it.
type Chained interface{ Chained() }

// Registry finds functions by name. It is immutable once made.
type Registry struct {
	list   []*Function
	byName map[string]*Function
}

// NewRegistry makes a registry of all. Two functions with the same name are a defect and panic.
func NewRegistry(lists ...[]*Function) *Registry {
	r := &Registry{byName: map[string]*Function{}}
	for _, l := range lists {
		for _, f := range l {
			r.list = append(r.list, f)
			for _, o := range f.Overloads {
				o.Func = f
			}
			for _, n := range append([]string{f.Name}, f.Aliases...) {
				n = strings.ToLower(n)
				if r.byName[n] != nil {
					panic("function defined twice: " + n)
				}
				r.byName[n] = f
			}
		}
	}
	return r
}

// All gives the functions in the order of the list.
func (r *Registry) All() []*Function { return r.list }

// Lookup gives the function of that name, or nil.
func (r *Registry) Lookup(name string) *Function { return r.byName[strings.ToLower(name)] }

// Names gives every name, for hints.
func (r *Registry) Names() []string {
	out := make([]string, 0, len(r.byName))
	for n := range r.byName {
		out = append(out, n)
	}
	return out
}

// Resolve chooses the overload of f for args.
func (f *Function) Resolve(args []Arg) (*Overload, error) {
	if f.Bind != nil {
		o, err := f.Bind(args)
		if err != nil || o != nil {
			if o != nil {
				o.Func = f
			}
			return o, err
		}
		return nil, f.noMatch(args)
	}
	var best *Overload
	bestCost := -1
	for _, o := range f.Overloads {
		if c, ok := o.cost(args); ok && (bestCost < 0 || c < bestCost) {
			best, bestCost = o, c
		}
	}
	if best == nil {
		return nil, f.noMatch(args)
	}
	return best, nil
}

// cost is the sum of the implicit casts that args need. An untyped string constant fits where a date or number is wanted.
func (o *Overload) cost(args []Arg) (int, bool) {
	if len(args) < len(o.Args) && !(o.Variadic && len(args) == len(o.Args)-1) || len(args) > len(o.Args) && !o.Variadic {
		return 0, false
	}
	sum := 0
	for i, a := range args {
		want := o.Args[min(i, len(o.Args)-1)]
		c, ok := types.Implicit(a.Type, want)
		if !ok && a.Const != nil && a.Type.Kind == types.Varchar && !want.IsNested() {
			c, ok = 20, true
		}
		if !ok {
			return 0, false
		}
		sum += c
	}
	return sum, true
}

// ArgType gives the type that argument i is cast to.
func (o *Overload) ArgType(i int) types.Type { return o.Args[min(i, len(o.Args)-1)] }

func (f *Function) noMatch(args []Arg) error {
	var given []string
	for _, a := range args {
		given = append(given, a.Type.String())
	}
	return sqlerr.New(sqlerr.Bind, "no function %s(%s)", f.Name, strings.Join(given, ", ")).
		WithHint("there is %s", strings.Join(f.SignatureList(), ", "))
}

// SignatureList gives the signatures as text.
func (f *Function) SignatureList() []string {
	if f.Bind != nil {
		return f.Signatures
	}
	var out []string
	for _, o := range f.Overloads {
		var a []string
		for _, t := range o.Args {
			a = append(a, t.String())
		}
		s := f.Name + "(" + strings.Join(a, ", ")
		if o.Variadic {
			s += ", …"
		}
		out = append(out, s+") → "+o.Result.String())
	}
	return out
}
