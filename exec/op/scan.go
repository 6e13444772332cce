package op

import (
	"context"

	"github.com/skep-sql/skep/exec/flow"
	"github.com/skep-sql/skep/exec/vec"
	"github.com/skep-sql/skep/storage"
)

// Scan reads a table. It is a flow.Source. BatchSize, Workers and Env of the storage scan are filled in from the task.
type Scan struct {
	Table   storage.Table
	Scan    storage.Scan
	Runtime []RuntimeFilter

	src   storage.Source
	reads *storage.Reads
}

// RuntimeFilter narrows a scan to rows that can find a partner in a finished join build side: column Column (a position in
// Scan.Columns) is the probe side of key Key of From, without a cast. It is for joins that drop probe rows without a partner,
// and the pipeline of the scan must come after the one that builds From.
type RuntimeFilter struct {
	Column int
	From   *JoinBuild
	Key    int
}

// Open opens the table's scan with the filters that the finished joins yield.
func (s *Scan) Open(t *flow.Task) error {
	sc := s.Scan
	sc.BatchSize, sc.Workers, sc.Env = batchSize(t), max(t.Workers, 1), t.Env
	if len(s.Runtime) > 0 {
		sc.Prune = append([]storage.Pred(nil), sc.Prune...)
		sc.Refine = append([]storage.Refine(nil), sc.Refine...)
	}
	for _, r := range s.Runtime {
		prune, refine := r.From.filter(r.Key, r.Column)
		if prune != nil {
			for i := range prune {
				prune[i].Col = sc.Columns[r.Column]
			}
			sc.Prune = append(sc.Prune, prune...)
		}
		if refine != nil {
			sc.Refine = append(sc.Refine, *refine)
			sc.Limit = 0
		}
	}
	if t.Env != nil {
		s.reads = t.Env.Reads
	}
	var err error
	s.src, err = s.Table.Scan(t.Ctx, &sc)
	if err == nil && s.reads != nil {
		s.reads.Opened(s.src)
	}
	return err
}

// Cursor makes a worker's cursor.
func (s *Scan) Cursor(t *flow.Task) (flow.Cursor, error) {
	c, err := s.src.Cursor()
	if err != nil || t.Env == nil || t.Env.Reads == nil {
		return c, err
	}
	return &countingCursor{Cursor: c, reads: t.Env.Reads}, nil
}

// countingCursor counts the rows that a worker reads.
type countingCursor struct {
	storage.Cursor
	reads *storage.Reads
	rows  int64
}

func (c *countingCursor) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := c.Cursor.Next(ctx)
	if b != nil {
		if c.rows += int64(b.N); c.rows >= 1<<16 { // now and then, for those who watch
			c.reads.Rows.Add(c.rows)
			c.rows = 0
		}
	}
	return b, err
}

func (c *countingCursor) Close() error {
	c.reads.Rows.Add(c.rows)
	c.rows = 0
	return c.Cursor.Close()
}

// Progress gives the bytes read and to be read, as far as known; nothing before Open.
func (s *Scan) Progress() (done, total int64) {
	if s.src == nil {
		return 0, 0
	}
	return s.src.Progress()
}

// Close closes the table's scan.
func (s *Scan) Close() error {
	if s.src == nil {
		return nil
	}
	if s.reads != nil {
		s.reads.Closed(s.src)
		s.reads = nil
	}
	return s.src.Close()
}

// UnionSource gives the rows of several sources one after the other, in order: UNION ALL of sources without stages of their
// own. It is a flow.Source.
type UnionSource struct {
	Sources []flow.Source

	opened int
}

// Open opens all sources.
func (u *UnionSource) Open(t *flow.Task) error {
	for _, s := range u.Sources {
		u.opened++
		if err := s.Open(t); err != nil {
			return err
		}
	}
	return nil
}

// Cursor makes a worker's cursors of all sources.
func (u *UnionSource) Cursor(t *flow.Task) (flow.Cursor, error) {
	c := &unionCursor{}
	for _, s := range u.Sources {
		k, err := s.Cursor(t)
		if err != nil {
			_ = c.Close()
			return nil, err
		}
		c.cursors = append(c.cursors, k)
	}
	return c, nil
}

// Close closes the sources that were opened.
func (u *UnionSource) Close() error {
	var first error
	for _, s := range u.Sources[:u.opened] {
		if err := s.Close(); first == nil {
			first = err
		}
	}
	return first
}

// unionBits is where the number of the branch begins in a morsel number.
const unionBits = 40

type unionCursor struct {
	cursors []flow.Cursor
	at      int
	out     vec.Batch
}

func (c *unionCursor) Next(ctx context.Context) (*vec.Batch, error) {
	for ; c.at < len(c.cursors); c.at++ {
		b, err := c.cursors[c.at].Next(ctx)
		if err != nil {
			return nil, err
		}
		if b != nil {
			c.out = *b
			c.out.Morsel += int64(c.at) << unionBits
			return &c.out, nil
		}
	}
	return nil, nil
}

func (c *unionCursor) Close() error {
	var first error
	for _, k := range c.cursors {
		if err := k.Close(); first == nil {
			first = err
		}
	}
	return first
}
