package skep

import (
	"context"

	"github.com/skep-sql/skep/exec/command"
	"github.com/skep-sql/skep/parser"
)

// Look runs a statement that only looks, such as SHOW or DESCRIBE, beside the work of the session: counts, notes and set-aside rows of the
// last statement stay as they are. A prompt completes names with it.
func (s *Session) Look(ctx context.Context, sql string) (*command.Result, error) {
	stmt, err := parser.ParseOne(sql)
	if err != nil {
		return nil, err
	}
	cmd := *s.cmd
	cmd.Session = s.cmd.Session.Beside()
	return command.Run(ctx, &cmd, sql, stmt, nil)
}

// Progress tells how far the running statement is: rows and bytes read so far, and the bytes that the scans begun so far have to read, as
// far as known. It may be called while the statement runs.
func (s *Session) Progress() (rows, done, total int64) {
	done, total = s.env.Reads.Progress()
	return s.env.Reads.Rows.Load(), done, total
}

// PeakMemory gives the most bytes that queries have reserved at a time since the last statement began.
func (s *Session) PeakMemory() int64 { return s.db.mem.Peak() }

// SetBase changes the folder that relative paths start from.
func (s *Session) SetBase(dir string) { s.env.Base = dir }

// DryRun makes every statement from now on a rehearsal: it is parsed, bound and planned, and what it creates or drops is known to those
// after it, but no rows are read or written, and the warehouse stays as it is.
func (s *Session) DryRun() {
	s.cmd.Session.Catalog = s.cmd.Session.Catalog.Clone()
	s.cmd.Dry = true
}
