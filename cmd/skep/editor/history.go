package editor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// History is a list of whole statements, the newest last, without doubles. With a file it lasts: each entry is a line of JSON, which
// may hold newlines; sessions at the same time append, and one that opens a file grown too long writes it anew.
type History struct {
	Max     int // entries
	path    string
	entries []string
}

// maxEntry is the longest statement that is kept.
const maxEntry = 1 << 20

// OpenHistory reads the history of a file; "" is one that does not last. A file that cannot be read is an empty history.
func OpenHistory(path string) *History {
	h := &History{Max: 5000, path: path}
	if path == "" {
		return h
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return h
	}
	lines := 0
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 8*maxEntry)
	var all []string
	for sc.Scan() {
		var s string
		if json.Unmarshal(sc.Bytes(), &s) == nil && s != "" {
			all = append(all, s)
		}
		lines++
	}
	seen := map[string]bool{}
	for i := len(all) - 1; i >= 0 && len(h.entries) < h.Max; i-- {
		if !seen[all[i]] {
			seen[all[i]] = true
			h.entries = append(h.entries, all[i])
		}
	}
	for i, j := 0, len(h.entries)-1; i < j; i, j = i+1, j-1 {
		h.entries[i], h.entries[j] = h.entries[j], h.entries[i]
	}
	if lines > 2*len(h.entries)+100 {
		h.compact()
	}
	return h
}

// compact writes the file anew.
func (h *History) compact() {
	f, err := os.CreateTemp(filepath.Dir(h.path), ".history-*")
	if err != nil {
		return
	}
	w := bufio.NewWriter(f)
	for _, e := range h.entries {
		_, _ = w.Write(encode(e))
	}
	err = w.Flush()
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), h.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}

func encode(s string) []byte {
	line, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	return append(line, '\n')
}

// Add puts a statement at the end, and takes away the same one before.
func (h *History) Add(s string) {
	s = strings.TrimRight(s, " \t\n")
	if strings.TrimSpace(s) == "" || len(s) > maxEntry {
		return
	}
	if n := len(h.entries); n > 0 && h.entries[n-1] == s {
		return
	}
	for i, e := range h.entries {
		if e == s {
			h.entries = append(h.entries[:i:i], h.entries[i+1:]...)
			break
		}
	}
	if h.entries = append(h.entries, s); len(h.entries) > h.Max {
		h.entries = h.entries[1:]
	}
	if h.path == "" {
		return
	}
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return // a history that cannot be written is no reason to stop
	}
	_, _ = f.Write(encode(s))
	_ = f.Close()
}

// Entries gives the statements, the newest last; they stay the history's.
func (h *History) Entries() []string { return h.entries }

// Find gives the newest entry before index from that holds what, or -1. Case does not matter unless what has capitals.
func (h *History) Find(what string, from int) int {
	fold := what == strings.ToLower(what)
	for i := min(from, len(h.entries)) - 1; i >= 0; i-- {
		if matchAt(h.entries[i], what, fold) >= 0 {
			return i
		}
	}
	return -1
}

// FindNext is Find towards newer entries, after index from.
func (h *History) FindNext(what string, from int) int {
	fold := what == strings.ToLower(what)
	for i := max(from+1, 0); i < len(h.entries); i++ {
		if matchAt(h.entries[i], what, fold) >= 0 {
			return i
		}
	}
	return -1
}

// matchAt gives the place of what in text, or -1.
func matchAt(text, what string, fold bool) int {
	if !fold {
		return strings.Index(text, what)
	}
	low := strings.ToLower(text)
	if len(low) != len(text) { // letters whose lower case is of another length: places would differ
		return strings.Index(text, what)
	}
	return strings.Index(low, what)
}
