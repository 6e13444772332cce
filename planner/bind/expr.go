package bind

import (
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
)

var cmpOps = map[ast.Op]kernel.CmpOp{
	ast.OpEq: kernel.Eq, ast.OpNe: kernel.Ne, ast.OpLt: kernel.Lt, ast.OpLe: kernel.Le, ast.OpGt: kernel.Gt, ast.OpGe: kernel.Ge,
}

// expr binds an expression.
func (b *Binder) expr(e ast.Expr, s *scope) (expr.Expr, error) {
	if err := b.enter(e.Position()); err != nil {
		return nil, err
	}
	defer b.leave()
	switch x := e.(type) {
	case *ast.ColumnRef:
		return b.columnRef(x, s)
	case *ast.Literal:
		return b.literal(x)
	case *ast.TypedLiteral:
		return b.typedLiteral(x)
	case *ast.Interval:
		return b.interval(x, s)
	case *ast.Param:
		if b.Params != nil {
			if c := b.Params(x); c != nil {
				return c, nil
			}
		}
		name := x.Name
		if x.Kind != ast.NamedParam {
			name = strconv.Itoa(x.Index)
		}
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "no value is given for parameter %s", name)
	case *ast.Unary:
		return b.unary(x, s)
	case *ast.Binary:
		return b.binary(x, s)
	case *ast.Compare:
		return b.comparison(x, s)
	case *ast.And:
		return b.logic(x.Terms, false, s)
	case *ast.Or:
		return b.logic(x.Terms, true, s)
	case *ast.Between:
		return b.between(x, s)
	case *ast.In:
		return b.in(x, s)
	case *ast.Match:
		return b.match(x, s)
	case *ast.Is:
		return b.is(x, s)
	case *ast.IsDistinct:
		return b.isDistinct(x.Left, x.Right, x.Not, s, x.Pos)
	case *ast.Case:
		return b.caseExpr(x, s)
	case *ast.Cast:
		return b.castExpr(x, s)
	case *ast.Call:
		return b.callExpr(x, s)
	}
	return b.rareExpr(e, s)
}

// rareExpr binds the less common forms.
func (b *Binder) rareExpr(e ast.Expr, s *scope) (expr.Expr, error) {
	switch x := e.(type) {
	case *ast.Exists:
		return b.exists(x.Query, s)
	case *ast.ScalarSubquery:
		return b.scalarSub(x.Query, s)
	case *ast.Quantified:
		return b.quantified(x, s)
	case *ast.Collate:
		return b.expr(x.Expr, s)
	case *ast.Grouping:
		args, err := b.exprs(x.Args, s)
		if err != nil {
			return nil, err
		}
		return &groupingCall{args, x.Pos}, nil
	case *ast.Row:
		if len(x.Items) == 1 {
			return b.expr(x.Items[0], s)
		}
		return b.callAST("row", x.Items, s, x.Pos)
	case *ast.ArrayLit:
		return b.callAST("list_value", x.Items, s, x.Pos)
	case *ast.StructLit:
		var args []ast.Expr
		for _, f := range x.Fields {
			args = append(args, &ast.Literal{At: f.Name.At, Kind: ast.StringLit, Text: f.Name.Text}, f.Value)
		}
		return b.callAST("named_struct", args, s, x.Pos)
	case *ast.MapLit:
		var args []ast.Expr
		for _, m := range x.Entries {
			args = append(args, m.Key, m.Value)
		}
		return b.callAST("map_of", args, s, x.Pos)
	case *ast.Index:
		return b.callAST("element_at_index", []ast.Expr{x.Expr, x.Index}, s, x.Pos)
	case *ast.FieldAccess:
		return b.callAST("struct_extract", []ast.Expr{x.Expr, &ast.Literal{At: x.Name.At, Kind: ast.StringLit, Text: x.Name.Text}}, s, x.Pos)
	case *ast.AtTimeZone:
		return b.callAST("timezone", []ast.Expr{x.Zone, x.Expr}, s, x.Pos)
	case *ast.Slice:
		return b.slice(x, s)
	case *ast.ArraySubquery:
		return b.arraySub(x, s)
	case *ast.Positional:
		return b.positional(x, s)
	case *ast.ListComp:
		return b.comprehension(x, s)
	case *ast.Star:
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "* may stand only in a select list, or as an argument of a function")
	}
	return nil, sqlerr.At(sqlerr.Unsupported, e.Position(), "this form of expression is not supported yet")
}

