package json

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skep-sql/skep/catalog/types"
	"github.com/skep-sql/skep/exec/kernel"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
	"github.com/skep-sql/skep/storage/fs"
)

const null = "<null>"

// how says how a test reads a file.
type how struct {
	chunk, workers, batch int
	cols                  []int
	limit                 int64
	declared              []types.Field
}

// result is what came of it.
type result struct {
	names    []string
	types    []string
	rows     [][]string
	bad      []storage.BadRecord
	notes    []string
	restarts int
}

func (r result) String() string {
	var b strings.Builder
	for i := range r.names {
		fmt.Fprintf(&b, "%s %s|", r.names[i], r.types[i])
	}
	b.WriteByte('\n')
	for _, row := range r.rows {
		fmt.Fprintf(&b, "%q\n", row)
	}
	return b.String()
}

func write(t testing.TB, name, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func opt(kv ...string) storage.Options {
	o := storage.Options{}
	for i := 0; i < len(kv); i += 2 {
		o[kv[i]] = storage.Option{Text: kv[i+1], Pos: -1}
	}
	return o
}

func fields(kv ...string) storage.Option {
	o := storage.Option{Pos: -1}
	for i := 0; i < len(kv); i += 2 {
		o.Keys, o.List = append(o.Keys, kv[i]), append(o.List, storage.Option{Text: kv[i+1], Pos: -1})
	}
	return o
}

// read reads all rows, starting over when a guess is disproved.
func read(path string, opts storage.Options, h how) (result, error) {
	var res result
	f, err := fs.Stat(path)
	if err != nil {
		return res, err
	}
	var mu sync.Mutex
	env := &storage.Env{
		Note: func(n string) { mu.Lock(); res.notes = append(res.notes, n); mu.Unlock() },
		Bad:  func(b storage.BadRecord) { mu.Lock(); res.bad = append(res.bad, b); mu.Unlock() },
	}
	st, err := New().(storage.Declarer).OpenDeclared(context.Background(), env, f, opts, h.declared)
	if err != nil {
		return res, err
	}
	tab := st.(*table)
	if h.chunk > 0 {
		tab.conf.chunk = h.chunk
	}
	for {
		res.bad = nil
		err := scan(tab, env, h, &res)
		var again *storage.RestartError
		if !errors.As(err, &again) {
			slices.SortFunc(res.bad, func(a, b storage.BadRecord) int { return int(a.Line - b.Line) })
			return res, err
		}
		again.Apply()
		res.notes = append(res.notes, again.Note)
		if res.restarts++; res.restarts > 100 {
			return res, errors.New("too many restarts")
		}
	}
}

type placed struct {
	morsel int64
	seq    int32
	rows   [][]string
}

func scan(tab storage.Table, env *storage.Env, h how, res *result) error {
	res.names, res.types, res.rows = nil, nil, nil
	cols := h.cols
	for i, c := range tab.Schema() {
		if h.cols == nil && !c.Hidden {
			cols = append(cols, i)
		}
		res.names, res.types = append(res.names, c.Name), append(res.types, c.Type.String())
	}
	workers := max(h.workers, 1)
	src, err := tab.Scan(context.Background(), &storage.Scan{Columns: cols, BatchSize: h.batch, Workers: workers, Env: env, Limit: h.limit})
	if err != nil {
		return err
	}
	defer src.Close()
	var mu sync.Mutex
	var out []placed
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[w] = drain(src, func(p placed) { mu.Lock(); out = append(out, p); mu.Unlock() })
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	slices.SortFunc(out, func(a, b placed) int {
		if a.morsel != b.morsel {
			return int(a.morsel - b.morsel)
		}
		return int(a.seq - b.seq)
	})
	for _, p := range out {
		res.rows = append(res.rows, p.rows...)
	}
	return nil
}

func drain(src storage.Source, take func(placed)) error {
	cur, err := src.Cursor()
	if err != nil {
		return err
	}
	defer cur.Close()
	for {
		b, err := cur.Next(context.Background())
		if err != nil || b == nil {
			return err
		}
		take(placed{b.Morsel, b.Seq, rowsOf(b)})
	}
}

func rowsOf(b *vec.Batch) [][]string {
	sel := b.Sel
	if sel == nil {
		sel = vec.Identity(b.N)
	}
	var rows [][]string
	for _, i := range sel {
		row := make([]string, len(b.Cols))
		for j, v := range b.Cols {
			if row[j] = null; !v.IsNull(int(i)) {
				f, k := v.At(int(i))
				row[j] = string(kernel.AppendText(nil, f, k))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// ways are ways of reading that must all give the same.
func ways(size int) []how {
	w := []how{{workers: 1}, {chunk: 1 << 20, workers: 2, batch: 1}, {chunk: 7, workers: 2, batch: 3}, {chunk: 64, workers: 1}, {chunk: 100, workers: 3}}
	if size < 20_000 {
		w = append(w, how{chunk: 1, workers: 2}, how{chunk: 3, workers: 1})
	}
	return w
}
