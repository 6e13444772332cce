package command

import (
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/exec"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/op"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/planner/expr"
	"github.com/skep-sql/skep/planner/logical"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/memory"
	"github.com/skep-sql/skep/storage/multi"
)

// partitionValue is a value of PARTITION (column = value).
type partitionValue struct {
	col  int // of the partition columns
	op   ast.Op
	text *string // nil: NULL
}

// partitionSpec resolves PARTITION (…): columns without a value are dynamic and are left out.
func (r *run) partitionSpec(t *catalog.Table, spec *ast.PartitionSpec) ([]partitionValue, error) {
	if len(t.Partitions) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, spec.Pos, "table %s has no partitions", t.Name)
	}
	var out []partitionValue
	var names []string
	for _, c := range t.Partitions {
		names = append(names, c.Name)
	}
	seen := map[int]bool{}
	for _, i := range spec.Items {
		k := slices.IndexFunc(t.Partitions, func(c catalog.Column) bool { return strings.EqualFold(c.Name, i.Name.Text) })
		if k < 0 {
			return nil, sqlerr.At(sqlerr.NotFound, i.Name.Pos, "%s is no partition column of table %s", i.Name.Text, t.Name).WithHint("they are %s", strings.Join(names, ", "))
		}
		if i.Value == nil {
			continue
		}
		if seen[k] && i.Op == ast.OpEq {
			return nil, sqlerr.At(sqlerr.Bind, i.Name.Pos, "partition column %s has two values", i.Name.Text)
		}
		seen[k] = true
		typ, err := parser.ParseType(t.Partitions[k].Type.String())
		if err != nil {
			return nil, err
		}
		v, err := r.planEnv().Binder(r.ctx).Scalar(&ast.Cast{At: ast.At{Pos: i.Value.Position()}, Expr: i.Value, Type: typ})
		if err != nil {
			return nil, err
		}
		p := partitionValue{col: k, op: i.Op}
		if !v.V.IsNull(0) {
			if text := string(kernel.AppendText(nil, v.V, 0)); text != "" {
				p.text = &text
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// matches tells whether a part has the values.
func matches(t *catalog.Table, p *catalog.Part, values []partitionValue) (bool, error) {
	for _, v := range values {
		f := t.Partitions[v.col].Field
		a, err := multi.ParseValue(f, p.Values[v.col])
		if err != nil {
			return false, err
		}
		b, err := multi.ParseValue(f, v.text)
		if err != nil {
			return false, err
		}
		c := multi.CompareValues(f.Type, a, b)
		ok := c == 0
		if v.op != ast.OpEq && (a.Null || b.Null) {
			return false, nil
		}
		switch v.op {
		case ast.OpNe:
			ok = c != 0
		case ast.OpLt:
			ok = c < 0
		case ast.OpLe:
			ok = c <= 0
		case ast.OpGt:
			ok = c > 0
		case ast.OpGe:
			ok = c >= 0
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

// condition is the values as a condition of SQL.
func condition(t *catalog.Table, values []partitionValue) string {
	var out []string
	for _, v := range values {
		c := t.Partitions[v.col]
		text := "NULL"
		if v.text != nil {
			text = "'" + strings.ReplaceAll(*v.text, "'", "''") + "'"
		}
		word := map[ast.Op]string{ast.OpNe: " <> ", ast.OpLt: " < ", ast.OpLe: " <= ", ast.OpGt: " > ", ast.OpGe: " >= "}[v.op]
		if word == "" {
			word = " IS NOT DISTINCT FROM "
		}
		out = append(out, quoteName(c.Name)+word+"CAST("+text+" AS "+c.Type.String()+")")
	}
	return strings.Join(out, " AND ")
}

// byPartition sorts the rows for a partitioned table by its partition columns, so that one file at a time is written.
func byPartition(t *catalog.Table, n logical.Node, memory bool) logical.Node {
	if len(t.Partitions) == 0 || memory {
		return n
	}
	s := &logical.Sort{Input: n}
	for _, c := range n.Cols()[len(t.Columns) : len(t.Columns)+len(t.Partitions)] {
		s.Keys = append(s.Keys, expr.SortKey{Expr: c.Ref(), NullsFirst: true})
	}
	return s
}

// overwrite puts the rows in the place of those of the partitions that values name; when these do not say a whole partition, of those
// partitions that rows were written for.
func (w *tableWrite) overwrite(values []partitionValue) error {
	if w.Dry || len(w.table.Partitions) == 0 {
		return w.replace(nil)
	}
	whole := len(values) == len(w.table.Partitions)
	if w.inMemory() {
		where := "NOT (" + condition(w.table, values) + ")"
		if !whole {
			var on []string
			for _, c := range w.table.Partitions {
				on = append(on, `"new row".`+quoteName(c.Name)+` IS NOT DISTINCT FROM "kept row".`+quoteName(c.Name))
			}
			where = `NOT EXISTS (SELECT 1 FROM "` + newRows + `" AS "new row" WHERE ` + strings.Join(on, " AND ") + ")"
		}
		return w.replaceInMemory(where)
	}
	var failed error
	written := map[string]bool{}
	for i := range w.files.parts {
		written[partitionName(w.table, w.files.parts[i].Values)] = true
	}
	err := w.replace(func(p *catalog.Part) bool {
		if !whole {
			return written[partitionName(w.table, p.Values)]
		}
		ok, err := matches(w.table, p, values)
		if err != nil {
			failed = err
		}
		return ok
	})
	if failed != nil {
		return failed
	}
	return err
}

// replaceInMemory keeps the rows of the table, known as "kept row", that meet a condition, and adds those written.
func (w *tableWrite) replaceInMemory(where string) error {
	old := w.table.Rows
	if old == nil {
		old = memory.New(w.table.Fields(), nil)
	}
	added := w.mem
	kept := memory.NewAppender(w.table.Fields())
	err := w.overlay(map[string]storage.Table{keptRows: old, newRows: memory.New(w.table.Fields(), added)}, func() error {
		p, err := w.plan(`SELECT * FROM "` + keptRows + `" AS "kept row" WHERE ` + where)
		if err != nil {
			return err
		}
		sink := &op.TableWriter{Ordered: true, Write: func(b *vec.Batch) error { kept.Write(b); return nil }}
		for _, c := range p.Physical.Cols() {
			sink.Types = append(sink.Types, c.Type)
		}
		return exec.Drain(w.task(), p.Physical, sink, nil)
	})
	if err != nil {
		return err
	}
	t := *w.table
	stay := memory.New(t.Fields(), kept.Chunks())
	t.Rows = stay.Append(added)
	if w.next > 1 {
		t.NextSerial = w.next
	}
	if err := w.home.Update(w.table, &t, nil); err != nil {
		return err
	}
	if err := w.verify(&t, stay); err != nil {
		return err
	}
	return w.followKeys(&t)
}

// partitionName is a partition as its folders say it: k=v/j=w.
func partitionName(t *catalog.Table, values []*string) string {
	var out []string
	for i, v := range values {
		out = append(out, multi.Folder(t.Partitions[i].Name, v))
	}
	return strings.Join(out, "/")
}

// showPartitions lists the partitions of a table.
func (r *run) showPartitions(s *ast.Show) (*Result, error) {
	t, err := r.planEnv().Binder(r.ctx).Table(s.Name)
	if err != nil {
		return nil, err
	}
	if len(t.Partitions) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, s.Name.Position(), "table %s has no partitions", t.Name)
	}
	var values []partitionValue
	if s.Partition != nil {
		if values, err = r.partitionSpec(t, s.Partition); err != nil {
			return nil, err
		}
	}
	home := r.Session.Home(t.Temp)
	if t.Kind == catalog.Managed && home.InMemory(t) || t.Kind == catalog.External && t.Parts.Len() == 0 {
		return r.partitionsOfRows(t, s.Name, values)
	}
	all, err := t.All()
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i := range all {
		ok, err := matches(t, &all[i], values)
		if err != nil {
			return nil, err
		}
		if name := partitionName(t, all[i].Values); ok && (len(rows) == 0 || rows[len(rows)-1][0] != name) {
			rows = append(rows, []string{name})
		}
	}
	return table([]string{"partition"}, rows), nil
}

// partitionsOfRows finds the partitions by looking at the rows.
func (r *run) partitionsOfRows(t *catalog.Table, name ast.Path, values []partitionValue) (*Result, error) {
	var names []string
	for _, c := range t.Partitions {
		names = append(names, c.Name)
	}
	sql := "SELECT DISTINCT " + joined(names, "", ", ") + " FROM " + joined(texts(name), "", ".")
	if len(values) > 0 {
		sql += " WHERE " + condition(t, values)
	}
	p, err := r.plan(sql + " ORDER BY " + joined(names, " NULLS FIRST", ", "))
	if err != nil {
		return nil, err
	}
	list, err := exec.Run(r.task(), p.Physical, nil)
	if err != nil {
		return nil, err
	}
	defer list.Close()
	var rows [][]string
	for {
		b, err := list.Next(r.ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			return table([]string{"partition"}, rows), nil
		}
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			rows = append(rows, []string{partitionName(t, partitionValues(b.Cols, at))})
		}
	}
}
