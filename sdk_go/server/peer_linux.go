package server

import (
	"net"
	"syscall"
)

// peerUser returns the user at the other end of a Unix socket.
func peerUser(socket net.Conn) (uid int, known bool) {
	unix, ok := socket.(*net.UnixConn)
	if !ok {
		return 0, false
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return 0, false
	}
	raw.Control(func(fd uintptr) {
		if peer, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			uid, known = int(peer.Uid), true
		}
	})
	return uid, known
}