func (b *Binder) exprs(list []ast.Expr, s *scope) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, x := range list {
		e, err := b.expr(x, s)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// exprsOfStars binds a list in which * stands for all its columns.
func (b *Binder) exprsOfStars(list []ast.Expr, s *scope) ([]expr.Expr, error) {
	var out []expr.Expr
	for _, x := range list {
		st, ok := x.(*ast.Star)
		if !ok {
			e, err := b.expr(x, s)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
			continue
		}
		items, err := b.star(st, s)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			out = append(out, it.e)
		}
	}
	return out, nil
}

// condition binds an expression that must be BOOLEAN; numbers count as true when they are not zero, as in SQLite and Spark's casts.
func (b *Binder) condition(x ast.Expr, s *scope) (expr.Expr, error) {
	e, err := b.expr(x, s)
	if err != nil {
		return nil, err
	}
	return b.toBool(e, x.Position())
}

func (b *Binder) toBool(e expr.Expr, pos int) (expr.Expr, error) {
	t := e.Type()
	if t.Kind == types.Boolean {
		return e, nil
	}
	if t.Kind == types.Null || t.IsNumeric() || t.Kind == types.Varchar {
		return b.cast(e, types.TBoolean, pos)
	}
	return nil, sqlerr.At(sqlerr.Bind, pos, "a condition must be BOOLEAN, not %s", t)
}

// columnRef finds the column that a name means: in this query's FROM, then among the aliases of its select list, then in the query around
// it. A name of several parts may end in fields of a STRUCT.
func (b *Binder) columnRef(x *ast.ColumnRef, s *scope) (expr.Expr, error) {
	for in := s; in != nil; in = in.outer {
		if a, ok := in.args[strings.ToLower(x.Parts[0].Text)]; ok {
			return b.macroArg(a, x, s)
		}
		if in.preferA && len(x.Parts) == 1 {
			if e, err := b.alias(x, in); e != nil || err != nil {
				return e, err
			}
		}
		for n := len(x.Parts); n > 0; n-- {
			c, err := in.find(x.Parts[:n])
			if err != nil {
				return nil, err
			}
			if c == nil {
				continue
			}
			if c.param != nil {
				return b.fields(c.param, x.Parts[n:])
			}
			return b.fields(c.Ref(), x.Parts[n:])
		}
		if len(x.Parts) == 1 && !in.preferA {
			if e, err := b.alias(x, in); e != nil || err != nil {
				return e, err
			}
		}
	}
	if e := b.declared(x.Parts); e != nil {
		return e, nil
	}
	return nil, b.noColumn(x, s)
}

// alias binds the select item of that name in place of the name.
func (b *Binder) alias(x *ast.ColumnRef, s *scope) (expr.Expr, error) {
	a := s.aliases[strings.ToLower(x.Parts[0].Text)]
	if a == nil || a.busy {
		return nil, nil
	}
	a.busy = true
	keep := s.preferA
	s.preferA = false
	e, err := b.expr(a.e, s)
	s.preferA = keep
	a.busy = false
	if err == nil && s.noAgg != "" && hasAgg(e) {
		return nil, sqlerr.At(sqlerr.Bind, x.Pos, "%s is an aggregate, which may not stand in %s", x.Parts[0].Text, s.noAgg).
			WithHint("conditions on aggregates stand in HAVING")
	}
	return e, err
}

// find gives the column of s that path names: a name, with its relation's name and its database's in front or not.
func (s *scope) find(path ast.Path) (*column, error) {
	if len(path) > 3 {
		return nil, nil
	}
	name := path[len(path)-1]
	var hit, exact *column
	hits, exacts := 0, 0
	for i := range s.cols {
		c := &s.cols[i]
		if !strings.EqualFold(c.Name, name.Text) || c.merged && len(path) == 1 {
			continue
		}
		if len(path) >= 2 && !strings.EqualFold(c.rel, path[len(path)-2].Text) {
			continue
		}
		if len(path) == 3 && !strings.EqualFold(c.db, path[0].Text) {
			continue
		}
		if c.second && hit != nil && !hit.second {
			continue
		}
		if !c.second && hit != nil && hit.second {
			hit, exact, hits, exacts = nil, nil, 0, 0
		}
		hit = c
		hits++
		if c.Name == name.Text {
			exact = c
			exacts++
		}
	}
	if hits <= 1 {
		return hit, nil
	}
	if exacts == 1 && sameRelation(s.cols, name.Text) {
		return exact, nil
	}
	return nil, ambiguous(path, s.cols)
}

