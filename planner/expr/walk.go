package expr

// Children gives the direct parts of e.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *Compare:
		return []Expr{e.L, e.R}
	case *Logic:
		return e.Terms
	case *Not:
		return []Expr{e.Arg}
	case *IsNull:
		return []Expr{e.Arg}
	case *Case:
		var out []Expr
		for _, w := range e.Whens {
			out = append(out, w.Cond, w.Then)
		}
		if e.Else != nil {
			out = append(out, e.Else)
		}
		return out
	case *Coalesce:
		return e.Args
	case *Cast:
		return []Expr{e.Arg}
	case *InList:
		return []Expr{e.Arg}
	case *Agg:
		out := append([]Expr(nil), e.Args...)
		if e.Filter != nil {
			out = append(out, e.Filter)
		}
		for _, k := range e.OrderBy {
			out = append(out, k.Expr)
		}
		return out
	case Parent:
		return e.Children()
	}
	return nil
}

// Parent is an expression that another package defines (a subquery, before it is unnested).
type Parent interface {
	Expr
	Children() []Expr
	WithChildren(kids []Expr) Expr
}

// WithChildren gives a copy of e with other parts, as many as Children gives.
func WithChildren(e Expr, kids []Expr) Expr {
	switch e := e.(type) {
	case *Call:
		c := *e
		c.Args = kids
		return &c
	case *Compare:
		return &Compare{e.Op, kids[0], kids[1], e.NullSafe}
	case *Logic:
		return &Logic{e.Or, kids}
	case *Not:
		return &Not{kids[0]}
	case *IsNull:
		return &IsNull{kids[0], e.Not}
	case *Case:
		c := &Case{T: e.T}
		for i := range e.Whens {
			c.Whens = append(c.Whens, When{kids[2*i], kids[2*i+1]})
		}
		if e.Else != nil {
			c.Else = kids[len(kids)-1]
		}
		return c
	case *Coalesce:
		return &Coalesce{kids, e.T}
	case *Cast:
		c := *e
		c.Arg = kids[0]
		return &c
	case *InList:
		c := *e
		c.Arg = kids[0]
		return &c
	case *Agg:
		c := *e
		n := len(e.Args)
		c.Args = kids[:n:n]
		if e.Filter != nil {
			c.Filter = kids[n]
			n++
		}
		c.OrderBy = append([]SortKey(nil), e.OrderBy...)
		for i := range c.OrderBy {
			c.OrderBy[i].Expr = kids[n+i]
		}
		return &c
	case Parent:
		return e.WithChildren(kids)
	}
	return e
}

// Rewrite gives e with f applied to every part, leaves first. Parts that f leaves alone are shared.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	kids := Children(e)
	var changed []Expr
	for i, k := range kids {
		if n := Rewrite(k, f); n != k {
			if changed == nil {
				changed = append([]Expr(nil), kids...)
			}
			changed[i] = n
		}
	}
	if changed != nil {
		e = WithChildren(e, changed)
	}
	return f(e)
}

// Walk calls f for e and all its parts, until f gives false for a part, whose own parts are then left out.
func Walk(e Expr, f func(Expr) bool) {
	if !f(e) {
		return
	}
	for _, k := range Children(e) {
		Walk(k, f)
	}
}

// Columns adds the IDs of the columns in e to set.
func Columns(e Expr, set map[ID]bool) {
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok {
			set[c.ID] = true
		}
		return true
	})
}

// Uses tells whether every column of e is in set.
func Uses(e Expr, set map[ID]bool) bool {
	ok := true
	Walk(e, func(x Expr) bool {
		if c, is := x.(*Column); is && !set[c.ID] {
			ok = false
		}
		return ok
	})
	return ok
}

// UsesAny tells whether some column of e is in set.
func UsesAny(e Expr, set map[ID]bool) bool {
	any := false
	Walk(e, func(x Expr) bool {
		if c, is := x.(*Column); is && set[c.ID] {
			any = true
		}
		return !any
	})
	return any
}

// Replace gives e with columns replaced.
func Replace(e Expr, with map[ID]Expr) Expr {
	return Rewrite(e, func(x Expr) Expr {
		if c, ok := x.(*Column); ok {
			if n := with[c.ID]; n != nil {
				return n
			}
		}
		return x
	})
}

// CanFail tells whether e may raise an error for some row.
func CanFail(e Expr) bool {
	fails := false
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call:
			fails = fails || x.Fn.CanFail
		case *Cast:
			fails = fails || !x.Try && castCanFail(x)
		}
		return !fails
	})
	return fails
}

// Volatile tells whether e may give another value each time.
func Volatile(e Expr) bool {
	v := false
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Call); ok && c.Fn.Volatile {
			v = true
		}
		return !v
	})
	return v
}

// IsConstant tells whether e has no columns, aggregates or foreign parts, and gives the same value each time.
func IsConstant(e Expr) bool {
	ok := true
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Lambda:
		case *Column, *Agg, *Var, Parent:
			ok = false
		case *Call:
			ok = ok && !x.Fn.Volatile
		}
		return ok
	})
	return ok
}

// Conjuncts splits e at its ANDs.
func Conjuncts(e Expr) []Expr {
	if l, ok := e.(*Logic); ok && !l.Or {
		var out []Expr
		for _, t := range l.Terms {
			out = append(out, Conjuncts(t)...)
		}
		return out
	}
	return []Expr{e}
}

// AndAll joins terms by AND: nil for none.
func AndAll(terms []Expr) Expr {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return &Logic{Terms: terms}
}

// OrAll joins terms by OR: nil for none.
func OrAll(terms []Expr) Expr {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return &Logic{Or: true, Terms: terms}
}
