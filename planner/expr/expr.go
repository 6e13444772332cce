// Package expr holds bound expressions: every name is resolved to a column's ID, every call to its overload, every value has
// a type. An expression is data; package eval makes it run. Expressions are immutable once made: rewriting gives new nodes, and
// trees may share parts.
package expr

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/fn"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// ID names a column of a plan, uniquely within a statement.
type ID int32

// Expr is a bound expression.
type Expr interface {
	Type() types.Type
}

// Column is a column of the input.
type Column struct {
	ID   ID
	Name string
	T    types.Type
}

// Const is a constant: a Const vector of one row.
type Const struct{ V *vec.Vector }

// Call is a scalar function applied to arguments of exactly the overload's types.
type Call struct {
	Fn   *fn.Overload
	Args []Expr
	Pos  int // in the SQL text, for errors
}

// Compare is a comparison of two values of one type (decimals may differ in precision, not in scale). NullSafe, with Eq, is IS NOT DISTINCT
// FROM: NULL equals NULL, and the result is never NULL.
type Compare struct {
	Op       kernel.CmpOp
	L, R     Expr
	NullSafe bool
}

// Logic is AND or OR of two or more BOOLEAN terms, evaluated in order.
type Logic struct {
	Or    bool
	Terms []Expr
}

// Not is NOT.
type Not struct{ Arg Expr }

// IsNull is IS NULL, or IS NOT NULL with Not.
type IsNull struct {
	Arg Expr
	Not bool
}

// Case is a searched CASE. Else may be nil. Then and Else have type T.
type Case struct {
	Whens []When
	Else  Expr
	T     types.Type
}

// When is a branch of Case.
type When struct{ Cond, Then Expr }

// Coalesce gives the first argument that is not NULL. All have type T.
type Coalesce struct {
	Args []Expr
	T    types.Type
}

// Cast converts to type T; with Try a value that does not convert becomes NULL.
type Cast struct {
	Arg Expr
	T   types.Type
	Try bool
	Pos int
	For string // the column of a table that the value is for, which an error names; "" elsewhere
}

// InList is IN over constants of Arg's type. List is a flat vector without NULLs; HasNull tells that the list had one.
type InList struct {
	Arg     Expr
	List    *vec.Vector
	HasNull bool
	Not     bool
}

// Agg is an aggregate; it stands only in logical Aggregate nodes.
type Agg struct {
	Fn       *fn.Overload
	Args     []Expr
	Distinct bool
	Filter   Expr // nil when absent
	OrderBy  []SortKey
	Pos      int
}

// SortKey is an expression to order by.
type SortKey struct {
	Expr       Expr
	Desc       bool
	NullsFirst bool
}

// Type gives the type of the value.
func (e *Column) Type() types.Type { return e.T }

// Type gives the type of the value.
func (e *Const) Type() types.Type { return e.V.Type }

// Type gives the type of the value.
func (e *Call) Type() types.Type { return e.Fn.Result }

// Type is BOOLEAN.
func (e *Compare) Type() types.Type { return types.TBoolean }

// Type is BOOLEAN.
func (e *Logic) Type() types.Type { return types.TBoolean }

// Type is BOOLEAN.
func (e *Not) Type() types.Type { return types.TBoolean }

// Type is BOOLEAN.
func (e *IsNull) Type() types.Type { return types.TBoolean }

// Type gives the type of the value.
func (e *Case) Type() types.Type { return e.T }

// Type gives the type of the value.
func (e *Coalesce) Type() types.Type { return e.T }

// Type gives the type of the value.
func (e *Cast) Type() types.Type { return e.T }

// Type is BOOLEAN.
func (e *InList) Type() types.Type { return types.TBoolean }

// Type gives the type of the value.
func (e *Agg) Type() types.Type { return e.Fn.Result }

// NewBool makes a BOOLEAN constant.
func NewBool(b bool) *Const {
	v := vec.NewConst(types.TBoolean, 1)
	if b {
		vec.Values[uint8](v)[0] = 1
	} else {
		vec.Values[uint8](v)[0] = 0
	}
	return &Const{v}
}

// NewInt makes an integer constant of type t, whose layout is PI32 or PI64.
func NewInt(t types.Type, x int64) *Const {
	v := vec.NewConst(t, 1)
	if v.Phys() == types.PI32 {
		vec.Values[int32](v)[0] = int32(x)
	} else {
		vec.Values[int64](v)[0] = x
	}
	return &Const{v}
}

// NewString makes a VARCHAR constant.
func NewString(s string) *Const {
	v := vec.NewConst(types.TVarchar, 1)
	v.SetBytes(0, []byte(s))
	return &Const{v}
}

// NewDouble makes a DOUBLE constant.
func NewDouble(x float64) *Const {
	v := vec.NewConst(types.TDouble, 1)
	vec.Values[float64](v)[0] = x
	return &Const{v}
}

// Double gives the value of a DOUBLE constant that is not NULL.
func Double(c *Const) (float64, bool) {
	if c.V.IsNull(0) {
		return 0, false
	}
	return vec.Values[float64](c.V)[0], true
}

// IsTrue tells whether a BOOLEAN constant is true.
func IsTrue(c *Const) bool {
	return c.V.Type.Kind == types.Boolean && !c.V.IsNull(0) && vec.Values[uint8](c.V)[0] != 0
}

// NewNull makes a NULL of type t.
func NewNull(t types.Type) *Const { return &Const{vec.NewNull(t, 1)} }

// IsConstNull tells whether e is a NULL constant.
func IsConstNull(e Expr) bool {
	c, ok := e.(*Const)
	return ok && c.V.IsNull(0)
}

// BoolValue gives the value of a BOOLEAN constant that is not NULL.
func BoolValue(e Expr) (v, ok bool) {
	c, is := e.(*Const)
	if !is || c.V.Type.Kind != types.Boolean || c.V.IsNull(0) {
		return false, false
	}
	return vec.Values[uint8](c.V)[0] != 0, true
}

// Value makes a constant of row i of v.
func Value(v *vec.Vector, i int) *Const {
	b := vec.NewBuilder(v.Type)
	b.Append(v, []int32{int32(i)})
	c := b.Vector()
	c.Form = vec.Const
	return &Const{c}
}

// Text gives the value of a string constant that is not NULL.
func Text(e Expr) (string, bool) {
	c, is := e.(*Const)
	if !is || c.V.Phys() != types.PView || c.V.IsNull(0) {
		return "", false
	}
	return string(c.V.Bytes(0)), true
}

// ArgOf describes e to a function's Bind.
func ArgOf(e Expr) fn.Arg {
	a := fn.Arg{Type: e.Type()}
	if c, ok := e.(*Const); ok {
		a.Const = c.V
	}
	return a
}
