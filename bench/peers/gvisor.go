// gVisor's netstack on a TUN.
//
//	gvisor TUN OWN-CIDR KERNEL-ADDRESS PORT COMMAND…
//
// The TUN carries a virtio header and segments of up to 64 KiB both ways, and leaves checksums to the
// kernel; with NO_OFFLOAD=1 in the environment it is a plain TUN with one packet per MTU.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
	"gvisor.dev/gvisor/pkg/bufferv2"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

const (
	nic          = 1
	warmUp       = 500 * time.Millisecond // before anything is counted: slow start is not what is compared
	warmUpEchoes = 1000
	bufferSize   = 4 << 20
	mostBuffer   = 8 << 20

	vnetHeader = 10    // struct virtio_net_hdr
	firstPart  = 2048  // a packet of an ordinary MTU fits the first part of the read
	secondPart = 65536 // and the rest of a segment of up to 64 KiB the second

	// The largest segment: the most ordinary ones of 1448 bytes that fit 64 KiB with their headers. The stack
	// takes 60 bytes off for the TCP header, whatever its length.
	largest = 45 * 1448
	gsoMost = largest + 60
	// One write: 128 KiB, but for 752 bytes that would travel as a tiny segment of their own after every two large.
	writeSize = 2 * largest

	// From linux/if_tun.h and linux/virtio_net.h.
	offloads = 1 | 2 | 4 // TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6
	needsSum = 1
	gsoTCPv4 = 1
	gsoTCPv6 = 4
)

// Set when the counted time is over: what fails after that is no failure.
var over uint32

func fail(format string, arguments ...any) {
	if atomic.LoadUint32(&over) != 0 {
		select {}
	}
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

// ---- The TUN as a link of the stack ----

type link struct {
	fd         int
	poller     syscall.RawConn
	mtu        uint32
	offload    bool
	dispatcher stack.NetworkDispatcher
}

func openTUN(name string, offload bool) *link {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		fail("cannot open /dev/net/tun: %v", err)
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		fail("%s: %v", name, err)
	}
	flags := uint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if offload {
		flags |= unix.IFF_VNET_HDR
	}
	request.SetUint16(flags)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		fail("cannot open the TUN %s: %v", name, err)
	}
	if offload {
		if err := unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, offloads); err != nil {
			fail("TUNSETOFFLOAD: %v", err)
		}
	}
	// Only now does the runtime's poller take it: a TUN without an interface is always in error.
	poller, err := os.NewFile(uintptr(fd), name).SyscallConn()
	if err != nil {
		fail("%s: %v", name, err)
	}
	return &link{fd: fd, poller: poller, offload: offload}
}

func interfaceMTU(name string) uint32 {
	device, err := net.InterfaceByName(name)
	if err != nil {
		fail("cannot read the MTU: %v", err)
	}
	return uint32(device.MTU)
}

func (l *link) MTU() uint32                               { return l.mtu }
func (l *link) MaxHeaderLength() uint16                   { return 0 }
func (l *link) LinkAddress() tcpip.LinkAddress            { return "" }
func (l *link) Attach(dispatcher stack.NetworkDispatcher) { l.dispatcher = dispatcher }
func (l *link) IsAttached() bool                          { return l.dispatcher != nil }
func (l *link) Wait()                                     {}
func (l *link) ARPHardwareType() header.ARPHardwareType   { return header.ARPHardwareNone }
func (l *link) AddHeader(stack.PacketBufferPtr)           {}

// Outgoing checksums are asked for packet by packet (GSO.NeedsCsum), so they are not among the capabilities:
// what the stack sends without GSO, such as a SYN, it sums up itself.
func (l *link) Capabilities() stack.LinkEndpointCapabilities {
	if l.offload {
		return stack.CapabilityRXChecksumOffload
	}
	return stack.CapabilityNone
}

func (l *link) GSOMaxSize() uint32 { return gsoMost }

// Without the kernel's help the stack still makes large segments and cuts them just before the link.
func (l *link) SupportedGSO() stack.SupportedGSO {
	if l.offload {
		return stack.HostGSOSupported
	}
	return stack.GvisorGSOSupported
}

