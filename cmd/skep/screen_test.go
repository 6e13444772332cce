package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestScreens drives the shell in tmux as testdata/shell/*.test say, and compares what stands on the screen. A script has a command a line:
//
//	needs VARIABLE     skips the script where the environment has no such variable
//	start [ARGS]       starts skep in a terminal of 80 × 24, in a new folder with the films, with a home folder of its own
//	size COLS ROWS     changes the terminal
//	type TEXT          types it, once there is an empty prompt
//	add TEXT           types it wherever the cursor is
//	paste N TEXT       pastes N lines of TEXT, in which # is the line's number, in one go
//	keys KEY…          presses keys, by tmux's names: Enter, C-c, M-Enter, Up
//	file NAME TEXT     writes a file into the folder; \n is a new line
//	wait TEXT          waits until the screen shows it
//	within MS TEXT     the same, and it must come in that time
//	gone TEXT          waits until it shows no more
//	mask REGEXP        from here on, what matches stands as ~ on screens
//	exit CODE          waits until skep has ended, with that code
//	screen, colours    after ---- comes the screen, without the empty lines at its end; colours show escape sequences as ‹…›
//
// SKEP_UPDATE=1 writes the screens anew.
func TestScreens(t *testing.T) {
	for _, tool := range []string{"tmux", "less"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs ", tool)
		}
	}
	files, err := filepath.Glob("../../testdata/shell/*.test")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts: ", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".test"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			s := newScripted(t)
			got := s.play(string(b))
			if got == string(b) || t.Failed() {
				return
			}
			if os.Getenv("SKEP_UPDATE") != "" {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, have := strings.Split(string(b), "\n"), strings.Split(got, "\n")
			for i := range max(len(want), len(have)) {
				if i >= len(want) || i >= len(have) || want[i] != have[i] {
					t.Fatalf("%s:%d: the screen is another\n%s\nwas to be\n%s", f, i+1, strings.Join(have[max(0, i-3):min(len(have), i+24)], "\n"),
						strings.Join(want[max(0, i-3):min(len(want), i+24)], "\n"))
				}
			}
		})
	}
}

// scripted is a tmux server with one window.
type scripted struct {
	t      *testing.T
	socket string
	dir    string
	starts int
	masks  []*regexp.Regexp
}

func newScripted(t *testing.T) *scripted {
	s := &scripted{t: t, dir: t.TempDir()}
	films, err := filepath.Abs("../../testdata/movies")
	if err == nil {
		err = errors.Join(os.Mkdir(filepath.Join(s.dir, "work"), 0o755), os.Symlink(films, filepath.Join(s.dir, "work", "movies")))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}

// end ends the server, if there is one.
func (s *scripted) end() { _ = exec.Command("tmux", "-S", s.socket, "kill-server").Run() }

func (s *scripted) tmux(args ...string) string {
	s.t.Helper()
	c := exec.Command("tmux", append([]string{"-S", s.socket, "-f", os.DevNull}, args...)...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color")
	out, err := c.CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// play runs a script and gives it with the screens as they were.
func (s *scripted) play(script string) string {
	s.t.Helper()
	var out strings.Builder
	lines := strings.Split(script, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		out.WriteString(line)
		if i+1 < len(lines) {
			out.WriteString("\n")
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "", "#":
		case "screen", "colours":
			if i+1 < len(lines) && lines[i+1] == "----" {
				for i++; i+1 < len(lines) && lines[i+1] != "===="; i++ {
				}
				i++
			}
			out.WriteString("----\n" + s.screen(word == "colours") + "====\n")
		default:
			s.step(i+1, word, rest)
		}
		if s.t.Failed() {
			break
		}
	}
	return out.String()
}

func (s *scripted) step(line int, word, rest string) {
	s.t.Helper()
	switch word {
	case "needs":
		if os.Getenv(rest) == "" {
			s.t.Skip("needs ", rest)
		}
	case "start":
		s.start(rest)
	case "size":
		cols, rows, _ := strings.Cut(rest, " ")
		s.tmux("resize-window", "-x", cols, "-y", rows)
	case "type", "add":
		if word == "type" {
			s.prompted(line)
		}
		if strings.HasSuffix(rest, ";") { // which ends a command of tmux
			rest = rest[:len(rest)-1] + `\;`
		}
		s.tmux("send-keys", "-l", "--", rest)
	case "paste":
		n, text, _ := strings.Cut(rest, " ")
		var b strings.Builder
		for k := range atoi(n) {
			b.WriteString(strings.ReplaceAll(text, "#", strconv.Itoa(k+1)) + "\n")
		}
		path := filepath.Join(s.dir, "paste")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			s.t.Fatal(err)
		}
		s.tmux("load-buffer", path)
		s.tmux("paste-buffer", "-p")
	case "keys":
		s.tmux(append([]string{"send-keys"}, strings.Fields(rest)...)...)
	case "file":
		name, text, _ := strings.Cut(rest, " ")
		path := filepath.Join(s.dir, "work", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(strings.ReplaceAll(text, `\n`, "\n")), 0o600)); err != nil {
			s.t.Fatal(err)
		}
	case "wait":
		s.until(line, rest, 20*time.Second, true)
	case "within":
		ms, text, _ := strings.Cut(rest, " ")
		s.until(line, text, time.Duration(atoi(ms))*time.Millisecond, true)
	case "gone":
		s.until(line, rest, 20*time.Second, false)
	case "mask":
		s.masks = append(s.masks, regexp.MustCompile(rest))
	case "exit":
		s.until(line, "[exit "+rest+"]", 20*time.Second, true)
	default:
		s.t.Fatalf("line %d: there is no command %s", line, word)
	}
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func (s *scripted) start(args string) {
	s.t.Helper()
	s.end()
	s.starts++
	s.socket = filepath.Join(s.dir, fmt.Sprint("tmux", s.starts))
	command := fmt.Sprintf(`trap : INT; cd %q/work; export HOME=%[1]q EDITOR=true LC_ALL=C.UTF-8; unset NO_COLOR PAGER LESS SKEP_PAGER VISUAL XDG_STATE_HOME XDG_CONFIG_HOME; %q %s; echo "[exit $?]"; exec cat`,
		s.dir, binary, args)
	s.tmux("new-session", "-d", "-x", "80", "-y", "24", "sh", "-c", command)
}

// until waits for a text to show, or to show no more.
func (s *scripted) until(line int, text string, limit time.Duration, shown bool) {
	s.t.Helper()
	for begin := time.Now(); ; time.Sleep(15 * time.Millisecond) {
		screen := s.tmux("capture-pane", "-p")
		if strings.Contains(screen, text) == shown {
			return
		}
		if time.Since(begin) > limit {
			s.t.Fatalf("line %d: after %s still not so: %q shown is %v\n%s", line, limit, text, shown, screen)
		}
	}
}

// prompted waits until the last row is an empty prompt: what is typed earlier is shown twice.
func (s *scripted) prompted(line int) {
	s.t.Helper()
	for begin := time.Now(); ; time.Sleep(15 * time.Millisecond) {
		rows := strings.Split(strings.TrimRight(s.tmux("capture-pane", "-p"), " \n"), "\n")
		last := strings.TrimSpace(rows[len(rows)-1])
		if last == "default=>" || last == "->" {
			return
		}
		if time.Since(begin) > 20*time.Second {
			s.t.Fatalf("line %d: there is no prompt: %q", line, last)
		}
	}
}

// screen gives the screen once it has been the same for a while.
func (s *scripted) screen(colours bool) string {
	s.t.Helper()
	args := []string{"capture-pane", "-p"}
	if colours {
		args = append(args, "-e")
	}
	last, same := "", 0
	for begin := time.Now(); same < 4 && time.Since(begin) < 20*time.Second; time.Sleep(60 * time.Millisecond) {
		now := s.tmux(args...)
		if same++; now != last {
			last, same = now, 0
		}
	}
	lines := strings.Split(strings.TrimRight(last, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	last = strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
	for _, m := range s.masks {
		last = m.ReplaceAllString(last, "~")
	}
	return regexp.MustCompile("\x1b\\[([0-9;]*)m").ReplaceAllString(last, "‹$1›")
}
