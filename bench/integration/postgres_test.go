package integration

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const allTypes = `CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN pos AS int CHECK (value > 0);
CREATE TABLE a (id serial PRIMARY KEY, b bool, s smallint, i int, l bigint, n numeric(12,3), big numeric(38,10), f real, d float8, t text, vc varchar(20), c char(5),
	da date, ti time, ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb, by bytea, ai int[], tx text[], m mood, ip inet, dm pos, r int4range, am mood[],
	g int GENERATED ALWAYS AS (i + 1) STORED);
INSERT INTO a (b, s, i, l, n, big, f, d, t, vc, c, da, ti, ts, tz, iv, u, j, jb, by, ai, tx, m, ip, dm, r, am) VALUES
(true, -32768, 2147483646, 9223372036854775807, -123456789.123, -9999999999999999999999999999.9999999999, 1.5, 'NaN', E'h\u00e9llo\n', 'v', 'ab', '2024-02-29', '23:59:59.999999',
	'9999-12-31 23:59:59.999999', '1900-01-01 00:00:00+02', '1 year 2 days 03:04:05.6', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '{"b": [1, null]}', '\x00ff', '{1,NULL,3}',
	'{a,"b c",NULL}', 'happy', '10.0.0.1/8', 7, '[1,5)', '{sad,happy}'),
(false, 0, 0, 0, 0.001, 0.0000000001, 0, '-Infinity', '', '', '', '0001-01-01', '00:00', '1970-01-01', '1970-01-01+00', '1 month', '00000000-0000-0000-0000-000000000000', '[]', 'null', '', '{}', '{}',
	'sad', '::1', 1, 'empty', '{}'),
(true, 1, 10000, 10000, 10000, 12345678901234567890, -0.25, 1e300, repeat('long text ', 500), 'x', 'abcde', '2000-01-01', '12:00', '2000-01-01', '2000-01-01+00', '1 day', gen_random_uuid(),
	'"x"', '{}', decode(repeat('ab', 300), 'hex'), array_fill(7, ARRAY[300]), '{}', NULL, NULL, 2, NULL, NULL);
INSERT INTO a DEFAULT VALUES;`

const columns = `b, s, i, l, n, big, f, d, t, vc, c, da, ti, ts, tz, iv, u, j, jb, by, ai, tx, m, ip, dm, r, am`

// TestTypes takes every type out and back, into a table of the same types, through Parquet, and into one that skep makes.
func TestTypes(t *testing.T) {
	d := database(t)
	psql(t, d, allTypes+"CREATE TABLE back (LIKE a INCLUDING ALL); CREATE TABLE file (LIKE a INCLUDING ALL)")
	must(t, d, `INSERT INTO pg.back (id, `+columns+`) SELECT id, `+columns+` FROM pg.a; CREATE TABLE pg.own AS SELECT * FROM pg.a;
		COPY (SELECT * FROM pg.a) TO 'a.parquet'; INSERT OVERWRITE pg.file (id, `+columns+`) SELECT id, `+columns+` FROM 'a.parquet'`)
	all := func(table string) string {
		return psql(t, d, "SELECT row(id, "+columns+") FROM "+table+" ORDER BY id")
	}
	want := all("a")
	for _, table := range []string{"back", "file"} {
		if got := all(table); got != want {
			t.Errorf("%s\n got %s\nwant %s", table, got, want)
		}
	}
	same := psql(t, d, `SELECT count(*) FROM a JOIN own o USING (id) WHERE row(a.b, a.s, a.i, a.l, a.n, a.big, a.f, a.d, a.t, a.vc, a.c, a.da, a.ti, a.ts, a.tz, a.iv, a.u, a.by, a.ai, a.tx, a.g, a.m::text, a.ip::text, a.j::text, a.jb::text)
		IS NOT DISTINCT FROM row(o.b, o.s, o.i, o.l, o.n, o.big, o.f, o.d, o.t, o.vc, o.c, o.da, o.ti, o.ts, o.tz, o.iv, o.u, o.by, o.ai, o.tx, o.g, o.m, o.ip, o.j::text, o.jb::text)`)
	if same != "4" {
		t.Errorf("%s of 4 rows are the same in the table that skep made", same)
	}
	must(t, d, "CREATE TABLE pg.made AS SELECT TIMETZ '10:00+02' AS z, '1011'::BIT AS b, 'x'::ENUM('x', 'y') AS e, 170141183460469231731687303715884105727::HUGEINT AS h, sum(i) AS s FROM range(3) t(i)")
	if got := psql(t, d, "SELECT * FROM made"); got != "10:00:00+02|1011|x|170141183460469231731687303715884105727|3" {
		t.Error(got)
	}
	psql(t, d, "CREATE TABLE spans (v interval); INSERT INTO spans VALUES ('-1 month 3 days -04:05:06.789'), (NULL); CREATE TABLE spans2 (LIKE spans)")
	must(t, d, "INSERT INTO pg.spans2 FROM pg.spans") // Parquet has no negative ones
	if got := psql(t, d, "SELECT count(*) FROM (SELECT * FROM spans INTERSECT SELECT * FROM spans2) x"); got != "2" {
		t.Errorf("%s of 2 intervals came back", got)
	}
	if got := psql(t, d, "INSERT INTO back (s) VALUES (1) RETURNING id"); got != "5" {
		t.Errorf("the sequence gives %s after a load", got)
	}
}

