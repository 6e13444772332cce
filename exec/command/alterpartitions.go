package command

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser"
	"github.com/skep-sql/skep/parser/ast"
	"github.com/skep-sql/skep/storage/fs"
	"github.com/skep-sql/skep/storage/multi"
)

// absolute gives the path below the session's folder.
func (r *run) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.Session.Env.Base, path)
}

// alterPartitions adds, drops and renames partitions.
func (r *run) alterPartitions(old, t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	home := r.Session.Home(t.Temp)
	if len(t.Partitions) == 0 {
		return nil, sqlerr.New(sqlerr.Bind, "table %s has no partitions", t.Name)
	}
	if a.Kind == ast.RecoverPartitions {
		if _, err := r.recover(t, "ADD"); err != nil {
			return nil, err
		}
		return t, home.Update(old, t, nil)
	}
	if err := r.listed(t); err != nil {
		return nil, err
	}
	if t.Kind == catalog.Managed && home.InMemory(t) {
		return r.dropInMemory(t, a)
	}
	for i := range a.Partitions {
		spec := &a.Partitions[i]
		values, err := r.partitionSpec(t, spec)
		if err != nil {
			return nil, err
		}
		var drop []catalog.Part
		all, err := t.All()
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			ok, err := matches(t, &p, values)
			if err != nil {
				return nil, err
			}
			if ok {
				drop = append(drop, p)
			}
		}
		switch {
		case a.Kind == ast.AddPartitions:
			err = r.addPartition(t, spec, values, len(drop) > 0, a.IfNotExists)
		case len(drop) == 0 && !a.IfExists:
			err = sqlerr.At(sqlerr.NotFound, spec.Pos, "table %s has no such partition", t.Name)
		default:
			var add []catalog.Part
			if a.Kind == ast.RenamePartition {
				if add, err = r.movedParts(t, drop, a.NewPartition); err != nil {
					return nil, err
				}
			}
			t.Parts, err = t.Edit(func(p *catalog.Part) bool {
				return slices.ContainsFunc(drop, func(d catalog.Part) bool { return d.Path == p.Path })
			}, drop, add)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := home.Update(old, t, nil); err != nil {
		return nil, err
	}
	w := r.newWrite(t)
	return t, w.followKeys(t)
}

// listed lists the partitions of an external table, if they are not: from now on they are.
func (r *run) listed(t *catalog.Table) error {
	if t.Kind != catalog.External || t.Parts.Len() > 0 {
		return nil
	}
	_, err := r.recover(t, "ADD")
	return err
}

// fullValues gives the values of all partition columns.
func fullValues(t *catalog.Table, spec *ast.PartitionSpec, values []partitionValue) ([]*string, error) {
	if len(values) != len(t.Partitions) || len(spec.Items) != len(values) {
		return nil, sqlerr.At(sqlerr.Bind, spec.Pos, "table %s has %d partition columns, but %d values are given", t.Name, len(t.Partitions), len(values))
	}
	out := make([]*string, len(values))
	for _, v := range values {
		out[v.col] = v.text
	}
	return out, nil
}

func (r *run) addPartition(t *catalog.Table, spec *ast.PartitionSpec, values []partitionValue, exists, ifNotExists bool) error {
	full, err := fullValues(t, spec, values)
	if err != nil {
		return err
	}
	if exists {
		if ifNotExists {
			return nil
		}
		return sqlerr.At(sqlerr.Exists, spec.Pos, "table %s has partition %s already", t.Name, partitionName(t, full)).WithHint("ADD IF NOT EXISTS PARTITION … leaves it")
	}
	p := catalog.Part{Values: full, Folder: true, Path: filepath.Join(t.Location, filepath.FromSlash(partitionName(t, full)))}
	if spec.Location != "" {
		if t.Kind == catalog.Managed {
			return sqlerr.At(sqlerr.Unsupported, spec.Pos, "the partitions of managed tables lie with the table")
		}
		p.Path = r.absolute(spec.Location)
	}
	t.Parts, err = t.Edit(nil, nil, []catalog.Part{p})
	return err
}

// movedParts gives the parts under other values. The files of a managed table get a second name in the folder that says so.
func (r *run) movedParts(t *catalog.Table, parts []catalog.Part, to *ast.PartitionSpec) ([]catalog.Part, error) {
	home := r.Session.Home(t.Temp)
	values, err := r.partitionSpec(t, to)
	if err != nil {
		return nil, err
	}
	full, err := fullValues(t, to, values)
	if err != nil {
		return nil, err
	}
	all, err := t.All()
	if err != nil {
		return nil, err
	}
	for i := range all {
		if ok, err := matches(t, &all[i], values); err != nil || ok {
			if err != nil {
				return nil, err
			}
			return nil, sqlerr.At(sqlerr.Exists, to.Pos, "table %s has partition %s already", t.Name, partitionName(t, full))
		}
	}
	var out []catalog.Part
	for _, p := range parts {
		n := catalog.Part{Path: p.Path, Values: full, Folder: p.Folder, Rows: p.Rows, Bytes: p.Bytes, Sum: p.Sum, Cols: p.Cols}
		if t.Kind == catalog.Managed && !p.Folder {
			n.Path = filepath.ToSlash(filepath.Join(t.Location, filepath.FromSlash(partitionName(t, full)), "part-"+catalog.FreshName()+".parquet"))
			if err := home.LinkPart(&p, &n); err != nil {
				return nil, err
			}
		}
		out = append(out, n)
	}
	return out, nil
}

// dropInMemory drops partitions of a table in memory: rows.
func (r *run) dropInMemory(t *catalog.Table, a *ast.AlterAction) (*catalog.Table, error) {
	if a.Kind != ast.DropPartitions {
		return nil, sqlerr.New(sqlerr.Unsupported, "partitions of tables in memory are there when they have rows").WithHint("INSERT or UPDATE rows instead")
	}
	for i := range a.Partitions {
		values, err := r.partitionSpec(t, &a.Partitions[i])
		if err != nil {
			return nil, err
		}
		if err := r.exec("DELETE FROM " + tableSQL(t) + " WHERE " + condition(t, values)); err != nil {
			return nil, err
		}
	}
	return r.Session.Home(t.Temp).Lookup(t.Database, t.Name), nil
}

func partitionNames(t *catalog.Table) []string {
	var out []string
	for _, c := range t.Partitions {
		out = append(out, c.Name)
	}
	return out
}

// exec runs a statement that the engine itself asks for.
func (r *run) exec(sql string) error {
	stmt, err := parser.ParseOne(sql)
	if err == nil {
		_, err = r.statement(stmt)
	}
	return sqlerr.Move(err, sqlerr.NoPos)
}

// msck is MSCK REPAIR TABLE: it lists the folders of an external table.
func (r *run) msck(s *ast.Msck) (*Result, error) {
	old, err := r.planEnv().Binder(r.ctx).Table(s.Name)
	if err != nil {
		return nil, err
	}
	if old.Kind != catalog.External || len(old.Partitions) == 0 {
		return nil, sqlerr.At(sqlerr.Bind, s.Name.Position(), "%s is no external table with partitions", old.Name).WithHint("managed tables know theirs")
	}
	t := *old
	rows, err := r.recover(&t, s.Mode)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Name.Position())
	}
	if !s.Repair {
		return table([]string{"action", "partition"}, rows), nil
	}
	return table([]string{"action", "partition"}, rows), r.Session.Home(t.Temp).Update(old, &t, nil)
}

