// Package interop holds the tests that need another system: skep and DuckDB read each other's files, pyarrow those of skep, and skep those of
// Spark. They run when SKEP_PYTHON names a Python that has these; make integration sets it up.
package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/skep-sql/skep"
)

// rows are a value of each kind, its limits, and NULL, as SQL that both systems read.
const rows = `SELECT * FROM (VALUES
	(1, CAST(9223372036854775807 AS BIGINT), CAST(1.25 AS DECIMAL(9,2)), CAST(-1234567890123456789.012345 AS DECIMAL(38,6)), CAST(0.5 AS DOUBLE), 'plain', DATE '1969-12-31', TIMESTAMP '2024-02-29 23:59:59.123456', true),
	(2, CAST(-9223372036854775807 AS BIGINT), CAST(-0.01 AS DECIMAL(9,2)), CAST(0 AS DECIMAL(38,6)), CAST(-2.25 AS DOUBLE), 'quoted "x", and; more', DATE '2024-02-29', TIMESTAMP '1900-01-01 00:00:00', false),
	(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(4, CAST(0 AS BIGINT), CAST(0 AS DECIMAL(9,2)), CAST(99999999999999999999999999999999.999999 AS DECIMAL(38,6)), CAST(1024 AS DOUBLE), '', DATE '0001-01-01', TIMESTAMP '9999-12-31 00:00:00', true),
	(5, CAST(7 AS BIGINT), CAST(9999999.99 AS DECIMAL(9,2)), CAST(1 AS DECIMAL(38,6)), CAST(3 AS DOUBLE), 'über' || chr(10) || 'Zeile', DATE '9999-12-31', TIMESTAMP '1970-01-01 00:00:00', false)
) v(id, big, small, wide, real, text, day, moment, flag)`

// asText makes all columns text, so that the two systems' answers can be compared.
const asText = `SELECT CAST(id AS VARCHAR), CAST(big AS VARCHAR), CAST(small AS VARCHAR), CAST(wide AS VARCHAR), CAST(real AS VARCHAR), text,
	CAST(day AS VARCHAR), CAST(moment AS VARCHAR), CAST(flag AS VARCHAR) FROM %s ORDER BY id`

const script = `
import duckdb, json, sys
con = duckdb.connect()
out = None
for sql in json.load(sys.stdin):
    out = con.execute(sql).fetchall()
print(json.dumps([["NULL" if v is None else v for v in row] for row in out]))
`

// duck runs statements in DuckDB and gives the rows of the last one.
func duck(t *testing.T, stmts ...string) [][]string {
	t.Helper()
	python := os.Getenv("SKEP_PYTHON")
	in, err := json.Marshal(stmts)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(python, "-c", script)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stdin, c.Stderr = r, os.Stderr
	if _, err := w.Write(in); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%v", err, stmts)
	}
	var out [][]string
	if json.Unmarshal(text, &out) != nil { // COPY tells a number of rows
		return nil
	}
	return out
}

// ours runs a statement in skep.
func ours(t *testing.T, sql string) [][]string { return oursIn(t, "", sql) }

// oursIn runs a statement in a warehouse.
func oursIn(t *testing.T, dir, sql string) [][]string {
	t.Helper()
	db, err := skep.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	defer r.Release()
	var out [][]string
	for r.Next() {
		b := r.RecordBatch()
		for i := range int(b.NumRows()) {
			row := make([]string, b.NumCols())
			for k := range row {
				if row[k] = "NULL"; !b.Column(k).IsNull(i) {
					row[k] = b.Column(k).ValueStr(i)
				}
			}
			out = append(out, row)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	return out
}

func compare(t *testing.T, got, want [][]string) {
	t.Helper()
	if len(want) != 5 {
		t.Fatalf("%d rows are wanted: the test is broken", len(want))
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, not %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("row %d\n got %q\nwant %q", i+1, got[i], want[i])
		}
	}
}

// TestWrittenBySkep lets DuckDB read what skep writes.
func TestWrittenBySkep(t *testing.T) {
	if os.Getenv("SKEP_PYTHON") == "" {
		t.Skip("SKEP_PYTHON is not set")
	}
	want := ours(t, fmt.Sprintf(asText, "("+rows+")"))
	for name, opts := range map[string]string{
		"none.parquet": "COMPRESSION none", "snappy.parquet": "COMPRESSION snappy", "zstd.parquet": "COMPRESSION zstd",
		"gzip.parquet": "COMPRESSION gzip", "lz4.parquet": "COMPRESSION lz4", "brotli.parquet": "COMPRESSION brotli",
		"groups.parquet": "ROW_GROUP_SIZE 2",
		"plain.csv":      "HEADER", "zip.csv.gz": "HEADER", "zstd.csv.zst": "HEADER", "semicolon.csv": "HEADER, DELIMITER ';'",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			ours(t, fmt.Sprintf("COPY (%s) TO '%s' (%s)", rows, path, opts))
			from := "'" + path + "'"
			if filepath.Ext(name) != ".parquet" {
				delim := ","
				if name == "semicolon.csv" {
					delim = ";"
				}
				from = fmt.Sprintf(`read_csv('%s', header = true, delim = '%s', quote = '"', allow_quoted_nulls = false, columns = {'id': 'INTEGER', 'big': 'BIGINT', 'small': 'DECIMAL(9,2)',
					'wide': 'DECIMAL(38,6)', 'real': 'DOUBLE', 'text': 'VARCHAR', 'day': 'DATE', 'moment': 'TIMESTAMP', 'flag': 'BOOLEAN'})`, path, delim)
			}
			compare(t, duck(t, fmt.Sprintf(asText, from)), want)
		})
	}
}

// TestWrittenByDuckDB lets skep read what DuckDB writes.
func TestWrittenByDuckDB(t *testing.T) {
	if os.Getenv("SKEP_PYTHON") == "" {
		t.Skip("SKEP_PYTHON is not set")
	}
	want := duck(t, fmt.Sprintf(asText, "("+rows+")"))
	for name, opts := range map[string]string{
		"none.parquet": "COMPRESSION uncompressed", "snappy.parquet": "COMPRESSION snappy", "zstd.parquet": "COMPRESSION zstd",
		"gzip.parquet": "COMPRESSION gzip", "lz4.parquet": "COMPRESSION lz4_raw", "brotli.parquet": "COMPRESSION brotli",
		"v2.parquet": "PARQUET_VERSION v2", "plain.csv": "HEADER", "zip.csv.gz": "HEADER, COMPRESSION gzip",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			duck(t, fmt.Sprintf("COPY (%s) TO '%s' (%s)", rows, path, opts))
			from := "'" + path + "'"
			if filepath.Ext(name) != ".parquet" {
				from = fmt.Sprintf(`read_csv('%s', header => true, columns => {'id': 'INTEGER', 'big': 'BIGINT', 'small': 'DECIMAL(9,2)', 'wide': 'DECIMAL(38,6)',
					'real': 'DOUBLE', 'text': 'VARCHAR', 'day': 'DATE', 'moment': 'TIMESTAMP', 'flag': 'BOOLEAN'})`, path)
			}
			compare(t, ours(t, fmt.Sprintf(asText, from)), want)
		})
	}
}