// TestEachType takes values of each type there and back: as skep shows them, and as Postgres has them in a table of the same type that skep loads.
func TestEachType(t *testing.T) {
	d := database(t)
	psql(t, d, `CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN cents AS numeric(8,2); CREATE DOMAIN code AS text; CREATE DOMAIN inner_code AS code;
		CREATE TYPE pair AS (a int, b text)`)
	for _, c := range []struct{ native, values, want string }{
		{"smallint", "-32768,32767", "-32768,32767"},
		{"oid", "4294967295", "4294967295"},
		{"numeric(5)", "12345,-1", "12345,-1"},
		{"numeric(3,-2)", "12345", "12300"},
		{"numeric(2,4)", "0.0012", "0.0012"},
		{"numeric", "1.5,-0.000000000000000001,12345678901234567890.5", "1.500000000000000000,-0.000000000000000001,12345678901234567890.500000000000000000"},
		{"numeric", "1,0.0000000000000000000000001", "1.0000000000000000000000000,0.0000000000000000000000001"},
		{"numeric", "123456789012345678901234567890.5,-7", "123456789012345678901234567890.50000000,-7.00000000"},
		{"numeric", "1.10000000000000000000000000", "1.100000000000000000"},
		{"numeric[]", "{1.5,NULL,-2}", "[1.500000000000000000, NULL, -2.000000000000000000]"},
		{"money", "$1.50,-$1,000.25", "$1.50,-$1,000.25"},
		{"real", "NaN,1.25,-Infinity", "NaN,1.25,-Infinity"},
		{"boolean", "t,f", "true,false"},
		{"text", "'',é", ",é"},
		{"varchar(3)", "abc", "abc"},
		{"char(4)", "ab", "ab  "},
		{`"char"`, "x", "x"},
		{"name", "n", "n"},
		{"date", "2024-02-29,infinity,-infinity,0044-03-15 BC,5874897-12-31", "2024-02-29,infinity,-infinity,0044-03-15 (BC),5874897-12-31"},
		{"time", "24:00,00:00:00.000001", "24:00:00,00:00:00.000001"},
		{"timetz", "10:00+02,24:00-15:59:59", "10:00:00+02,24:00:00-15:59:59"},
		{"timestamp", "infinity,-infinity,2024-01-02 03:04:05.6", "infinity,-infinity,2024-01-02 03:04:05.6"},
		{"timestamptz", "infinity,-infinity,2024-01-02 03:04:05.6+02", "infinity,-infinity,2024-01-02 01:04:05.6+00"},
		{"interval", "1 year -2 days 00:00:01", "1 year -2 days 00:00:01"},
		{"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"json", `{"a":  1}`, `{"a":  1}`},
		{"jsonb", `{"a": [1, null]}`, `{"a": [1, null]}`},
		{"jsonb[]", `{"{\"a\": 1}",NULL}`, `[{"a": 1}, NULL]`},
		{"bytea", `\x00ff`, `\x00\xFF`},
		{"int[]", "{1,NULL,3},{}", "[1, NULL, 3],[]"},
		{"text[]", `{"a,b",NULL,"NULL"}`, "['a,b', NULL, 'NULL']"},
		{"timestamptz[]", "{2024-01-02 00:00:00+00}", "['2024-01-02 00:00:00+00']"},
		{"uuid[]", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "[a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11]"},
		{"mood", "happy", "happy"},
		{"mood[]", "{sad,happy}", "[sad, happy]"},
		{"cents", "12.30", "12.30"},
		{"code", "x", "x"},
		{"inner_code", "y", "y"},
		{"pair", `(1,"a b")`, `(1,"a b")`},
		{"pair[]", `{"(1,x)"}`, `{"(1,x)"}`},
		{"inet", "10.0.0.1/8,::1", "10.0.0.1/8,::1/128"},
		{"cidr", "10.0.0.0/8", "10.0.0.0/8"},
		{"macaddr", "08:00:2b:01:02:03", "08:00:2b:01:02:03"},
		{"bit(3)", "101", "101"},
		{"bit varying", "1,,110011001", "1,,110011001"},
		{"bit(9)[]", "{110011001}", "[110011001]"},
		{"xml", "<a>1</a>", "<a>1</a>"},
		{"tsvector", "'a' 'b'", "'a' 'b'"},
		{"point", "(1,2)", "(1,2)"},
		{"int4range", "[1,5)", "[1,5)"},
		{"tstzrange", "empty", "empty"},
		{"pg_lsn", "16/B374D848", "16/B374D848"},
	} {
		var rows []string
		values := strings.Split(c.values, ",")
		if len(strings.Split(c.want, ",")) != len(values) || strings.ContainsAny(c.values, "{[(\"$") {
			values = []string{c.values}
			if c.native == "money" {
				values = []string{"$1.50", "-$1,000.25"}
			} else if c.native == "int[]" {
				values = []string{"{1,NULL,3}", "{}"}
			}
		}
		for i, v := range values {
			if v == "''" {
				v = ""
			}
			rows = append(rows, fmt.Sprintf("(%d, '%s')", i, strings.ReplaceAll(v, "'", "''")))
		}
		psql(t, d, fmt.Sprintf("DROP TABLE IF EXISTS x, y; CREATE TABLE x (i int, v %s); CREATE TABLE y (LIKE x); INSERT INTO x VALUES %s, (99, NULL)", c.native, strings.Join(rows, ", ")))
		out, err := exec.Command(skep, "--format", "tsv", "-c", "ATTACH 'postgres:dbname="+d+"' AS pg; SELECT string_agg(v::TEXT, ',' ORDER BY i) AS v FROM pg.x; INSERT INTO pg.y SELECT * FROM pg.x").Output()
		got := strings.TrimSuffix(strings.TrimPrefix(string(out), "v\n"), "\n")
		if len(got) > 1 && got[0] == '"' {
			got = strings.ReplaceAll(got[1:len(got)-1], `""`, `"`)
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %s is %s, want %s\n%v", c.native, c.values, got, c.want, err)
			continue
		}
		same := "x.v::text IS NOT DISTINCT FROM y.v::text"
		if strings.HasPrefix(c.native, "numeric") { // zeros at the end are none of the number
			same = "x.v IS NOT DISTINCT FROM y.v"
		}
		if n := psql(t, d, "SELECT count(*) FROM x JOIN y USING (i) WHERE "+same); n != fmt.Sprint(len(values)+1) {
			t.Errorf("%s: %s of %d values came back: %s", c.native, n, len(values)+1, psql(t, d, "SELECT v FROM y"))
		}
	}
}

// TestNoPlace reads what has no place in a type of skep's: an error that names the column and a way, which is gone.
func TestNoPlace(t *testing.T) {
	d := database(t)
	psql(t, d, `CREATE TABLE x (id int, big numeric, nan numeric, dims int[][]); INSERT INTO x VALUES (1, 1e30 + 1, 1, '{1}'), (2, 1e-20, 'NaN', '{{1,2},{3,4}}')`)
	for column, want := range map[string][2]string{
		"big":  {"column big of table x: ", "SELECT big::numeric(38,6) AS big FROM x ORDER BY id"},
		"nan":  {"column nan of table x: DECIMAL has no place for NaN", "SELECT nan::float8 FROM x ORDER BY id"},
		"dims": {"column dims of table x: an array of Postgres has 2 dimensions", "SELECT to_json(dims) AS dims FROM x ORDER BY id"},
	} {
		if out, err := ask(t, d, "SELECT "+column+" FROM pg.x"); err == nil || !strings.Contains(out, want[0]) || !strings.Contains(out, "postgres_query(") {
			t.Errorf("%s: %s", column, out)
		}
		must(t, d, "SELECT * FROM postgres_query('pg', '"+want[1]+"')")
	}
	if got := must(t, d, "SELECT id, b, m FROM postgres_query(pg, 'SELECT id, big::text AS b, ''a''::\"char\" AS m FROM x -- all\n;') WHERE id = 2"); !strings.HasSuffix(got, "2,0.00000000000000000001,a") {
		t.Error(got)
	}
	for sql, want := range map[string]string{"FROM postgres_query('pq', 'SELECT 1')": "did you mean pg?", "FROM postgres_query('pg', 'SELEC 1')": "syntax error", "FROM postgres_query('pg')": "takes the name of an attached database and a query"} {
		if out, err := ask(t, d, sql); err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: %s", sql, out)
		}
	}
}

