package interop

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// canon is Python that writes values in one form, whichever library gives them.
const canon = `
import datetime, decimal, json, sys, uuid
def canon(v, interval=False):
    if v is None: return "NULL"
    if v is True: return "true"
    if v is False: return "false"
    if isinstance(v, float): return repr(v)
    if isinstance(v, decimal.Decimal): return format(v, "f")
    if isinstance(v, (bytes, bytearray)):
        if interval:
            m, d, ms = (int.from_bytes(v[i:i+4], "little") for i in (0, 4, 8))
            return canon(datetime.timedelta(days=m * 30 + d, milliseconds=ms))
        return v.hex()
    if isinstance(v, datetime.timedelta): return "%d.%06d" % (v.days * 86400 + v.seconds, v.microseconds)
    if isinstance(v, datetime.datetime) and v.tzinfo: return v.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(v, (datetime.datetime, datetime.date, datetime.time)): return v.isoformat()
    if hasattr(v, "asDict"): return canon(v.asDict())
    if isinstance(v, dict): return "{" + ", ".join(canon(k) + ": " + canon(x) for k, x in sorted(v.items())) + "}"
    if isinstance(v, (list, tuple)): return "[" + ", ".join(canon(x) for x in v) + "]"
    return str(v)
def table(rows): return [[canon(v) for v in row] for row in rows]
`

