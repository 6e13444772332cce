package skep_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/skep-sql/skep"
	"github.com/skep-sql/skep/parser"
)

const movies = "testdata/movies/"

// oracle averages the ratings of each film in plain Go: "name: count average".
func oracle(t *testing.T) []string {
	t.Helper()
	read := func(path string) [][]string {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var r io.Reader = f
		if strings.HasSuffix(path, ".gz") {
			if r, err = gzip.NewReader(f); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := csv.NewReader(r).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	sum, count := map[string]float64{}, map[string]int{}
	for _, r := range read(movies + "ratings.csv.gz") {
		x, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum[r[1]] += x
		count[r[1]]++
	}
	var out []string
	for _, m := range read(movies + "movies.csv") {
		if n := count[m[0]]; n > 0 {
			out = append(out, fmt.Sprintf("%s: %d %.3f", m[1], n, math.Round(sum[m[0]]/float64(n)*1000)/1000))
		}
	}
	slices.Sort(out)
	return out
}

// TestMovies runs the job of testdata/movies over both files of ratings, and compares it with plain Go.
func TestMovies(t *testing.T) {
	text, err := os.ReadFile(movies + "job.sql")
	if err != nil {
		t.Fatal(err)
	}
	want := oracle(t)
	if len(want) < 150 {
		t.Fatalf("only %d films are rated", len(want))
	}
	for _, ratings := range []string{"ratings.parquet", "ratings.csv.gz"} {
		for _, threads := range []string{"1", "8"} {
			t.Run(ratings+"/"+threads, func(t *testing.T) {
				out := filepath.Join(t.TempDir(), "out.parquet")
				script := strings.ReplaceAll(string(text), "ratings.parquet';\n\n", ratings+"';\n\n")
				script = strings.ReplaceAll(script, "film_ratings.parquet", out)
				if !strings.Contains(script, movies+ratings) || !strings.Contains(script, out) {
					t.Fatal("job.sql does not name the files that this test replaces")
				}
				runJob(t, script, threads, out, want)
			})
		}
	}
}

func runJob(t *testing.T, script, threads, out string, want []string) {
	t.Helper()
	db, err := skep.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := db.Session()
	defer s.Close()
	if err := s.Set("threads", threads); err != nil {
		t.Fatal(err)
	}
	stmts, _, _ := parser.Split(script)
	for _, stmt := range stmts {
		if _, err := s.Exec(context.Background(), stmt.Text); err != nil {
			t.Fatalf("%s\n%v", stmt.Text, err)
		}
	}
	for _, from := range []string{"film_ratings", "'" + out + "'"} {
		r, err := s.Query(context.Background(), "SELECT name, ratings, average FROM "+from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for r.Next() {
			b := r.RecordBatch()
			for i := range int(b.NumRows()) {
				avg, err := strconv.ParseFloat(b.Column(2).ValueStr(i), 64)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%s: %s %.3f", b.Column(0).ValueStr(i), b.Column(1).ValueStr(i), avg))
			}
		}
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		r.Release()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s differs from plain Go:\n%s\nwant\n%s", from, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
