package parquet

import (
	"fmt"
	"os"

	"github.com/skep-sql/skep/storage"
)

// pruner decides what of a file a scan can leave out.
type pruner struct {
	t *table
	h *os.File
}

func (p *pruner) keep(g int, preds []storage.Pred) bool { return true }

func (p *pruner) spans(g int, preds []storage.Pred) []rows {
	return []rows{{0, p.t.meta.groups[g].rows}}
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Stats is todo.
func (t *table) Stats() *storage.Stats { return &storage.Stats{Rows: t.meta.rows} }