// python runs a script, which prints JSON, with arguments.
func python(t *testing.T, out any, script string, args ...string) {
	t.Helper()
	c := exec.Command(os.Getenv("SKEP_PYTHON"), append([]string{"-c", canon + script}, args...)...)
	var errs strings.Builder
	c.Stderr = &errs
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// has tells whether Python has a module.
func has(module string) bool {
	return exec.Command(os.Getenv("SKEP_PYTHON"), "-c", "import "+module).Run() == nil
}

// values are SQL values of each type, and what they are in other systems' hands.
var values = []struct {
	typ  string
	list [][2]string
}{
	{"BOOLEAN", [][2]string{{"true", "true"}, {"false", "false"}}},
	{"TINYINT", [][2]string{{"-128", "-128"}, {"127", "127"}}},
	{"SMALLINT", [][2]string{{"-32768", "-32768"}, {"32767", "32767"}}},
	{"INTEGER", [][2]string{{"-2147483648", "-2147483648"}, {"2147483647", "2147483647"}}},
	{"BIGINT", [][2]string{{"'-9223372036854775808'", "-9223372036854775808"}, {"9223372036854775807", "9223372036854775807"}}},
	{"UTINYINT", [][2]string{{"255", "255"}, {"0", "0"}}},
	{"USMALLINT", [][2]string{{"65535", "65535"}, {"0", "0"}}},
	{"UINTEGER", [][2]string{{"4294967295", "4294967295"}, {"0", "0"}}},
	{"UBIGINT", [][2]string{{"18446744073709551615", "18446744073709551615"}, {"0", "0"}}},
	{"DECIMAL(4,1)", [][2]string{{"-999.9", "-999.9"}, {"0", "0.0"}}},
	{"DECIMAL(18,4)", [][2]string{{"99999999999999.9999", "99999999999999.9999"}, {"-0.0001", "-0.0001"}}},
	{"DECIMAL(38,6)", [][2]string{{"'99999999999999999999999999999999.999999'", "99999999999999999999999999999999.999999"}, {"-1", "-1.000000"}}},
	{"REAL", [][2]string{{"1.5", "1.5"}, {"'-Infinity'", "-inf"}}},
	{"DOUBLE", [][2]string{{"0.1", "0.1"}, {"'NaN'", "nan"}}},
	{"VARCHAR", [][2]string{{"'über' || chr(10) || '\"x\"'", "über\n\"x\""}, {"''", ""}}},
	{"BLOB", [][2]string{{`'\x00\xff'`, "00ff"}, {"''", ""}}},
	{"DATE", [][2]string{{"'0001-01-01'", "0001-01-01"}, {"'9999-12-31'", "9999-12-31"}}},
	{"TIME", [][2]string{{"'23:59:59.999999'", "23:59:59.999999"}, {"'00:00:00'", "00:00:00"}}},
	{"TIMESTAMP", [][2]string{{"'1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999999"}, {"'2024-02-29 00:00:00'", "2024-02-29T00:00:00"}}},
	{"TIMESTAMPTZ", [][2]string{{"'2024-02-29 01:02:03+01'", "2024-02-29T00:02:03+00:00"}, {"'1900-01-01 00:00:00Z'", "1900-01-01T00:00:00+00:00"}}},
	{"INTERVAL", [][2]string{{"INTERVAL '1 month 2 days 3.5 seconds'", "2764803.500000"}, {"INTERVAL '0 days'", "0.000000"}}},
	{"UUID", [][2]string{{"'5b1c1f6a-0d4e-4f57-9f2e-000000000001'", "5b1c1f6a-0d4e-4f57-9f2e-000000000001"}, {"'ffffffff-ffff-ffff-ffff-ffffffffffff'", "ffffffff-ffff-ffff-ffff-ffffffffffff"}}},
	{"JSON", [][2]string{{`'{"a": [1, null]}'`, `{"a": [1, null]}`}, {"'null'", "null"}}},
	{"INTEGER[]", [][2]string{{"[1, NULL, 3]", "[1, NULL, 3]"}, {"[]", "[]"}}},
	{"VARCHAR[][]", [][2]string{{"[['a'], [], NULL, ['b', NULL]]", "[[a], [], NULL, [b, NULL]]"}, {"[[]]", "[[]]"}}},
	{"STRUCT(a INTEGER, b VARCHAR[])", [][2]string{{"{'a': 1, 'b': ['x']}", "{a: 1, b: [x]}"}, {"{'a': NULL, 'b': NULL}", "{a: NULL, b: NULL}"}}},
	{"MAP(VARCHAR, INTEGER)", [][2]string{{"MAP {'k': 1, 'l': NULL}", "{k: 1, l: NULL}"}, {"MAP {}", "{}"}}},
	{"STRUCT(m MAP(INTEGER, DATE[]), s STRUCT(x DECIMAL(9,2)))[]", [][2]string{{"[{'m': MAP {1: [DATE '2024-01-01']}, 's': {'x': 1.25}}, NULL]", "[{m: {1: [2024-01-01]}, s: {x: 1.25}}, NULL]"}, {"[]", "[]"}}},
}

// TestAllTypes lets DuckDB and pyarrow read values of all types that skep wrote.
func TestAllTypes(t *testing.T) {
	if os.Getenv("SKEP_PYTHON") == "" {
		t.Skip("SKEP_PYTHON is not set")
	}
	path := filepath.Join(t.TempDir(), "all.parquet")
	var cols []string
	want := make([][]string, 3)
	for i, v := range values {
		cols = append(cols, fmt.Sprintf("CASE r WHEN 0 THEN CAST(%s AS %s) WHEN 2 THEN CAST(%s AS %s) END AS c%d", v.list[0][0], v.typ, v.list[1][0], v.typ, i))
		want[0], want[1], want[2] = append(want[0], v.list[0][1]), append(want[1], "NULL"), append(want[2], v.list[1][1])
	}
	for _, opts := range []string{"", ", ROW_GROUP_SIZE 1", ", COMPRESSION zstd"} {
		ours(t, "COPY (SELECT "+strings.Join(cols, ", ")+" FROM range(3) t(r)) TO '"+path+"' (FORMAT parquet"+opts+")")
		for name, script := range map[string]string{
			"DuckDB": `
import duckdb
con = duckdb.connect()
con.execute("SET timezone = 'UTC'")
print(json.dumps(table(con.execute("SELECT * FROM read_parquet('" + sys.argv[1] + "')").fetchall())))`,
			"pyarrow": `
import pyarrow.parquet as pq
t = pq.read_table(sys.argv[1])
iv = [f.name for f in t.schema if str(f.type) == "fixed_size_binary[12]"]
rows = t.to_pylist(maps_as_pydicts="strict")
print(json.dumps([[canon(v, k in iv) for k, v in row.items()] for row in rows]))`,
		} {
			var got [][]string
			python(t, &got, script, path)
			if len(got) != 3 {
				t.Fatalf("%s: %d rows", name, len(got))
			}
			for i := range want {
				for k := range want[i] {
					if got[i][k] != want[i][k] {
						t.Errorf("%s%s, %s: got %q, want %q", name, opts, values[k].typ, got[i][k], want[i][k])
					}
				}
			}
		}
	}
}

// folderRows are rows whose partition columns have every kind of value.
const folderRows = `SELECT * FROM (VALUES (1, 'plain', 7), (2, 'a b/c=d%:', 7), (3, NULL, 8), (4, 'über', NULL), (5, 'x.y', -1)) v(n, k, d)`

var folderWant = [][]string{{"1", "plain", "7"}, {"2", "a b/c=d%:", "7"}, {"3", "NULL", "8"}, {"4", "über", "NULL"}, {"5", "x.y", "-1"}}

// TestFolders lets DuckDB and pyarrow read the partitions that skep wrote, by COPY and as a table in a warehouse.
func TestFolders(t *testing.T) {
	if os.Getenv("SKEP_PYTHON") == "" {
		t.Skip("SKEP_PYTHON is not set")
	}
	dir := t.TempDir()
	ours(t, "COPY ("+folderRows+") TO '"+filepath.Join(dir, "copied")+"' (FORMAT parquet, PARTITION_BY (k, d))")
	inWarehouse(t, filepath.Join(dir, "w"), "CREATE TABLE t (n INTEGER) PARTITIONED BY (k VARCHAR, d INTEGER)", "INSERT INTO t "+folderRows)
	tables, err := filepath.Glob(filepath.Join(dir, "w/default/t/*"))
	if err != nil || len(tables) != 1 {
		t.Fatal(tables, err)
	}
	for _, folder := range []string{filepath.Join(dir, "copied"), tables[0]} {
		for name, script := range map[string]string{
			"DuckDB": `
import duckdb
sql = "SELECT n, k, d FROM read_parquet('" + sys.argv[1] + "/**/*.parquet', hive_partitioning = true, hive_types = {'k': VARCHAR, 'd': INTEGER}) ORDER BY n"
print(json.dumps(table(duckdb.connect().execute(sql).fetchall())))`,
			"pyarrow": `
import pyarrow as pa, pyarrow.dataset as ds
parts = ds.partitioning(pa.schema([("k", pa.string()), ("d", pa.int32())]), flavor="hive")
rows = ds.dataset(sys.argv[1], partitioning=parts).to_table(columns=["n", "k", "d"]).to_pylist()
print(json.dumps(table(sorted(list(r.values()) for r in rows))))`,
		} {
			var got [][]string
			python(t, &got, script, folder)
			if !slices.EqualFunc(got, folderWant, slices.Equal) {
				t.Errorf("%s of %s\n got %q\nwant %q", name, folder, got, folderWant)
			}
		}
	}
}
