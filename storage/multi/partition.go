package multi

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
)

// nullName is what Hive names the folder of rows without a value.
const nullName = "__HIVE_DEFAULT_PARTITION__"

// key is the value of a partition column in one file: a Const vector's memory.
type key struct {
	name, text string
	null       bool
	v          *vec.Vector // one flat row
}

// folders reads the k=v folders of a path.
func folders(rel string) []key {
	var out []key
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for _, p := range parts[:len(parts)-1] {
		name, text, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			continue
		}
		out = append(out, key{name: decoded(name), text: decoded(text), null: text == nullName})
	}
	return out
}

func decoded(s string) string {
	if d, err := url.PathUnescape(s); err == nil {
		return d
	}
	return s
}

// partitions finds the partition columns and each file's values of them.
func (t *table) partitions(s Source, files []found) ([][]key, error) {
	out := make([][]key, len(files))
	if s.Partitions != nil {
		t.keys = s.Partitions
		for i, f := range files {
			if s.Values != nil {
				for j, text := range s.Values[i] {
					k := key{name: s.Partitions[j].Name, null: text == nil}
					if text != nil {
						k.text = *text
					}
					out[i] = append(out[i], k)
				}
				continue
			}
			have := folders(f.rel)
			for _, col := range s.Partitions {
				k := pick(have, col.Name)
				if k == nil {
					return nil, sqlerr.New(sqlerr.Data, "%s lies in no folder %s=…", f.Path, col.Name)
				}
				out[i] = append(out[i], *k)
			}
		}
		return out, t.fillKeys(files, out)
	}
	if !t.set.hive || s.Files != nil || s.Columns != nil || len(files) == 0 {
		return out, nil
	}
	first := folders(files[0].rel)
	for i, f := range files {
		have := folders(f.rel)
		if len(have) != len(first) {
			return make([][]key, len(files)), nil // not a partitioned folder after all
		}
		for _, col := range first {
			k := pick(have, col.name)
			if k == nil {
				return make([][]key, len(files)), nil
			}
			out[i] = append(out[i], *k)
		}
	}
	for j, col := range first {
		typ := types.TBigInt
		values := 0
		for i := range files {
			if k := &out[i][j]; !k.null {
				values++
				if !isInteger(k.text) {
					typ = types.TVarchar
				}
			}
		}
		if values == 0 {
			typ = types.TVarchar
		}
		t.keys = append(t.keys, types.Field{Name: col.name, Type: typ})
	}
	return out, t.fillKeys(files, out)
}

func pick(keys []key, name string) *key {
	for i := range keys {
		if strings.EqualFold(keys[i].name, name) {
			return &keys[i]
		}
	}
	return nil
}

// isInteger tells whether s is a BIGINT without needless zeros or signs.
func isInteger(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == s
}

// fillKeys makes the values.
func (t *table) fillKeys(files []found, keys [][]key) error {
	for i := range keys {
		for j := range keys[i] {
			k, typ := &keys[i][j], t.keys[j].Type
			k.v = vec.New(typ, 1)
			if k.null {
				k.v.SetNull(0)
				continue
			}
			if why := kernel.ParseInto([]byte(k.text), typ, nil, k.v, 0); why != "" {
				return sqlerr.New(sqlerr.Data, "%s: '%s' is no %s of partition column %s: %s", files[i].Path, k.text, typ, t.keys[j].Name, why)
			}
		}
	}
	return nil
}
