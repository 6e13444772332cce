package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/skep-sql/skep"
	skepfs "github.com/skep-sql/skep/storage/fs"
)

// state is what a folder's runs leave behind.
type state struct {
	Nodes map[string]*nodeState `json:"nodes"`
	Last  lastRun               `json:"last_run"`

	path   string
	mu     sync.Mutex      // of Nodes and mine: nodes run side by side
	mine   map[string]bool // what this run has changed
	before []string        // done in the run before
}

// nodeState is what a node's last good run had.
type nodeState struct {
	Script  string            `json:"script"` // a hash of its text, parameters and setup
	Inputs  map[string]string `json:"inputs"`
	Outputs map[string]string `json:"outputs"`
}

type lastRun struct {
	Failed bool     `json:"failed"`
	Params string   `json:"params"`
	Done   []string `json:"done"`
}

// statePath is where the state of a folder lies: in the warehouse, or in the user's state folder.
func statePath(dir, warehouse string) string {
	sum := sha256.Sum256([]byte(dir))
	name := filepath.Base(dir) + "-" + hex.EncodeToString(sum[:6]) + ".json"
	if warehouse != "" {
		return filepath.Join(warehouse, "_pipelines", name)
	}
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			home = os.TempDir()
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "skep", "pipelines", name)
}

// loadState reads the state; one that is missing or damaged is as if nothing had run.
func loadState(path string) *state {
	s := &state{path: path, mine: map[string]bool{}}
	if text, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(text, s)
	}
	if s.Nodes == nil {
		s.Nodes = map[string]*nodeState{}
	}
	s.before, s.Last.Done = s.Last.Done, nil
	return s
}

// save writes the state. Of nodes that this run has not touched, another run of the same folder may have written: a scheduler runs each by itself.
func (s *state) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, n := range loadState(s.path).Nodes {
		if !s.mine[name] {
			s.Nodes[name] = n
		}
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	return skepfs.WriteAtomic(s.path, append(text, '\n'))
}

// scriptHash covers what a node says: the parameters are in its text, or passed beside it.
func (g *Graph) scriptHash(n *Node, params map[string]string) string {
	h := sha256.New()
	for _, s := range g.Setup {
		fmt.Fprintf(h, "%s\x00%s\x00", s.Name, s.Text)
	}
	fmt.Fprintf(h, "%s\x00", n.Text)
	for _, p := range n.Params {
		fmt.Fprintf(h, "%s=%s\x00", p, params[p])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// prints gives the fingerprints of things. known is false if one cannot be told.
func prints(ctx context.Context, sess *skep.Session, things []Thing) (out map[string]string, known bool) {
	out, known = map[string]string{}, true
	for _, t := range things {
		var p string
		var err error
		if t.File {
			p = filesPrint(t.Name)
		} else {
			p, err = sess.Fingerprint(ctx, strings.Split(t.Name, ".")...)
		}
		if err != nil || p == "" {
			known = false
		}
		out[t.String()] = p
	}
	return out, known
}

// filesPrint gives the names, sizes and times of files; "" for what is no file of this machine.
func filesPrint(pattern string) string {
	if strings.Contains(pattern, "://") || pattern == "-" {
		return ""
	}
	list := []string{pattern}
	if _, err := os.Stat(pattern); err != nil {
		if list, err = doublestar.FilepathGlob(pattern); err != nil {
			return ""
		}
	}
	h := sha256.New()
	n := 0
	for _, root := range list {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				n++
				fmt.Fprintf(h, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
			}
			return err
		})
		if err != nil {
			return ""
		}
	}
	if n == 0 {
		return "none"
	}
	return hex.EncodeToString(h.Sum(nil))
}

// same tells whether a node need not run: its script, parameters, inputs and outputs are those of its last good run.
func (s *state) same(n *Node, script string, inputs, outputs map[string]string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.Nodes[n.Name]
	return old != nil && old.Script == script && maps.Equal(old.Inputs, inputs) && maps.Equal(old.Outputs, outputs)
}

// done tells whether a node was done in the run that is resumed.
func (s *state) done(name string) bool { return slices.Contains(s.before, name) }

// forget says that a node has begun.
func (s *state) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mine[name] = true
	delete(s.Nodes, name)
}

// keep says what a node's good run had.
func (s *state) keep(name string, n *nodeState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mine[name] = true
	s.Nodes[name] = n
}