func (l *link) WritePackets(packets stack.PacketBufferList) (int, tcpip.Error) {
	for i, packet := range packets.AsSlice() {
		if err := l.write(packet); err != 0 {
			return i, &tcpip.ErrNoBufferSpace{}
		}
	}
	return packets.Len(), nil
}

func (l *link) write(packet stack.PacketBufferPtr) syscall.Errno {
	var space [16]unix.Iovec
	parts := space[:0]
	var virtio [vnetHeader]byte
	if l.offload {
		if gso := &packet.GSOOptions; gso.Type != stack.GSONone && gso.NeedsCsum {
			virtio[0] = needsSum
			order := binary.LittleEndian
			order.PutUint16(virtio[6:], gso.L3HdrLen) // where the sum begins: at the TCP header
			order.PutUint16(virtio[8:], gso.CsumOffset)
			if packet.Data().Size() > int(gso.MSS) {
				virtio[1] = gsoTCPv4
				if gso.Type == stack.GSOTCPv6 {
					virtio[1] = gsoTCPv6
				}
				order.PutUint16(virtio[2:], uint16(packet.HeaderSize()))
				order.PutUint16(virtio[4:], gso.MSS)
			}
		}
		parts = append(parts, unix.Iovec{Base: &virtio[0], Len: vnetHeader})
	}
	for _, part := range packet.AsSlices() {
		if len(part) > 0 {
			parts = append(parts, unix.Iovec{Base: &part[0], Len: uint64(len(part))})
		}
	}
	// A TUN takes a packet without waiting, so the scheduler need not hear of the call.
	_, _, err := syscall.RawSyscall(syscall.SYS_WRITEV, uintptr(l.fd), uintptr(unsafe.Pointer(&parts[0])), uintptr(len(parts)))
	return err
}

// Hands every packet from the TUN to the stack. It is read straight into the memory the stack keeps: a
// small part that an ordinary packet fits and a large one for the rest, which stays for the next packet
// if this one did not need it.
func (l *link) readLoop() {
	var virtio [vnetHeader]byte
	var first, second *bufferv2.View
	var parts [3]unix.Iovec
	parts[0] = unix.Iovec{Base: &virtio[0], Len: vnetHeader}
	from, batch := 1, 64
	if l.offload {
		from, batch = 0, 8
	}
	err := l.poller.Read(func(fd uintptr) bool {
		for read := 1; ; read++ {
			if read%batch == 0 {
				runtime.Gosched() // with one processor nobody else would have a turn before the TUN is empty
			}
			if first == nil {
				first = bufferv2.NewViewSize(firstPart)
				parts[1] = unix.Iovec{Base: &first.AsSlice()[0], Len: firstPart}
			}
			if second == nil {
				second = bufferv2.NewViewSize(secondPart)
				parts[2] = unix.Iovec{Base: &second.AsSlice()[0], Len: secondPart}
			}
			n, _, errno := syscall.RawSyscall(syscall.SYS_READV, fd, uintptr(unsafe.Pointer(&parts[from])), uintptr(len(parts)-from))
			if errno == syscall.EAGAIN {
				return false
			}
			if errno == syscall.EINTR {
				continue
			}
			if errno != 0 {
				return true
			}
			length := int(n)
			if l.offload {
				length -= vnetHeader
			}
			if length < 1 {
				continue
			}
			protocol := header.IPv4ProtocolNumber
			if header.IPVersion(first.AsSlice()) == header.IPv6Version {
				protocol = header.IPv6ProtocolNumber
			}
			if length < firstPart {
				first.CapLength(length)
			}
			data := bufferv2.MakeWithView(first)
			if rest := length - firstPart; rest > 0 {
				if rest < secondPart/4 {
					// Otherwise a window of middling packets would be charged for many times its bytes.
					data.Append(bufferv2.NewViewWithData(second.AsSlice()[:rest]))
				} else {
					second.CapLength(rest)
					data.Append(second)
					second = nil
				}
			}
			first = nil
			packet := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: data})
			l.dispatcher.DeliverNetworkPacket(protocol, packet)
			packet.DecRef()
		}
	})
	fail("the TUN ended: %v", err)
}

