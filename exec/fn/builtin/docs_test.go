package builtin_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/skep-sql/skep/exec/fn/builtin"
)

// TestDocs fails when docs/functions.md does not say what the functions are; SKEP_UPDATE=1 writes it anew.
func TestDocs(t *testing.T) {
	path := filepath.Join("..", "..", "..", "docs", "functions.md")
	want := builtin.Markdown(builtin.NewRegistry())
	if os.Getenv("SKEP_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/functions.md is stale: run SKEP_UPDATE=1 go test ./exec/fn/builtin")
	}
}
