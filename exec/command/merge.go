package command

import (
	"fmt"
	"math"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner"
)

// MERGE is a join of the table and the source, each with a column more that is NULL where it has no row. For each row of the join a CASE says
// which WHEN clause acts, and one for each column says what becomes of it.

const (
	targetRow = "target row" // the number of the table's row
	sourceRow = "source row"
)

// merging is a MERGE at work.
type merging struct {
	*run
	s              *ast.Merge
	t              *catalog.Table
	target, source ast.Name
	from           ast.TableRef
	conds          []ast.Expr // by WHEN clause
	given          []string   // the source's columns, where a clause goes by their names
}

// merge runs MERGE.
func (r *run) merge(s *ast.Merge) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Table)
	if err != nil {
		return nil, err
	}
	if t.Kind != catalog.Managed {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Table.Position(), "%s is %s: only managed tables can be changed", t.Name, kindWord(t))
	}
	m := &merging{run: r, s: s, t: t, target: ast.Name{At: s.At, Text: t.Name, Quoted: true}}
	if s.Alias != nil {
		m.target = *s.Alias
	}
	if m.source, err = sourceName(s.Source); err != nil {
		return nil, err
	}
	if err := m.names(); err != nil {
		return nil, err
	}
	if err := m.join(); err != nil {
		return nil, err
	}
	back := returns(s.Returning, s.At, s.Table, s.Alias)
	changed, again, files, err := m.count()
	if err == nil && changed == 0 {
		err = back.finish(r, t)
	}
	if err != nil || changed == 0 {
		return resultOf(back, 0), err
	}
	updates := false
	for _, w := range s.Whens {
		updates = updates || w.Action == ast.MergeUpdate
	}
	q := &ast.Query{At: s.At, With: s.With, Recursive: s.Recursive}
	if q.Body, err = m.rows(again); err != nil {
		return nil, err
	}
	e := effect{updates: updates, back: back}
	if updates {
		isOld, err := literal(`"target row" IS NOT NULL`)
		if err != nil {
			return nil, err
		}
		if e.moved, err = r.movedKeys(t, q, func(col ast.Name) ast.Expr { return m.col(m.target, col) }, isOld); err != nil {
			return nil, err
		}
	}
	if files != nil && len(files) < t.Parts.Len() {
		if q.Body, err = m.rowsOf(again, len(files) > 0); err != nil {
			return nil, err
		}
		if err := r.replaceParts(t, r.among(t, files), q, e); err != nil {
			return nil, err
		}
		return resultOf(back, changed), nil
	}
	if _, err := r.replaceWith(t, q, e); err != nil {
		return nil, err
	}
	return resultOf(back, changed), nil
}

// names finds the columns of the source where a clause says BY NAME: each has to be one of the table.
func (m *merging) names() error {
	for _, w := range m.s.Whens {
		if !w.ByName || m.given != nil {
			continue
		}
		q := &ast.Query{At: m.s.At, With: m.s.With, Recursive: m.s.Recursive, Body: &ast.Select{At: m.s.At, From: []ast.TableRef{m.s.Source}, Items: []ast.SelectItem{{Expr: &ast.Star{}}}}}
		n, err := m.planEnv().Binder(m.ctx).Query(q)
		if err != nil {
			return err
		}
		for _, c := range n.Cols() {
			if !hasColumn(m.t.AllColumns(), c.Name) {
				return sqlerr.At(sqlerr.NotFound, w.Pos, "table %s has no column %s, which the source has", m.t.Name, c.Name)
			}
			m.given = append(m.given, c.Name)
		}
	}
	return nil
}