// TestCare sees that ANALYZE of a table of Postgres runs there, and that it has no files to care for.
func TestCare(t *testing.T) {
	d := database(t)
	psql(t, d, "CREATE TABLE x (id int); INSERT INTO x SELECT generate_series(1, 500)")
	for sql, want := range map[string]string{"OPTIMIZE TABLE pg.x": "only managed tables", "CHECK TABLE pg.x": "has no files here", "REPAIR TABLE pg.x": "has no files here"} {
		if out, err := ask(t, d, sql); err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: %s", sql, out)
		}
	}
	must(t, d, "ANALYZE pg.x")
	if got := psql(t, d, "SELECT reltuples FROM pg_class WHERE relname = 'x'"); got != "500" {
		t.Errorf("%s rows", got)
	}
}

// TestPushdown compares filters that Postgres runs with the same ones over a copy, and looks at the SQL.
func TestPushdown(t *testing.T) {
	d := database(t)
	psql(t, d, allTypes)
	for cond, want := range map[string]string{
		`i >= 10000 AND t LIKE 'long%'`: `"t" LIKE 'long%'`, `n = 0.001`: `"n" = 0.001::numeric`, `d > 5`: `"d" > '5'::float8`, `t < 'i'`: `"t" COLLATE "C" < 'i'`,
		`m = 'happy'`: `"m"::text = 'happy'`, `da BETWEEN DATE '1999-01-01' AND DATE '2025-01-01'`: `'1999-01-01'::date`, `u = '00000000-0000-0000-0000-000000000000'::UUID`: `::uuid`,
		`tz < TIMESTAMPTZ '1950-01-01 00:00:00+00'`: `::timestamptz`, `b`: "", `c = 'ab'`: "", `i IS NULL OR s IN (1, 0)`: `"i" IS NULL OR "s" IN (1::bigint, 0::bigint)`, `t = 'it''s \'`: `E'it''s \\'`,
		`m = 'nosuch'`: `'nosuch'`, `ai = [1]`: "", `j = '[]'`: "",
	} {
		here := must(t, d, "SELECT id FROM pg.a WHERE "+cond+" ORDER BY id")
		there := must(t, d, "SET optimizer = false; CREATE TABLE x AS SELECT * FROM pg.a; SELECT id FROM x WHERE "+cond+" ORDER BY id")
		if here != there {
			t.Errorf("%s\n pushed down: %s\n over a copy: %s", cond, here, there)
		}
		if plan := must(t, d, "EXPLAIN SELECT id FROM pg.a WHERE "+cond); !strings.Contains(strings.ReplaceAll(plan, `""`, `"`), want) || want != "" && !strings.Contains(plan, "WHERE") {
			t.Errorf("%s: the plan has no %s\n%s", cond, want, plan)
		}
	}
}