// sameRelation tells whether all columns of that name, in any case, are of one relation.
func sameRelation(cols []column, name string) bool {
	rel := ""
	for _, c := range cols {
		if strings.EqualFold(c.Name, name) {
			if rel != "" && rel != c.rel {
				return false
			}
			rel = c.rel
		}
	}
	return true
}

func ambiguous(path ast.Path, cols []column) error {
	name := path.Last()
	var all []string
	for _, c := range cols {
		if strings.EqualFold(c.Name, name) && c.rel != "" {
			all = append(all, c.rel+"."+c.Name)
		}
	}
	e := sqlerr.At(sqlerr.Bind, path.Position(), "column %s is ambiguous", path)
	if len(all) > 0 {
		return e.WithHint("it may be %s", strings.Join(all, " or "))
	}
	return e
}

func (b *Binder) noColumn(x *ast.ColumnRef, s *scope) error {
	var names, rels []string
	for in := s; in != nil; in = in.outer {
		for _, c := range in.cols {
			names = append(names, c.Name)
			if c.rel != "" {
				rels = append(rels, c.rel)
			}
		}
		for a := range in.aliases {
			names = append(names, a)
		}
	}
	if len(x.Parts) > 1 {
		rel := x.Parts[len(x.Parts)-2].Text
		known := false
		for _, r := range rels {
			known = known || strings.EqualFold(r, rel)
		}
		if !known {
			return sqlerr.At(sqlerr.NotFound, x.Pos, "table %s is not in FROM", rel).WithHint("%s", sqlerr.DidYouMean(rel, rels))
		}
	}
	e := sqlerr.At(sqlerr.NotFound, x.Pos, "column %s does not exist", x.Parts)
	hint := sqlerr.DidYouMean(x.Parts.Last(), names)
	if hint == "" && len(x.Parts) == 1 && x.Parts[0].Quoted {
		hint = "text stands in single quotes: '" + x.Parts[0].Text + "'"
	}
	return e.WithHint("%s", hint)
}

