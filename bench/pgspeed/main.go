// Command pgspeed measures the way of a million rows from Postgres into a Parquet file and back, against psql's own \copy to CSV and from it, by
// turns, each a whole process. It checks that what came back is what was there, and fails where skep takes more than one and a half times as long.
//
//	go run ./bench/pgspeed -out bench/RESULTS-postgres.md
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/skep-sql/skep/bench/pgserver"
)

// most is how much longer than psql skep may take.
const most = 1.5

func main() {
	rows := flag.Int("rows", 1_000_000, "rows of the table")
	runs := flag.Int("runs", 5, "runs of each; the middle one counts")
	out := flag.String("out", "", "the file to write the results to")
	flag.Parse()
	if err := measure(*rows, *runs, *out); err != nil {
		fmt.Fprintln(os.Stderr, "pgspeed:", err)
		os.Exit(1)
	}
}

// table has columns of the types that tables of a shop have.
const table = `CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, day date, at timestamptz, amount numeric(12,2), weight float8, city text, note text, paid boolean);
INSERT INTO orders SELECT i, hashint4(i) & 65535, date '2020-01-01' + i % 1500, timestamptz '2020-01-01 00:00+00' + i * interval '17 seconds', (hashint4(i + 1) & 1048575) / 100.0, i / 7.0,
	(ARRAY['Rome', 'Oslo', 'Paris', 'Lima', 'Kyoto', 'Quito'])[1 + i % 6], CASE WHEN i % 3 > 0 THEN 'order ' || md5(i::text) END, i % 2 = 0 FROM generate_series(1, ROWS) i;
CREATE TABLE back (LIKE orders); CREATE TABLE back_csv (LIKE orders); VACUUM ANALYZE orders`

// way is one of the four things that are measured.
type way struct {
	name, who string
	reset     string // SQL before each run
	command   []string
	times     []time.Duration
	memory    int64 // KiB, the highest resident size
}

func (w *way) middle() time.Duration {
	slices.Sort(w.times)
	return w.times[len(w.times)/2]
}

func measure(rows, runs int, out string) error {
	dir, err := os.MkdirTemp("", "skep-pgspeed-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	skep := filepath.Join(dir, "skep")
	build := exec.Command("go", "build", "-o", skep, "./cmd/skep")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s%w", text, err)
	}
	server, err := pgserver.New(dir)
	if err != nil {
		return err
	}
	defer server.Stop("fast")
	for k, v := range server.Env() {
		if err := os.Setenv(k, v); err != nil {
			return err
		}
	}
	psql := func(sql string) []string {
		return []string{filepath.Join(server.Bin, "psql"), "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql}
	}
	for _, sql := range strings.Split(strings.Replace(table, "ROWS", fmt.Sprint(rows), 1), ";") {
		if _, err := run(dir, psql(sql)); err != nil {
			return err
		}
	}
	attach := "ATTACH 'postgres:' AS pg; "
	ways := []*way{
		{name: "Postgres → file", who: "psql \\copy … TO CSV", command: psql(`\copy orders TO 'orders.csv' CSV`)},
		{name: "Postgres → file", who: "skep COPY … TO Parquet", command: []string{skep, "-c", attach + "COPY (FROM pg.orders) TO 'orders.parquet'"}},
		{name: "file → Postgres", who: "psql \\copy … FROM CSV", reset: "TRUNCATE back_csv", command: psql(`\copy back_csv FROM 'orders.csv' CSV`)},
		{name: "file → Postgres", who: "skep INSERT INTO from Parquet", reset: "TRUNCATE back", command: []string{skep, "-c", attach + "INSERT INTO pg.back FROM 'orders.parquet'"}},
		{name: "file → Postgres", who: "skep INSERT OVERWRITE from Parquet", command: []string{skep, "-c", attach + "INSERT OVERWRITE pg.back FROM 'orders.parquet'"}},
	}
	for range runs {
		for _, w := range ways {
			if w.reset != "" {
				if _, err := run(dir, psql(w.reset)); err != nil {
					return err
				}
			}
			if _, err := run(dir, psql("CHECKPOINT")); err != nil { // what the turn before wrote is not this one's work
				return err
			}
			start := time.Now()
			rss, err := run(dir, w.command)
			if err != nil {
				return err
			}
			w.times, w.memory = append(w.times, time.Since(start)), max(w.memory, rss)
		}
	}
	same, err := exec.Command(psql("")[0], "-qAtX", "-c", "SELECT count(*) FROM (SELECT * FROM orders INTERSECT ALL SELECT * FROM back) x").CombinedOutput()
	if err != nil || strings.TrimSpace(string(same)) != fmt.Sprint(rows) {
		return fmt.Errorf("%s of %d rows came back: %v", same, rows, err)
	}
	return report(ways, rows, runs, out)
}

// run runs a command and gives its highest resident size in KiB.
func run(dir string, command []string) (int64, error) {
	c := exec.Command(command[0], command[1:]...)
	c.Dir = dir
	if text, err := c.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%q: %s%w", command, text, err)
	}
	return c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss, nil
}

func report(ways []*way, rows, runs int, out string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %d rows from Postgres into a file, and back\n\nWritten by `make bench-pg`: whole processes by turns on one machine with its own server, the middle one of %d runs. What came back is what was there.\n"+
		"\n- %s\n- %d cores, %s/%s, %s\n\n| | | seconds | ÷ psql | MiB |\n|---|---|--:|--:|--:|\n",
		rows, runs, time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	var base time.Duration
	var slow []string
	for _, w := range ways {
		if strings.HasPrefix(w.who, "psql") {
			base = w.middle()
		}
		ratio := float64(w.middle()) / float64(base)
		fmt.Fprintf(&b, "| %s | %s | %.2f | %.2f | %d |\n", w.name, w.who, w.middle().Seconds(), ratio, w.memory>>10)
		if ratio > most {
			slow = append(slow, w.who)
		}
	}
	fmt.Print(b.String())
	if len(slow) > 0 {
		return fmt.Errorf("more than %.1f times as long as psql: %s", most, strings.Join(slow, ", "))
	}
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}
