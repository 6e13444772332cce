package catalog

import "sync"

// store has the newest state. In memory that is all; with a folder, newest is the last version that was read from it.
type store struct {
	dir  string // "" = in memory
	disk Disk

	mu     sync.Mutex
	newest *state
}

// latest gives the newest version.
func (s *store) latest() (*state, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		return s.newest, nil
	}
	return s.read()
}

// put makes next the version after latest; false: somebody else has made one.
func (s *store) put(latest, next *state, changes []change) (bool, error) {
	if s.dir != "" {
		if ok, err := s.write(next); !ok {
			return false, err
		} else if err != nil {
			return true, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" && s.newest != latest {
		return false, nil
	}
	if s.newest == nil || s.newest.version < next.version {
		s.newest = next
	}
	return true, nil
}
