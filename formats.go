package skep

import (
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/csv"
	"github.com/skep-sql/skep/storage/db"
	"github.com/skep-sql/skep/storage/db/postgres"
	"github.com/skep-sql/skep/storage/json"
	"github.com/skep-sql/skep/storage/parquet"
)

// formats are the file formats of every database.
var formats = storage.NewRegistry(
	storage.Entry{Format: parquet.New(), Endings: []string{"parquet", "parq", "pq"}},
	storage.Entry{Format: csv.New(), Endings: []string{"csv", "tsv", "psv", "tbl", "txt", "dat"}},
	storage.Entry{Format: csv.NewText(), Aliases: []string{"text"}},
	storage.Entry{Format: json.New(), Endings: []string{"json", "ndjson", "jsonl"}, Aliases: []string{"ndjson", "jsonl", "jsonfile"}},
)

// drivers open the databases that ATTACH knows.
var drivers = []db.Driver{postgres.Driver{}}
