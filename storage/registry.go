package storage

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
)

// Registry finds formats by name and by the ending of a file's name. It is immutable.
type Registry struct {
	byName map[string]Format
	byExt  map[string]Format
}

// Entry is a format with the file endings (without the dot) and the other names it goes by.
type Entry struct {
	Format  Format
	Endings []string
	Aliases []string
}

// NewRegistry makes a registry.
func NewRegistry(entries ...Entry) *Registry {
	r := &Registry{map[string]Format{}, map[string]Format{}}
	for _, e := range entries {
		r.byName[e.Format.Name()] = e.Format
		for _, a := range e.Aliases {
			r.byName[a] = e.Format
		}
		for _, x := range e.Endings {
			r.byExt[x] = e.Format
		}
	}
	return r
}

// Named gives the format of that name.
func (r *Registry) Named(name string) (Format, error) {
	if f := r.byName[strings.ToLower(name)]; f != nil {
		return f, nil
	}
	var names []string
	for n := range r.byName {
		names = append(names, n)
	}
	slices.Sort(names)
	return nil, sqlerr.New(sqlerr.NotFound, "unknown format %s", name).WithHint("formats are %s", strings.Join(names, ", "))
}

// ForPath gives the format that a path's ending tells, whatever compression stands behind it, or nil.
func (r *Registry) ForPath(path string) Format {
	base := strings.ToLower(filepath.Base(path))
	for _, c := range []string{".gz", ".zst", ".zstd", ".bz2"} {
		base = strings.TrimSuffix(base, c)
	}
	return r.byExt[strings.TrimPrefix(filepath.Ext(base), ".")]
}

// ForHead gives the format that the first plain bytes of a file tell: Parquet, JSON, or else CSV; nil if there is none of that name.
func (r *Registry) ForHead(head []byte) Format {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return r.byName["parquet"]
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		return r.byName["json"]
	}
	return r.byName["csv"]
}
