package skep_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skep-sql/skep"
)

func Example() {
	ctx := context.Background()
	db, err := skep.Open("") // in memory; or the folder of a warehouse
	if err != nil {
		panic(err)
	}
	defer db.Close()
	rows, err := db.Query(ctx, "SELECT name, year FROM 'testdata/movies/movies.csv' WHERE year < :y ORDER BY id", skep.Named("y", 1930))
	if err != nil {
		panic(err)
	}
	defer rows.Release()
	for rows.Next() {
		b := rows.RecordBatch()
		name, year := b.Column(0).(*array.String), b.Column(1).(*array.Int64)
		for i := range int(b.NumRows()) {
			fmt.Println(name.Value(i), year.Value(i))
		}
	}
	if err := rows.Err(); err != nil {
		panic(err)
	}
	// Output: Metropolis 1927
}

func Example_databaseSQL() {
	db, err := sql.Open("skep", "")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE t AS SELECT range AS n FROM range(10)"); err != nil {
		panic(err)
	}
	var sum int
	if err := db.QueryRow("SELECT sum(n) FROM t WHERE n > ?", 7).Scan(&sum); err != nil {
		panic(err)
	}
	fmt.Println(sum)
	// Output: 17
}
