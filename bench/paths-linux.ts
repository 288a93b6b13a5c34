/**
 * An end of a transfer on the kernel's sockets: Python, since Node's sockets cannot choose a congestion controller. It
 * prints what `paths-estab.ts` prints, a line of JSON for each connection; times are seconds of CLOCK_MONOTONIC.
 *
 *   receive PORT SECONDS     counts for SECONDS from each accept on; 0: until the sender's end
 *   send HOST PORT CONTROLLER BYTES COUNT PATIENCE     BYTES 0: until it is killed
 */
export const LINUX_END = `
import json, signal, socket, struct, sys, time

# At Ctrl-C it goes without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

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

/** Sends COUNT datagrams that say when they were sent, PER-SECOND: HOST PORT COUNT PER-SECOND. */
export const SCATTER = `
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], int(sys.argv[2])))
count, pause = int(sys.argv[3]), 1 / float(sys.argv[4])
rest = bytes(1464)
began = time.monotonic()
for n in range(count):
    at = began + n * pause
    wait = at - time.monotonic()
    if wait > 0: time.sleep(wait)
    s.send(struct.pack('d', time.monotonic()) + rest)
`

/** Receives COUNT of them, by the clock of the kernel that they came to: HOST PORT COUNT. Prints their delays in ms. */
export const COLLECT = `
import json, socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
s.setsockopt(socket.SOL_SOCKET, 35, 1) # SO_TIMESTAMPNS: when the kernel got it, by CLOCK_REALTIME
s.bind((sys.argv[1], int(sys.argv[2])))
s.settimeout(5)
print('true', flush=True)
delays = []
try:
    for _ in range(int(sys.argv[3])):
        data, info, _, _ = s.recvmsg(2000, 64)
        shift = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
        seconds, nano = struct.unpack('qq', info[0][2])
        delays.append(round((seconds + nano / 1e9 - shift - struct.unpack('d', data[:8])[0]) * 1000, 4))
except TimeoutError: pass
print(json.dumps(delays), flush=True)
`