// ---- The stack ----

func newStack(l *link, cidr string, sendBuffer int) *stack.Stack {
	s := stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{
			ipv4.NewProtocol,
			ipv6.NewProtocolWithOptions(ipv6.Options{}), // no duplicate detection, no router solicitations
		},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol},
	})
	sack, moderate := tcpip.TCPSACKEnabled(true), tcpip.TCPModerateReceiveBufferOption(true)
	control := tcpip.CongestionControlOption("cubic")
	receive := tcpip.TCPReceiveBufferSizeRangeOption{Min: tcp.MinBufferSize, Default: bufferSize, Max: mostBuffer}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: tcp.MinBufferSize, Default: sendBuffer, Max: sendBuffer}
	for _, option := range []tcpip.SettableTransportProtocolOption{&sack, &moderate, &control, &receive, &send} {
		if err := s.SetTransportProtocolOption(tcp.ProtocolNumber, option); err != nil {
			fail("%T: %v", option, err)
		}
	}
	options := stack.NICOptions{}
	if !l.offload {
		// Consecutive packets are joined on the way in, which about doubles what a plain TUN receives. One with
		// PSH set does not wait for the next.
		options.GROTimeout = 100 * time.Microsecond
	}
	if err := s.CreateNICWithOptions(nic, l, options); err != nil {
		fail("the interface: %v", err)
	}
	ip, network, err := net.ParseCIDR(cidr)
	if err != nil {
		fail("%v", err)
	}
	protocol, address := addressOf(ip)
	prefix, _ := network.Mask.Size()
	own := tcpip.ProtocolAddress{Protocol: protocol, AddressWithPrefix: tcpip.AddressWithPrefix{Address: address, PrefixLen: prefix}}
	if err := s.AddProtocolAddress(nic, own, stack.AddressProperties{}); err != nil {
		fail("%s: %v", cidr, err)
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}, {Destination: header.IPv6EmptySubnet, NIC: nic}})
	return s
}

func addressOf(ip net.IP) (tcpip.NetworkProtocolNumber, tcpip.Address) {
	if four := ip.To4(); four != nil {
		return header.IPv4ProtocolNumber, tcpip.Address(four)
	}
	return header.IPv6ProtocolNumber, tcpip.Address(ip)
}

// ---- Connections ----

type peer struct {
	stack    *stack.Stack
	protocol tcpip.NetworkProtocolNumber
	to       tcpip.FullAddress
}

type connection struct {
	ep    tcpip.Endpoint
	queue waiter.Queue
	entry waiter.Entry
	wake  chan struct{}
}

func (p *peer) connect() *connection {
	c := &connection{}
	ep, err := p.stack.NewEndpoint(tcp.ProtocolNumber, p.protocol, &c.queue)
	if err != nil {
		fail("no endpoint: %v", err)
	}
	c.ep = ep
	c.entry, c.wake = waiter.NewChannelEntry(waiter.ReadableEvents | waiter.WritableEvents | waiter.EventErr | waiter.EventHUp)
	c.queue.EventRegister(&c.entry)
	ep.SocketOptions().SetDelayOption(false)
	if err := ep.Connect(p.to); err != nil {
		if _, started := err.(*tcpip.ErrConnectStarted); !started {
			fail("cannot connect: %v", err)
		}
		for ep.Readiness(waiter.WritableEvents|waiter.EventErr|waiter.EventHUp) == 0 {
			<-c.wake
		}
		if err := ep.LastError(); err != nil {
			fail("cannot connect: %v", err)
		}
	}
	return c
}

// Says what the server is to do.
func (c *connection) wish(what byte) {
	one := [1]byte{what}
	c.write(&source{data: one[:]})
}

// Writes once, waiting for room if there is none.
func (c *connection) write(from tcpip.Payloader) int {
	for {
		n, err := c.ep.Write(from, tcpip.WriteOptions{})
		if err == nil {
			return int(n)
		}
		if _, wait := err.(*tcpip.ErrWouldBlock); !wait {
			fail("cannot send: %v", err)
		}
		<-c.wake
	}
}