// TestRanges reads a table in parallel ranges of one snapshot, while somebody moves rows from one end to the other.
func TestRanges(t *testing.T) {
	d := database(t)
	psql(t, d, "CREATE TABLE big AS SELECT i AS id, repeat('x', 100) AS t FROM generate_series(1, 300000) i; ANALYZE big")
	if plan := must(t, d, "EXPLAIN SELECT id FROM pg.big"); !strings.Contains(plan, "ranges of ctid") {
		t.Error(plan)
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_ = exec.Command("psql", "-qX", "-d", d, "-c", "UPDATE big SET t = t || 'y' WHERE id % 1000 = 7").Run()
			}
		}
	}()
	for range 5 {
		if got := must(t, d, "SET threads = 4; SELECT count(*), sum(id), count(DISTINCT id) FROM pg.big"); !strings.HasSuffix(got, "300000,45000150000,300000") {
			t.Error(got)
		}
	}
	close(stop)
	<-done
}

// TestReferenced refuses to overwrite what others refer to, and takes MERGE and ON CONFLICT.
func TestReferenced(t *testing.T) {
	d := database(t)
	psql(t, d, `CREATE TABLE movies (id serial PRIMARY KEY, name text); CREATE TABLE users (id serial PRIMARY KEY, movie_id int REFERENCES movies ON DELETE SET NULL);
		INSERT INTO movies (name) VALUES ('a'), ('b'); INSERT INTO users (movie_id) VALUES (1), (2)`)
	out, err := ask(t, d, "INSERT OVERWRITE pg.movies SELECT id, name || '!' FROM pg.movies")
	if err == nil || !strings.Contains(out, "rows of users refer to it") || !strings.Contains(out, "MERGE") {
		t.Error(out, err)
	}
	must(t, d, `MERGE INTO pg.movies m USING (SELECT id, name || '!' AS name FROM pg.movies UNION ALL SELECT 9, 'new') s ON m.id = s.id
		WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)`)
	must(t, d, `INSERT INTO pg.movies (id, name) SELECT 9, 'newer' ON CONFLICT (id) DO UPDATE SET name = excluded.name`)
	if got := psql(t, d, "SELECT string_agg(id || name, ',' ORDER BY id), (SELECT count(movie_id) FROM users) FROM movies"); got != "1a!,2b!,9newer|2" {
		t.Error(got)
	}
}

