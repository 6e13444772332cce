// Package sets holds data sets for side-by-side runs that a generator makes from a fixed seed: one for groups, one for joins, and a wide
// table of visits to web pages. The first two have the shape of the benchmark that H2O.ai published for data frames, the third that of
// ClickBench; columns, values and the wording of the queries are our own.
//
// Rows are made piece by piece and written as Parquet by skep itself: a table is a folder of files.
package sets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skep-sql/skep"
)

// Query is a query of a set. Both systems make a table of its rows, so that none is measured by how fast Python takes them.
type Query struct {
	Name string
	SQL  string
	// Loose: rows may be any of those that fit (a LIMIT without an order); only their number is compared.
	Loose bool
}

// Set is a data set with its queries.
type Set struct {
	Name    string
	Title   string
	Tables  []Table
	Queries []Query
}

// Table is one of a set's tables.
type Table struct {
	Name    string
	Rows    int
	Columns []Column
}

// Column makes the values of a column: Fill appends those of n rows from row at on.
type Column struct {
	Name string
	Type arrow.DataType
	Fill func(b array.Builder, r *rand.Rand, at, n int)
}

// All gives the sets, with so many rows in their largest tables.
func All(rows int) []Set { return []Set{groups(rows), joins(rows), visits(rows / 4)} }

const piece = 500_000

// Write makes the files of a set in folder dir: a folder a table.
func (s *Set) Write(dir string) error {
	db, err := skep.Open("")
	if err != nil {
		return err
	}
	defer db.Close()
	for i, t := range s.Tables {
		to := filepath.Join(dir, t.Name)
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		for at := 0; at < t.Rows; at += piece {
			path := filepath.Join(to, fmt.Sprintf("part-%04d.parquet", at/piece))
			if err := t.write(db, path, uint64(i), at, min(piece, t.Rows-at)); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

func (t *Table) write(db *skep.DB, path string, seed uint64, at, n int) error {
	var fields []arrow.Field
	var cols []arrow.Array
	for i, c := range t.Columns {
		b := array.NewBuilder(memory.DefaultAllocator, c.Type)
		b.Reserve(n)
		c.Fill(b, rand.New(rand.NewPCG(seed<<32|uint64(i), uint64(at))), at, n)
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type})
		cols = append(cols, b.NewArray())
		b.Release()
	}
	schema := arrow.NewSchema(fields, nil)
	rec := array.NewRecordBatch(schema, cols, int64(n))
	data, err := array.NewRecordReader(schema, []arrow.RecordBatch{rec})
	if err != nil {
		return err
	}
	s := db.Session()
	defer s.Close()
	if err := s.Register("piece", data); err != nil {
		return err
	}
	_, err = s.Exec(context.Background(), "COPY piece TO '"+path+"' (FORMAT parquet, COMPRESSION snappy)")
	return err
}

// ints makes a column of integers.
func ints(name string, f func(r *rand.Rand, row int) int) Column {
	return Column{name, arrow.PrimitiveTypes.Int32, func(b array.Builder, r *rand.Rand, at, n int) {
		for i := range n {
			b.(*array.Int32Builder).UnsafeAppend(int32(f(r, at+i)))
		}
	}}
}

// longs makes a column of 64-bit integers.
func longs(name string, f func(r *rand.Rand, row int) int64) Column {
	return Column{name, arrow.PrimitiveTypes.Int64, func(b array.Builder, r *rand.Rand, at, n int) {
		for i := range n {
			b.(*array.Int64Builder).UnsafeAppend(f(r, at+i))
		}
	}}
}

// texts makes a column of strings.
func texts(name string, f func(r *rand.Rand, row int) string) Column {
	return Column{name, arrow.BinaryTypes.String, func(b array.Builder, r *rand.Rand, at, n int) {
		for i := range n {
			b.(*array.StringBuilder).Append(f(r, at+i))
		}
	}}
}

// doubles makes a column of doubles.
func doubles(name string, f func(r *rand.Rand, row int) float64) Column {
	return Column{name, arrow.PrimitiveTypes.Float64, func(b array.Builder, r *rand.Rand, at, n int) {
		for i := range n {
			b.(*array.Float64Builder).UnsafeAppend(f(r, at+i))
		}
	}}
}
