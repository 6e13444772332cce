package command

import (
	"math"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/bind"
)

// createType gives a type a name. Columns keep what it stands for, so that nothing depends on the name.
func (r *run) createType(s *ast.CreateType) (*Result, error) {
	home := r.Session.Home(s.Temp)
	if s.IfNotExists && home.Object(catalog.TypeObject, s.Name.Last()) != nil {
		return &Result{}, nil
	}
	if _, err := bind.Type(&ast.TypeName{Name: s.Name.Last()}, nil); err == nil {
		return nil, sqlerr.At(sqlerr.Exists, s.Name.Position(), "%s is a type that is always there", s.Name.Last())
	}
	var t types.Type
	var err error
	if s.Query != nil {
		t, err = r.enumOf(s.Query)
	} else {
		t, err = bind.Type(s.Type, r.Session.Type)
	}
	if err != nil {
		return nil, err
	}
	o := &catalog.Object{Kind: catalog.TypeObject, Name: s.Name.Last(), Type: &t}
	return &Result{}, sqlerr.WithPos(home.CreateObject(o, s.OrReplace), s.Name.Position())
}

// enumOf is the ENUM of the texts that a query gives, in their order.
func (r *run) enumOf(q *ast.Query) (types.Type, error) {
	fields, b, err := r.collectQuery(q, math.MaxInt32)
	if err != nil || r.Dry {
		return types.NewEnum([]string{""}), err
	}
	if len(fields) != 1 {
		return types.Type{}, sqlerr.At(sqlerr.Bind, q.Pos, "the query gives %d columns: the values of an ENUM are one", len(fields))
	}
	name := &ast.TypeName{At: q.At, Name: "ENUM"}
	v := b.Cols[0]
	if k := v.Type.Kind; k != types.Varchar && k != types.Enum && k != types.Null {
		return types.Type{}, sqlerr.At(sqlerr.Bind, q.Pos, "the values of an ENUM are texts, not %s", v.Type).WithHint("CAST(… AS VARCHAR)")
	}
	seen := map[string]bool{}
	for i := range b.N {
		if v.IsNull(i) {
			return types.Type{}, sqlerr.At(sqlerr.Data, q.Pos, "NULL cannot be a value of an ENUM").WithHint("WHERE … IS NOT NULL")
		}
		f, k := v.At(i)
		if text := string(kernel.AppendText(nil, f, k)); !seen[text] {
			seen[text] = true
			name.Values = append(name.Values, text)
		}
	}
	return bind.Type(name, nil)
}
