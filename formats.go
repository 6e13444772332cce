package skep

import (
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/parquet"
)

// formats are the file formats of every database.
var formats = storage.NewRegistry(
	storage.Entry{Format: parquet.New(), Endings: []string{"parquet", "parq", "pq"}},
)