// rowsOf is the query for the rows that the files with rows that change have afterwards, if there are such, and for the new rows. Which are new
// is a matter of all rows of the table.
func (m *merging) rowsOf(again, changes bool) (ast.QueryBody, error) {
	all := m.from.(*ast.Join)
	var some, added *ast.Select
	var err error
	if changes {
		left, err := marked(&ast.TableName{At: m.s.At, Name: ast.Path{{At: m.s.At, Text: touchedRows, Quoted: true}}, Alias: &m.target}, m.target, "row_number() OVER ()", targetRow, false)
		if err != nil {
			return nil, err
		}
		m.from = &ast.Join{At: all.At, Kind: ast.LeftJoin, Left: left, Right: all.Right, On: all.On}
		if some, err = m.rows(again); err != nil || all.Kind == ast.LeftJoin {
			return some, err
		}
	}
	m.from = all
	if added, err = m.rows(false); err != nil {
		return nil, err
	}
	isNew, err := literal(`"target row" IS NULL`)
	if err != nil {
		return nil, err
	}
	added.Where = &ast.And{At: m.s.At, Terms: []ast.Expr{isNew, added.Where}}
	if some == nil {
		return added, nil
	}
	return &ast.SetOp{At: m.s.At, Op: ast.Union, All: true, Left: some, Right: added}, nil
}

// sourceName gives the name that the source's columns go by.
func sourceName(ref ast.TableRef) (ast.Name, error) {
	var alias *ast.Name
	switch x := ref.(type) {
	case *ast.TableName:
		if alias = x.Alias; alias == nil {
			return ast.Name{At: x.At, Text: x.Name.Last(), Quoted: true}, nil
		}
	case *ast.Subquery:
		alias = x.Alias
	case *ast.FileRef:
		alias = x.Alias
	case *ast.TableFunc:
		alias = x.Alias
	case *ast.ParenRef:
		alias = x.Alias
	}
	if alias == nil {
		return ast.Name{}, sqlerr.At(sqlerr.Bind, ref.Position(), "the source of MERGE needs a name").WithHint("USING … AS s")
	}
	return *alias, nil
}

// marked is (SELECT *, marker FROM ref) AS name, with the rows' files if they are wanted.
func marked(ref ast.TableRef, name ast.Name, marker, as string, files bool) (ast.TableRef, error) {
	text := `SELECT *, ` + marker + ` AS "` + as + `"`
	if files {
		text += `, filename AS "` + fileName + `"`
	}
	q, err := parseQuery(text + " FROM x")
	if err != nil {
		return nil, err
	}
	q.Body.(*ast.Select).From = []ast.TableRef{ref}
	return &ast.Subquery{At: ast.At{Pos: ref.Position()}, Query: q, Alias: &name}, nil
}

// join makes the join and the conditions of the clauses.
func (m *merging) join() error {
	left, err := marked(&ast.TableName{At: m.s.At, Name: m.s.Table, Alias: &m.target}, m.target, "row_number() OVER ()", targetRow, m.byFile(m.t))
	if err != nil {
		return err
	}
	right, err := marked(m.s.Source, m.source, "true", sourceRow, false)
	if err != nil {
		return err
	}
	on := m.s.On
	if len(m.s.Using) > 0 {
		all := &ast.And{At: m.s.At, Terms: []ast.Expr{&ast.Literal{At: m.s.At, Kind: ast.BoolLit, Text: "true"}}}
		for _, n := range m.s.Using {
			all.Terms = append(all.Terms, &ast.Compare{At: n.At, Op: ast.OpEq, Left: m.col(m.target, n), Right: m.col(m.source, n)})
		}
		on = all
	}
	kind := ast.LeftJoin
	for _, w := range m.s.Whens {
		if w.Match == ast.NotMatched {
			kind = ast.FullJoin
		}
	}
	m.from = &ast.Join{At: m.s.At, Kind: kind, Left: left, Right: right, On: on}
	always := map[ast.MergeMatch]bool{}
	for _, w := range m.s.Whens {
		if always[w.Match] {
			return sqlerr.At(sqlerr.Bind, w.Pos, "no row is left for this clause: one before it takes all").WithHint("give the one before a condition: WHEN … AND condition THEN …")
		}
		always[w.Match] = w.Cond == nil
		if (w.Match == ast.NotMatched) != (w.Action == ast.MergeInsert) && w.Action < ast.MergeNothing {
			return sqlerr.At(sqlerr.Bind, w.Pos, "WHEN NOT MATCHED inserts; the other clauses update or delete")
		}
		text := map[ast.MergeMatch]string{
			ast.Matched:            `"target row" IS NOT NULL AND "source row"`,
			ast.NotMatched:         `"target row" IS NULL`,
			ast.NotMatchedBySource: `"target row" IS NOT NULL AND "source row" IS NULL`,
		}[w.Match]
		c, err := parser.ParseExpr(text)
		if err != nil {
			return err
		}
		if w.Cond != nil {
			c = &ast.And{At: w.At, Terms: []ast.Expr{c, w.Cond}}
		}
		m.conds = append(m.conds, c)
	}
	return nil
}

