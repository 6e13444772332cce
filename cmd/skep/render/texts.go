package render

import "github.com/skep-sql/skep/exec/vec"

// Texts gives the rows of a batch as text, NULL as "".
func Texts(b *vec.Batch) [][]string {
	var out [][]string
	for _, i := range selection(b) {
		row := make([]string, len(b.Cols))
		for k, v := range b.Cols {
			if !v.IsNull(int(i)) {
				row[k] = string(appendValue(nil, v, int(i), nil))
			}
		}
		out = append(out, row)
	}
	return out
}
