package interop

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skep-sql/skep"
)

// inWarehouse runs statements in a warehouse.
func inWarehouse(t *testing.T, dir string, stmts ...string) {
	t.Helper()
	db, err := skep.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range stmts {
		if _, err := db.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s\n%v", sql, err)
		}
	}
}

// sparkWrites has Spark write folders, and tells what it reads in them itself: names, types and rows.
const sparkWrites = `
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.warehouse.dir", sys.argv[1] + "/spark").config("spark.driver.host", "127.0.0.1").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
rows = spark.sql("""
  SELECT id AS n, CAST(id * 1.25 AS DECIMAL(9,2)) AS m, CASE WHEN id <> 3 THEN concat('text ', id) END AS t, CAST(id / 4 AS DOUBLE) AS f, id % 2 = 0 AS b,
    DATE '2024-02-29' + CAST(id AS INT) AS day, TIMESTAMP '2024-02-29 12:34:56.789' AS at, array(CAST(id AS INT), NULL) AS l,
    named_struct('x', CAST(id AS INT), 'y', map('k', CAST(id AS INT))) AS s,
    element_at(array('plain', 'a b/c=d%:', NULL, 'über', ''), CAST(id AS INT)) AS k, CASE WHEN id <> 4 THEN CAST(id % 3 AS INT) END AS d, DATE '2024-03-01' AS w
  FROM range(1, 6)""")
flat = rows.drop("l", "s")
rows.write.partitionBy("k", "d", "w").parquet(sys.argv[1] + "/parquet")
flat.write.partitionBy("k", "d", "w").option("header", True).csv(sys.argv[1] + "/csv")
rows.write.partitionBy("k", "d", "w").json(sys.argv[1] + "/json")
out = {}
read = spark.read.parquet(sys.argv[1] + "/parquet").select(*rows.columns).orderBy("n")
out["types"] = [[f.name, f.dataType.simpleString()] for f in read.schema]
out["rows"] = table(read.collect())
out["flat"] = table(read.select(*flat.columns).collect())
print(json.dumps(out))
`