// TestPasswords looks for a password in all that is written about an address with one.
func TestPasswords(t *testing.T) {
	dir := t.TempDir()
	x := exec.Command(skep, "--echo", "--report", filepath.Join(dir, "r.json"), "-c", "ATTACH 'postgres://nobody:geheim123@127.0.0.1:1/x' AS pg")
	out, err := x.CombinedOutput()
	report, e := os.ReadFile(filepath.Join(dir, "r.json"))
	if err == nil || e != nil || strings.Contains(string(out)+string(report), "geheim") || !strings.Contains(string(out), "no connection to Postgres at 127.0.0.1:1") {
		t.Errorf("%s\n%s\n%v", out, report, e)
	}
}

// trials is how often a load is killed.
var trials = 20

// TestKilledLoads kills skep, its connection or the whole server in the middle of a load: the table has the old rows or the new ones.
func TestKilledLoads(t *testing.T) {
	if n := os.Getenv("SKEP_KILLS"); n != "" {
		if _, err := fmt.Sscan(n, &trials); err != nil {
			t.Fatal(err)
		}
	}
	d := database(t)
	dir := t.TempDir()
	psql(t, d, "CREATE TABLE target (id int, v int); INSERT INTO target SELECT i, 0 FROM generate_series(1, 1000) i")
	sql := func(v int) string {
		return fmt.Sprintf("ATTACH 'postgres:dbname=%s' AS pg; INSERT OVERWRITE pg.target SELECT i, %d FROM range(200000) t(i)", d, v)
	}
	start := time.Now()
	if out, err := exec.Command(skep, "-c", sql(1)).CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	whole := time.Since(start)
	state := "200000|1|1"
	broken := 0
	for i := range trials {
		x := exec.Command(skep, "-c", sql(i+2))
		x.Dir = dir
		if err := x.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(whole) * 5 / 4)))
		switch {
		case i%10 == 9:
			server.Stop("immediate")
		case i%2 == 0:
			_ = x.Process.Kill() // it may have ended
		default:
			psql(t, d, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'skep'")
		}
		err := x.Wait()
		if i%10 == 9 {
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
		}
		fresh := fmt.Sprintf("200000|%d|%[1]d", i+2)
		got := psql(t, d, "SELECT count(*), min(v), max(v) FROM target")
		switch {
		case got == fresh:
			state = fresh
		case got != state:
			t.Fatalf("trial %d: the table has %s; old is %s, new %s", i, got, state, fresh)
		case err == nil:
			t.Fatalf("trial %d: skep says that the load is done, but the table has %s", i, got)
		}
		if err != nil {
			broken++
		}
	}
	if left := psql(t, d, "SELECT count(*) FROM pg_class WHERE relname LIKE '\\_skep%' AND relpersistence <> 't'"); left != "0" {
		t.Errorf("%s staging tables are left", left)
	}
	t.Logf("%d of %d loads were broken off", broken, trials)
}