// recover compares the listed partitions of an external table with its folders. mode is ADD, DROP or SYNC.
func (r *run) recover(t *catalog.Table, mode string) ([][]string, error) {
	have := map[string]bool{}
	all, err := t.All()
	if err != nil {
		return nil, err
	}
	var rows [][]string
	var gone, add []catalog.Part
	for _, p := range all {
		have[partitionName(t, p.Values)] = true
		if files, err := fs.Below(p.Path); err != nil && sqlerr.ClassOf(err) == sqlerr.NotFound && len(files) == 0 && (mode == "DROP" || mode == "SYNC") {
			gone = append(gone, p)
			rows = append(rows, []string{"drop", partitionName(t, p.Values)})
		}
	}
	if mode != "DROP" {
		files, err := fs.Below(t.Location)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			rel, err := filepath.Rel(t.Location, f.Path)
			if err != nil {
				return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot list %s", t.Location)
			}
			values, depth, ok := multi.FolderValues(rel, partitionNames(t))
			if !ok {
				continue
			}
			name := partitionName(t, values)
			if have[name] {
				continue
			}
			have[name] = true
			folder := filepath.Join(strings.Split(filepath.ToSlash(rel), "/")[:depth]...)
			add = append(add, catalog.Part{Values: values, Folder: true, Path: filepath.Join(t.Location, folder)})
			rows = append(rows, []string{"add", name})
		}
	}
	t.Parts, err = t.Edit(func(p *catalog.Part) bool {
		return slices.ContainsFunc(gone, func(g catalog.Part) bool { return g.Path == p.Path })
	}, gone, add)
	return rows, err
}
