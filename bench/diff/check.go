package diff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skep-sql/skep/bench/slt"
	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Counts tells what was done.
type Counts struct {
	Queries int
	Refused map[string]int // skep's errors that are no defects: what, and how often
	Skipped int            // queries that DuckDB refuses, that take too long, or whose errors depend on the plan
}

// Failure is a difference.
type Failure struct {
	Seed   uint64
	What   string
	Script []string
}

func (f *Failure) Error() string {
	return fmt.Sprintf("seed %d: %s\n%s;", f.Seed, f.What, strings.Join(f.Script, ";\n"))
}

// plans are the sessions that must give the same.
var plans = []slt.Config{
	{Name: "2 workers", Settings: map[string]string{"threads": "2"}},
	{Name: "1 worker", Settings: map[string]string{"threads": "1"}},
	{Name: "8 workers, batches of 3", Settings: map[string]string{"threads": "8", "batch_size": "3"}},
	{Name: "batches of 1", Settings: map[string]string{"threads": "2", "batch_size": "1"}},
	{Name: "without optimiser", Settings: map[string]string{"threads": "2", "optimizer": "false"}},
}

// Other is another system.
type Other interface {
	// Ask runs a statement and gives its rows as text.
	Ask(sql string) ([][]string, error)
}

// run is what one seed needs.
type run struct {
	*gen
	seed     uint64
	schema   []string
	sessions []*slt.Session
	counts   *Counts
	failures []*Failure
}

// Seed runs n rounds over the tables of a seed: plans, NoREC and TLP, or queries beside other, where it is not nil.
func Seed(seed uint64, n int, other Other, c *Counts) []*Failure {
	r := &run{gen: newGen(seed), seed: seed, counts: c}
	r.schema = r.gen.schema()
	configs := plans
	if other != nil {
		configs = plans[:1]
	}
	for _, cfg := range configs {
		r.sessions = append(r.sessions, slt.NewSession(cfg))
	}
	for _, sql := range r.schema {
		for _, s := range r.sessions {
			if _, err := ask(s, sql); err != nil {
				r.fail(err.Error(), sql)
				return r.failures
			}
		}
		if other != nil {
			if _, err := other.Ask(sql); err != nil {
				r.fail("DuckDB: "+err.Error(), sql)
				return r.failures
			}
		}
	}
	for range n {
		switch {
		case other != nil:
			r.beside(other, r.query(1))
		case r.chance(60):
			r.samePlans(r.query(1))
		case r.chance(50):
			r.norec()
		default:
			r.tlp()
		}
	}
	if other != nil {
		for _, t := range r.tables {
			_, _ = other.Ask("DROP TABLE " + t.name)
		}
	}
	return r.failures
}

func (r *run) fail(what string, sql ...string) {
	r.failures = append(r.failures, &Failure{r.seed, what, append(slices.Clone(r.schema), sql...)})
}

// ask runs a statement, for ten seconds at most.
func ask(s *slt.Session, sql string) ([][]string, error) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	return s.Exec(ctx, sql)
}

// rows runs a query on the first session. ok is false where it was refused; a defect is a failure.
func (r *run) rows(sql string) (rows [][]string, ok bool) {
	r.counts.Queries++
	rows, err := ask(r.sessions[0], sql)
	return rows, r.judge(err, sql)
}

func (r *run) judge(err error, sql string) bool {
	if err == nil {
		return true
	}
	var e *sqlerr.Error
	switch {
	case !errors.As(err, &e) || e.Class == sqlerr.Internal:
		r.fail(err.Error(), sql)
		return false
	case e.Class == sqlerr.Cancelled: // too many rows for the time it has
		r.counts.Skipped++
		return false
	}
	r.counts.Refused[fmt.Sprint(e.Class, ": ", e.Msg)]++
	return false
}

// samePlans runs a query on all sessions.
func (r *run) samePlans(sql string) {
	want, ok := r.rows(sql)
	for i, s := range r.sessions[1:] {
		got, err := ask(s, sql)
		if !ok || err != nil {
			if err != nil {
				r.judge(err, sql)
			}
			if ok != (err == nil) {
				r.counts.Skipped++ // an error in a row that another plan does not look at
			}
			continue
		}
		if d := differ(got, want); d != "" {
			r.fail(fmt.Sprintf("%s and %s: %s", plans[i+1].Name, plans[0].Name, d), sql)
		}
	}
}