func (m *merging) col(rel, name ast.Name) ast.Expr {
	name.Quoted = true
	return &ast.ColumnRef{At: name.At, Parts: ast.Path{rel, name}}
}

// choose is a CASE over the clauses.
func (m *merging) choose(then func(i int, w *ast.MergeWhen) (ast.Expr, error), otherwise string) (ast.Expr, error) {
	last, err := parser.ParseExpr(otherwise)
	if err != nil {
		return nil, err
	}
	c := &ast.Case{At: m.s.At, Else: last}
	for i := range m.s.Whens {
		x, err := then(i, &m.s.Whens[i])
		if err != nil {
			return nil, err
		}
		c.Whens = append(c.Whens, ast.When{Cond: m.conds[i], Then: x})
	}
	return c, nil
}

func literal(text string) (ast.Expr, error) { return parser.ParseExpr(text) }

// acts tells in each row of the join whether a clause changes something.
func (m *merging) acts() (ast.Expr, error) {
	return m.choose(func(_ int, w *ast.MergeWhen) (ast.Expr, error) {
		if w.Action == ast.MergeError {
			return refusal(w)
		}
		return literal(fmt.Sprint(w.Action != ast.MergeNothing))
	}, "false")
}

// refusal is the expression of THEN ERROR.
func refusal(w *ast.MergeWhen) (ast.Expr, error) {
	x, err := literal("error('MERGE met a row that THEN ERROR is for') IS NULL")
	if err == nil && len(w.Values) > 0 {
		x.(*ast.Is).Expr.(*ast.Call).Args[0].Value = w.Values[0]
	}
	return x, err
}

// count gives the number of rows that change and the files of those that the table has already, or nil where it has no files to tell apart; and
// tells whether a row of the table matches several of the source. That several change the same row is an error.
func (m *merging) count() (changed int64, again bool, files map[string]bool, err error) {
	acts, err := m.acts()
	if err != nil {
		return 0, false, nil, err
	}
	file := "NULL"
	if m.byFile(m.t) {
		file, files = `"`+fileName+`"`, map[string]bool{}
	}
	inner := &ast.Select{At: m.s.At, From: []ast.TableRef{m.from}}
	for alias, text := range map[string]string{"nr": `"target row"`, "file": file} {
		x, err := literal(text)
		if err != nil {
			return 0, false, nil, err
		}
		inner.Items = append(inner.Items, ast.SelectItem{At: m.s.At, Expr: x, Alias: &ast.Name{Text: alias}})
	}
	inner.Items = append(inner.Items, ast.SelectItem{At: m.s.At, Expr: acts, Alias: &ast.Name{Text: "acts"}})
	q, err := parseQuery(`SELECT sum(acting), count(*) FILTER (WHERE n > 1 AND nr IS NOT NULL), count(*) FILTER (WHERE acting > 1 AND nr IS NOT NULL), file
		FROM (SELECT nr, file, count(*) AS n, count(*) FILTER (WHERE acts) AS acting FROM x GROUP BY nr, file) GROUP BY file`)
	if err != nil {
		return 0, false, nil, err
	}
	q.With, q.Recursive = m.s.With, m.s.Recursive
	groups := q.Body.(*ast.Select).From[0].(*ast.Subquery).Query.Body.(*ast.Select)
	groups.From = []ast.TableRef{&ast.Subquery{At: m.s.At, Query: &ast.Query{At: m.s.At, Body: inner}, Alias: &ast.Name{Text: "joined"}}}
	_, b, err := m.collectQuery(q, math.MaxInt)
	if err != nil || m.Dry {
		return 0, false, nil, err
	}
	var n [3]int64
	for row := range b.N {
		for i := range n {
			k := int64(kernel.Int128At(b.Cols[i], row).Lo)
			n[i] += k
			if i == 0 && k > 0 && files != nil && !b.Cols[3].IsNull(row) {
				files[string(b.Cols[3].Bytes(row))] = true
			}
		}
	}
	if n[2] > 0 {
		return 0, false, nil, sqlerr.At(sqlerr.Data, m.s.Pos, "%d rows of table %s match several rows of the source that would change them", n[2], m.t.Name).
			WithHint("make the source one row a match: GROUP BY, or SELECT DISTINCT ON")
	}
	return n[0], n[1] > 0, files, nil
}

