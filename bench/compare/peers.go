package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Peers are systems that run beside skep and DuckDB with -peers. Each gets the same files and the same text of every query; what it cannot
// parse, or answers otherwise than DuckDB, has no time in the report. Their rows are fetched as Arrow columns.
var peerScripts = map[string]string{
	"polars": `
os.environ["POLARS_MAX_THREADS"] = sys.argv[1]
import polars
name = "Polars " + polars.__version__
ctx = polars.SQLContext()
def table(name, path, kind):
    ctx.register(name, polars.scan_parquet(path) if kind == "parquet" else polars.scan_csv(path, try_parse_dates=True))
def run(sql): return ctx.execute(sql).collect(engine="streaming")
def rows(r): return r.rows()
`,
	"datafusion": `
os.environ["TOKIO_WORKER_THREADS"] = sys.argv[1]
import datafusion, pyarrow
name = "DataFusion " + datafusion.__version__
ctx = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(int(sys.argv[1])))
def table(name, path, kind):
    path = path.removesuffix("*.parquet")
    if kind == "parquet": ctx.register_parquet(name, path)
    else: ctx.register_csv(name, path, has_header=True, file_extension="." + kind)
def run(sql): return ctx.sql(sql).collect()
def rows(r): return [list(x.values()) for b in r for x in b.to_pylist()]
`,
	"chdb": `
import chdb, io, pyarrow
con = chdb.connect(":memory:")
name = "chDB " + chdb.__version__
con.query("SET max_threads = " + sys.argv[1])
con.query("SET joined_subquery_requires_alias = 0, join_use_nulls = 1, session_timezone = 'UTC'")
def table(name, path, kind):
    con.query("CREATE VIEW %s AS SELECT * FROM file('%s', '%s')" % (name, path, "Parquet" if kind == "parquet" else "CSVWithNames"))
def run(sql): return con.query(sql, "Arrow")
def rows(r):
    t = pyarrow.ipc.open_file(io.BytesIO(r.bytes())).read_all()
    return [[v.decode() if isinstance(v, bytes) else v for v in x.values()] for x in t.to_pylist()]
`,
}

// peerWorker runs a peer: the protocol of duckWorker, and tables by requests of their own.
const peerWorker = `
import json, os, resource, sys, time
%s
` + pythonMemory + `def show(v):
    if v is None: return "NULL"
    if isinstance(v, bool): return "true" if v else "false"
    return str(v)
for line in sys.stdin:
    r = json.loads(line)
    try:
        out, words = None, r["sql"].split("\t")
        reset()
        t = time.perf_counter()
        if words[0] == "name": out = [[name]]
        elif words[0] == "table": table(*words[1:])
        else:
            res = run(r["sql"])
        ms = (time.perf_counter() - t) * 1000
        if out is None and r["rows"]: out = [[show(v) for v in row] for row in rows(res)[:10000]]
        a = {"ms": ms, "peak_kb": peak(), "rows": out}
    except BaseException as e:
        a = {"error": (str(e) or repr(e))[:300]}
    print(json.dumps(a), flush=True)
`

// peerTimes are one peer's times of the queries of a part; 0 where it has none.
type peerTimes struct {
	name string
	ms   []float64
	kb   []int64
}

// peer runs the queries of a part on a peer. answers are DuckDB's, by query; nil where they were too long.
func (o *options) peer(python, name string, p *part, answers [][][]string) (*peerTimes, error) {
	proc, err := start(python, "-c", fmt.Sprintf(peerWorker, peerScripts[name]), fmt.Sprint(o.threads))
	if err != nil {
		return nil, err
	}
	defer func() { _ = proc.stop() }()
	a, err := proc.ask("name", false)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &peerTimes{name: a.Rows[0][0]}
	for _, f := range p.files {
		if _, err := proc.ask(strings.Join([]string{"table", f.name, f.path, f.format}, "\t"), false); err != nil {
			return nil, fmt.Errorf("%s: table %s: %w", name, f.name, err)
		}
	}
	for i, q := range p.queries {
		var m measure
		a, err := proc.ask(q.sql, true)
		for k := 0; k < o.runs && err == nil; k++ {
			err = m.take(proc, q.sql)
		}
		switch {
		case err != nil:
			fmt.Fprintf(os.Stderr, "%-20s %s: %.200s\n", q.name, t.name, err)
			m = measure{}
		case answers[i] != nil && !q.loose:
			if d := differ(a.Rows, answers[i]); d != "" {
				fmt.Fprintf(os.Stderr, "%-20s %s answers otherwise: %.200s\n", q.name, t.name, d)
				m = measure{}
			}
		}
		t.ms, t.kb = append(t.ms, m.ms), append(t.kb, m.peakKB)
	}
	return t, nil
}

// file is a table's file, or pattern of files.
type file struct{ name, path, format string }

func (o *options) tpchFiles(tables []string, format string) (out []file) {
	for _, t := range tables {
		out = append(out, file{t, filepath.Join(o.data(format), t+"."+format), format})
	}
	return out
}