// Reads what is there, waiting if there is nothing; 0 at the end.
func (c *connection) read(into io.Writer) int {
	for {
		result, err := c.ep.Read(into, tcpip.ReadOptions{})
		if err == nil {
			return result.Count
		}
		switch err.(type) {
		case *tcpip.ErrWouldBlock:
			<-c.wake
		case *tcpip.ErrClosedForReceive:
			return 0
		default:
			fail("cannot receive: %v", err)
		}
	}
}

// A few bytes to send.
type source struct{ data []byte }

func (s *source) Len() int { return len(s.data) }
func (s *source) Read(into []byte) (int, error) {
	n := copy(into, s.data)
	s.data = s.data[n:]
	return n, nil
}

// One write of the pattern, made right where the stack keeps it.
type pattern struct {
	position uint64
	left     int
}

func (p *pattern) Len() int { return p.left }
func (p *pattern) Read(into []byte) (int, error) {
	if len(into) > p.left {
		into = into[:p.left]
	}
	for done := 0; done < len(into); {
		n := copy(into[done:], patternPeriod[p.position&(period-1):])
		done += n
		p.position += uint64(n)
	}
	p.left -= len(into)
	return len(into), nil
}

// The 8-byte little-endian integers 0, 1, 2, … of a mebibyte, after which they begin again.
const period = 1 << 20

var patternPeriod = func() []byte {
	all := make([]byte, period)
	for i := 0; i < period; i += 8 {
		binary.LittleEndian.PutUint64(all[i:], uint64(i/8))
	}
	return all
}()

func patternWord(position uint64) uint64 { return position >> 3 & (period/8 - 1) }

// Takes what is received: checks the first and the last whole integer of every piece and counts the bytes.
type sink struct {
	position uint64
	total    *int64
}

func (s *sink) Write(piece []byte) (int, error) {
	first := int(-s.position & 7)
	if len(piece) >= first+8 {
		last := first + (len(piece)-first-8)&^7
		if binary.LittleEndian.Uint64(piece[first:]) != patternWord(s.position+uint64(first)) ||
			binary.LittleEndian.Uint64(piece[last:]) != patternWord(s.position+uint64(last)) {
			fail("corrupt near %d", s.position)
		}
	}
	s.position += uint64(len(piece))
	atomic.AddInt64(s.total, int64(len(piece)))
	return len(piece), nil
}

// The bytes of a short answer.
type answer struct {
	length int
	last   byte
}

func (a *answer) Write(piece []byte) (int, error) {
	a.length += len(piece)
	a.last = piece[len(piece)-1]
	return len(piece), nil
}

// ---- The commands ----

