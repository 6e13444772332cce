// Command startup measures what it costs to start skep: the whole process of skep -c "select 1" against that of a Go program that prints a
// line, the best tenth of many turns (what else the machine does only adds to the others), and whether the binary is static. It fails when
// a start takes more than 10 ms longer, or the binary is not.
//
//	go run ./bench/startup
package main

import (
	"debug/elf"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

const hello = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(1) }\n"

const allowed = 10 * time.Millisecond

func main() {
	runs := flag.Int("runs", 200, "starts of each program")
	flag.Parse()
	if err := measure(*runs); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func measure(runs int) error {
	dir, err := os.MkdirTemp("", "skep-startup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	src := filepath.Join(dir, "hello.go")
	if err := os.WriteFile(src, []byte(hello), 0o644); err != nil {
		return err
	}
	base, skep := filepath.Join(dir, "hello"), filepath.Join(dir, "skep")
	for _, b := range [][2]string{{base, src}, {skep, "./cmd/skep"}} {
		c := exec.Command("go", "build", "-o", b[0], b[1])
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s%w", out, err)
		}
	}
	var a, b []time.Duration
	for range runs {
		x, err := once(base)
		if err != nil {
			return err
		}
		y, err := once(skep, "-c", "select 1")
		if err != nil {
			return err
		}
		a, b = append(a, x), append(b, y)
	}
	slices.Sort(a)
	slices.Sort(b)
	x, y := a[runs/10], b[runs/10]
	fmt.Printf("hello world %.1f ms, skep -c \"select 1\" %.1f ms: %.1f ms more (the best tenth of %d)\n", ms(x), ms(y), ms(y-x), runs)
	static, err := isStatic(skep)
	if err != nil {
		return err
	}
	info, err := os.Stat(skep)
	if err != nil {
		return err
	}
	fmt.Printf("static: %v, %.1f MB\n", static, float64(info.Size())/1e6)
	if y-x > allowed || !static {
		return fmt.Errorf("a start may take %.0f ms more than hello world, and the binary is static", ms(allowed))
	}
	return nil
}

func once(name string, args ...string) (time.Duration, error) {
	begin := time.Now()
	err := exec.Command(name, args...).Run()
	return time.Since(begin), err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// isStatic tells whether a binary asks for no dynamic linker and no library.
func isStatic(path string) (bool, error) {
	f, err := elf.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return false, nil
		}
	}
	libs, err := f.ImportedLibraries()
	return len(libs) == 0, err
}
