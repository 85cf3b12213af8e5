package server

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// listen returns the listener for `fd:N`, `unix:/path` or a plain path.
func listen(address string) (net.Listener, error) {
	if number, ok := strings.CutPrefix(address, "fd:"); ok {
		fd, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("%s: no descriptor's number", address)
		}
		file := os.NewFile(uintptr(fd), address)
		if file == nil {
			return nil, fmt.Errorf("%s: no listening socket was passed on", address)
		}
		defer file.Close() // the listener has a copy
		l, err := net.FileListener(file)
		if err != nil {
			return nil, fmt.Errorf("%s: no listening socket was passed on: %w", address, err)
		}
		return l, nil
	}
	if strings.Contains(address, "://") {
		return nil, fmt.Errorf("%s: only Unix sockets are supported yet; give unix:/path", address)
	}
	return listenOn(strings.TrimPrefix(address, "unix:"))
}

func listenOn(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		if probe, err := net.Dial("unix", path); err == nil {
			probe.Close()
			return nil, fmt.Errorf("%s: another server listens there", path)
		}
		if err := os.Remove(path); err != nil { // left behind by a server that was killed
			return nil, err
		}
	}
	before := syscall.Umask(0o177) // 0600 from the start: there is no moment in which others could connect
	defer syscall.Umask(before)
	return net.Listen("unix", path)
}

// isManaged reports whether a gateway holds this process's standard input and wants it to end with it.
func isManaged() bool {
	_, isMember := os.LookupEnv("OARLOCK_MEMBER")
	if !isMember && !strings.HasPrefix(os.Getenv("OARLOCK_LISTEN"), "fd:") {
		return false
	}
	info, err := os.Stdin.Stat()
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0
}

// whenStdinEnds calls f at the end of standard input. What it returns ends the waiting and waits for that.
func whenStdinEnds(f func()) (stop func(), err error) {
	if err := syscall.SetNonblock(int(os.Stdin.Fd()), true); err != nil {
		return nil, err
	}
	input := os.NewFile(os.Stdin.Fd(), "stdin") // this one can be closed while it is read
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := io.Copy(io.Discard, input); !errors.Is(err, fs.ErrClosed) {
			f()
		}
	}()
	return func() { input.Close(); <-ended }, nil
}
