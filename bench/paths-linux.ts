/**
 * An end of a transfer on the kernel's sockets: Python, since Node's sockets cannot choose a congestion controller. It
 * prints what `paths-estab.ts` prints, a line of JSON for each connection; times are seconds of CLOCK_MONOTONIC.
 *
 *   receive PORT SECONDS     counts for SECONDS from each accept on; 0: until the sender's end
 *   send HOST PORT CONTROLLER BYTES COUNT PATIENCE     BYTES 0: until it is killed
 */
export const LINUX_END = `
import json, socket, struct, sys, time

def say(**what): print(json.dumps(what), flush=True)

def receive(port, seconds):
    listener = socket.create_server(('0.0.0.0', port))
    say(ready=True)
    while True:
        c, _ = listener.accept()
        began = time.monotonic()
        steady = began + seconds / 3
        end = began + seconds if seconds else float('inf')
        total = late = 0
        while True:
            if seconds: c.settimeout(max(0.001, end - time.monotonic()))
            try: n = len(c.recv(1 << 18))
            except TimeoutError: n = -1
            now = time.monotonic()
            if n < 0 or now >= end:
                say(bytes=total, steadyBytes=late, steadySeconds=seconds * 2 / 3)
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                break
            if n == 0:
                say(bytes=total, ended=now)
                break
            total += n
            if now >= steady: late += n
        c.close()

def send(host, port, controller, size, count, patience):
    piece = bytes(1 << 16)
    for _ in range(count):
        s = socket.socket()
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, controller.encode())
        s.settimeout(patience)
        began = time.monotonic()
        try:
            s.connect((host, port))
            left = size or float('inf')
            while left > 0:
                left -= s.send(piece[:min(left, len(piece))] if left < len(piece) else piece)
            s.shutdown(socket.SHUT_WR)
            s.settimeout(max(0.001, began + patience - time.monotonic()))
            while s.recv(1): pass
            say(began=began)
        except OSError as error:
            say(began=began, failed=str(error))
        s.close()

if sys.argv[1] == 'receive': receive(int(sys.argv[2]), float(sys.argv[3]))
else: send(sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5]), int(sys.argv[6]), float(sys.argv[7]))
`
