package parquet

import (
	"io"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/storage"
)

func (parquetFormat) Create(w io.Writer, _ *storage.Env, cols []types.Field, opts storage.Options) (storage.Writer, error) {
	return nil, sqlerr.New(sqlerr.Unsupported, "later")
}
