package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/parser/ast"
)

// defaultRetention is how long VACUUM leaves old versions.
const defaultRetention = 7 * 24 * time.Hour

// command runs the statements that are known by their first word only.
func (r *run) command(s *ast.Command) (*Result, error) {
	switch s.Word {
	case "VACUUM":
		return r.vacuum(s)
	}
	return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "%s is not supported", s.Word)
}

// vacuum is VACUUM [RETAIN n HOURS].
func (r *run) vacuum(s *ast.Command) (*Result, error) {
	keep := defaultRetention
	words := strings.Fields(strings.ToUpper(s.Rest))
	if len(words) > 0 && len(words) < 4 && words[0] == "RETAIN" {
		n, err := strconv.ParseFloat(words[min(1, len(words)-1)], 64)
		if err != nil || n < 0 || len(words) == 3 && words[2] != "HOURS" && words[2] != "HOUR" {
			return nil, sqlerr.At(sqlerr.Syntax, s.Pos, "VACUUM RETAIN n HOURS is wanted")
		}
		keep = time.Duration(n * float64(time.Hour))
	} else if len(words) > 0 {
		r.Session.Env.Notef("VACUUM concerns the whole warehouse; " + s.Rest + " is ignored")
	}
	if r.Session.InTransaction() {
		return nil, sqlerr.At(sqlerr.Unsupported, s.Pos, "VACUUM cannot run in a transaction")
	}
	versions, files, bytes, err := r.Session.Catalog.Vacuum(keep)
	if err != nil {
		return nil, err
	}
	return table([]string{"versions", "files", "bytes"}, [][]string{{strconv.Itoa(versions), strconv.Itoa(files), strconv.FormatInt(bytes, 10)}}), nil
}

// showVersions lists the versions of the warehouse, or those that changed a table.
func (r *run) showVersions(s *ast.Show) (*Result, error) {
	list, err := r.Session.Catalog.Versions(1000)
	if err != nil {
		return nil, sqlerr.WithPos(err, s.Pos)
	}
	only := ""
	if len(s.Name) > 0 {
		t, err := r.planEnv().Binder(r.ctx).Table(s.Name)
		if err != nil {
			return nil, err
		}
		only = t.Database + "." + t.Name
	}
	var rows [][]string
	for _, v := range list {
		if only != "" && !contains(v.Tables, only) {
			continue
		}
		rows = append(rows, []string{strconv.FormatInt(v.Version, 10), v.Time.In(r.Session.Location()).Format("2006-01-02 15:04:05.000000"), v.Operation, strings.Join(v.Tables, ", ")})
	}
	return table([]string{"version", "time", "statement", "tables"}, rows), nil
}

// rollbackTable is ROLLBACK TABLE t TO VERSION n: the table as it was then becomes the newest.
func (r *run) rollbackTable(s *ast.RollbackTable) (*Result, error) {
	now, err := r.planEnv().Binder(r.ctx).Table(s.Table)
	if err != nil {
		db := ""
		if len(s.Table) > 1 {
			db = s.Table[len(s.Table)-2].Text
		}
		if now, _ = r.Session.Lookup(db, s.Table.Last()); now == nil || now.Damage() == nil {
			return nil, err
		}
	}
	then, err := r.planEnv().Binder(r.ctx).TableAt(now.Database, now.Name, s.AsOf, s.Version)
	if err != nil {
		return nil, err
	}
	own := *then
	own.NextSerial = max(then.NextSerial, now.NextSerial)
	home := r.Session.Home(now.Temp)
	if err := home.Update(now, &own, nil); err != nil {
		return nil, err
	}
	return &Result{}, r.verifyAll(&own)
}

// verifyAll checks the keys between a table, as it is now, and others.
func (r *run) verifyAll(t *catalog.Table) error {
	for i := range t.Constraints {
		if k := &t.Constraints[i]; k.Kind == catalog.ForeignKey {
			if err := r.newWrite(t).refuse(t, k, orphans(t.Database+"."+t.Name, k), k.Columns); err != nil {
				return err
			}
		}
	}
	return r.newWrite(t).followKeys(t)
}
