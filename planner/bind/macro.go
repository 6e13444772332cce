package bind

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
)

// macroArg is an argument of a macro: it is bound wherever the body names the parameter, with what names mean where the macro is called.
type macroArg struct {
	e     ast.Expr
	scope *scope
	open  int // how many of Binder.views were open where it stands: a macro may be in the arguments of itself
}

// arg finds the argument that a name means, in the nearest macro around.
func (s *scope) arg(path ast.Path) (macroArg, bool) {
	for ; s != nil; s = s.outer {
		if a, ok := s.args[strings.ToLower(path[0].Text)]; ok {
			return a, true
		}
	}
	return macroArg{}, false
}

// constants is the scope of what must be a constant: arguments of macros, and no columns.
func (s *scope) constants() *scope {
	var out *scope
	for in := s; in != nil; in = in.outer {
		if in.args != nil {
			out = &scope{args: in.args, outer: in.outer.constants()}
			break
		}
	}
	if out == nil {
		out = &scope{}
	}
	return out
}

// macroArg binds an argument where s is the scope of its use.
func (b *Binder) macroArg(a macroArg, x *ast.ColumnRef, s *scope) (expr.Expr, error) {
	views := b.views
	b.views = views[:a.open:a.open]
	e, err := b.expr(a.e, a.scope)
	b.views = views
	if err != nil {
		return nil, err
	}
	if s.noAgg != "" && hasAgg(e) {
		return nil, sqlerr.At(sqlerr.Bind, a.e.Position(), "an aggregate may not stand in %s", s.noAgg)
	}
	return b.fields(e, x.Parts[1:])
}

// openMacro reads a macro's text and makes the scope of its body, in which its parameters are the arguments of call.
func (b *Binder) openMacro(m *catalog.Object, call *ast.Call, s *scope) (*ast.CreateMacro, *scope, error) {
	for _, v := range b.views {
		if v == "macro "+m.Name {
			return nil, nil, sqlerr.At(sqlerr.Bind, call.Pos, "macro %s uses itself", m.Name)
		}
	}
	stmt, err := parser.ParseOne(m.Text)
	if err != nil {
		return nil, nil, sqlerr.Wrap(sqlerr.Bind, err, "macro %s cannot be read", m.Name)
	}
	c, ok := stmt.(*ast.CreateMacro)
	if !ok {
		return nil, nil, sqlerr.At(sqlerr.Bind, call.Pos, "macro %s cannot be read", m.Name)
	}
	if call.Distinct || call.Filter != nil || call.Star || len(call.OrderBy) > 0 || call.Over != nil {
		return nil, nil, sqlerr.At(sqlerr.Bind, call.Pos, "%s is a macro: DISTINCT, FILTER, ORDER BY, OVER and * do not go with it", m.Name)
	}
	ast.Shift(c, b.Sources.Add("macro "+m.Name, m.Text, call.Pos))
	in := &scope{outer: s, args: map[string]macroArg{}}
	if s != nil {
		in.noAgg, in.windows, in.inWindow = s.noAgg, s.windows, s.inWindow
	}
	return c, in, b.macroArgs(c, call, s, in)
}

// macroArgs gives each parameter its argument: by place, by name, or its default.
func (b *Binder) macroArgs(c *ast.CreateMacro, call *ast.Call, s, in *scope) error {
	wrong := func(pos int, format string, args ...any) error {
		return sqlerr.At(sqlerr.Bind, pos, format, args...).WithHint("it is %s", MacroSignature(c))
	}
	for i, a := range call.Args {
		var p *ast.MacroParam
		switch {
		case a.Name != nil:
			for k := range c.Params {
				if strings.EqualFold(c.Params[k].Name.Text, a.Name.Text) {
					p = &c.Params[k]
				}
			}
			if p == nil {
				return wrong(a.Name.Pos, "macro %s has no parameter %s", c.Name.Last(), a.Name.Text)
			}
		case i < len(c.Params):
			p = &c.Params[i]
		default:
			return wrong(a.Value.Position(), "macro %s takes %d arguments, not %d", c.Name.Last(), len(c.Params), len(call.Args))
		}
		key := strings.ToLower(p.Name.Text)
		if _, twice := in.args[key]; twice {
			return wrong(a.Value.Position(), "parameter %s is given twice", p.Name.Text)
		}
		in.args[key] = macroArg{typed(a.Value, p.Type), s, len(b.views)}
	}
	for _, p := range c.Params {
		if _, ok := in.args[strings.ToLower(p.Name.Text)]; ok {
			continue
		}
		if p.Default == nil {
			return wrong(call.Pos, "macro %s needs a value for %s", c.Name.Last(), p.Name.Text)
		}
		in.args[strings.ToLower(p.Name.Text)] = macroArg{typed(p.Default, p.Type), s, len(b.views)}
	}
	return nil
}

// typed casts e to a declared type, if there is one.
func typed(e ast.Expr, t *ast.TypeName) ast.Expr {
	if t == nil {
		return e
	}
	return &ast.Cast{At: ast.At{Pos: e.Position()}, Expr: e, Type: t}
}

// MacroSignature writes what a macro takes.
func MacroSignature(c *ast.CreateMacro) string {
	var list []string
	for _, p := range c.Params {
		w := p.Name.Text
		if p.Type != nil {
			w += " " + p.Type.String()
		}
		if p.Default != nil {
			w += " := " + ast.SQL(p.Default)
		}
		list = append(list, w)
	}
	return c.Name.Last() + "(" + strings.Join(list, ", ") + ")"
}

// macro binds a call of a macro: its body, in which the parameters mean the arguments.
func (b *Binder) macro(m *catalog.Object, call *ast.Call, s *scope) (expr.Expr, error) {
	c, in, err := b.openMacro(m, call, s)
	if err != nil {
		return nil, err
	}
	if c.Query != nil && c.Table {
		return nil, sqlerr.At(sqlerr.Bind, call.Pos, "macro %s gives a table, not a value", m.Name).WithHint("it stands in FROM: FROM %s(…)", m.Name)
	}
	body := c.Expr
	if c.Query != nil {
		body = &ast.ScalarSubquery{At: c.Query.At, Query: c.Query}
	}
	b.views = append(b.views, "macro "+m.Name)
	defer func() { b.views = b.views[:len(b.views)-1] }()
	return b.expr(typed(body, c.Returns), in)
}

// tableMacro binds a call of a macro in FROM.
func (b *Binder) tableMacro(m *catalog.Object, call *ast.Call, s *scope) (logical.Node, error) {
	c, in, err := b.openMacro(m, call, s)
	if err != nil {
		return nil, err
	}
	if c.Query == nil {
		return nil, sqlerr.At(sqlerr.Bind, call.Pos, "macro %s gives a value, not a table", m.Name).WithHint("CREATE MACRO %s(…) AS TABLE SELECT … would make a table", m.Name)
	}
	b.views = append(b.views, "macro "+m.Name)
	defer func() { b.views = b.views[:len(b.views)-1] }()
	in.noAgg = ""
	return b.query(c.Query, in)
}
