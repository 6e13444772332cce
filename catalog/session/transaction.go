package session

import (
	"strings"

	"github.com/skep-sql/skep/catalog"
	"github.com/skep-sql/skep/catalog/sqlerr"
	"github.com/skep-sql/skep/storage/db"
)

// Transaction is what a session knows of the transaction that it is in.
type Transaction struct {
	open   bool
	failed bool // a statement failed: only its end is left
	begin  marks
	points []savepoint
}

// marks are places to go back to in the session's two catalogs.
type marks struct{ own, temp catalog.Mark }

type savepoint struct {
	name string
	marks
}

// InTransaction tells whether a transaction is open.
func (s *Session) InTransaction() bool { return s.open }

// Failed tells whether a statement of the open transaction failed.
func (s *Session) Failed() bool { return s.failed }

// Statement runs f as one statement, but not one that begins or ends a transaction: what it changes is published as one version when it ends well, or waits for the end of the open
// transaction; when it fails, nothing of it is left.
func (s *Session) Statement(operation string, f func() error) error {
	if err := s.Catalog.Refresh(); err != nil {
		return err
	}
	m := s.hold()
	err := f()
	if err == nil && !s.open {
		err = s.publish(operation)
	}
	if err != nil {
		s.reset(m)
		s.failed = s.open
	}
	return err
}

func (s *Session) hold() marks { return marks{s.Catalog.Hold(), s.temp.Hold()} }

func (s *Session) reset(m marks) {
	s.Catalog.Reset(m.own)
	s.temp.Reset(m.temp)
}

// publish makes the changes known: those that may fail first.
func (s *Session) publish(operation string) error {
	if err := s.Catalog.Publish(db.Redact(operation)); err != nil {
		return err
	}
	return s.temp.Publish(operation)
}

// Begin opens a transaction: its statements see the version that is the newest now, and their changes become known together.
func (s *Session) Begin() error {
	if s.open {
		return sqlerr.New(sqlerr.Exists, "a transaction is open already").WithHint("COMMIT or ROLLBACK ends it")
	}
	if err := s.Catalog.Refresh(); err != nil {
		return err
	}
	s.Transaction = Transaction{open: true, begin: s.hold()}
	return nil
}

// Commit ends the transaction and makes its changes known, as one version; false: a statement failed, so that it was rolled back.
func (s *Session) Commit(operation string) (bool, error) {
	if !s.open {
		return false, errNoTransaction()
	}
	if s.failed {
		return false, s.Rollback()
	}
	s.Transaction = Transaction{}
	return true, s.publish(operation)
}

// Rollback ends the transaction without its changes.
func (s *Session) Rollback() error {
	if !s.open {
		return errNoTransaction()
	}
	s.reset(s.begin)
	s.Transaction = Transaction{}
	return nil
}

func errNoTransaction() error {
	return sqlerr.New(sqlerr.NotFound, "no transaction is open").WithHint("BEGIN opens one")
}

// Savepoint marks a place in the transaction.
func (s *Session) Savepoint(name string) error {
	if !s.open {
		return errNoTransaction()
	}
	s.points = append(s.points, savepoint{name, s.hold()})
	return nil
}

// Release forgets a savepoint and those after it; with back their changes are undone, and the savepoint stays.
func (s *Session) Release(name string, back bool) error {
	if !s.open {
		return errNoTransaction()
	}
	for i := len(s.points) - 1; i >= 0; i-- {
		if !strings.EqualFold(s.points[i].name, name) {
			continue
		}
		if back {
			s.reset(s.points[i].marks)
			s.points, s.failed = s.points[:i+1], false
		} else {
			s.points = s.points[:i]
		}
		return nil
	}
	return sqlerr.New(sqlerr.NotFound, "savepoint %s does not exist", name)
}
