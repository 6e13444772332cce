package integration

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scheduler is an installation of Airflow with a folder of its own.
type scheduler struct {
	t   *testing.T
	bin string // the folder of its commands
	dir string
}

func newScheduler(t *testing.T) *scheduler {
	bin := os.Getenv("SKEP_AIRFLOW")
	if bin == "" {
		t.Skip("SKEP_AIRFLOW does not name the folder of Airflow's commands (make integration does)")
	}
	s := &scheduler{t: t, bin: bin, dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(s.dir, "dags"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := s.command("airflow", "db", "migrate").CombinedOutput(); err != nil {
		t.Fatalf("%s%v", out, err)
	}
	return s
}

func (s *scheduler) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Env = append(os.Environ(), "AIRFLOW_HOME="+s.dir, "AIRFLOW__CORE__DAGS_FOLDER="+filepath.Join(s.dir, "dags"), "AIRFLOW__CORE__LOAD_EXAMPLES=False")
	return c
}

// test runs airflow dags test, calls line with each line that it writes, and gives what the run and its tasks ended as, with each task's tries.
func (s *scheduler) test(dag, ds string, line func(string)) string {
	s.t.Helper()
	c := s.command("airflow", "dags", "test", dag, ds)
	out, err := c.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	var log bytes.Buffer
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if line != nil {
			line(lines.Text())
		}
	}
	err = c.Wait()
	code := "green"
	if err != nil {
		code = "red"
	}
	states, err := s.command("python", "-c", `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
run, state = db.execute("SELECT run_id, state FROM dag_run ORDER BY id DESC LIMIT 1").fetchone()
print(state, *("%s:%s:%d" % r for r in db.execute("SELECT task_id, state, try_number FROM task_instance WHERE run_id = ? ORDER BY 1", [run])))`,
		filepath.Join(s.dir, "airflow.db")).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s%v\n%s", states, err, log.String())
	}
	if s.t.Failed() {
		s.t.Log(log.String())
	}
	return code + " " + strings.TrimSpace(string(states))
}

// TestAirflow runs the file that skep dag writes: a server that is away is tried again, what is up to date is skipped and doubles nothing, and behind
// data that are wrong nothing runs.
func TestAirflow(t *testing.T) {
	s := newScheduler(t)
	d := database(t)
	psql(t, d, "CREATE TABLE ratings (movie int, rating int, day date); INSERT INTO ratings VALUES (1, 5, '2024-01-02'), (1, 4, '2024-01-02'), (2, 3, '2024-01-01'), (2, 2, '2024-01-02'); "+
		"CREATE TABLE averages (day date, movie int, average numeric(4,2)); INSERT INTO averages VALUES ('2024-01-01', 2, 3)")
	dir := filepath.Join(t.TempDir(), "ratings")
	for name, text := range map[string]string{
		"_attach.sql": "ATTACH 'postgres:dbname=" + d + "' AS pg;",
		"extract.sql": "COPY (SELECT * FROM pg.ratings WHERE day = DATE '${ds}') TO 'ratings.parquet';",
		"average.sql": "ASSERT (SELECT max(rating) FROM 'ratings.parquet') <= 5;\n" +
			"COPY (SELECT day, movie, avg(rating) AS average FROM 'ratings.parquet' GROUP BY day, movie) TO 'average.parquet';",
		"load.sql":   "INSERT OVERWRITE pg.averages SELECT * FROM pg.averages WHERE day <> DATE '${ds}' UNION ALL SELECT * FROM 'average.parquet';",
		"movies.sql": "CREATE OR REPLACE TABLE pg.movies AS SELECT DISTINCT movie FROM 'ratings.parquet';",
	} {
		put(t, filepath.Join(dir, name), text+"\n")
	}
	dag, err := exec.Command(skep, "dag", dir, "--format", "airflow").Output()
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(s.dir, "dags", "ratings.py"), strings.Replace(string(dag), "timedelta(minutes=1)", "timedelta(seconds=5)", 1))

	server.Stop("immediate")
	retried := false
	got := s.test("ratings", "2024-01-02", func(line string) {
		if !retried && strings.Contains(line, "up_for_retry") {
			retried = true
			if err := server.Start(); err != nil {
				t.Error(err)
			}
		}
	})
	if !retried {
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if want := "green success average:success:1 extract:success:2 load:success:1 movies:success:1"; got != want {
		t.Errorf("the first run\n got %s\nwant %s", got, want)
	}
	rows := func() string {
		return psql(t, d, "SELECT string_agg(concat_ws(' ', day, movie, average), ',' ORDER BY day, movie) FROM averages")
	}
	const averages = "2024-01-01 2 3.00,2024-01-02 1 4.50,2024-01-02 2 2.00"
	if rows() != averages {
		t.Errorf("the first run leaves %s", rows())
	}
	got = s.test("ratings", "2024-01-02", nil)
	if want := "green success average:skipped:1 extract:skipped:1 load:skipped:1 movies:skipped:1"; got != want || rows() != averages {
		t.Errorf("a rerun leaves %s\n got %s\nwant %s", rows(), got, want)
	}
	psql(t, d, "UPDATE ratings SET rating = 50 WHERE rating = 4")
	got = s.test("ratings", "2024-01-02", nil)
	if want := "red failed average:failed:1 extract:success:1 load:upstream_failed:0 movies:success:1"; got != want || rows() != averages {
		t.Errorf("wrong data leave %s\n got %s\nwant %s", rows(), got, want)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
