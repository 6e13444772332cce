// Package secret keeps what opens databases of other systems: names, each with the words of an address, a password among them. Those of a session lie in memory, persistent
// ones in a file each that only its owner may read. Nothing here writes a password into an error.
package secret

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/skep-sql/skep/catalog/sqlerr"
	skepfs "github.com/skep-sql/skep/storage/fs"
)

// Secret is a named set of words for the addresses of a system.
type Secret struct {
	Name       string            `json:"name"`
	Type       string            `json:"type"` // the system: postgres
	Words      map[string]string `json:"words"`
	Persistent bool              `json:"-"`
}

// Store has the secrets of a session before those of the user. It belongs to one goroutine.
type Store struct {
	dir    string
	memory map[string]*Secret // by name in lower case
}

// NewStore gives a store whose persistent secrets lie in dir; "" has no place for them.
func NewStore(dir string) *Store { return &Store{dir: dir, memory: map[string]*Secret{}} }

// Dir gives the user's folder of persistent secrets, or "".
func Dir() string {
	base := os.Getenv("XDG_CONFIG_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "skep", "secrets")
}

const ending = ".json"

func (s *Store) path(name string) string {
	return filepath.Join(s.dir, url.PathEscape(strings.ToLower(name))+ending)
}

// Get gives a secret, or nil if there is none of that name.
func (s *Store) Get(name string) (*Secret, error) {
	if x := s.memory[strings.ToLower(name)]; x != nil {
		return x, nil
	}
	if s.dir == "" {
		return nil, nil
	}
	return read(s.path(name))
}

// read reads a file of a secret; the result is nil if there is none.
func read(path string) (*Secret, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read the secret %s", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, sqlerr.New(sqlerr.Bind, "others may read the secret %s, so it is not used", path).WithHint("chmod 600 %s", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot read the secret %s", path)
	}
	x := &Secret{Persistent: true}
	if json.Unmarshal(text, x) != nil || x.Name == "" { // its error would quote the file
		return nil, sqlerr.New(sqlerr.Data, "the file of the secret %s is damaged", path).WithHint("CREATE OR REPLACE PERSISTENT SECRET writes it anew")
	}
	return x, nil
}

// Put keeps a secret, in the place of one of that name.
func (s *Store) Put(x *Secret) error {
	if !x.Persistent {
		s.memory[strings.ToLower(x.Name)] = x
		return nil
	}
	if s.dir == "" {
		return sqlerr.New(sqlerr.IO, "there is no folder for persistent secrets").WithHint("set HOME or XDG_CONFIG_HOME")
	}
	text, err := json.MarshalIndent(x, "", "  ")
	if err == nil {
		err = os.MkdirAll(s.dir, 0o700)
	}
	if err == nil {
		err = skepfs.WriteAtomic(s.path(x.Name), append(text, '\n')) // of mode 0600
	}
	if err != nil {
		return sqlerr.Wrap(sqlerr.IO, err, "the secret %s cannot be kept", x.Name)
	}
	delete(s.memory, strings.ToLower(x.Name)) // it would hide this one
	return nil
}

// Drop forgets a secret, that of the session first, and tells whether there was one.
func (s *Store) Drop(name string) (bool, error) {
	if key := strings.ToLower(name); s.memory[key] != nil {
		delete(s.memory, key)
		return true, nil
	}
	if s.dir == "" {
		return false, nil
	}
	err := os.Remove(s.path(name))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err == nil, nil
	}
	return false, sqlerr.Wrap(sqlerr.IO, err, "the secret %s cannot be dropped", name)
}

// List gives the secrets by name; one that cannot be read is an error.
func (s *Store) List() ([]*Secret, error) {
	var out []*Secret
	for _, x := range s.memory {
		out = append(out, x)
	}
	if s.dir != "" {
		files, err := os.ReadDir(s.dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, sqlerr.Wrap(sqlerr.IO, err, "cannot list the secrets")
		}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ending) {
				continue
			}
			x, err := read(filepath.Join(s.dir, f.Name()))
			if err != nil {
				return nil, err
			}
			if x != nil && s.memory[strings.ToLower(x.Name)] == nil {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Secret) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out, nil
}