// rows is the query for the rows that the table has afterwards.
func (m *merging) rows(again bool) (*ast.Select, error) {
	sel := &ast.Select{At: m.s.At, From: []ast.TableRef{m.from}}
	for _, c := range m.t.AllColumns() {
		name := ast.Name{At: m.s.At, Text: c.Name, Quoted: true}
		typ, err := parser.ParseType(c.Type.String())
		if err != nil {
			return nil, err
		}
		old := m.col(m.target, name)
		value, err := m.choose(func(_ int, w *ast.MergeWhen) (ast.Expr, error) {
			x, err := m.value(w, &c, old)
			if err != nil {
				return nil, err
			}
			return &ast.Cast{At: m.s.At, Expr: x, Type: typ}, nil
		}, "NULL")
		if err != nil {
			return nil, err
		}
		value.(*ast.Case).Else = old
		sel.Items = append(sel.Items, ast.SelectItem{At: m.s.At, Expr: value, Alias: &name})
	}
	keep, err := m.choose(func(_ int, w *ast.MergeWhen) (ast.Expr, error) {
		switch w.Action {
		case ast.MergeDelete:
			return literal(fmt.Sprint(len(m.s.Returning) > 0))
		case ast.MergeNothing, ast.MergeError:
			return literal(`"target row" IS NOT NULL`)
		}
		return literal("true")
	}, `"target row" IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	if len(m.s.Returning) > 0 {
		action, err := m.action()
		if err != nil {
			return nil, err
		}
		sel.Items = append(sel.Items, ast.SelectItem{At: m.s.At, Expr: action, Alias: &ast.Name{Text: actionColumn}})
	}
	if again { // of the rows of the join for one row of the table, the one that changes it
		acts, err := m.acts()
		if err != nil {
			return nil, err
		}
		first, err := literal(`row_number() OVER (PARTITION BY "target row" ORDER BY true DESC) = 1 OR "target row" IS NULL`)
		if err != nil {
			return nil, err
		}
		first.(*ast.Or).Terms[0].(*ast.Compare).Left.(*ast.Call).Over.OrderBy[0].Expr = acts
		keep = &ast.And{At: m.s.At, Terms: []ast.Expr{keep, first}}
		sel.Qualify = keep
		return sel, nil
	}
	sel.Where = keep
	return sel, nil
}

// action tells what becomes of each row of the join, for RETURNING.
func (m *merging) action() (ast.Expr, error) {
	return m.choose(func(_ int, w *ast.MergeWhen) (ast.Expr, error) {
		switch w.Action {
		case ast.MergeDelete:
			return literal("'" + wasDeleted + "'")
		case ast.MergeUpdate:
			return literal("'" + wasUpdated + "'")
		case ast.MergeInsert:
			return literal("'" + wasInserted + "'")
		}
		return literal("NULL")
	}, "NULL")
}

// value is what a clause makes of a column.
func (m *merging) value(w *ast.MergeWhen, c *catalog.Column, old ast.Expr) (ast.Expr, error) {
	source := m.col(m.source, ast.Name{At: w.At, Text: c.Name})
	switch {
	case w.Action == ast.MergeDelete || w.Action >= ast.MergeNothing:
		return old, nil
	case c.Generated != "":
		if err := generatedSet(m.t, w.Set); err != nil {
			return nil, err
		}
		for _, n := range w.Columns {
			if strings.EqualFold(n.Text, c.Name) {
				return nil, sqlerr.At(sqlerr.Bind, n.Pos, "column %s is generated: it is always %s", c.Name, c.Generated)
			}
		}
		return literal("NULL")
	case w.ByName && !contains(m.given, c.Name):
		if w.Action == ast.MergeUpdate {
			return old, nil
		}
		return orDefault(&ast.Default{At: w.At}, c)
	case w.Star || w.ByName:
		return source, nil
	case w.Action == ast.MergeUpdate:
		values, err := assignments(w.Set)
		if err != nil {
			return nil, err
		}
		for _, a := range w.Set {
			for _, n := range a.Columns {
				if !hasColumn(m.t.AllColumns(), n.Last()) {
					return nil, sqlerr.At(sqlerr.NotFound, a.Pos, "table %s has no column %s", m.t.Name, n.Last())
				}
			}
		}
		if v, ok := values[strings.ToLower(c.Name)]; ok {
			return orDefault(v, c)
		}
		return old, nil
	}
	names := texts(w.Columns)
	if len(names) == 0 {
		for _, x := range m.t.AllColumns() {
			if x.Generated == "" {
				names = append(names, x.Name)
			}
		}
	}
	for _, n := range w.Columns {
		if !hasColumn(m.t.AllColumns(), n.Text) {
			return nil, sqlerr.At(sqlerr.NotFound, n.Pos, "table %s has no column %s", m.t.Name, n.Text)
		}
	}
	if w.Values != nil && len(w.Values) != len(names) {
		return nil, sqlerr.At(sqlerr.Bind, w.Pos, "%d values are given for %d columns", len(w.Values), len(names))
	}
	for i, x := range w.Values {
		if strings.EqualFold(names[i], c.Name) {
			return orDefault(x, c)
		}
	}
	return orDefault(&ast.Default{At: w.At}, c)
}

// orDefault puts the column's default in the place of the word DEFAULT.
func orDefault(x ast.Expr, c *catalog.Column) (ast.Expr, error) {
	if _, ok := x.(*ast.Default); !ok {
		return x, nil
	}
	if c.Default == "" {
		return literal("NULL")
	}
	return parser.ParseExpr(c.Default)
}

// replaceWith puts the rows of q in the place of a table's rows.
func (r *run) replaceWith(t *catalog.Table, q *ast.Query, e effect) (*tableWrite, error) {
	env := r.planEnv()
	b := env.Binder(r.ctx)
	n, err := b.Query(q)
	if err != nil {
		return nil, err
	}
	w := r.newWrite(t)
	w.fresh, w.effect = true, e
	if n, err = b.Assign(n, w.fields(), q.Pos); err != nil {
		return nil, err
	}
	if n, err = b.Generate(n, t); err != nil {
		return nil, err
	}
	plan := byPartition(t, n, r.Session.Home(t.Temp).InMemory(t))
	p, err := planner.Finish(env, b, plan)
	if err != nil {
		return nil, err
	}
	if err := w.fill(p.Physical); err != nil {
		return nil, err
	}
	return w, w.replace(nil)
}
