//go:build !windows

package editor

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const onWindows = false

// happened is what a wait ended with.
type happened uint8

const (
	input happened = iota
	timedOut
	windowChanged
	toStop // another process asked for a stop
	toEnd
)

// windowWatch waits for input and for signals at once.
type windowWatch struct {
	signals chan os.Signal
	r, w    *os.File // a byte for each signal
	got     chan os.Signal
	buf     []byte
}

func watchWindow() (*windowWatch, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	x := &windowWatch{signals: make(chan os.Signal, 8), got: make(chan os.Signal, 8), r: r, w: w, buf: make([]byte, 1<<16)}
	signal.Notify(x.signals, syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for s := range x.signals {
			select {
			case x.got <- s:
				_, _ = w.Write([]byte{0})
			default: // enough of them wait
			}
		}
	}()
	return x, nil
}

func (x *windowWatch) stop() {
	signal.Stop(x.signals)
	close(x.signals)
	_ = x.w.Close()
	_ = x.r.Close()
}

// read waits for input, a signal, or the time to pass; a negative time is for ever.
func (x *windowWatch) read(in *os.File, wait time.Duration) ([]byte, happened, error) {
	fd, pipe := int(in.Fd()), int(x.r.Fd())
	for {
		var set unix.FdSet
		set.Zero()
		set.Set(fd)
		set.Set(pipe)
		var timeout *unix.Timeval
		if wait >= 0 {
			tv := unix.NsecToTimeval(int64(wait))
			timeout = &tv
		}
		n, err := unix.Select(max(fd, pipe)+1, &set, nil, nil, timeout)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil, 0, err
		case n == 0:
			return nil, timedOut, nil
		case set.IsSet(pipe):
			var b [1]byte
			_, _ = x.r.Read(b[:])
			switch <-x.got {
			case syscall.SIGWINCH:
				return nil, windowChanged, nil
			case syscall.SIGTSTP:
				return nil, toStop, nil
			}
			return nil, toEnd, nil
		}
		got, err := unix.Read(fd, x.buf)
		switch {
		case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
			continue
		case err != nil:
			return nil, 0, err
		case got == 0:
			return nil, 0, io.EOF
		}
		return x.buf[:got], input, nil
	}
}

// stopSelf stops the process group, as a terminal does for Ctrl-Z, and returns when it goes on.
func stopSelf() {
	cont := make(chan os.Signal, 1)
	signal.Notify(cont, syscall.SIGCONT)
	defer signal.Stop(cont)
	signal.Reset(syscall.SIGTSTP)
	if syscall.Kill(0, syscall.SIGTSTP) == nil {
		select {
		case <-cont:
		case <-time.After(time.Second): // nobody would wake it, so it was not stopped
		}
	}
}