// TestMistakes makes mistakes: the message names what is wrong and where, and what to look at.
func TestMistakes(t *testing.T) {
	d := database(t)
	psql(t, d, `CREATE TABLE movies (id serial PRIMARY KEY, name varchar(20) NOT NULL); CREATE TABLE users (id serial PRIMARY KEY, movie_id int REFERENCES movies, rating int); INSERT INTO movies (name) VALUES ('a')`)
	for sql, want := range map[string][2]string{
		"ATTACH 'postgres:host=nosuch.invalid' AS x":                  {"no connection to Postgres at nosuch.invalid:", "PGHOST"},
		"ATTACH 'postgres://127.0.0.1:1/x' AS x":                      {"no connection to Postgres at 127.0.0.1:1: connect: connection refused\n", "is the server up?"},
		"ATTACH 'postgres:dbname=nosuch' AS x":                        {`database "nosuch" does not exist`, "PGDATABASE"},
		"ATTACH 'postgres:user=nosuch' AS x":                          {`role "nosuch" does not exist`, "PGUSER"},
		"ATTACH 'host=h dbname=d' AS x":                               {"names no database that can be attached", "ATTACH 'postgres:host=h dbname=d' AS pg"},
		"FROM pg.movie":                                               {"table movie does not exist in pg", "did you mean movies?"},
		"FROM pg.pubic.movies":                                        {"pg has no schema pubic", "did you mean public?"},
		"INSERT INTO pg.users (movie_id) SELECT 99":                   {"violates foreign key constraint", "LINE 1: "},
		"INSERT INTO pg.users (movie_id) SELECT 98":                   {"violates foreign key constraint", "load the rows that are referred to first"},
		"INSERT INTO pg.users (movie_id) SELECT name FROM pg.movies":  {"column movie_id: cannot cast 'a' (VARCHAR(20)) to INTEGER", "LINE 1: "},
		"INSERT INTO pg.users (movie_id) SELECT [1]":                  {"column movie_id: cannot cast INTEGER[] to INTEGER", "LINE 1: "},
		"INSERT INTO pg.movies (name) SELECT repeat('x', 1000)":       {"column name: cannot cast 'xxx", "…' (VARCHAR) to VARCHAR(20): the text is too long"},
		"INSERT INTO pg.users SELECT 1, 2":                            {"2 values are given for 3 columns of users", "they are id, movie_id, rating"},
		"INSERT INTO pg.movies (id, name) VALUES (1, 'b')":            {"duplicate key value", "ON CONFLICT (key) DO UPDATE"},
		"BEGIN; INSERT INTO pg.users (rating) VALUES (1)":             {"pg is no part of the transaction", "before BEGIN or behind COMMIT"},
		"BEGIN; EXECUTE IN pg $$ DELETE FROM users $$":                {"pg is no part of the transaction", "EXECUTE IN pg"},
		"PREPARE p AS UPDATE pg.users SET rating = nosuch; EXECUTE p": {`column "nosuch" does not exist`, "LINE 1: "},
		"UPDATE pg.users SET rating = nosuch":                         {`column "nosuch" does not exist`, "LINE 1: "},
	} {
		out, err := ask(t, d, sql)
		if err == nil || !strings.Contains(out, want[0]) || !strings.Contains(out, want[1]) || strings.Contains(out, "\t") {
			t.Errorf("%s\n%s", sql, out)
		}
	}
	must(t, d, `CREATE TABLE pg.own (a int PRIMARY KEY, b text DEFAULT 'pg.x'); INSERT INTO pg.own VALUES (1, 'x'), (2, 'y'), (3, 'z'); PREPARE p AS UPDATE pg.own SET b = b || a WHERE pg.own.a > 1; EXECUTE p; DELETE FROM "pg".own WHERE a = 3;
		ALTER TABLE pg.public.own ADD COLUMN c int DEFAULT 7; CREATE VIEW pg.v AS SELECT max(c) AS c FROM pg.own`)
	if got := psql(t, d, "SELECT string_agg(a || b || c, ',' ORDER BY a), (SELECT c FROM v), (SELECT column_default FROM information_schema.columns WHERE column_name = 'b') FROM own"); got != "1x7,2y27|7|'pg.x'::text" {
		t.Error(got)
	}
}

