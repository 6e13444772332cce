package integration

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var block = regexp.MustCompile("(?s)```sh\n(.*?)```\n(?:\n```text\n(.*?)```)?")

// TestTutorial runs docs/etl.md from its first line to its last, in an empty folder. SKEP_UPDATE=1 writes what came out.
func TestTutorial(t *testing.T) {
	const page = "../../docs/etl.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out := string(text)
	blocks := block.FindAllStringSubmatch(out, -1)
	if len(blocks) < 8 {
		t.Fatalf("the page has %d examples", len(blocks))
	}
	for _, b := range blocks {
		c := exec.Command("bash", "-eu", "-c", b[1])
		c.Dir = dir
		got, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%s%v", b[1], got, err)
		}
		if string(got) == b[2] {
			continue
		}
		if os.Getenv("SKEP_UPDATE") == "" {
			t.Errorf("%s\n got %s\nwant %s", b[1], got, b[2])
		}
		out = strings.Replace(out, b[0], "```sh\n"+b[1]+"```\n\n```text\n"+string(got)+"```", 1)
	}
	if os.Getenv("SKEP_UPDATE") != "" && out != string(text) {
		if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
