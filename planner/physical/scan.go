package physical

import (
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
)

// scan translates what it can of the filter into the closed language that readers prune by.
func (p *planner) scan(x *logical.Scan) Node {
	s := &Scan{Base: p.base(x, nil), Table: x.Table, Name: x.Name, Source: x.Source, Filter: x.Filter, Limit: x.Limit}
	at := map[expr.ID]int{}
	for i, c := range x.Out {
		at[c.ID] = x.Source[i]
	}
	for _, e := range x.Filter {
		if pr, ok := pred(e, at); ok {
			s.Prune = append(s.Prune, pr)
		}
	}
	return s
}

// pred gives a condition that every row meets for which e is true.
func pred(e expr.Expr, at map[expr.ID]int) (storage.Pred, bool) {
	switch x := e.(type) {
	case *expr.Compare:
		return comparePred(x, at)
	case *expr.IsNull:
		if c, ok := x.Arg.(*expr.Column); ok {
			op := storage.IsNull
			if x.Not {
				op = storage.NotNull
			}
			return storage.Pred{Op: op, Col: at[c.ID]}, true
		}
	case *expr.InList:
		return inPred(x, at)
	case *expr.Logic:
		return logicPred(x, at)
	case *expr.Call:
		return prefixPred(x, at)
	}
	return storage.Pred{}, false
}

func comparePred(x *expr.Compare, at map[expr.ID]int) (storage.Pred, bool) {
	l, r, op := x.L, x.R, x.Op
	if _, ok := l.(*expr.Const); ok {
		l, r, op = r, l, op.Flip()
	}
	c, ok1 := l.(*expr.Column)
	k, ok2 := r.(*expr.Const)
	if !ok1 || !ok2 || x.NullSafe || op == kernel.Ne {
		return storage.Pred{}, false
	}
	b, ok := bound(k.V, 0, c.T)
	ops := map[kernel.CmpOp]storage.Op{kernel.Eq: storage.Eq, kernel.Lt: storage.Lt, kernel.Le: storage.Le, kernel.Gt: storage.Gt, kernel.Ge: storage.Ge}
	return storage.Pred{Op: ops[op], Col: at[c.ID], Values: []storage.Bound{b}}, ok
}

// bound gives value i of v as a Bound for a column of type t.
func bound(v *vec.Vector, i int, t types.Type) (storage.Bound, bool) {
	if v.IsNull(i) || v.Phys() != t.Phys() {
		return storage.Bound{}, false
	}
	switch v.Phys() {
	case types.PBool, types.PI32, types.PI64:
		return storage.Bound{I: int64(kernel.Int128At(v, i).Lo)}, true
	case types.PF64:
		return storage.Bound{F: vec.Values[float64](v)[i]}, true
	case types.PView:
		return storage.Bound{S: string(v.Bytes(i))}, true
	}
	return storage.Bound{}, false
}

func inPred(x *expr.InList, at map[expr.ID]int) (storage.Pred, bool) {
	c, ok := x.Arg.(*expr.Column)
	if !ok || x.Not || x.List.Len > 1000 {
		return storage.Pred{}, false
	}
	p := storage.Pred{Op: storage.In, Col: at[c.ID]}
	for i := range x.List.Len {
		b, ok := bound(x.List, i, c.T)
		if !ok {
			return storage.Pred{}, false
		}
		p.Values = append(p.Values, b)
	}
	return p, true
}

func logicPred(x *expr.Logic, at map[expr.ID]int) (storage.Pred, bool) {
	p := storage.Pred{Op: storage.And}
	if x.Or {
		p.Op = storage.Or
	}
	for _, t := range x.Terms {
		k, ok := pred(t, at)
		if ok {
			p.Kids = append(p.Kids, k)
		} else if x.Or {
			return storage.Pred{}, false
		}
	}
	return p, len(p.Kids) > 0
}

// prefixPred reads LIKE 'abc%' and starts_with(c, 'abc').
func prefixPred(x *expr.Call, at map[expr.ID]int) (storage.Pred, bool) {
	if len(x.Args) != 2 || x.Fn.Func == nil || x.Fn.Func.Name != "like" && x.Fn.Func.Name != "starts_with" {
		return storage.Pred{}, false
	}
	c, ok := x.Args[0].(*expr.Column)
	s, isText := expr.Text(x.Args[1])
	if !ok || !isText {
		return storage.Pred{}, false
	}
	if x.Fn.Func.Name == "like" {
		end := 0
		for end < len(s) && s[end] != '%' && s[end] != '_' && s[end] != '\\' {
			end++
		}
		s = s[:end]
	}
	return storage.Pred{Op: storage.Prefix, Col: at[c.ID], Values: []storage.Bound{{S: s}}}, s != ""
}