// TestSpark lets skep read partitioned folders that Spark wrote, with all that Spark leaves beside the files.
func TestSpark(t *testing.T) {
	if os.Getenv("SKEP_PYTHON") == "" {
		t.Skip("SKEP_PYTHON is not set")
	}
	if exec.Command("java", "-version").Run() != nil || !has("pyspark") {
		t.Skip("Spark needs Java and the package pyspark")
	}
	dir := t.TempDir()
	var spark struct {
		Types, Rows, Flat [][]string
	}
	python(t, &spark, sparkWrites, dir)
	for _, f := range []string{"parquet/_SUCCESS", "parquet/._SUCCESS.crc", "parquet/k=__HIVE_DEFAULT_PARTITION__", "parquet/k=a b%2Fc%3Dd%25%3A/d=2/w=2024-03-01"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Errorf("Spark writes no %s any more: %v", f, err)
		}
	}
	if len(spark.Rows) != 5 || spark.Rows[1][9] != "a b/c=d%:" || spark.Rows[2][9] != "NULL" {
		t.Fatalf("Spark reads %q", spark.Rows)
	}
	const cols = "n BIGINT, m DECIMAL(9,2), t VARCHAR, f DOUBLE, b BOOLEAN, day DATE, at TIMESTAMP"
	const nested = ", l INTEGER[], s STRUCT(x INTEGER, y MAP(VARCHAR, INTEGER))"
	const parts = " PARTITIONED BY (k VARCHAR, d INTEGER, w DATE)"
	const form = `n::VARCHAR, m::VARCHAR, t, f::VARCHAR, b::VARCHAR, day::VARCHAR, replace(at::VARCHAR, ' ', 'T') || '000', %k, d::VARCHAR, w::VARCHAR`
	for name, x := range map[string]struct {
		table, items string
		want         [][]string
	}{
		"parquet": {cols + nested, "%n", spark.Rows},
		"json":    {cols + nested, "%n", spark.Rows},
		"csv":     {cols, "", spark.Flat},
	} {
		t.Run(name, func(t *testing.T) {
			header := ""
			if name == "csv" {
				header = " TBLPROPERTIES ('skip.header.line.count' = '1')"
			}
			create := "CREATE EXTERNAL TABLE t (" + x.table + ")" + parts + " STORED AS " + name + " LOCATION '" + filepath.Join(dir, name) + "'" + header
			items := strings.Replace(strings.Replace(form, "%k", "k", 1), "k, d", x.items+"k, d", 1)
			items = strings.Replace(items, "%n", `'[' || array_to_string(list_transform(l, v -> coalesce(v::VARCHAR, 'NULL')), ', ') || ']', '{x: ' || s.x || ', y: {k: ' || element_at(s.y, 'k') || '}}', `, 1)
			w := filepath.Join(t.TempDir(), "w")
			inWarehouse(t, w, create)
			query := func() [][]string { return oursIn(t, w, "SELECT "+items+" FROM t ORDER BY n") }
			if got := query(); !slices.EqualFunc(got, x.want, slices.Equal) {
				t.Errorf("got  %q\nwant %q", got, x.want)
			}
			inWarehouse(t, w, "MSCK REPAIR TABLE t")
			if got := query(); !slices.EqualFunc(got, x.want, slices.Equal) {
				t.Errorf("after MSCK REPAIR TABLE got  %q\nwant %q", got, x.want)
			}
			if got := oursIn(t, w, "CHECK TABLE t"); len(got) > 0 {
				t.Error(got)
			}
		})
	}
	names := map[string]string{"bigint": "BIGINT", "decimal(9,2)": "DECIMAL(9,2)", "string": "VARCHAR", "double": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP", // INT96 has no zone
		"array<int>": "INTEGER[]", "struct<x:int,y:map<string,int>>": "STRUCT(x INTEGER, y MAP(VARCHAR, INTEGER))"}
	for i, got := range ours(t, "DESCRIBE SELECT * FROM '"+filepath.Join(dir, "parquet/**/*.parquet")+"'") {
		want := names[spark.Types[i][1]]
		switch spark.Types[i][0] {
		case "d": // types of folders are BIGINT and VARCHAR, unless they are declared
			want = "BIGINT"
		case "w":
			want = "VARCHAR"
		}
		if got[0] != spark.Types[i][0] || got[1] != want {
			t.Errorf("column %d: %q, not %s %s", i, got[:2], spark.Types[i][0], want)
		}
	}
}

// TestDuckDBFolders lets skep read a partitioned folder that DuckDB wrote.
func TestDuckDBFolders(t *testing.T) {
	if os.Getenv("SKEP_PYTHON") == "" {
		t.Skip("SKEP_PYTHON is not set")
	}
	for _, format := range []string{"parquet", "csv", "json"} {
		dir := filepath.Join(t.TempDir(), "x")
		duck(t, "COPY ("+folderRows+") TO '"+dir+"' (FORMAT "+format+", PARTITION_BY (k, d))")
		got := ours(t, "SELECT n::VARCHAR, k, d::VARCHAR FROM '"+dir+"/**/*."+format+"' ORDER BY n")
		if !slices.EqualFunc(got, folderWant, slices.Equal) {
			t.Errorf("%s: got %q\nwant %q", format, got, folderWant)
		}
		w := filepath.Join(t.TempDir(), "w")
		inWarehouse(t, w, "CREATE EXTERNAL TABLE t (n INTEGER) PARTITIONED BY (k VARCHAR, d INTEGER) STORED AS "+format+" LOCATION '"+dir+"'"+
			map[bool]string{true: " TBLPROPERTIES ('skip.header.line.count' = '1')"}[format == "csv"], "MSCK REPAIR TABLE t")
		if got := oursIn(t, w, "SELECT n::VARCHAR, k, d::VARCHAR FROM t ORDER BY n"); !slices.EqualFunc(got, folderWant, slices.Equal) {
			t.Errorf("%s as a table: got %q\nwant %q", format, got, folderWant)
		}
	}
}
