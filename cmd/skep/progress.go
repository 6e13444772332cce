package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// screen is stderr for errors, notes and the progress line: one comes after the other, and the line is wiped before anything else shows.
type screen struct {
	mu    sync.Mutex
	w     io.Writer
	shown bool // a progress line stands there
}

// Write writes p.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	return s.w.Write(p)
}

func (s *screen) wipe() {
	if s.shown {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// progress shows how far a statement is until stop is called. Statements of half a second show nothing.
func (s *screen) progress(look func() (rows, done, total int64), width func() int) (stop func()) {
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		start := time.Now()
		var best float64
		select {
		case <-quit:
			return
		case <-time.After(500 * time.Millisecond):
		}
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			rows, done, total := look()
			if total > 0 {
				best = max(best, min(float64(done)/float64(total), 1))
			}
			line := progressLine(best, rows, done, time.Since(start), width())
			s.mu.Lock()
			_, _ = io.WriteString(s.w, "\r"+line+"\x1b[K")
			s.shown = true
			s.mu.Unlock()
			select {
			case <-quit:
				tick.Stop()
				s.mu.Lock()
				s.wipe()
				s.mu.Unlock()
				return
			case <-tick.C:
			}
		}
	}()
	var once sync.Once
	return func() {
		once.Do(func() { close(quit) })
		<-gone
	}
}

const barWidth = 24

// progressLine is a bar with the share done, when that is known, and the figures.
func progressLine(share float64, rows, bytes int64, elapsed time.Duration, width int) string {
	var parts []string
	if share > 0 {
		full := share * barWidth
		bar := strings.Repeat("█", int(full))
		if int(full) < barWidth {
			bar += [...]string{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}[int((full-float64(int(full)))*8)]
		}
		bar += strings.Repeat(" ", barWidth-len([]rune(bar)))
		parts = append(parts, fmt.Sprintf("%3.0f%% ▕%s▏", share*100, bar))
	}
	if rows > 0 {
		parts = append(parts, count(rows)+" rows")
	}
	if bytes > 0 {
		parts = append(parts, size(bytes))
	}
	parts = append(parts, fmt.Sprintf("%.1f s", elapsed.Seconds()))
	if share > 0.05 && share < 0.99 && elapsed > time.Second {
		left := time.Duration(float64(elapsed) * (1 - share) / share)
		parts = append(parts, "about "+left.Round(time.Second).String()+" left")
	}
	line := []rune(strings.Join(parts, "  "))
	if len(line) > width-1 {
		line = line[:max(width-1, 0)]
	}
	return string(line)
}

// count writes a number of rows for people.
func count(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f billion", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.2f million", float64(n)/1e6)
	case n >= 1e4:
		return fmt.Sprintf("%.1f thousand", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
