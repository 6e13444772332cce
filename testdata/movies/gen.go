//go:build ignore

// This program makes ratings.csv.gz and ratings.parquet beside movies.csv: made-up ratings of real films, always the same ones.
//
//	go run testdata/movies/gen.go
//
// Every film has a quality and a popularity of its own, every user a mood; a rating is their sum and some noise, in half stars.
// The CSV text is the source; the Parquet file is the same rows, copied by skep itself.
package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/skep-sql/skep"
)

const (
	dir     = "testdata/movies"
	films   = 160
	users   = 2500
	ratings = 40000
)

func main() {
	csv := filepath.Join(dir, "ratings.csv.gz")
	if err := writeCSV(csv); err != nil {
		log.Fatal(err)
	}
	if err := copyToParquet(csv, filepath.Join(dir, "ratings.parquet")); err != nil {
		log.Fatal(err)
	}
}

type rating struct {
	user, movie int
	half        int // half stars
	at          time.Time
}

// draw makes the ratings; no user rates a film twice.
func draw() []rating {
	rnd := rand.New(rand.NewPCG(1927, 2008))
	quality, until := make([]float64, films), make([]float64, films)
	sum := 0.0
	for i := range quality {
		quality[i] = 3.6 + 0.45*rnd.NormFloat64()
		sum += math.Exp(0.8 * rnd.NormFloat64())
		until[i] = sum
	}
	mood := make([]float64, users)
	for i := range mood {
		mood[i] = 0.4 * rnd.NormFloat64()
	}
	begin := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	seen := map[[2]int]bool{}
	var out []rating
	for len(out) < ratings {
		u := int(float64(users) * math.Pow(rnd.Float64(), 1.7)) // some users rate far more than others
		m := sort.SearchFloat64s(until, rnd.Float64()*sum)
		if seen[[2]int{u, m}] {
			continue
		}
		seen[[2]int{u, m}] = true
		half := int(math.Round(2 * (quality[m] + mood[u] + 0.7*rnd.NormFloat64())))
		at := begin.Add(time.Duration(rnd.IntN(10*365*86400)) * time.Second)
		out = append(out, rating{u + 1, m + 1, min(max(half, 1), 10), at})
	}
	sort.Slice(out, func(a, b int) bool { return out[a].at.Before(out[b].at) })
	return out
}

func writeCSV(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	w := bufio.NewWriter(z)
	fmt.Fprintln(w, "user_id,movie_id,rating,rated_at")
	for _, r := range draw() {
		fmt.Fprintf(w, "%d,%d,%d.%d,%s\n", r.user, r.movie, r.half/2, r.half%2*5, r.at.Format("2006-01-02 15:04:05"))
	}
	for _, step := range []func() error{w.Flush, z.Close, f.Close} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func copyToParquet(from, to string) error {
	db, err := skep.Open("")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(context.Background(), fmt.Sprintf(`COPY (
		SELECT user_id, movie_id,
		       CAST(rating AS DECIMAL(2,1)) AS rating, CAST(rated_at AS TIMESTAMP) AS rated_at
		FROM '%s') TO '%s'`, from, to))
	return err
}