func cpu() float64 {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// Waits out the warm-up and the counted time, and prints what was done in it.
func count(total *int64, seconds float64, name string) {
	time.Sleep(warmUp)
	from, start, used := atomic.LoadInt64(total), time.Now(), cpu()
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	atomic.StoreUint32(&over, 1)
	counted, took, spent := atomic.LoadInt64(total)-from, time.Since(start).Seconds(), cpu()-used
	if counted <= 0 {
		atomic.StoreUint32(&over, 0)
		fail("nothing was counted in %.1f s", took)
	}
	fmt.Printf("{%q:%d,\"seconds\":%.6f,\"cpu\":%.6f}\n", name, counted, took, spent)
}

func bulk(p *peer, sending bool, seconds float64, streams int) {
	var total int64
	var connections []*connection
	// All are open before the first begins: no handshake waits behind data.
	for i := 0; i < streams; i++ {
		connections = append(connections, p.connect())
	}
	for _, c := range connections {
		c := c
		if sending {
			c.wish('r')
			go func() {
				position := uint64(0)
				for {
					n := c.write(&pattern{position: position, left: writeSize})
					position += uint64(n)
					atomic.AddInt64(&total, int64(n))
				}
			}()
		} else {
			c.wish('s')
			go func() {
				into := &sink{total: &total}
				for {
					n := c.read(into)
					if n == 0 {
						fail("the connection ended")
					}
					c.ep.ModerateRecvBuf(n)
				}
			}()
		}
	}
	count(&total, seconds, "bytes")
	// A reset, so that the server does not go on sending to an interface that is gone.
	for _, c := range connections {
		c.ep.Abort()
	}
}

func rtt(p *peer, echoes int) {
	c := p.connect()
	c.wish('e')
	times := make([]float64, echoes)
	var start time.Time
	var used float64
	one := make([]byte, 1)
	for i := -warmUpEchoes; i < echoes; i++ {
		before := time.Now()
		if i == 0 {
			start, used = before, cpu()
		}
		one[0] = byte(i)
		c.write(&source{data: one})
		var back answer
		c.read(&back)
		if back.length != 1 || back.last != byte(i) {
			fail("the echo is not what was sent")
		}
		if i >= 0 {
			times[i] = float64(time.Since(before).Nanoseconds()) / 1e3
		}
	}
	took, spent := time.Since(start).Seconds(), cpu()-used
	sort.Float64s(times)
	fmt.Printf("{\"p50\":%.2f,\"p99\":%.2f,\"perSecond\":%.1f,\"cpu\":%.6f}\n",
		times[echoes/2], times[echoes*99/100], float64(echoes)/took, spent)
	c.ep.Abort()
}

func cps(p *peer, seconds float64, concurrent int) {
	var total int64
	for i := 0; i < concurrent; i++ {
		go func() {
			for {
				c := p.connect()
				c.wish('c')
				var back answer
				for c.read(&back) > 0 {
				}
				if back.length != 1 {
					fail("a connection went wrong: %d bytes", back.length)
				}
				c.ep.Close()
				atomic.AddInt64(&total, 1)
			}
		}()
	}
	count(&total, seconds, "connections")
}

func number(words []string, at int, otherwise float64) float64 {
	if at >= len(words) {
		return otherwise
	}
	value, err := strconv.ParseFloat(words[at], 64)
	if err != nil || value <= 0 {
		fail("not a number above zero: %s", words[at])
	}
	return value
}

func main() {
	if len(os.Args) < 7 {
		fail("gvisor TUN OWN-CIDR KERNEL-ADDRESS PORT (rx SECONDS [STREAMS] | tx SECONDS [STREAMS] | rtt COUNT | cps SECONDS CONCURRENT)")
	}
	name, cidr, command := os.Args[1], os.Args[2], os.Args[5:]
	debug.SetGCPercent(400) // memory is not what is measured

	l := openTUN(name, os.Getenv("NO_OFFLOAD") != "1")
	fmt.Println("up")
	for one := make([]byte, 1); one[0] != '\n'; {
		if n, err := os.Stdin.Read(one); n == 0 || err != nil {
			fail("standard input ended before the interface was ready")
		}
	}
	l.mtu = interfaceMTU(name)

	protocol, address := addressOf(net.ParseIP(os.Args[3]))
	port, err := strconv.Atoi(os.Args[4])
	if err != nil {
		fail("%v", err)
	}
	// The netstack does not tell how much of what was written has been acknowledged. So the send buffers do not
	// grow, and are no larger than fills them within the warm-up: from then on as much leaves them as enters.
	sendBuffer := bufferSize
	if command[0] == "tx" {
		sendBuffer /= int(math.Min(number(command, 2, 1), 4))
	}
	p := &peer{newStack(l, cidr, sendBuffer), protocol, tcpip.FullAddress{NIC: nic, Addr: address, Port: uint16(port)}}
	go l.readLoop()

	first := number(command, 1, 0)
	limit := 20 + first
	if command[0] == "rtt" {
		limit = 60 + first/1000
	}
	time.AfterFunc(time.Duration(limit)*time.Second, func() {
		fmt.Fprintln(os.Stderr, "gave up: the command did not end in time")
		os.Exit(1)
	})
	switch command[0] {
	case "rx", "tx":
		bulk(p, command[0] == "tx", first, int(number(command, 2, 1)))
	case "rtt":
		rtt(p, int(first))
	case "cps":
		cps(p, first, int(number(command, 2, 1)))
	default:
		fail("no such command: %s", command[0])
	}
}