// fields goes down into a STRUCT.
func (b *Binder) fields(e expr.Expr, path ast.Path) (expr.Expr, error) {
	for _, p := range path {
		if e.Type().Kind != types.Struct {
			return nil, sqlerr.At(sqlerr.Bind, p.Pos, "%s has no fields: it is %s", expr.String(e), e.Type())
		}
		var err error
		if e, err = b.call("struct_extract", []expr.Expr{e, expr.NewString(p.Text)}, p.Pos); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (b *Binder) unary(x *ast.Unary, s *scope) (expr.Expr, error) {
	if l, ok := x.Expr.(*ast.Literal); ok && x.Op == ast.OpNeg && l.Kind >= ast.IntLit && l.Kind <= ast.FloatLit {
		neg := *l
		neg.Text = "-" + l.Text
		return b.literal(&neg)
	}
	if x.Op == ast.OpNot {
		e, err := b.condition(x.Expr, s)
		if err != nil {
			return nil, err
		}
		return not(e), nil
	}
	e, err := b.expr(x.Expr, s)
	if err != nil {
		return nil, err
	}
	switch x.Op {
	case ast.OpPos:
		if t := e.Type(); !t.IsNumeric() && t.Kind != types.Interval && t.Kind != types.Null {
			return nil, sqlerr.At(sqlerr.Bind, x.Pos, "unary + needs a number, not %s", t)
		}
		return e, nil
	case ast.OpNeg:
		neg, err := b.call("negate", []expr.Expr{e}, x.Pos)
		if err == nil && e.Type().Kind == types.Interval && expr.IsConstant(neg) && b.Fold != nil {
			if c, err := b.Fold(neg); err == nil {
				return c, nil // what a DATE plus it is depends on its value
			}
		}
		return neg, err
	}
	return b.call("bit_not", []expr.Expr{e}, x.Pos)
}

// not negates a condition, pushing NOT into comparisons and logic, so that the executor can select by them.
func not(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case *expr.Not:
		return x.Arg
	case *expr.Compare:
		if !x.NullSafe {
			return &expr.Compare{Op: x.Op.Negate(), L: x.L, R: x.R}
		}
	case *expr.IsNull:
		return &expr.IsNull{Arg: x.Arg, Not: !x.Not}
	case *expr.InList:
		c := *x
		c.Not = !x.Not
		return &c
	case *expr.Logic:
		out := &expr.Logic{Or: !x.Or}
		for _, t := range x.Terms {
			out.Terms = append(out.Terms, not(t))
		}
		return out
	}
	return &expr.Not{Arg: e}
}

// binary binds an operator; long chains to the left are taken in a loop.
func (b *Binder) binary(x *ast.Binary, s *scope) (expr.Expr, error) {
	chain := []*ast.Binary{x}
	for {
		l, ok := chain[len(chain)-1].Left.(*ast.Binary)
		if !ok {
			break
		}
		chain = append(chain, l)
	}
	e, err := b.expr(chain[len(chain)-1].Left, s)
	if err != nil {
		return nil, err
	}
	if len(chain) > maxDepth {
		return nil, sqlerr.At(sqlerr.Limit, x.Pos, "a chain of %d operators is too long: %d are the most", len(chain), maxDepth)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		r, err := b.expr(chain[i].Right, s)
		if err != nil {
			return nil, err
		}
		name := chain[i].Op.String()
		if name == "/" && b.Session.Setting("integer_division") == "true" && e.Type().IsInteger() && r.Type().IsInteger() {
			name = "//"
		}
		if e, err = b.call(name, []expr.Expr{e, r}, chain[i].Pos); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (b *Binder) logic(terms []ast.Expr, or bool, s *scope) (expr.Expr, error) {
	out := &expr.Logic{Or: or}
	for _, t := range terms {
		e, err := b.condition(t, s)
		if err != nil {
			return nil, err
		}
		out.Terms = append(out.Terms, e)
	}
	return out, nil
}

// rowOf binds the left side of IN or ANY: one value, or the items of a row.
func (b *Binder) rowOf(x ast.Expr, s *scope) ([]expr.Expr, error) {
	if r, ok := x.(*ast.Row); ok {
		return b.exprs(r.Items, s)
	}
	e, err := b.expr(x, s)
	return []expr.Expr{e}, err
}

func (b *Binder) comparison(x *ast.Compare, s *scope) (expr.Expr, error) {
	if x.Op == ast.OpNullEq {
		return b.isDistinct(x.Left, x.Right, true, s, x.Pos)
	}
	l, lok := x.Left.(*ast.Row)
	r, rok := x.Right.(*ast.Row)
	if lok && rok && len(l.Items) > 1 {
		return b.compareRows(cmpOps[x.Op], l.Items, r.Items, s, x.Pos)
	}
	le, err := b.expr(x.Left, s)
	if err != nil {
		return nil, err
	}
	re, err := b.expr(x.Right, s)
	if err != nil {
		return nil, err
	}
	return b.compare(cmpOps[x.Op], le, re, x.Pos)
}

// compareRows compares rows item by item: a = x AND b = y; a < x OR a = x AND b < y.
func (b *Binder) compareRows(op kernel.CmpOp, l, r []ast.Expr, s *scope, pos int) (expr.Expr, error) {
	if len(l) != len(r) {
		return nil, sqlerr.At(sqlerr.Bind, pos, "rows of %d and %d items cannot be compared", len(l), len(r))
	}
	le, err := b.exprs(l, s)
	if err != nil {
		return nil, err
	}
	re, err := b.exprs(r, s)
	if err != nil {
		return nil, err
	}
	return b.rowCompare(op, le, re, pos)
}

// rowCompare compares rows that are bound.
func (b *Binder) rowCompare(op kernel.CmpOp, le, re []expr.Expr, pos int) (expr.Expr, error) {
	var eqs, alts []expr.Expr
	for i := range le {
		eq, err := b.compare(kernel.Eq, le[i], re[i], pos)
		if err != nil {
			return nil, err
		}
		if op > kernel.Ne {
			last := op
			if i < len(le)-1 {
				last = [...]kernel.CmpOp{kernel.Lt: kernel.Lt, kernel.Le: kernel.Lt, kernel.Gt: kernel.Gt, kernel.Ge: kernel.Gt}[op]
			}
			c, err := b.compare(last, le[i], re[i], pos)
			if err != nil {
				return nil, err
			}
			alts = append(alts, expr.AndAll(append(eqs[:len(eqs):len(eqs)], c)))
		}
		eqs = append(eqs, eq)
	}
	switch op {
	case kernel.Eq:
		return expr.AndAll(eqs), nil
	case kernel.Ne:
		return not(expr.AndAll(eqs)), nil
	}
	return expr.OrAll(alts), nil
}

// compare makes l op r, bringing both to a common type.
func (b *Binder) compare(op kernel.CmpOp, l, r expr.Expr, pos int) (expr.Expr, error) {
	l, r, err := b.unify(l, r, pos)
	if err != nil {
		return nil, err
	}
	if expr.IsConstNull(l) || expr.IsConstNull(r) { // NULL whatever the other side is, or fails with
		return expr.NewNull(types.TBoolean), nil
	}
	return &expr.Compare{Op: op, L: l, R: r}, nil
}