// norec counts a condition in WHERE and in the select list.
func (r *run) norec() {
	r.alias = 0
	from, s := r.from()
	p := r.cond(s, 3)
	if r.chance(40) {
		p += pick(r.gen, " AND ", " OR ") + r.subquery(s)
	}
	a, ok1 := r.rows(fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", from, p))
	b, ok2 := r.rows(fmt.Sprintf("SELECT count(CASE WHEN p THEN 1 END) FROM (SELECT (%s) AS p FROM %s) AS q", p, from))
	if ok1 && ok2 {
		if d := differ(a, b); d != "" {
			r.fail("NoREC: "+d, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", from, p), fmt.Sprintf("SELECT count(CASE WHEN p THEN 1 END) FROM (SELECT (%s) AS p FROM %s) AS q", p, from))
		}
	}
}

// tlp splits a query in three by a condition.
func (r *run) tlp() {
	r.alias = 0
	from, s := r.from()
	p := r.cond(s, 3)
	x, y := r.expr(s, pick(r.gen, integer, double), 1), r.expr(s, kind(r.IntN(int(kinds))), 1)
	parts := func(list, tail string) string {
		var out []string
		for _, w := range []string{p, "NOT (" + p + ")", "(" + p + ") IS NULL"} {
			out = append(out, fmt.Sprintf("SELECT %s FROM %s WHERE %s%s", list, from, w, tail))
		}
		return strings.Join(out, " UNION ALL ")
	}
	var whole, split string
	switch r.IntN(3) {
	case 0:
		whole = fmt.Sprintf("SELECT %s AS x, %s AS y FROM %s", x, y, from)
		split = parts(x+" AS x, "+y+" AS y", "")
	case 1:
		whole = fmt.Sprintf("SELECT DISTINCT %s AS y FROM %s", y, from)
		split = "SELECT DISTINCT y FROM (" + parts(y+" AS y", "") + ") AS q"
	default:
		whole = fmt.Sprintf("SELECT %s AS y, count(*), sum(%s), min(%s), max(%s) FROM %s GROUP BY 1", y, x, x, x, from)
		split = "SELECT y, sum(n), sum(s), min(a), max(b) FROM (" + parts(fmt.Sprintf("%s AS y, count(*) AS n, sum(%s) AS s, min(%s) AS a, max(%s) AS b", y, x, x, x), " GROUP BY 1") +
			") AS q GROUP BY y"
	}
	a, ok1 := r.rows(whole)
	b, ok2 := r.rows(split)
	if ok1 && ok2 {
		if d := differ(a, b); d != "" {
			r.fail("TLP: "+d, whole, split)
		}
	}
}

// beside runs a query on skep and on another system.
func (r *run) beside(other Other, sql string) {
	got, ok := r.rows(sql)
	want, err := other.Ask(sql)
	if err != nil {
		r.counts.Skipped++
		return
	}
	if !ok {
		return
	}
	if d := differ(got, want); d != "" {
		r.fail("skep and DuckDB: "+d, sql)
	}
}

// differ compares rows in any order: "" or how they differ.
func differ(a, b [][]string) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d rows, and %d", len(a), len(b))
	}
	for _, rows := range [][][]string{a, b} {
		for _, row := range rows {
			for i, v := range row {
				row[i] = canonical(v)
			}
		}
		slices.SortFunc(rows, slices.Compare)
	}
	for i := range a {
		for k := range a[i] {
			if a[i][k] != b[i][k] {
				return fmt.Sprintf("row %d: %q, and %q", i+1, a[i], b[i])
			}
		}
	}
	return ""
}

// canonical gives numbers of any type in one form, of ten digits, and empty texts as they are.
func canonical(v string) string {
	x, err := strconv.ParseFloat(v, 64)
	switch {
	case v == "(empty)":
		return ""
	case err != nil:
		return v
	}
	if x == 0 || math.IsNaN(x) {
		return strings.TrimPrefix(fmt.Sprint(x), "-")
	}
	return strconv.FormatFloat(x, 'g', 10, 64)
}
