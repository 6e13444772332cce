package editor

import (
	"os"
	"time"
)

const onWindows = true

// happened is what a wait ended with.
type happened uint8

const (
	input happened = iota
	timedOut
	windowChanged
	toStop
	toEnd
)

// windowWatch waits for input. Windows has no signal for a change of the window; it is looked at with every key.
type windowWatch struct{ buf []byte }

func watchWindow() (*windowWatch, error) { return &windowWatch{make([]byte, 1<<16)}, nil }

func (x *windowWatch) stop() {}

// read waits for input. A wait that ends means that nothing more of a key comes: the console gives sequences whole.
func (x *windowWatch) read(in *os.File, wait time.Duration) ([]byte, happened, error) {
	if wait >= 0 {
		return nil, timedOut, nil
	}
	n, err := in.Read(x.buf)
	if err != nil {
		return nil, 0, err
	}
	return x.buf[:n], input, nil
}

// stopSelf does nothing: there is no job control.
func stopSelf() {}
