package ast

// Children calls f with each expression directly below e, left to right, until f gives false. Subqueries are not
// entered; they are found by their nodes (Exists, ScalarSubquery, ArraySubquery, In, Quantified). nil expressions are left out.
// It gives false when f did.
func Children(e Expr, f func(Expr) bool) bool {
	one := func(e Expr) bool { return e == nil || f(e) }
	list := func(es []Expr) bool {
		for _, e := range es {
			if !one(e) {
				return false
			}
		}
		return true
	}
	switch e := e.(type) {
	case *Unary:
		return one(e.Expr)
	case *Binary:
		return one(e.Left) && one(e.Right)
	case *Compare:
		return one(e.Left) && one(e.Right)
	case *And:
		return list(e.Terms)
	case *Or:
		return list(e.Terms)
	case *Between:
		return one(e.Expr) && one(e.Low) && one(e.High)
	case *In:
		return one(e.Expr) && list(e.List)
	case *Match:
		return one(e.Expr) && one(e.Pattern) && list(e.List) && one(e.Escape)
	case *Is:
		return one(e.Expr)
	case *IsDistinct:
		return one(e.Left) && one(e.Right)
	case *Cast:
		return one(e.Expr)
	case *Quantified:
		return one(e.Left) && one(e.Array)
	case *Row:
		return list(e.Items)
	case *ArrayLit:
		return list(e.Items)
	case *Index:
		return one(e.Expr) && one(e.Index)
	case *Slice:
		return one(e.Expr) && one(e.Low) && one(e.High) && one(e.Step)
	case *FieldAccess:
		return one(e.Expr)
	case *Lambda:
		return one(e.Body)
	case *Collate:
		return one(e.Expr)
	case *AtTimeZone:
		return one(e.Expr) && one(e.Zone)
	case *ListComp:
		return one(e.Item) && one(e.List) && one(e.Cond)
	case *Grouping:
		return list(e.Args)
	}
	return structured(e, one)
}

// structured is Children for the nodes whose expressions stand in lists of their own.
func structured(e Expr, one func(Expr) bool) bool {
	switch e := e.(type) {
	case *Interval:
		for ; e != nil; e = e.Next {
			if !one(e.Value) {
				return false
			}
		}
	case *Case:
		if !one(e.Operand) {
			return false
		}
		for _, w := range e.Whens {
			if !one(w.Cond) || !one(w.Then) {
				return false
			}
		}
		return one(e.Else)
	case *Call:
		return e.children(one)
	case *StructLit:
		for _, x := range e.Fields {
			if !one(x.Value) {
				return false
			}
		}
	case *MapLit:
		for _, x := range e.Entries {
			if !one(x.Key) || !one(x.Value) {
				return false
			}
		}
	case *Star:
		for _, x := range e.Replace {
			if !one(x.Expr) {
				return false
			}
		}
		return one(e.Regex)
	}
	return true
}

func (c *Call) children(one func(Expr) bool) bool {
	for _, a := range c.Args {
		if !one(a.Value) {
			return false
		}
	}
	orders := [][]OrderItem{c.OrderBy, c.WithinGroup}
	var parts []Expr
	if c.Over != nil {
		parts = c.Over.PartitionBy
		orders = append(orders, c.Over.OrderBy)
	}
	for _, os := range orders {
		for _, o := range os {
			if !one(o.Expr) {
				return false
			}
		}
	}
	for _, e := range parts {
		if !one(e) {
			return false
		}
	}
	if c.Over != nil && c.Over.Frame != nil && (!one(c.Over.Frame.Start.Offset) || !one(c.Over.Frame.End.Offset)) {
		return false
	}
	return one(c.Filter)
}

// Walk calls f with e and all expressions below it, each before its children; children of an expression for which f
// gives false are left out. It needs no stack of calls, so that the deepest chains are safe.
func Walk(e Expr, f func(Expr) bool) {
	stack := []Expr{e}
	for len(stack) > 0 {
		e = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if e == nil || !f(e) {
			continue
		}
		at := len(stack)
		Children(e, func(c Expr) bool {
			stack = append(stack, c)
			return true
		})
		for i, j := at, len(stack)-1; i < j; i, j = i+1, j-1 {
			stack[i], stack[j] = stack[j], stack[i]
		}
	}
}

// Name is the name a select item gives its column: the alias, the last part of a column or field, the name of a
// function without OVER or clauses, or else the source text.
func (it *SelectItem) Name() string {
	if it.Alias != nil {
		return it.Alias.Text
	}
	switch e := it.Expr.(type) {
	case *ColumnRef:
		return e.Parts.Last()
	case *FieldAccess:
		return e.Name.Text
	}
	return it.Text
}