// TestShell runs the screens of testdata/shell/postgres.test.
func TestShell(t *testing.T) {
	c := exec.Command("go", "test", "-count=1", "-v", "-run", "TestScreens/postgres", "../../cmd/skep")
	c.Env = append(os.Environ(), "SKEP_SCREENS_PG=1", "PGDATABASE="+database(t))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s%v", out, err)
	}
}

// TestLooks looks at what SHOW and DESCRIBE say of a table there.
func TestLooks(t *testing.T) {
	d := database(t)
	psql(t, d, `CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY, customer varchar(20) NOT NULL DEFAULT 'x', amount numeric(10,2) CHECK (amount > 0), "When" timestamptz); CREATE VIEW shop.all_orders AS TABLE shop.orders`)
	for sql, want := range map[string]string{
		"SHOW SCHEMAS IN pg":                 "database\npublic\nshop",
		"SHOW TABLES IN pg.shop LIKE 'ord%'": "name,kind\norders,base table",
		"SHOW VIEWS IN pg.shop":              "name,kind\nall_orders,view",
		"DESCRIBE DATABASE pg":               "name,value\nname,pg\ntype,postgres\ndatabase," + d + "\nread only,false",
		"DESCRIBE pg.shop.orders": "column_name,column_type,null,key,default,extra\nid,INTEGER,NO,PRI,,\ncustomer,VARCHAR(20),NO,,'x'::character varying,\n" +
			"amount,\"DECIMAL(10,2)\",YES,,,\nWhen,TIMESTAMPTZ,YES,,,",
		"SHOW CREATE TABLE pg.shop.orders": "statement\n\"CREATE TABLE shop.orders (\n  id integer NOT NULL,\n  customer character varying(20) NOT NULL DEFAULT 'x'::character varying,\n" +
			"  amount numeric(10,2),\n  \"\"When\"\" timestamp with time zone,\n  PRIMARY KEY (id),\n  CHECK ((amount > (0)::numeric))\n)\"",
		"SHOW SCHEMAS IN nosuch": "ERROR: no database is attached as nosuch",
	} {
		if out, _ := ask(t, d, sql); !strings.HasPrefix(out, want) {
			t.Errorf("%s\n got %s\nwant %s", sql, out, want)
		}
	}
}

// TestLoadsSideBySide overwrites a table from many processes at once: each waits for the one before, and none is a deadlock.
func TestLoadsSideBySide(t *testing.T) {
	d := database(t)
	psql(t, d, "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE target (v int, m mood, ip inet, n numeric(6,2), c char(3), u uuid DEFAULT gen_random_uuid())")
	var all []*exec.Cmd
	for i := range 6 {
		x := exec.Command(skep, "-c", fmt.Sprintf("ATTACH 'postgres:dbname=%s' AS pg; INSERT OVERWRITE pg.target (v, m, ip, n, c) SELECT %d, 'happy', '10.0.0.1', 1.25, 'ab' FROM range(20000)", d, i))
		if err := x.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	for _, x := range all {
		if err := x.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got := psql(t, d, "SELECT count(*), min(v) = max(v), min(m::text || ip || n || c) FROM target"); got != "20000|t|happy10.0.0.1/321.25ab" {
		t.Error(got)
	}
}
