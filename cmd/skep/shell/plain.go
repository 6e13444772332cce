package shell

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/skep-sql/skep/cmd/skep/editor"
)

// plain gives the reader for terminals that cannot be edited on: it reads line by line and sends no escape sequences.
func (s *Shell) plain() func(prompt, more, initial string) (string, error) {
	type line struct {
		text string
		err  error
	}
	in := bufio.NewReader(s.In)
	asked, lines := make(chan struct{}), make(chan line)
	pending := false // a line was asked for that has not come
	go func() {
		for range asked {
			t, err := in.ReadString('\n')
			if err != nil && t != "" && errors.Is(err, io.EOF) {
				err = nil
			}
			lines <- line{t, err}
		}
	}()
	return func(prompt, more, initial string) (string, error) {
		interrupts := make(chan os.Signal, 1)
		signal.Notify(interrupts, os.Interrupt)
		defer signal.Stop(interrupts)
		text := initial
		if text != "" {
			text += "\n"
			fmt.Fprint(s.Screen, text)
		}
		for {
			if text == "" {
				fmt.Fprint(s.Screen, prompt)
			} else {
				fmt.Fprint(s.Screen, more)
			}
			if !pending {
				asked <- struct{}{}
				pending = true
			}
			select {
			case <-interrupts:
				fmt.Fprintln(s.Screen)
				if text != "" {
					return "", editor.ErrCleared
				}
				return "", editor.ErrInterrupted
			case l := <-lines:
				pending = false
				if l.err != nil {
					fmt.Fprintln(s.Screen)
					return "", l.err
				}
				text += editor.Clean(strings.TrimRight(l.text, "\r\n")) + "\n"
				if finished(text) {
					return strings.TrimSuffix(text, "\n"), nil
				}
			}
		}
	}
}
