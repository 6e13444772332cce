package secret

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "skep", "secrets")
	s := NewStore(dir)
	for _, x := range []*Secret{{Name: "a/../b", Type: "postgres", Words: map[string]string{"password": "p"}, Persistent: true}, {Name: "M", Type: "postgres"}} {
		if err := s.Put(x); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "a%2F..%2Fb.json")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	other := NewStore(dir) // of another session
	if x, err := other.Get("A/../B"); err != nil || x == nil || x.Words["password"] != "p" || !x.Persistent {
		t.Error(x, err)
	}
	if x, err := other.Get("m"); x != nil || err != nil {
		t.Error(x, err)
	}
	if list, err := s.List(); err != nil || len(list) != 2 || list[0].Name != "a/../b" || list[1].Name != "M" {
		t.Error(list, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Get("a/../b"); err == nil {
		t.Error("a file that others may read is used")
	}
	if ok, err := s.Drop("a/../b"); !ok || err != nil {
		t.Error(ok, err)
	}
	if ok, err := s.Drop("a/../b"); ok || err != nil {
		t.Error(ok, err)
	}
}
