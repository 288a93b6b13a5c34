// Written by `npm run conformance`: what each test that passes shows. Not to be edited.
// biome-ignore-all format: one test, one line
import type { ShownByFile } from './data.js'

export const SHOWN: ShownByFile = {
  "test/conformance/addressing.test.ts": [
    ["active OPEN › from an address that is given speaks from there", "MUST-43"],
    ["active OPEN › from nowhere in particular speaks from where IP says, and has said it before the SYN", "MUST-44"],
    ["active OPEN › keeps its address when routes change: SYNs, data, RSTs, and the last ACKs", "MUST-45"],
    ["active OPEN › that is aborted after routes changed resets from its own address", "MUST-45"],
    ["active OPEN › to an address that is no single host fails, and nothing is sent", "MUST-46"],
    ["passive OPEN › where there is one already fails, and what is open goes on", "MUST-41"],
    ["passive OPEN › works while others of its port are in SYN_SENT and SYN_RECEIVED", "MUST-42"],
    ["source routes › later on: dropped too, and what is sent goes the way it went", "MUST-53,SHLD-24"],
    ["source routes › on a SYN: it is dropped and counted, not answered along them", "MUST-51,MUST-52,MUST-53,SHLD-24"],
  ],
  "test/conformance/api.test.ts": [
    ["another congestion control › of the user decides how much may fly", "MAY-18"],
    ["keep-alive of a socket › does not end a connection that answers one probe of many", "MUST-29"],
    ["keep-alive of a socket › is switched on and off while the connection lives", "MUST-24,MUST-25,MUST-27"],
    ["keep-alive of a socket › of one leaves the others alone, and waits two hours if nobody says how long", "MUST-24,MUST-28"],
    ["the end of a connection › by FIN and by RST are two things, also one after the other", "MUST-12"],
    ["the end of a connection › is asked for once: a second CLOSE, and a SEND, fail, and no second FIN goes out", "U-26,U-27"],
    ["the end of a connection › is told to a user who has asked for nothing", "U-11"],
    ["the end of a connection › leaves what came before it to be read, and then RECEIVE has no more", "U-28"],
    ["the end of a connection › of one direction leaves the other open; of both answers what still comes with RST", "MAY-1,SHLD-3"],
    ["the end of a connection › pushes what is left, corked or not", "U-32,MUST-61"],
    ["what a program writes › leaves by itself, and the last of it is pushed", "MUST-60,MUST-61"],
    ["what a program writes › without Nagle goes at once, on that connection alone", "MUST-17"],
  ],
  "test/conformance/capture.test.ts": [
    ["every segment of many conversations › acknowledges, but for the first SYN and RSTs", "U-31"],
    ["every segment of many conversations › carries no more than the MSS of its receiver leaves beside its options", "MUST-16,RFC 6691"],
    ["every segment of many conversations › has an MSS if and only if it is a SYN, of what the interface takes", "MUST-14,MUST-65,MUST-67,SHLD-5,MAY-3"],
    ["every segment of many conversations › has options of known lengths, and zeros after their end", "MUST-68,MUST-69"],
    ["every segment of many conversations › has reserved bits of zero", "U-01"],
    ["every segment of many conversations › has the checksum that a naive routine computes", "MUST-2,RFC 1071"],
    ["every segment of many conversations › has the scale and the permission of SACK on SYNs only", "RFC 7323,RFC 2018"],
    ["every segment of many conversations › of fifty thousand octets written at once nearly every one is full", "SHLD-28"],
  ],
  "test/conformance/diffserv.test.ts": [
    ["what a connection sends, IPv4 › and in the RST of an abort", "MUST-48,MUST-49"],
    ["what a connection sends, IPv4 › can be changed at any time, and changes what is sent from then on", "SHLD-21,MUST-48"],
    ["what a connection sends, IPv4 › has the DSCP and the TTL that were asked for, from the SYN to the FIN", "MUST-48,MUST-49,SHLD-22"],
    ["what a connection sends, IPv4 › is 0 and 64 if nobody asks", "MUST-49"],
    ["what a connection sends, IPv4 › of what comes the user can ask for the traffic class", "MAY-9"],
    ["what a connection sends, IPv6 › and in the RST of an abort", "MUST-48,MUST-49"],
    ["what a connection sends, IPv6 › can be changed at any time, and changes what is sent from then on", "SHLD-21,MUST-48"],
    ["what a connection sends, IPv6 › has the DSCP and the TTL that were asked for, from the SYN to the FIN", "MUST-48,MUST-49,SHLD-22"],
    ["what a connection sends, IPv6 › is 0 and 64 if nobody asks", "MUST-49"],
    ["what a connection sends, IPv6 › of what comes the user can ask for the traffic class", "MAY-9"],
  ],
  "test/conformance/failures.test.ts": [
    ["a SYN without an answer › is given up sooner if the user asks for it", "MUST-23"],
    ["a SYN without an answer › is sent again with growing pauses, reported, and given up after three minutes", "MUST-22,MUST-23"],
    ["a peer that falls silent › after R1 retransmissions its user hears of it, once, and after R2 of the end", "MUST-20,SHLD-9,SHLD-10,MUST-47"],
    ["a peer that falls silent › is given up after as many retransmissions as the user says, or never", "MUST-21"],
    ["a peer that falls silent › is given up after five minutes by default, or after as long as the user says", "U-17"],
    ["a peer that falls silent › is not given up before 100 s", "SHLD-11"],
    ["at R1 IP is told that the next hop may be dead › and asks whether it is there, IPv4", "MUST-20"],
    ["at R1 IP is told that the next hop may be dead › and asks whether it is there, IPv6", "MUST-20"],
    ["at R1 IP is told that the next hop may be dead › and if it is not, the user hears why, IPv4", "MUST-20,MUST-47"],
    ["at R1 IP is told that the next hop may be dead › and if it is not, the user hears why, IPv6", "MUST-20,MUST-47"],
    ["reports of what does not end a connection › are made for ICMP errors, for retransmissions, and for urgent data", "MUST-47,SHLD-25"],
    ["reports of what does not end a connection › are not made to a user who does not want them, and nothing else changes", "SHLD-20"],
    ["reports of what does not end a connection › can be turned off, and on again, while the connection lives", "SHLD-20"],
  ],
  "test/conformance/icmp.test.ts": [
    ["ICMP errors, IPv4 › hard ones are soft once a connection is open", "SHLD-26,RFC 5461,RFC 5927"],
    ["ICMP errors, IPv4 › reach the connection they quote, and no other", "MUST-54"],
    ["ICMP errors, IPv4 › soft ones are told, and end nothing, in CLOSE_WAIT", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv4 › soft ones are told, and end nothing, in CLOSING", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv4 › soft ones are told, and end nothing, in ESTABLISHED", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv4 › soft ones are told, and end nothing, in FIN_WAIT_1", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv4 › soft ones are told, and end nothing, in LAST_ACK", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv4 › soft ones do not end a connection that is opening, hard ones do", "MUST-56,SHLD-26"],
    ["ICMP errors, IPv4 › that quote what is not in flight mean nothing", "MUST-54,RFC 5927"],
    ["ICMP errors, IPv4 › that say \"too big\" make segments smaller, and larger again after ten minutes", "U-12,RFC 1191,RFC 8201"],
    ["ICMP errors, IPv6 › hard ones are soft once a connection is open", "SHLD-26,RFC 5461,RFC 5927"],
    ["ICMP errors, IPv6 › reach the connection they quote, and no other", "MUST-54"],
    ["ICMP errors, IPv6 › soft ones are told, and end nothing, in CLOSE_WAIT", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv6 › soft ones are told, and end nothing, in CLOSING", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv6 › soft ones are told, and end nothing, in ESTABLISHED", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv6 › soft ones are told, and end nothing, in FIN_WAIT_1", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv6 › soft ones are told, and end nothing, in LAST_ACK", "MUST-56,SHLD-25,RFC 1122"],
    ["ICMP errors, IPv6 › soft ones do not end a connection that is opening, hard ones do", "MUST-56,SHLD-26"],
    ["ICMP errors, IPv6 › that quote what is not in flight mean nothing", "MUST-54,RFC 5927"],
    ["ICMP errors, IPv6 › that say \"too big\" make segments smaller, and larger again after ten minutes", "U-12,RFC 1191,RFC 8201"],
    ["Source Quench › changes nothing: not cwnd, not the user, only a counter", "MUST-55,RFC 6633"],
    ["Source Quench › is not answered and ends no handshake", "MUST-55"],
  ],
  "test/conformance/input.test.ts": [
    ["a damaged segment › with any bit flipped changes nothing and is answered with nothing, IPv4", "MUST-3"],
    ["a damaged segment › with any bit flipped changes nothing and is answered with nothing, IPv6", "MUST-3"],
    ["bits and options without a meaning › IPv4 options before a segment change nothing", "MUST-50,MAY-10,MAY-11"],
    ["bits and options without a meaning › IPv6 extension headers before a segment change nothing", "MUST-50"],
    ["bits and options without a meaning › experimental kinds mean nothing, whatever stands behind them", "RFC 6994,RFC 4727,MUST-6"],
    ["bits and options without a meaning › reserved bits of the header, set, change nothing", "U-01"],
    ["fragments › of a segment, in any order, make the segment", "RFC 815,RFC 1122"],
    ["fragments › the first of which does not hold every header are refused", "RFC 7112"],
    ["opening › a FIN where there is no connection yet means nothing", "U-23"],
    ["opening › an acknowledgment of the SYN is good though more was sent than that", "U-25"],
    ["opening › the same two ends an hour later begin an hour of ticks further on", "MUST-8,SHLD-1"],
    ["the acceptability test › is that of section 3.4, whatever the numbers", "U-03,U-02"],
  ],
  "test/conformance/urgent.test.ts": [
    ["the urgent pointer › is told when it appears and when it moves on, and not when it is said again", "MUST-32"],
    ["the urgent pointer › names the octet behind, on the wire in both directions", "MUST-62,RFC 6093"],
    ["urgent data between two hosts › 1 octets of it arrive, are announced, and end where they should", "MUST-30,MUST-31,MUST-32,MUST-33"],
    ["urgent data between two hosts › 1048576 octets of it arrive, are announced, and end where they should", "MUST-30,MUST-31,MUST-32,MUST-33"],
    ["urgent data between two hosts › 1460 octets of it arrive, are announced, and end where they should", "MUST-30,MUST-31,MUST-32,MUST-33"],
    ["urgent data between two hosts › 2 octets of it arrive, are announced, and end where they should", "MUST-30,MUST-31,MUST-32,MUST-33"],
    ["urgent data between two hosts › 70000 octets of it arrive, are announced, and end where they should", "MUST-30,MUST-31,MUST-32,MUST-33"],
    ["urgent data between two hosts › both ways at once", "MUST-30"],
  ],
  "test/conformance/windows.test.ts": [
    ["a window of ours that nobody reads from › stays closed as long as the user likes, and probes are answered with it", "MAY-8,U-15"],
    ["a window of ours that nobody reads from › still hears acknowledgments, and RST", "MUST-66"],
    ["a window of the peer › is used up to 65535, and never taken for a negative number", "MUST-1"],
    ["a window of the peer › scaled by 14 is a gigabyte, and still none too large", "MUST-1,REC-1,RFC 7323"],
    ["between two hosts › all that was sent before the close arrives, though much is lost, and then the end", "U-10,U-32"],
    ["between two hosts › what comes in the opposite order is put in order, and nothing is sent twice", "SHLD-31"],
    ["the segment size › of a peer that names none is 536 over IPv4, 1220 over IPv6", "MUST-15"],
    ["the segment size › of a peer that says 65535 is what the path takes", "U-13"],
  ],
  "test/drill/accurate-ecn/client-gives-up.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-server-has-none.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-server-is-broken.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-server-is-classic.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-syn-ack-ce.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-syn-ack-ect0.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-syn-ack-ect1.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-syn-ack-not-ect.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/client-syn-was-marked.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/counts-octets.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/counts-packets.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/first-has-text.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/no-option.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/sender-answers.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/sender-bleached.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/sender-ignores-old.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/sender-not-wrapped.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/sender-wrapped.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-classic.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-gives-up.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-ce.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-ect0.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-ect1.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-not-ect.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-sa.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-se.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-sea.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-sw.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/accurate-ecn/server-syn-swa.pkt": [
    ["", "RFC 9768"],
  ],
  "test/drill/backlog/cookie-guessed.pkt": [
    ["", "RFC 4987"],
  ],
  "test/drill/backlog/cookie-with-timestamps.pkt": [
    ["", "RFC 4987"],
  ],
  "test/drill/backlog/cookie.pkt": [
    ["", "RFC 4987"],
  ],
  "test/drill/backlog/listen-twice.pkt": [
    ["", "MUST-41"],
  ],
  "test/drill/backlog/listener-closed-after-accept.pkt": [
    ["", "MUST-41"],
  ],
  "test/drill/data/close-sends-what-is-queued.pkt": [
    ["", "U-10"],
  ],
  "test/drill/data/close-wait-calls.pkt": [
    ["", "U-28"],
  ],
  "test/drill/data/close-with-unread-data-in-close-wait.pkt": [
    ["", "SHLD-3"],
  ],
  "test/drill/data/close-with-unread-data.pkt": [
    ["", "SHLD-3"],
  ],
  "test/drill/data/closed-by-reset-while-reading.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/data/closed-by-reset.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/data/closing-calls.pkt": [
    ["", "U-27"],
  ],
  "test/drill/data/data-after-close-in-fin-wait-1.pkt": [
    ["", "SHLD-3"],
  ],
  "test/drill/data/data-after-close-in-fin-wait-2.pkt": [
    ["", "SHLD-3"],
  ],
  "test/drill/data/fin-wait-1-calls.pkt": [
    ["", "U-27"],
  ],
  "test/drill/data/fin-wait-2-calls.pkt": [
    ["", "U-27"],
  ],
  "test/drill/data/fin-with-data-after-close.pkt": [
    ["", "SHLD-3"],
  ],
  "test/drill/data/last-ack-calls.pkt": [
    ["", "U-27"],
  ],
  "test/drill/data/reset-after-data.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/data/reset-after-fin.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/data/time-wait-calls.pkt": [
    ["", "U-27"],
  ],
  "test/drill/delayed-ack/every-second-full-segment.pkt": [
    ["", "SHLD-19"],
  ],
  "test/drill/delayed-ack/from-the-first-segment.pkt": [
    ["", "MUST-40,SHLD-18"],
  ],
  "test/drill/delayed-ack/more-than-a-segment.pkt": [
    ["", "SHLD-19"],
  ],
  "test/drill/delayed-ack/out-of-order-at-once.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/delayed-ack/put-together-on-the-way.pkt": [
    ["", "MUST-58"],
  ],
  "test/drill/delayed-ack/rides-on-data.pkt": [
    ["", "SHLD-18"],
  ],
  "test/drill/delayed-ack/single-segment.pkt": [
    ["", "MUST-40,SHLD-18"],
  ],
  "test/drill/delayed-ack/slow-start.pkt": [
    ["", "SHLD-18,SHLD-19"],
  ],
  "test/drill/ecn/ce-is-echoed-until-cwr.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/ce-outside-the-window.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/ce-without-agreement.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/client-asks.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/client-does-not-ask.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/client-is-refused.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/cwr-after-a-loss.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/cwr-and-ce-together.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/ece-halves-the-window.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/ece-in-the-next-window.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/ece-once-a-window.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/echo-rides-on-data.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/probe-and-ack-are-not-capable.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/retransmission-is-not-capable.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/server-agrees.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/server-off.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/syn-ack-repeated.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/syn-ack-with-both-flags.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/syn-lost-twice.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/syn-with-cwr-only.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/ecn/syn-with-ece-only.pkt": [
    ["", "SHLD-8,RFC 3168"],
  ],
  "test/drill/fast-open/client-cookie-lengths.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/client-data-on-the-syn.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/client-only-the-syn-is-taken.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/client-partly-taken.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/client-syn-lost.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/client-too-big-for-the-path.pkt": [
    ["", "RFC 7413,RFC 1191"],
  ],
  "test/drill/fast-open/client-too-much-is-acknowledged.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-answers-early.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-bad-cookie.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-closes-early.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-cookie-odd.pkt": [
    ["", "RFC 7413,MUST-6"],
  ],
  "test/drill/fast-open/server-cookie-too-long.pkt": [
    ["", "RFC 7413,MUST-6"],
  ],
  "test/drill/fast-open/server-cookie-too-short.pkt": [
    ["", "RFC 7413,MUST-6"],
  ],
  "test/drill/fast-open/server-experimental-request.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-experimental.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-gives-a-cookie.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-off.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-reset.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-syn-ack-lost.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/server-unread.pkt": [
    ["", "RFC 7413,SHLD-3"],
  ],
  "test/drill/fast-open/server-window-of-the-syn.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/fast-open/simultaneous.pkt": [
    ["", "RFC 7413"],
  ],
  "test/drill/half-close/close-after-half-close.pkt": [
    ["", "SHLD-3,U-26"],
  ],
  "test/drill/half-close/data-arrives-after-our-fin.pkt": [
    ["", "MAY-1,RFC 9293"],
  ],
  "test/drill/half-close/data-sent-after-peer-fin.pkt": [
    ["", "MAY-1,RFC 9293"],
  ],
  "test/drill/half-close/fin-waits-for-queued-data.pkt": [
    ["", "U-10,U-32"],
  ],
  "test/drill/half-close/read-after-peer-fin.pkt": [
    ["", "MUST-12,U-28"],
  ],
  "test/drill/half-close/reader-waits-for-fin.pkt": [
    ["", "U-11"],
  ],
  "test/drill/half-close/shutdown-twice-one-fin.pkt": [
    ["", "U-26"],
  ],
  "test/drill/half-close/write-after-shutdown.pkt": [
    ["", "U-27"],
  ],
  "test/drill/icmp/close-wait/frag-needed.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/close-wait/host-unreachable.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/close-wait/ipv6-packet-too-big.pkt": [
    ["", "RFC 8201"],
  ],
  "test/drill/icmp/close-wait/ipv6-port-unreachable.pkt": [
    ["", "MUST-54,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/close-wait/port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927,RFC 5461"],
  ],
  "test/drill/icmp/close-wait/source-quench.pkt": [
    ["", "MUST-54,MUST-55,RFC 5927"],
  ],
  "test/drill/icmp/closing/frag-needed.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/closing/host-unreachable.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/closing/ipv6-packet-too-big.pkt": [
    ["", "RFC 8201"],
  ],
  "test/drill/icmp/closing/ipv6-port-unreachable.pkt": [
    ["", "MUST-54,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/closing/port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927,RFC 5461"],
  ],
  "test/drill/icmp/closing/source-quench.pkt": [
    ["", "MUST-54,MUST-55,RFC 5927"],
  ],
  "test/drill/icmp/established/admin-prohibited.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/established/frag-needed-expires.pkt": [
    ["", "U-12,RFC 1191"],
  ],
  "test/drill/icmp/established/frag-needed-floor.pkt": [
    ["", "RFC 1191,RFC 5927"],
  ],
  "test/drill/icmp/established/frag-needed-no-mtu.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/established/frag-needed-not-in-flight.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/established/frag-needed-not-smaller.pkt": [
    ["", "RFC 1191,RFC 5927"],
  ],
  "test/drill/icmp/established/frag-needed-second-segment.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/established/frag-needed-twice.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/established/frag-needed.pkt": [
    ["", "U-12,RFC 1191"],
  ],
  "test/drill/icmp/established/host-unreachable.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/established/ipv6-admin-prohibited.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/established/ipv6-no-route.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/established/ipv6-packet-too-big-floor.pkt": [
    ["", "RFC 8201,RFC 5927"],
  ],
  "test/drill/icmp/established/ipv6-packet-too-big-not-in-flight.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/established/ipv6-packet-too-big.pkt": [
    ["", "U-12,RFC 8201"],
  ],
  "test/drill/icmp/established/ipv6-parameter-problem.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/established/ipv6-port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/established/ipv6-time-exceeded.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/established/net-unreachable.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/established/parameter-problem.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/established/port-unreachable-not-in-flight.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/established/port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927,RFC 5461"],
  ],
  "test/drill/icmp/established/protocol-unreachable.pkt": [
    ["", "MUST-54,RFC 5927,RFC 5461"],
  ],
  "test/drill/icmp/established/source-quench.pkt": [
    ["", "MUST-55,RFC 6633"],
  ],
  "test/drill/icmp/established/time-exceeded.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/fin-wait-1/frag-needed.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/fin-wait-1/host-unreachable.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/fin-wait-1/ipv6-packet-too-big.pkt": [
    ["", "RFC 8201"],
  ],
  "test/drill/icmp/fin-wait-1/ipv6-port-unreachable.pkt": [
    ["", "MUST-54,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/fin-wait-1/port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927,RFC 5461"],
  ],
  "test/drill/icmp/fin-wait-1/source-quench.pkt": [
    ["", "MUST-54,MUST-55,RFC 5927"],
  ],
  "test/drill/icmp/fin-wait-2/all-errors.pkt": [
    ["", "MUST-54,MUST-55,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/fin-wait-2/ipv6-all-errors.pkt": [
    ["", "MUST-54,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/last-ack/frag-needed.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/last-ack/host-unreachable.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/last-ack/ipv6-packet-too-big.pkt": [
    ["", "RFC 8201"],
  ],
  "test/drill/icmp/last-ack/ipv6-port-unreachable.pkt": [
    ["", "MUST-54,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/last-ack/port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927,RFC 5461"],
  ],
  "test/drill/icmp/last-ack/source-quench.pkt": [
    ["", "MUST-54,MUST-55,RFC 5927"],
  ],
  "test/drill/icmp/listen/port-unreachable.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/syn-received/frag-needed.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/syn-received/host-unreachable.pkt": [
    ["", "MUST-55,MUST-56"],
  ],
  "test/drill/icmp/syn-received/ipv6-port-unreachable.pkt": [
    ["", "MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/syn-received/port-unreachable.pkt": [
    ["", "RFC 5927"],
  ],
  "test/drill/icmp/syn-received/simultaneous-open-port-unreachable.pkt": [
    ["", "RFC 5927"],
  ],
  "test/drill/icmp/syn-sent/admin-prohibited.pkt": [
    ["", "MUST-54"],
  ],
  "test/drill/icmp/syn-sent/frag-needed.pkt": [
    ["", "RFC 1191"],
  ],
  "test/drill/icmp/syn-sent/host-unreachable-then-silence.pkt": [
    ["", "MUST-56,SHLD-25"],
  ],
  "test/drill/icmp/syn-sent/host-unreachable.pkt": [
    ["", "MUST-56,RFC 5461"],
  ],
  "test/drill/icmp/syn-sent/ipv6-address-unreachable.pkt": [
    ["", "MUST-56,RFC 5461"],
  ],
  "test/drill/icmp/syn-sent/ipv6-admin-prohibited.pkt": [
    ["", "MUST-54"],
  ],
  "test/drill/icmp/syn-sent/ipv6-no-route.pkt": [
    ["", "MUST-56,RFC 5461"],
  ],
  "test/drill/icmp/syn-sent/ipv6-packet-too-big.pkt": [
    ["", "RFC 8201"],
  ],
  "test/drill/icmp/syn-sent/ipv6-parameter-problem.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/syn-sent/ipv6-port-unreachable.pkt": [
    ["", "SHLD-26,MUST-54"],
  ],
  "test/drill/icmp/syn-sent/ipv6-time-exceeded.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/syn-sent/net-prohibited.pkt": [
    ["", "MUST-54"],
  ],
  "test/drill/icmp/syn-sent/net-unreachable.pkt": [
    ["", "MUST-56,RFC 5461"],
  ],
  "test/drill/icmp/syn-sent/parameter-problem.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/syn-sent/port-unreachable-not-in-flight.pkt": [
    ["", "MUST-54,RFC 5927"],
  ],
  "test/drill/icmp/syn-sent/port-unreachable.pkt": [
    ["", "SHLD-26,MUST-54,RFC 5461"],
  ],
  "test/drill/icmp/syn-sent/protocol-unreachable.pkt": [
    ["", "SHLD-26,MUST-54,RFC 5461"],
  ],
  "test/drill/icmp/syn-sent/source-quench.pkt": [
    ["", "MUST-55,RFC 6633"],
  ],
  "test/drill/icmp/syn-sent/time-exceeded.pkt": [
    ["", "MUST-56"],
  ],
  "test/drill/icmp/time-wait/all-errors.pkt": [
    ["", "MUST-54,MUST-55,MUST-56,RFC 5927"],
  ],
  "test/drill/icmp/time-wait/ipv6-all-errors.pkt": [
    ["", "MUST-54,MUST-56,RFC 5927"],
  ],
  "test/drill/keepalive/after-two-hours.pkt": [
    ["", "MUST-24,MUST-28,SHLD-12,MAY-5"],
  ],
  "test/drill/keepalive/gives-up.pkt": [
    ["", "MUST-29"],
  ],
  "test/drill/keepalive/idle-time-is-a-choice.pkt": [
    ["", "MUST-26,MUST-27"],
  ],
  "test/drill/keepalive/inherited.pkt": [
    ["", "MUST-24"],
  ],
  "test/drill/keepalive/not-while-data-is-outstanding.pkt": [
    ["", "MUST-26"],
  ],
  "test/drill/keepalive/off-by-default.pkt": [
    ["", "MUST-25"],
  ],
  "test/drill/keepalive/one-lost-probe-is-not-death.pkt": [
    ["", "MUST-29"],
  ],
  "test/drill/keepalive/probe-received.pkt": [
    ["", "U-07"],
  ],
  "test/drill/keepalive/turned-off.pkt": [
    ["", "MUST-24"],
  ],
  "test/drill/mss/absent-ipv4.pkt": [
    ["", "MUST-15"],
  ],
  "test/drill/mss/absent-ipv6.pkt": [
    ["", "MUST-15"],
  ],
  "test/drill/mss/absent-with-timestamps.pkt": [
    ["", "MUST-15,MUST-16"],
  ],
  "test/drill/mss/announced-from-the-mtu-ipv4.pkt": [
    ["", "MUST-67,SHLD-5"],
  ],
  "test/drill/mss/announced-from-the-mtu-ipv6.pkt": [
    ["", "MUST-67,SHLD-5"],
  ],
  "test/drill/mss/infinity.pkt": [
    ["", "U-13"],
  ],
  "test/drill/mss/larger-than-ours.pkt": [
    ["", "MUST-16"],
  ],
  "test/drill/mss/of-the-peer-as-a-client.pkt": [
    ["", "MUST-14"],
  ],
  "test/drill/mss/of-the-peer.pkt": [
    ["", "MUST-14,SHLD-28"],
  ],
  "test/drill/mss/only-on-syn.pkt": [
    ["", "MUST-5,MUST-65"],
  ],
  "test/drill/mss/path-mtu-ipv4.pkt": [
    ["", "MUST-16,U-12,RFC 1191"],
  ],
  "test/drill/mss/path-mtu-ipv6.pkt": [
    ["", "MUST-16,U-12,RFC 8201"],
  ],
  "test/drill/mss/path-mtu-not-believed.pkt": [
    ["", "U-12"],
  ],
  "test/drill/mss/small-mtu.pkt": [
    ["", "MUST-16,MUST-67"],
  ],
  "test/drill/mss/small.pkt": [
    ["", "MUST-14"],
  ],
  "test/drill/nagle/cork-is-overridden.pkt": [
    ["", "MUST-60,U-16"],
  ],
  "test/drill/nagle/cork.pkt": [
    ["", "MAY-16"],
  ],
  "test/drill/nagle/fin-lets-go.pkt": [
    ["", "U-32"],
  ],
  "test/drill/nagle/full-segment-does-not-wait.pkt": [
    ["", "SHLD-7,SHLD-28"],
  ],
  "test/drill/nagle/idle-sends-at-once.pkt": [
    ["", "SHLD-7"],
  ],
  "test/drill/nagle/more-that-never-comes.pkt": [
    ["", "MUST-60"],
  ],
  "test/drill/nagle/more-to-come.pkt": [
    ["", "MAY-15,MAY-16"],
  ],
  "test/drill/nagle/no-delay-is-inherited.pkt": [
    ["", "MUST-17"],
  ],
  "test/drill/nagle/no-delay-lets-go.pkt": [
    ["", "MUST-17"],
  ],
  "test/drill/nagle/no-delay.pkt": [
    ["", "MUST-17"],
  ],
  "test/drill/nagle/push-on-the-last.pkt": [
    ["", "MUST-61,SHLD-27"],
  ],
  "test/drill/nagle/second-tail-waits.pkt": [
    ["", "SHLD-7"],
  ],
  "test/drill/nagle/small-writes-wait.pkt": [
    ["", "MUST-60,SHLD-7"],
  ],
  "test/drill/nagle/tail-of-a-large-write.pkt": [
    ["", "SHLD-7"],
  ],
  "test/drill/options/end-of-list.pkt": [
    ["", "MUST-4"],
  ],
  "test/drill/options/forty-octets.pkt": [
    ["", "MUST-6"],
  ],
  "test/drill/options/illegal-on-syn.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/kind-without-length.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/known-with-a-wrong-length.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/length-one.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/length-past-the-end.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/length-zero.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/not-aligned.pkt": [
    ["", "MUST-64"],
  ],
  "test/drill/options/of-our-syn-ack.pkt": [
    ["", "SHLD-5"],
  ],
  "test/drill/options/of-our-syn.pkt": [
    ["", "SHLD-5,MAY-3"],
  ],
  "test/drill/options/on-a-fin-and-on-its-acknowledgment.pkt": [
    ["", "MUST-5,MUST-6"],
  ],
  "test/drill/options/only-no-operations.pkt": [
    ["", "MUST-4"],
  ],
  "test/drill/options/sack-blocks-of-odd-length.pkt": [
    ["", "MUST-7"],
  ],
  "test/drill/options/unknown-on-data.pkt": [
    ["", "MUST-5,MUST-6"],
  ],
  "test/drill/options/unknown-on-reset.pkt": [
    ["", "MUST-5,MUST-6,SHLD-2"],
  ],
  "test/drill/options/unknown-on-syn.pkt": [
    ["", "MUST-6,MUST-68,RFC 6994"],
  ],
  "test/drill/paws/equal-timestamp-is-taken.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/idle-for-23-days.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/idle-for-24-days.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/old-acknowledgment.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/old-fin.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/old-syn.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/old-timestamp-is-dropped.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/reset-is-exempt.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/paws/timestamp-wraps.pkt": [
    ["", "U-02,RFC 7323"],
  ],
  "test/drill/persist/closes-again.pkt": [
    ["", "SHLD-29"],
  ],
  "test/drill/persist/gives-up-when-probes-are-not-answered.pkt": [
    ["", "MUST-20"],
  ],
  "test/drill/persist/half-of-the-largest-window.pkt": [
    ["", "MUST-38,U-16"],
  ],
  "test/drill/persist/lost-window-update.pkt": [
    ["", "MUST-36"],
  ],
  "test/drill/persist/older-segment-closes-no-window.pkt": [
    ["", "U-20"],
  ],
  "test/drill/persist/one-octet-window.pkt": [
    ["", "MUST-38,U-16"],
  ],
  "test/drill/persist/probes-at-most-a-minute-apart.pkt": [
    ["", "SHLD-30"],
  ],
  "test/drill/persist/probes-double.pkt": [
    ["", "MUST-36,SHLD-29,SHLD-30"],
  ],
  "test/drill/persist/rest-of-a-window-waits.pkt": [
    ["", "MUST-38"],
  ],
  "test/drill/persist/stays-open-while-probes-are-answered.pkt": [
    ["", "MUST-37,RFC 6429"],
  ],
  "test/drill/persist/window-opens.pkt": [
    ["", "MUST-36"],
  ],
  "test/drill/persist/window-shrinks-over-data-in-flight.pkt": [
    ["", "MUST-34,SHLD-15,SHLD-16"],
  ],
  "test/drill/persist/window-taken-back.pkt": [
    ["", "MUST-34,MUST-35,SHLD-15,SHLD-17"],
  ],
  "test/drill/poll/peer-closes.pkt": [
    ["", "U-11"],
  ],
  "test/drill/poll/reset.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/profiles/freebsd/reset-in-time-wait.pkt": [
    ["", "RFC 1337"],
  ],
  "test/drill/profiles/freebsd/time-wait.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/profiles/linux/time-wait.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/reassembly/after-our-fin.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/reassembly/blocks-that-overlap.pkt": [
    ["", "SHLD-31,U-22"],
  ],
  "test/drill/reassembly/data-past-the-fin.pkt": [
    ["", "U-24"],
  ],
  "test/drill/reassembly/data-with-fin-out-of-order.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/reassembly/duplicate.pkt": [
    ["", "U-07"],
  ],
  "test/drill/reassembly/fin-out-of-order.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/reassembly/first-octet-missing.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/reassembly/gap-half-filled.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/reassembly/octet-by-octet.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/reassembly/one-segment-covers-all.pkt": [
    ["", "U-22"],
  ],
  "test/drill/reassembly/overlap-at-both-ends.pkt": [
    ["", "U-22"],
  ],
  "test/drill/reassembly/overlap-at-the-front.pkt": [
    ["", "U-22"],
  ],
  "test/drill/reassembly/reverse-order.pkt": [
    ["", "SHLD-31,RFC 5681"],
  ],
  "test/drill/reassembly/two-gaps.pkt": [
    ["", "SHLD-31,RFC 5681"],
  ],
  "test/drill/receive-window/ack-counts-in-a-closed-window.pkt": [
    ["", "MUST-66"],
  ],
  "test/drill/receive-window/closed-for-a-day.pkt": [
    ["", "MUST-25,MAY-8"],
  ],
  "test/drill/receive-window/closed-window-refuses-data.pkt": [
    ["", "U-15"],
  ],
  "test/drill/receive-window/data-past-the-edge-is-cut.pkt": [
    ["", "U-22"],
  ],
  "test/drill/receive-window/fin-past-the-edge-is-cut.pkt": [
    ["", "U-22"],
  ],
  "test/drill/receive-window/half-of-a-small-buffer.pkt": [
    ["", "MUST-39,U-16"],
  ],
  "test/drill/receive-window/no-silly-steps.pkt": [
    ["", "MUST-39"],
  ],
  "test/drill/receive-window/one-read-one-update.pkt": [
    ["", "MUST-39"],
  ],
  "test/drill/receive-window/reset-in-a-closed-window.pkt": [
    ["", "MUST-66"],
  ],
  "test/drill/receive-window/right-edge-stays-when-rounded.pkt": [
    ["", "SHLD-14,U-21"],
  ],
  "test/drill/receive-window/right-edge-stays-when-the-buffer-shrinks.pkt": [
    ["", "SHLD-14"],
  ],
  "test/drill/receive-window/segment-beyond-the-window.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/recovery/congestion-avoidance.pkt": [
    ["", "MUST-19,RFC 5681"],
  ],
  "test/drill/recovery/data-is-no-duplicate.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/duplicates-must-follow-each-other.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/each-duplicate-inflates.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/flight-not-cwnd.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/full-ack-no-burst.pkt": [
    ["", "RFC 6582"],
  ],
  "test/drill/recovery/full-ack-with-data-in-flight.pkt": [
    ["", "RFC 6582"],
  ],
  "test/drill/recovery/idle-restart.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/initial-window-after-syn-loss.pkt": [
    ["", "RFC 5681,RFC 6928"],
  ],
  "test/drill/recovery/initial-window-of-huge-segments.pkt": [
    ["", "RFC 6928"],
  ],
  "test/drill/recovery/initial-window-of-large-segments.pkt": [
    ["", "RFC 6928"],
  ],
  "test/drill/recovery/initial-window.pkt": [
    ["", "RFC 6928"],
  ],
  "test/drill/recovery/limited-transmit-within-the-window.pkt": [
    ["", "RFC 3042"],
  ],
  "test/drill/recovery/limited-transmit.pkt": [
    ["", "RFC 3042"],
  ],
  "test/drill/recovery/next-window-halves-again.pkt": [
    ["", "RFC 6582"],
  ],
  "test/drill/recovery/no-fast-retransmit-below-recover.pkt": [
    ["", "RFC 6582"],
  ],
  "test/drill/recovery/nothing-outstanding-no-duplicate.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/partial-ack-rearms-the-timer.pkt": [
    ["", "RFC 6298,RFC 6582"],
  ],
  "test/drill/recovery/partial-ack.pkt": [
    ["", "RFC 6582"],
  ],
  "test/drill/recovery/short-idle.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/slow-start-after-timeout.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/slow-start-counts-octets.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/slow-start.pkt": [
    ["", "MUST-19,RFC 5681"],
  ],
  "test/drill/recovery/three-duplicates.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/timeout-in-recovery.pkt": [
    ["", "RFC 5681,RFC 6582"],
  ],
  "test/drill/recovery/two-duplicates-are-no-loss.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/recovery/window-update-is-no-duplicate.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/rto/after-syn-ack-loss.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/after-syn-loss.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/count-starts-anew.pkt": [
    ["", "MUST-20"],
  ],
  "test/drill/rto/doubles-up-to-a-minute.pkt": [
    ["", "MUST-19,RFC 6298"],
  ],
  "test/drill/rto/fin-gives-up.pkt": [
    ["", "MUST-20"],
  ],
  "test/drill/rto/fin.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/first-sample.pkt": [
    ["", "MUST-18,RFC 6298"],
  ],
  "test/drill/rto/gives-up.pkt": [
    ["", "MUST-20"],
  ],
  "test/drill/rto/karn-and-fast-retransmit.pkt": [
    ["", "MUST-18,RFC 6298"],
  ],
  "test/drill/rto/karn.pkt": [
    ["", "MUST-18,U-14,RFC 6298"],
  ],
  "test/drill/rto/oldest-first-then-slow-start.pkt": [
    ["", "MUST-19,RFC 5681,RFC 6298"],
  ],
  "test/drill/rto/one-sample-a-round-trip.pkt": [
    ["", "MUST-18"],
  ],
  "test/drill/rto/second-sample.pkt": [
    ["", "MUST-18,RFC 6298"],
  ],
  "test/drill/rto/second-timeout-keeps-ssthresh.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/rto/syn-ack.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/syn-count.pkt": [
    ["", "MUST-21,MUST-22"],
  ],
  "test/drill/rto/syn.pkt": [
    ["", "MUST-22,MUST-23,RFC 6298"],
  ],
  "test/drill/rto/timer-restarts-on-ack.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/timer-starts-with-the-first.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/timer-stops.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/rto/timestamps-measure-a-retransmission.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/rto/timestamps-measure-the-original.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/sack-recovery/congestion-echoed.pkt": [
    ["", "RFC 3168,RFC 9937"],
  ],
  "test/drill/sack-recovery/counting-runs.pkt": [
    ["", "RFC 6675"],
  ],
  "test/drill/sack-recovery/counting.pkt": [
    ["", "RFC 6675"],
  ],
  "test/drill/sack-recovery/duplicate-undoes.pkt": [
    ["", "RFC 3708,RFC 2883"],
  ],
  "test/drill/sack-recovery/duplicate-widens-the-wait.pkt": [
    ["", "RFC 8985,RFC 2883"],
  ],
  "test/drill/sack-recovery/frto-peer-keeps-nothing.pkt": [
    ["", "RFC 5682"],
  ],
  "test/drill/sack-recovery/late-is-not-lost.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/limited-transmit.pkt": [
    ["", "RFC 3042,RFC 6675"],
  ],
  "test/drill/sack-recovery/lost-retransmission.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/never-sent-is-not-believed.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack-recovery/no-probe.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/sack-recovery/old-echo-undoes.pkt": [
    ["", "RFC 3522,RFC 4015"],
  ],
  "test/drill/sack-recovery/one-reported.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/overtaken-report.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack-recovery/probe-finds-the-rest.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/probe-is-new-data.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/probe-repaired-a-loss.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/probe-was-not-needed.pkt": [
    ["", "RFC 8985,RFC 2883"],
  ],
  "test/drill/sack-recovery/probes-then-timeout.pkt": [
    ["", "RFC 8985,RFC 6298"],
  ],
  "test/drill/sack-recovery/proportional-rate.pkt": [
    ["", "RFC 9937"],
  ],
  "test/drill/sack-recovery/reordering-is-remembered.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/several-gaps.pkt": [
    ["", "RFC 6675"],
  ],
  "test/drill/sack-recovery/tail-loss-probe.pkt": [
    ["", "RFC 8985"],
  ],
  "test/drill/sack-recovery/three-reported.pkt": [
    ["", "RFC 6675,RFC 8985"],
  ],
  "test/drill/sack-recovery/timeout-and-new-data.pkt": [
    ["", "RFC 5682"],
  ],
  "test/drill/sack-recovery/timeout-was-not-needed.pkt": [
    ["", "RFC 5682"],
  ],
  "test/drill/sack-recovery/window-shrinks.pkt": [
    ["", "SHLD-16"],
  ],
  "test/drill/sack/blocks-grow-together.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/blocks-on-data.pkt": [
    ["", "MUST-16,RFC 2018"],
  ],
  "test/drill/sack/client-not-answered.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/duplicate-above.pkt": [
    ["", "RFC 2883"],
  ],
  "test/drill/sack/duplicate-below.pkt": [
    ["", "RFC 2883"],
  ],
  "test/drill/sack/duplicate-takes-a-place.pkt": [
    ["", "RFC 2883,RFC 7323"],
  ],
  "test/drill/sack/duplicates-with-blocks-count.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/sack/first-gap-filled.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/four-blocks.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/newest-block-first.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/not-agreed.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/off.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/one-block.pkt": [
    ["", "MAY-13,RFC 2018"],
  ],
  "test/drill/sack/part-duplicate.pkt": [
    ["", "RFC 2883"],
  ],
  "test/drill/sack/reneging-is-survived.pkt": [
    ["", "RFC 2018"],
  ],
  "test/drill/sack/three-blocks-with-timestamps.pkt": [
    ["", "RFC 2018,RFC 7323"],
  ],
  "test/drill/simultaneous/close.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/simultaneous/open-completed-by-an-ack.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/simultaneous/open-is-reset.pkt": [
    ["", "MUST-11"],
  ],
  "test/drill/simultaneous/open-syn-ack-lost.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/simultaneous/open-with-data-on-the-syn.pkt": [
    ["", "MUST-10,U-04"],
  ],
  "test/drill/simultaneous/open-with-options.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/simultaneous/open.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/simultaneous/self-connect.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/states/close-wait/ack/ack-beyond-next.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/close-wait/ack/left-edge-opens-window.pkt": [
    ["", "RFC 1122"],
  ],
  "test/drill/states/close-wait/ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/close-wait/data/left-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/close-wait/data/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/data/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/close-wait/fin-ack/left-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/close-wait/fin-ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/fin-ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/fin-ack/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/close-wait/fin-without-ack/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/no-flags/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/close-wait/rst-ack/left-edge.pkt": [
    ["", "MUST-12,U-18,RFC 5961"],
  ],
  "test/drill/states/close-wait/rst-ack/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/close-wait/rst-ack/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/close-wait/rst/left-edge.pkt": [
    ["", "MUST-12,U-18,RFC 5961"],
  ],
  "test/drill/states/close-wait/rst/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/close-wait/rst/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/close-wait/syn-ack/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/close-wait/syn-ack/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/close-wait/syn/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/close-wait/syn/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/closed/ack/ack-largest.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/ack/after-reset.pkt": [
    ["", "MUST-12,U-05"],
  ],
  "test/drill/states/closed/ack/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/data/after-close.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/data/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/data/without-ack.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/fin-ack/after-abort.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/fin-ack/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/fin-without-ack/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/fin-without-ack/with-data.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/no-flags/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/rst-ack/all-flags.pkt": [
    ["", "U-08"],
  ],
  "test/drill/states/closed/rst-ack/ignored.pkt": [
    ["", "U-08"],
  ],
  "test/drill/states/closed/rst/ignored.pkt": [
    ["", "U-08"],
  ],
  "test/drill/states/closed/rst/with-data.pkt": [
    ["", "U-08"],
  ],
  "test/drill/states/closed/syn-ack/ack-zero.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/syn-ack/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/syn-fin/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/syn/options-ignored.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/syn/refused.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/syn/with-data.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closed/syn/wraps.pkt": [
    ["", "U-05,U-02"],
  ],
  "test/drill/states/closed/urg/reset.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/closing/ack/ack-beyond-next.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/closing/ack/left-edge-acks-data.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/states/closing/ack/left-edge-acks-part.pkt": [
    ["", "U-10,RFC 6298"],
  ],
  "test/drill/states/closing/ack/left-edge.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/states/closing/ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/closing/data/left-edge-acks-fin.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/closing/data/left-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/closing/data/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/data/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/closing/fin-ack/left-edge-acks-fin.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/closing/fin-ack/left-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/closing/fin-ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/fin-ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/fin-ack/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/closing/fin-without-ack/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/no-flags/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/closing/rst-ack/left-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/closing/rst-ack/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/closing/rst-ack/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/closing/rst/left-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/closing/rst/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/closing/rst/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/closing/syn-ack/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/closing/syn-ack/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/closing/syn/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/closing/syn/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/established/ack/ack-beyond-next.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/ack/ack-oldest.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/ack/ack-part.pkt": [
    ["", "MUST-18"],
  ],
  "test/drill/states/established/ack/ack-too-old.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/ack/challenge-limit.pkt": [
    ["", "RFC 5961,U-07"],
  ],
  "test/drill/states/established/ack/far-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/ack/far-right.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/ack/further-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/ack/inside.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/established/ack/left-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/established/ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/established/ack/past-right-edge.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/established/data/ack-beyond-next.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/data/ack-oldest.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/data/ack-too-old.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/data/crossing-left-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/established/data/crossing-right-edge.pkt": [
    ["", "U-22,RFC 2018"],
  ],
  "test/drill/states/established/data/far-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/data/far-right.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/data/inside.pkt": [
    ["", "SHLD-31,MAY-13,RFC 2018"],
  ],
  "test/drill/states/established/data/left-edge-second-segment.pkt": [
    ["", "SHLD-19,MUST-58"],
  ],
  "test/drill/states/established/data/left-edge.pkt": [
    ["", "U-03,SHLD-18,MUST-40"],
  ],
  "test/drill/states/established/data/outside-left-octet.pkt": [
    ["", "U-03,U-07,U-22"],
  ],
  "test/drill/states/established/data/outside-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/data/outside-right.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/data/right-edge.pkt": [
    ["", "U-03,RFC 2018"],
  ],
  "test/drill/states/established/data/whole-window-and-more.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/established/data/without-ack-outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/established/data/without-ack.pkt": [
    ["", "U-31"],
  ],
  "test/drill/states/established/fin-ack/ack-beyond-next.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/fin-ack/ack-too-old.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/established/fin-ack/crossing-left-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/established/fin-ack/crossing-right-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/established/fin-ack/far-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/fin-ack/far-right.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/fin-ack/inside.pkt": [
    ["", "SHLD-31,MAY-13"],
  ],
  "test/drill/states/established/fin-ack/left-edge.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/established/fin-ack/outside-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/fin-ack/past-right-edge.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/fin-ack/right-edge.pkt": [
    ["", "U-03,SHLD-31"],
  ],
  "test/drill/states/established/fin-ack/with-data.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/established/fin-without-ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/established/fin-without-ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/established/no-flags/outside-left.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/no-flags/past-right-edge.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/rst-ack/all-flags.pkt": [
    ["", "MUST-12,U-18"],
  ],
  "test/drill/states/established/rst-ack/far-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst-ack/inside-acks-data.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/established/rst-ack/inside.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst-ack/left-edge-ack-beyond-next.pkt": [
    ["", "MUST-12,U-08"],
  ],
  "test/drill/states/established/rst-ack/left-edge.pkt": [
    ["", "MUST-12,U-18"],
  ],
  "test/drill/states/established/rst-ack/outside-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst-ack/outside-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst-ack/right-edge.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/crossing-left-edge.pkt": [
    ["", "SHLD-2,U-18"],
  ],
  "test/drill/states/established/rst/far-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/far-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/inside-then-exact.pkt": [
    ["", "RFC 5961,MUST-12"],
  ],
  "test/drill/states/established/rst/inside.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/left-edge-unread-data.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/established/rst/left-edge-with-flight.pkt": [
    ["", "MUST-12,U-18"],
  ],
  "test/drill/states/established/rst/left-edge.pkt": [
    ["", "MUST-12,RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/outside-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/outside-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/right-edge.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/established/rst/with-data.pkt": [
    ["", "SHLD-2,MUST-12"],
  ],
  "test/drill/states/established/syn-ack/far-left.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-ack/inside.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-ack/left-edge.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-ack/outside-left.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-ack/outside-right.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-ack/right-edge.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-ack/window-ignored.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/established/syn-fin/inside.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-fin/left-edge.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-fin/outside-left.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn-fin/outside-right.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/after-peer-crash.pkt": [
    ["", "RFC 5961,U-19,MUST-12"],
  ],
  "test/drill/states/established/syn/challenge-limit.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/established/syn/far-left.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/far-right.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/inside.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/left-edge.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/outside-left.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/outside-right.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/right-edge.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/syn/with-data.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/established/urg/inside.pkt": [
    ["", "MUST-30,SHLD-31"],
  ],
  "test/drill/states/established/urg/left-edge.pkt": [
    ["", "MUST-30,MUST-62"],
  ],
  "test/drill/states/established/urg/outside-left.pkt": [
    ["", "U-22,MUST-30"],
  ],
  "test/drill/states/established/urg/outside-right.pkt": [
    ["", "U-03,U-07"],
  ],
  "test/drill/states/established/urg/pointer-beyond-text.pkt": [
    ["", "MUST-31,U-29"],
  ],
  "test/drill/states/established/urg/pointer-zero.pkt": [
    ["", "U-29"],
  ],
  "test/drill/states/established/urg/without-data.pkt": [
    ["", "MUST-30"],
  ],
  "test/drill/states/fin-wait-1/ack/ack-beyond-next.pkt": [
    ["", "RFC 5961,RFC 7323"],
  ],
  "test/drill/states/fin-wait-1/ack/ack-duplicate.pkt": [
    ["", "RFC 5681"],
  ],
  "test/drill/states/fin-wait-1/ack/ack-too-old.pkt": [
    ["", "MAY-12,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/ack/left-edge-acks-data.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/states/fin-wait-1/ack/left-edge-acks-part.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/states/fin-wait-1/ack/left-edge-fin-not-sent.pkt": [
    ["", "U-10"],
  ],
  "test/drill/states/fin-wait-1/ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-1/ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-1/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/fin-wait-1/data/crossing-left-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/fin-wait-1/data/crossing-right-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/fin-wait-1/data/left-edge.pkt": [
    ["", "SHLD-18,MUST-40"],
  ],
  "test/drill/states/fin-wait-1/data/outside.pkt": [
    ["", "U-07,U-22,RFC 2018,RFC 2883"],
  ],
  "test/drill/states/fin-wait-1/data/right-edge.pkt": [
    ["", "SHLD-31,MAY-13,U-03"],
  ],
  "test/drill/states/fin-wait-1/fin-ack/left-edge-acks-part.pkt": [
    ["", "U-10,RFC 6298"],
  ],
  "test/drill/states/fin-wait-1/fin-ack/left-edge.pkt": [
    ["", "MUST-12,MUST-13"],
  ],
  "test/drill/states/fin-wait-1/fin-ack/outside-left.pkt": [
    ["", "U-07,U-22"],
  ],
  "test/drill/states/fin-wait-1/fin-ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-1/fin-ack/right-edge.pkt": [
    ["", "SHLD-31,MAY-13"],
  ],
  "test/drill/states/fin-wait-1/fin-ack/with-data.pkt": [
    ["", "U-11"],
  ],
  "test/drill/states/fin-wait-1/fin-without-ack/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-1/no-flags/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-1/rst-ack/left-edge.pkt": [
    ["", "MUST-12,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/rst-ack/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/rst-ack/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/rst/left-edge.pkt": [
    ["", "MUST-12,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/rst/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/rst/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/syn-ack/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/syn-ack/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/syn/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-1/syn/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/ack/ack-beyond-next.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/ack/outside.pkt": [
    ["", "U-07,RFC 7323"],
  ],
  "test/drill/states/fin-wait-2/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/fin-wait-2/data/crossing-left-edge.pkt": [
    ["", "U-22,RFC 2883"],
  ],
  "test/drill/states/fin-wait-2/data/crossing-right-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/fin-wait-2/data/in-window-timestamps.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/states/fin-wait-2/data/left-edge.pkt": [
    ["", "SHLD-18,MUST-40"],
  ],
  "test/drill/states/fin-wait-2/data/outside.pkt": [
    ["", "U-07,U-22,RFC 2018,RFC 2883"],
  ],
  "test/drill/states/fin-wait-2/data/right-edge.pkt": [
    ["", "SHLD-31,MAY-13,U-03"],
  ],
  "test/drill/states/fin-wait-2/fin-ack/left-edge.pkt": [
    ["", "MUST-12,MUST-13"],
  ],
  "test/drill/states/fin-wait-2/fin-ack/outside-left.pkt": [
    ["", "U-07,U-22"],
  ],
  "test/drill/states/fin-wait-2/fin-ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-2/fin-ack/right-edge.pkt": [
    ["", "SHLD-31,MAY-13"],
  ],
  "test/drill/states/fin-wait-2/fin-ack/with-data.pkt": [
    ["", "U-11,U-22"],
  ],
  "test/drill/states/fin-wait-2/fin-without-ack/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-2/no-flags/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/fin-wait-2/rst-ack/left-edge.pkt": [
    ["", "MUST-12,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/rst-ack/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/rst-ack/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/rst/left-edge-unread.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/fin-wait-2/rst/left-edge-with-text.pkt": [
    ["", "SHLD-2,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/rst/left-edge.pkt": [
    ["", "MUST-12,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/rst/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/rst/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/syn-ack/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/syn-ack/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/syn/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/fin-wait-2/syn/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/last-ack/ack/ack-beyond-next.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/last-ack/ack/left-edge-acks-data.pkt": [
    ["", "RFC 6298"],
  ],
  "test/drill/states/last-ack/ack/left-edge-acks-part.pkt": [
    ["", "U-10,RFC 6298"],
  ],
  "test/drill/states/last-ack/ack/left-edge.pkt": [
    ["", "U-05"],
  ],
  "test/drill/states/last-ack/ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/last-ack/data/left-edge-acks-fin.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/last-ack/data/left-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/last-ack/data/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/data/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/last-ack/fin-ack/left-edge-acks-fin.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/last-ack/fin-ack/left-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/last-ack/fin-ack/outside-left.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/fin-ack/past-right-edge.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/fin-ack/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/last-ack/fin-without-ack/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/no-flags/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/last-ack/rst-ack/left-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/last-ack/rst-ack/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/last-ack/rst-ack/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/last-ack/rst/left-edge-data-in-flight.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/last-ack/rst/left-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/last-ack/rst/outside.pkt": [
    ["", "U-08,U-18,RFC 5961"],
  ],
  "test/drill/states/last-ack/rst/right-edge.pkt": [
    ["", "U-18,RFC 5961"],
  ],
  "test/drill/states/last-ack/syn-ack/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/last-ack/syn-ack/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/last-ack/syn/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/last-ack/syn/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/listen/ack/ack-zero.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/listen/ack/after-reset.pkt": [
    ["", "U-06,MUST-12"],
  ],
  "test/drill/states/listen/ack/reset.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/listen/data/reset.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/listen/fin-ack/reset.pkt": [
    ["", "U-06,U-23"],
  ],
  "test/drill/states/listen/fin-without-ack/ignored.pkt": [
    ["", "U-23"],
  ],
  "test/drill/states/listen/rst-ack/all-flags.pkt": [
    ["", "U-08,U-09"],
  ],
  "test/drill/states/listen/rst-ack/ignored.pkt": [
    ["", "U-08,U-09"],
  ],
  "test/drill/states/listen/rst/ignored.pkt": [
    ["", "U-09"],
  ],
  "test/drill/states/listen/rst/with-syn.pkt": [
    ["", "U-09"],
  ],
  "test/drill/states/listen/syn-ack/ack-zero.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/listen/syn-ack/reset.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/listen/syn-fin/opens.pkt": [
    ["", "U-23"],
  ],
  "test/drill/states/listen/syn/offers-nothing.pkt": [
    ["", "RFC 7323,SHLD-5"],
  ],
  "test/drill/states/listen/syn/opens.pkt": [
    ["", "MUST-14,MUST-41,SHLD-5"],
  ],
  "test/drill/states/listen/syn/with-data-then-reset.pkt": [
    ["", "U-04,MUST-11"],
  ],
  "test/drill/states/listen/syn/with-data.pkt": [
    ["", "U-04"],
  ],
  "test/drill/states/listen/syn/with-urg.pkt": [
    ["", "U-29"],
  ],
  "test/drill/states/listen/syn/wraps.pkt": [
    ["", "U-02"],
  ],
  "test/drill/states/listen/urg/reset.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/ack/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/ack/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/ack/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/ack/inside.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/ack/left-edge.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/states/syn-received-active/ack/past-right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/data/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/data/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/data/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/data/inside.pkt": [
    ["", "SHLD-31,MAY-13"],
  ],
  "test/drill/states/syn-received-active/data/left-edge.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/states/syn-received-active/data/outside-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/data/right-edge.pkt": [
    ["", "U-03,U-22"],
  ],
  "test/drill/states/syn-received-active/fin-ack/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/fin-ack/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/fin-ack/inside.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/states/syn-received-active/fin-ack/left-edge.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/syn-received-active/fin-ack/past-right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/rst-ack/inside.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst-ack/left-edge-ack-iss.pkt": [
    ["", "MUST-11,MUST-12"],
  ],
  "test/drill/states/syn-received-active/rst-ack/left-edge.pkt": [
    ["", "MUST-11,MUST-12"],
  ],
  "test/drill/states/syn-received-active/rst-ack/outside-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst-ack/outside-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst/far-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst/inside.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst/left-edge.pkt": [
    ["", "MUST-11,MUST-12,U-18"],
  ],
  "test/drill/states/syn-received-active/rst/outside-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst/outside-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/rst/right-edge.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-active/syn-ack/at-irs-ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/syn-ack/at-irs-ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-active/syn-ack/at-irs-window.pkt": [
    ["", "MUST-10,RFC 7323"],
  ],
  "test/drill/states/syn-received-active/syn-ack/at-irs-with-data.pkt": [
    ["", "MUST-10,U-04"],
  ],
  "test/drill/states/syn-received-active/syn-ack/at-irs.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/states/syn-received-active/syn-ack/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/syn-ack/inside.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/syn-received-active/syn-ack/left-edge.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/syn-received-active/syn-ack/outside-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/syn-ack/right-edge.pkt": [
    ["", "RFC 5961,U-03"],
  ],
  "test/drill/states/syn-received-active/syn-fin/left-edge.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/syn-received-active/syn/at-irs.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/states/syn-received-active/syn/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/syn/inside.pkt": [
    ["", "RFC 5961"],
  ],
  "test/drill/states/syn-received-active/syn/left-edge.pkt": [
    ["", "MUST-11,RFC 5961"],
  ],
  "test/drill/states/syn-received-active/syn/outside-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-active/syn/right-edge.pkt": [
    ["", "RFC 5961,U-03"],
  ],
  "test/drill/states/syn-received-active/urg/left-edge.pkt": [
    ["", "MUST-30"],
  ],
  "test/drill/states/syn-received-passive/ack/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/ack/ack-far-below.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/ack/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/ack/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/ack/inside.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/ack/past-right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/ack/right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/data/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/data/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/data/crossing-left-edge.pkt": [
    ["", "U-22"],
  ],
  "test/drill/states/syn-received-passive/data/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/data/inside.pkt": [
    ["", "RFC 2018,SHLD-31,MAY-13"],
  ],
  "test/drill/states/syn-received-passive/data/outside-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/data/right-edge.pkt": [
    ["", "U-03,RFC 2018"],
  ],
  "test/drill/states/syn-received-passive/fin-ack/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/fin-ack/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/fin-ack/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/fin-ack/inside.pkt": [
    ["", "SHLD-31"],
  ],
  "test/drill/states/syn-received-passive/fin-ack/left-edge.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/syn-received-passive/fin-ack/past-right-edge.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/rst-ack/inside.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst-ack/left-edge-ack-iss.pkt": [
    ["", "MUST-11,U-08"],
  ],
  "test/drill/states/syn-received-passive/rst-ack/left-edge.pkt": [
    ["", "MUST-11,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst-ack/outside-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst-ack/outside-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/far-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/far-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/inside.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/left-edge.pkt": [
    ["", "MUST-11,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/outside-left.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/outside-right.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/rst/right-edge.pkt": [
    ["", "RFC 5961,U-18"],
  ],
  "test/drill/states/syn-received-passive/syn-ack/at-irs-ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/syn-ack/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/syn-ack/inside.pkt": [
    ["", "MUST-11,U-03"],
  ],
  "test/drill/states/syn-received-passive/syn-ack/left-edge.pkt": [
    ["", "MUST-11,U-03"],
  ],
  "test/drill/states/syn-received-passive/syn-ack/outside-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/syn-ack/right-edge.pkt": [
    ["", "MUST-11,U-03"],
  ],
  "test/drill/states/syn-received-passive/syn-fin/left-edge.pkt": [
    ["", "MUST-11"],
  ],
  "test/drill/states/syn-received-passive/syn/far-left.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/syn/far-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/syn/inside.pkt": [
    ["", "MUST-11,U-03"],
  ],
  "test/drill/states/syn-received-passive/syn/left-edge.pkt": [
    ["", "MUST-11,U-03"],
  ],
  "test/drill/states/syn-received-passive/syn/outside-right.pkt": [
    ["", "U-03"],
  ],
  "test/drill/states/syn-received-passive/syn/right-edge.pkt": [
    ["", "MUST-11,U-03"],
  ],
  "test/drill/states/syn-received-passive/urg/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-received-passive/urg/left-edge.pkt": [
    ["", "MUST-30"],
  ],
  "test/drill/states/syn-sent/ack/ack-below-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/ack/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/ack/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/data/ack-beyond-next.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/data/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/fin-ack/ack-beyond-next.pkt": [
    ["", "U-06,U-23"],
  ],
  "test/drill/states/syn-sent/fin-ack/ack-iss.pkt": [
    ["", "U-06,U-23"],
  ],
  "test/drill/states/syn-sent/fin-ack/acks-syn.pkt": [
    ["", "U-23"],
  ],
  "test/drill/states/syn-sent/fin-without-ack/ignored.pkt": [
    ["", "U-23"],
  ],
  "test/drill/states/syn-sent/rst-ack/ack-below-iss.pkt": [
    ["", "U-08,U-09"],
  ],
  "test/drill/states/syn-sent/rst-ack/ack-beyond-next.pkt": [
    ["", "U-08,U-09"],
  ],
  "test/drill/states/syn-sent/rst-ack/ack-iss.pkt": [
    ["", "U-08,U-09"],
  ],
  "test/drill/states/syn-sent/rst-ack/all-flags.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/syn-sent/rst-ack/any-number.pkt": [
    ["", "MUST-12,U-09"],
  ],
  "test/drill/states/syn-sent/rst-ack/refused.pkt": [
    ["", "MUST-12,U-09"],
  ],
  "test/drill/states/syn-sent/rst/any-number.pkt": [
    ["", "U-09"],
  ],
  "test/drill/states/syn-sent/rst/with-data.pkt": [
    ["", "U-09"],
  ],
  "test/drill/states/syn-sent/syn-ack/ack-below-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/syn-ack/ack-beyond-next.pkt": [
    ["", "U-06,U-25"],
  ],
  "test/drill/states/syn-sent/syn-ack/ack-far-beyond.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/syn-ack/ack-iss.pkt": [
    ["", "U-06"],
  ],
  "test/drill/states/syn-sent/syn-ack/acks-syn.pkt": [
    ["", "MUST-14,RFC 7323"],
  ],
  "test/drill/states/syn-sent/syn-ack/twice.pkt": [
    ["", "RFC 5961,U-19"],
  ],
  "test/drill/states/syn-sent/syn-ack/window-unscaled.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/states/syn-sent/syn-ack/with-data.pkt": [
    ["", "U-04"],
  ],
  "test/drill/states/syn-sent/syn-ack/with-urg.pkt": [
    ["", "MUST-30"],
  ],
  "test/drill/states/syn-sent/syn-fin-ack/ack-iss.pkt": [
    ["", "U-06,U-23"],
  ],
  "test/drill/states/syn-sent/syn-fin-ack/acks-syn.pkt": [
    ["", "MUST-12"],
  ],
  "test/drill/states/syn-sent/syn-fin/simultaneous.pkt": [
    ["", "MUST-10,U-23"],
  ],
  "test/drill/states/syn-sent/syn/simultaneous.pkt": [
    ["", "MUST-10"],
  ],
  "test/drill/states/syn-sent/syn/with-data.pkt": [
    ["", "MUST-10,U-04"],
  ],
  "test/drill/states/syn-sent/syn/wraps.pkt": [
    ["", "MUST-10,U-02"],
  ],
  "test/drill/states/time-wait/ack/ack-beyond-next.pkt": [
    ["", "MUST-13,RFC 5961"],
  ],
  "test/drill/states/time-wait/ack/left-edge.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/states/time-wait/ack/outside.pkt": [
    ["", "U-07,MUST-13"],
  ],
  "test/drill/states/time-wait/ack/right-edge.pkt": [
    ["", "U-03,MUST-13"],
  ],
  "test/drill/states/time-wait/data/left-edge.pkt": [
    ["", "U-24,MUST-13"],
  ],
  "test/drill/states/time-wait/data/outside.pkt": [
    ["", "U-07,MUST-13"],
  ],
  "test/drill/states/time-wait/data/right-edge.pkt": [
    ["", "U-24"],
  ],
  "test/drill/states/time-wait/fin-ack/further-left.pkt": [
    ["", "MUST-13,U-07"],
  ],
  "test/drill/states/time-wait/fin-ack/left-edge.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/states/time-wait/fin-ack/outside-left-old-timestamp.pkt": [
    ["", "MUST-13,RFC 7323"],
  ],
  "test/drill/states/time-wait/fin-ack/outside-left-with-data.pkt": [
    ["", "MUST-13,U-22"],
  ],
  "test/drill/states/time-wait/fin-ack/outside-left.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/states/time-wait/fin-ack/right-edge-and-past.pkt": [
    ["", "MUST-13,U-07"],
  ],
  "test/drill/states/time-wait/fin-without-ack/in-window.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/states/time-wait/fin-without-ack/outside.pkt": [
    ["", "U-07,MUST-13"],
  ],
  "test/drill/states/time-wait/no-flags/in-window.pkt": [
    ["", "MUST-13"],
  ],
  "test/drill/states/time-wait/no-flags/outside.pkt": [
    ["", "U-07"],
  ],
  "test/drill/states/time-wait/rst-ack/in-window.pkt": [
    ["", "MUST-13,RFC 1337"],
  ],
  "test/drill/states/time-wait/rst-ack/outside.pkt": [
    ["", "RFC 1337"],
  ],
  "test/drill/states/time-wait/rst/in-window.pkt": [
    ["", "MUST-13,RFC 1337"],
  ],
  "test/drill/states/time-wait/rst/left-edge-unread.pkt": [
    ["", "RFC 1337"],
  ],
  "test/drill/states/time-wait/rst/outside.pkt": [
    ["", "U-08,RFC 1337"],
  ],
  "test/drill/states/time-wait/syn-ack/in-window.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/time-wait/syn-ack/outside.pkt": [
    ["", "U-07,U-19,RFC 5961"],
  ],
  "test/drill/states/time-wait/syn/further-left.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/further-right.pkt": [
    ["", "SHLD-4,MAY-2,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/left-edge.pkt": [
    ["", "SHLD-4,MAY-2,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/no-listener.pkt": [
    ["", "U-19,RFC 5961"],
  ],
  "test/drill/states/time-wait/syn/old-duplicate-reset.pkt": [
    ["", "MAY-2"],
  ],
  "test/drill/states/time-wait/syn/outside-left.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/right-edge.pkt": [
    ["", "SHLD-4,MAY-2,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/timestamp-equal-seq-newer.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/timestamp-equal-seq-old.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/timestamp-gone-seq-newer.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/timestamp-gone-seq-old.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/timestamp-new.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/states/time-wait/syn/timestamp-newer.pkt": [
    ["", "SHLD-4,RFC 6191,RFC 7323"],
  ],
  "test/drill/states/time-wait/syn/timestamp-older.pkt": [
    ["", "SHLD-4,RFC 6191"],
  ],
  "test/drill/timestamps/appearing-later.pkt": [
    ["", "MUST-5,RFC 7323"],
  ],
  "test/drill/timestamps/bad-ack-is-not-recorded.pkt": [
    ["", "RFC 5961,RFC 7323"],
  ],
  "test/drill/timestamps/duplicate-is-not-echoed.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/echo-in-a-gap.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/echo-of-a-delayed-ack.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/echo-of-a-filled-gap.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/full-segments-are-shorter.pkt": [
    ["", "MUST-16,RFC 6691"],
  ],
  "test/drill/timestamps/missing-is-dropped.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/not-offered-by-us.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/off-as-a-server.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/on-every-segment.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/peer-does-not-offer.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/reset-without.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/timestamps/unaligned.pkt": [
    ["", "MUST-64,RFC 7323"],
  ],
  "test/drill/tos-ttl/ecn-bits-are-not-the-users.pkt": [
    ["", "SHLD-22"],
  ],
  "test/drill/tos-ttl/tos-and-ecn-together.pkt": [
    ["", "SHLD-22"],
  ],
  "test/drill/tos-ttl/tos-changed.pkt": [
    ["", "SHLD-21"],
  ],
  "test/drill/tos-ttl/tos-in-time-wait.pkt": [
    ["", "MUST-45,MUST-48"],
  ],
  "test/drill/tos-ttl/tos-of-a-client.pkt": [
    ["", "MUST-48"],
  ],
  "test/drill/tos-ttl/tos-of-a-listener.pkt": [
    ["", "MUST-48"],
  ],
  "test/drill/tos-ttl/tos-of-a-reset.pkt": [
    ["", "MUST-48"],
  ],
  "test/drill/tos-ttl/ttl-of-a-listener.pkt": [
    ["", "MUST-49"],
  ],
  "test/drill/tos-ttl/ttl.pkt": [
    ["", "MUST-49"],
  ],
  "test/drill/urgent/announced-before-it-is-sent.pkt": [
    ["", "MUST-30"],
  ],
  "test/drill/urgent/further-than-the-pointer-reaches.pkt": [
    ["", "MUST-31"],
  ],
  "test/drill/urgent/many-segments.pkt": [
    ["", "MUST-31,MUST-62"],
  ],
  "test/drill/urgent/one-octet.pkt": [
    ["", "MUST-30,MUST-62,RFC 6093"],
  ],
  "test/drill/urgent/received-after-fin.pkt": [
    ["", "U-24"],
  ],
  "test/drill/urgent/received-in-a-closed-window.pkt": [
    ["", "MUST-66"],
  ],
  "test/drill/urgent/received-in-line.pkt": [
    ["", "MUST-30,MUST-32,MUST-33,RFC 6093"],
  ],
  "test/drill/urgent/received-pointer-beyond.pkt": [
    ["", "MUST-32,MUST-33,U-29"],
  ],
  "test/drill/urgent/received-pointer-one.pkt": [
    ["", "MUST-33,MUST-62,RFC 6093"],
  ],
  "test/drill/urgent/received-pointer-recedes.pkt": [
    ["", "U-29"],
  ],
  "test/drill/urgent/received-pointer-zero.pkt": [
    ["", "U-29"],
  ],
  "test/drill/urgent/received-without-data.pkt": [
    ["", "MUST-32"],
  ],
  "test/drill/user-timeout/closed-window-is-no-timeout.pkt": [
    ["", "MUST-37"],
  ],
  "test/drill/user-timeout/five-minutes.pkt": [
    ["", "SHLD-11,U-17"],
  ],
  "test/drill/user-timeout/idle-is-no-timeout.pkt": [
    ["", "U-17"],
  ],
  "test/drill/user-timeout/none.pkt": [
    ["", "MUST-21"],
  ],
  "test/drill/user-timeout/of-a-fin.pkt": [
    ["", "U-17"],
  ],
  "test/drill/user-timeout/progress-puts-it-off.pkt": [
    ["", "U-17"],
  ],
  "test/drill/user-timeout/three-seconds.pkt": [
    ["", "MUST-21,U-17"],
  ],
  "test/drill/user-timeout/while-opening.pkt": [
    ["", "MUST-21,U-17"],
  ],
  "test/drill/window-scale/absent.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/client-answered.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/client-not-answered.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/fifteen.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/fourteen.pkt": [
    ["", "MUST-1,REC-1,RFC 7323"],
  ],
  "test/drill/window-scale/largest-octet.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/off.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/only-on-syn.pkt": [
    ["", "MUST-5,RFC 7323"],
  ],
  "test/drill/window-scale/seven.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/syn-is-never-scaled.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/window-scale/unsigned.pkt": [
    ["", "MUST-1"],
  ],
  "test/drill/window-scale/zero.pkt": [
    ["", "RFC 7323"],
  ],
  "test/drill/wrap/data-across-two-to-the-31.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/data-across-zero.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/fin-at-the-last-number.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/fin-at-two-to-the-31.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/fin-before-data-across-zero.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/old-duplicate-below-zero.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/reset-across-zero.pkt": [
    ["", "U-02,RFC 5961"],
  ],
  "test/drill/wrap/reverse-order-across-zero.pkt": [
    ["", "SHLD-31,U-02"],
  ],
  "test/drill/wrap/sack-across-two-to-the-31.pkt": [
    ["", "U-02,RFC 2018"],
  ],
  "test/drill/wrap/sack-across-zero.pkt": [
    ["", "U-02,RFC 2018"],
  ],
  "test/drill/wrap/syn-at-the-last-number.pkt": [
    ["", "U-02"],
  ],
  "test/drill/wrap/urgent-across-zero.pkt": [
    ["", "MUST-33,U-02"],
  ],
  "test/drill/wrap/window-across-zero.pkt": [
    ["", "U-02,U-03"],
  ],
  "test/drill/wrap/window-update-across-zero.pkt": [
    ["", "U-02,U-20"],
  ],
  "test/kernel/icmp.test.ts": [
    ["the host beside TCP, IPv4 › answers ping with 0 to 8000 bytes", "RFC 792"],
    ["the host beside TCP, IPv4 › says that nobody listens to a UDP port: ECONNREFUSED", "RFC 1122"],
    ["the host beside TCP, IPv6 › answers ping with 0 to 8000 bytes", "RFC 4443"],
    ["the host beside TCP, IPv6 › says that nobody listens to a UDP port: ECONNREFUSED", "RFC 1122"],
  ],
  "test/kernel/negotiation.test.ts": [
    ["what estab and the kernel agree on, IPv4 › a route of the kernel that is narrower than its link: it says so in its MSS", "MUST-14,MUST-16"],
    ["what estab and the kernel agree on, IPv4 › all options: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv4 › no SACK: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv4 › no options at all: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv4 › no timestamps: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv4 › no window scaling: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv6 › a route of the kernel that is narrower than its link: it says so in its MSS", "MUST-14,MUST-16"],
    ["what estab and the kernel agree on, IPv6 › all options: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv6 › no SACK: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv6 › no options at all: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv6 › no timestamps: the kernel asks, estab asks", "MUST-14,RFC 7323"],
    ["what estab and the kernel agree on, IPv6 › no window scaling: the kernel asks, estab asks", "MUST-14,RFC 7323"],
  ],
  "test/kernel/newer-linux.test.ts": [
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: agreed, and nothing is marked on a clean path", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: marks on what Linux sends are counted by estab, and told", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: marks on what Linux sends, of whose octets estab tells always", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: marks on what Linux sends, of whose octets estab tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: marks on what estab sends are counted by Linux, told, and answered", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: marks on what estab sends, of whose octets Linux tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux asks: marks on what estab sends, of whose octets Linux tells where it must", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › Linux's SYN,ACK was marked on the way: estab says so, and Linux marks nothing more", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: agreed, and nothing is marked on a clean path", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: marks on what Linux sends are counted by estab, and told", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: marks on what Linux sends, of whose octets estab tells always", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: marks on what Linux sends, of whose octets estab tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: marks on what estab sends are counted by Linux, told, and answered", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: marks on what estab sends, of whose octets Linux tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab asks: marks on what estab sends, of whose octets Linux tells where it must", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab's SYN was marked on the way: it marks nothing more", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv4 › estab's SYN,ACK was marked on the way: it marks nothing more", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: agreed, and nothing is marked on a clean path", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: marks on what Linux sends are counted by estab, and told", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: marks on what Linux sends, of whose octets estab tells always", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: marks on what Linux sends, of whose octets estab tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: marks on what estab sends are counted by Linux, told, and answered", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: marks on what estab sends, of whose octets Linux tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux asks: marks on what estab sends, of whose octets Linux tells where it must", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › Linux's SYN,ACK was marked on the way: estab says so, and Linux marks nothing more", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: agreed, and nothing is marked on a clean path", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: marks on what Linux sends are counted by estab, and told", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: marks on what Linux sends, of whose octets estab tells always", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: marks on what Linux sends, of whose octets estab tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: marks on what estab sends are counted by Linux, told, and answered", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: marks on what estab sends, of whose octets Linux tells never", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab asks: marks on what estab sends, of whose octets Linux tells where it must", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab's SYN was marked on the way: it marks nothing more", "RFC 9768"],
    ["a newer Linux, in QEMU › accurate ECN, IPv6 › estab's SYN,ACK was marked on the way: it marks nothing more", "RFC 9768"],
  ],
  "test/kernel/path-mtu.test.ts": [
    ["path MTU with the kernel, IPv4 › estab hears that its packets are too big, and makes them smaller", "U-12,RFC 1191"],
    ["path MTU with the kernel, IPv4 › nobody says that they are too big: estab finds out by itself", "RFC 4821"],
    ["path MTU with the kernel, IPv4 › the kernel is a router with a narrow link behind it", "U-12,RFC 1191"],
    ["path MTU with the kernel, IPv6 › estab hears that its packets are too big, and makes them smaller", "U-12,RFC 8201"],
    ["path MTU with the kernel, IPv6 › nobody says that they are too big: estab finds out by itself", "RFC 4821"],
    ["path MTU with the kernel, IPv6 › the kernel is a router with a narrow link behind it", "U-12,RFC 8201"],
  ],
  "test/kernel/resets.test.ts": [
    ["resets with the kernel, IPv4 › estab releases with data unread: a reset", "SHLD-3"],
    ["resets with the kernel, IPv4 › estab was switched off and on again: what the kernel sends is answered with RST", "U-05"],
    ["resets with the kernel, IPv4 › the kernel resets an open connection", "MUST-12"],
    ["resets with the kernel, IPv6 › estab releases with data unread: a reset", "SHLD-3"],
    ["resets with the kernel, IPv6 › estab was switched off and on again: what the kernel sends is answered with RST", "U-05"],
    ["resets with the kernel, IPv6 › the kernel resets an open connection", "MUST-12"],
  ],
  "test/kernel/settings.test.ts": [
    ["a kernel with other settings, IPv4 › estab sends cookies, and the kernel comes back with them", "RFC 4987"],
    ["a kernel with other settings, IPv4 › tcp_ecn = 1: it offers ECN, and estab accepts", "SHLD-8"],
    ["a kernel with other settings, IPv6 › estab sends cookies, and the kernel comes back with them", "RFC 4987"],
    ["a kernel with other settings, IPv6 › tcp_ecn = 1: it offers ECN, and estab accepts", "SHLD-8"],
    ["firewalls and failures, IPv4 › an ICMP error does not end an open connection", "SHLD-26,RFC 5461"],
    ["firewalls and failures, IPv4 › reject with icmp type admin-prohibited: EACCES", "MUST-54"],
    ["firewalls and failures, IPv4 › reject with icmp type port-unreachable: ECONNREFUSED", "MUST-54"],
    ["firewalls and failures, IPv4 › the user timeout of estab", "U-17"],
    ["firewalls and failures, IPv6 › an ICMP error does not end an open connection", "SHLD-26,RFC 5461"],
    ["firewalls and failures, IPv6 › reject with icmpv6 type admin-prohibited: EACCES", "MUST-54"],
    ["firewalls and failures, IPv6 › reject with icmpv6 type port-unreachable: ECONNREFUSED", "MUST-54"],
    ["firewalls and failures, IPv6 › the user timeout of estab", "U-17"],
  ],
  "test/kernel/states.test.ts": [
    ["closing with the kernel, IPv4 › estab closes its half, the kernel sends megabytes and then its FIN", "MAY-1"],
    ["closing with the kernel, IPv4 › estab first: kernel CLOSE-WAIT, LAST-ACK, gone; estab FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT", "MUST-13"],
    ["closing with the kernel, IPv4 › the kernel closes its half, estab sends megabytes and then its FIN", "U-10"],
    ["closing with the kernel, IPv4 › the last ACK of estab is lost: the FIN comes again, TIME_WAIT starts again", "MUST-13"],
    ["closing with the kernel, IPv6 › estab closes its half, the kernel sends megabytes and then its FIN", "MAY-1"],
    ["closing with the kernel, IPv6 › estab first: kernel CLOSE-WAIT, LAST-ACK, gone; estab FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT", "MUST-13"],
    ["closing with the kernel, IPv6 › the kernel closes its half, estab sends megabytes and then its FIN", "U-10"],
    ["closing with the kernel, IPv6 › the last ACK of estab is lost: the FIN comes again, TIME_WAIT starts again", "MUST-13"],
    ["opening with the kernel, IPv4 › simultaneously: SYNs cross, both come to SYN-RECEIVED and ESTABLISHED, data flows", "MUST-10"],
    ["opening with the kernel, IPv6 › simultaneously: SYNs cross, both come to SYN-RECEIVED and ESTABLISHED, data flows", "MUST-10"],
  ],
  "test/kernel/windows.test.ts": [
    ["keep-alive with the kernel, IPv4 › estab asks, the kernel answers", "MUST-27,SHLD-12,MAY-5"],
    ["keep-alive with the kernel, IPv6 › estab asks, the kernel answers", "MUST-27,SHLD-12,MAY-5"],
    ["urgent data with the kernel, IPv4 › from estab, in line, up to the mark", "MUST-30,MUST-62,RFC 6093"],
    ["urgent data with the kernel, IPv4 › from estab, out of band", "MUST-30,MUST-62"],
    ["urgent data with the kernel, IPv4 › from the kernel", "MUST-30,MUST-33,RFC 6093"],
    ["urgent data with the kernel, IPv6 › from estab, in line, up to the mark", "MUST-30,MUST-62,RFC 6093"],
    ["urgent data with the kernel, IPv6 › from estab, out of band", "MUST-30,MUST-62"],
    ["urgent data with the kernel, IPv6 › from the kernel", "MUST-30,MUST-33,RFC 6093"],
    ["windows with the kernel, IPv4 › the kernel opens its window, and estab does not hear of it: a probe finds out", "MUST-36"],
    ["windows with the kernel, IPv4 › the reader at estab stops: the kernel persists, and goes on", "MAY-8,U-15"],
    ["windows with the kernel, IPv4 › the reader in the kernel stops: estab probes, and goes on", "MUST-36,MUST-37"],
    ["windows with the kernel, IPv6 › the kernel opens its window, and estab does not hear of it: a probe finds out", "MUST-36"],
    ["windows with the kernel, IPv6 › the reader at estab stops: the kernel persists, and goes on", "MAY-8,U-15"],
    ["windows with the kernel, IPv6 › the reader in the kernel stops: estab probes, and goes on", "MUST-36,MUST-37"],
  ],
  "test/sim/lossy.test.ts": [
    ["a path that loses and does not reorder › no recovery is taken back, bbr, no timestamps", "RFC 3522,RFC 4015,RFC 3708"],
    ["a path that loses and does not reorder › no recovery is taken back, bbr, timestamps", "RFC 3522,RFC 4015,RFC 3708"],
    ["a path that loses and does not reorder › no recovery is taken back, cubic, no timestamps", "RFC 3522,RFC 4015,RFC 3708"],
    ["a path that loses and does not reorder › no recovery is taken back, cubic, timestamps", "RFC 3522,RFC 4015,RFC 3708"],
    ["a path that loses and does not reorder › no recovery is taken back, reno, no timestamps", "RFC 3522,RFC 4015,RFC 3708"],
    ["a path that loses and does not reorder › no recovery is taken back, reno, timestamps", "RFC 3522,RFC 4015,RFC 3708"],
  ],
  "test/sim/path-probe.test.ts": [
    ["a path that loses large packets without a word › is found out by timeouts: smaller segments get through", "RFC 4821"],
    ["a path that loses large packets without a word › is searched: in the end segments are nearly as large as fits, and no probe costs any of the window", "RFC 4821"],
    ["a path that loses large packets without a word › that gets wider is found out within some ten minutes", "RFC 4821"],
  ],
  "test/sim/random-worlds.test.ts": [
    ["random worlds › keep every promise of TCP: seeds 1 to 100", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 101 to 200", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 201 to 300", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 301 to 400", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 401 to 500", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 501 to 600", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 601 to 700", "U-10,U-21"],
    ["random worlds › keep every promise of TCP: seeds 701 to 800", "U-10,U-21"],
  ],
  "test/sim/reordering.test.ts": [
    ["a path that reorders › is learnt also from segments that had all gone again when they came: hardly anything is sent twice", "RFC 8985"],
  ],
  "test/stack/fast-open.test.ts": [
    ["TCP Fast Open › a place that a RST has emptied stays taken for a minute, or a forger could have any number", "RFC 7413"],
    ["TCP Fast Open › closing with the data of the SYN unread resets, as later", "SHLD-3"],
  ],
  "test/stack/fragments.test.ts": [
    ["reassembly › gives back what was cut up, or nothing, however it was", "RFC 815,RFC 791"],
    ["reassembly › puts pieces together in whatever order they come", "RFC 815"],
    ["reassembly › refuses TCP headers in pieces", "RFC 1858,RFC 3128"],
    ["reassembly › throws a datagram away whose fragments overlap, and the rest of it", "RFC 5722"],
  ],
  "test/stack/host-cache.test.ts": [
    ["TCB sharing › one that is over leaves its round-trip time and ssthresh behind", "RFC 9040"],
    ["TCB sharing › one that is there lends what it knows now", "RFC 9040"],
  ],
  "test/stack/icmp.test.ts": [
    ["echo › is answered with the same bytes, over both versions", "RFC 792,RFC 4443,RFC 1122"],
    ["errors about our segments (A11) › do not end an open connection, hard or not", "MUST-56,SHLD-26,RFC 5461,RFC 5927"],
    ["errors about our segments (A11) › end a connection that is not open, if they are hard and quote its SYN", "SHLD-25,SHLD-26,MUST-54,MUST-56,RFC 792,RFC 4443,RFC 1122"],
    ["errors about our segments (A11) › make segments smaller, but not smaller than is believable (CVE-2004-1060)", "MUST-16,U-12,RFC 1191"],
    ["errors about our segments (A11) › mean nothing if they quote anything else", "MUST-54,RFC 5927"],
    ["errors about packets of others › are never about errors (RFC 1122 section 3.2.2, RFC 4443 section 2.4)", "RFC 1122,RFC 4443"],
    ["errors about packets of others › are not sent about packets for groups, for others, or from those who cannot be answered", "RFC 1122,RFC 4443"],
    ["errors about packets of others › say that nobody has the UDP port, quoting the packet", "RFC 792,RFC 4443,RFC 1122"],
  ],
  "test/stack/ip-fragments.test.ts": [
    ["fragments through the stack › drops overlaps without a word, now and later", "RFC 5722"],
    ["fragments through the stack › gives up after a while, and says so if it has the first fragment (RFC 1122 section 3.3.2, RFC 8200 section 4.5)", "RFC 1122,RFC 4963"],
    ["fragments through the stack › hands a fragmented segment to TCP, and a fragmented datagram to UDP", "RFC 1122,RFC 815"],
  ],
  "test/stack/ip-input.test.ts": [
    ["what the IP layer takes in › answers a SYN to a closed port with RST, over both versions", "U-05"],
    ["what the IP layer takes in › does not answer what came by a link-layer broadcast (RFC 1122 section 3.3.6)", "MUST-57,RFC 1122"],
    ["what the IP layer takes in › drops its own addresses as a source from outside (LAND, D03), whichever interface they are of", "MUST-63"],
    ["what the IP layer takes in › drops sources that no packet can come from, without a word", "MUST-63,RFC 1122"],
    ["what the IP layer takes in › ignores segments to broadcast and multicast addresses", "MUST-57,RFC 1122"],
    ["what the IP layer takes in › takes only what is for the interface it came by: the strong host model", "RFC 1122"],
  ],
  "test/stack/ip-output.test.ts": [
    ["routes and sources › goes by the longest prefix", "MUST-44"],
    ["routes and sources › speaks from an address of the right scope, even through a link-local gateway (RFC 6724 rule 2)", "MUST-44"],
    ["routes and sources › takes the interface of a source that is given, if there is a way out by it", "MUST-43,RFC 1122"],
    ["what leaves › is atomic, with no identification that counts (A05, RFC 6864)", "MAY-4,RFC 6864,RFC 4963"],
    ["what leaves › numbers fragments unpredictably (RFC 7739)", "RFC 4963"],
  ],
  "test/stack/path-mtu.test.ts": [
    ["path MTU › is believed as far as it makes sense (CVE-2004-1060)", "RFC 1191,RFC 8201,RFC 5927"],
    ["path MTU › is remembered for ten minutes", "U-12,RFC 1191,RFC 8201"],
  ],
  "test/stack/ports.test.ts": [
    ["ephemeral ports (RFC 6056 section 3.3.4) › cannot be told from those to another destination, or of another stack", "RFC 6056"],
    ["ephemeral ports (RFC 6056 section 3.3.4) › come back only when all have been used", "RFC 6056"],
    ["ephemeral ports (RFC 6056 section 3.3.4) › show nothing of how many connections others make (CVE-2022-1012)", "RFC 6056"],
  ],
  "test/stack/secrets.test.ts": [
    ["secrets › change wholly when one bit of the tuple does", "MUST-9,SHLD-1"],
    ["secrets › give no two connections numbers that follow from each other (A06)", "MUST-9,RFC 6528,RFC 1948"],
    ["secrets › have 128 bits each of the environment: another byte, another function", "MUST-9,SHLD-1,RFC 6528"],
    ["secrets › look random, each of them", "MUST-9"],
    ["secrets › make initial sequence numbers that tick every four microseconds", "MUST-8,SHLD-1,RFC 6528,RFC 1948"],
    ["secrets › tell both ends, both ports and both versions apart", "SHLD-1,RFC 6528"],
  ],
  "test/stack/tcp-backlog.test.ts": [
    ["half-open connections › are forgotten after the SYN,ACK was sent six times", "RFC 4987"],
    ["half-open connections › over the limit, without cookies, are not made, and no RST is sent", "RFC 4987"],
  ],
  "test/stack/tcp-cookies.test.ts": [
    ["SYN cookies › are sent only when too many handshakes are half open", "RFC 4987"],
    ["SYN cookies › keep memory flat under 100,000 spoofed SYNs, and an honest client connects", "RFC 4987"],
    ["SYN cookies › open a connection that works like any other", "RFC 4987"],
  ],
  "test/stack/tcp-limits.test.ts": [
    ["challenge ACKs › are limited for each connection by itself, and again allowed after a second", "RFC 5961"],
  ],
  "test/stack/tcp-ports.test.ts": [
    ["ephemeral ports (RFC 6056) › begin elsewhere for another destination, port or secret", "RFC 6056"],
    ["listening › on one address answers there only", "MUST-43"],
    ["listening › refuses a port in use, on the same address or on all of them", "MUST-41"],
  ],
  "test/stack/tcp-time-wait.test.ts": [
    ["TIME_WAIT › answers the FIN that comes again, and begins anew", "MUST-13"],
    ["TIME_WAIT › ignores a RST (RFC 1337), unless told not to", "RFC 1337"],
    ["TIME_WAIT › lasts 2MSL, as a record, and is forgotten", "MUST-13"],
    ["a SYN in TIME_WAIT (RFC 6191) › a newer timestamp opens", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › an older timestamp does not", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › no timestamp and a higher number open", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › no timestamp and a lower number do not", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › opens a whole new connection, in which nothing of the old one counts", "SHLD-4,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › that was an old duplicate after all is taken back", "MAY-2"],
    ["a SYN in TIME_WAIT (RFC 6191) › the same timestamp and a higher number open", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › the same timestamp and a lower number do not", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › without timestamps a higher number opens", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › without timestamps a lower one does not", "SHLD-4,MAY-2,RFC 6191"],
    ["a SYN in TIME_WAIT (RFC 6191) › without timestamps before, one now opens", "SHLD-4,MAY-2,RFC 6191"],
  ],
  "test/stories/facts.test.ts": [
    ["what happens in a story › half-open-crash: the rebooted host resets what it does not know", "U-05"],
    ["what happens in a story › out-of-order: each early segment repeats the acknowledgment, nothing is sent again", "SHLD-31,MAY-13"],
    ["what happens in a story › time-wait: a late copy is dropped, the RST it provokes does no harm", "RFC 1337"],
    ["what happens in a story › zero-window: the pause between probes doubles, and no byte is lost", "MUST-36,SHLD-30"],
  ],
  "test/tcp/cubic.test.ts": [
    ["CUBIC beside Reno › and past the window before the loss by a whole one", "RFC 9438"],
    ["CUBIC beside Reno › where Reno is faster it grows like Reno with beta 0.7: 9/17 of a segment each round trip", "RFC 9438"],
    ["CUBIC when it loses › a loss that was none is taken back, and the curve goes on", "RFC 9438"],
    ["CUBIC when it loses › a second loss before it is back makes room: W_max is less than the window was (fast convergence)", "RFC 9438"],
    ["CUBIC when it loses › after a timeout it starts from what slow start reached, with K = 0", "RFC 9438"],
    ["CUBIC when it loses › goes down to 0.7, never below two segments", "RFC 9438"],
    ["CUBIC when it loses › time without data does not count", "RFC 9438"],
    ["CUBIC’s window function › begins at cwnd, is W_max after K, and as far above after 2K as it was below", "RFC 9438"],
    ["CUBIC’s window function › never more than half as much again in a round trip", "RFC 9438"],
    ["CUBIC’s window function › the controller follows it: three quarters of K, K, and beyond, at a long round trip", "RFC 9438"],
    ["HyStart++ › CUBIC grows by a quarter in it, and in avoidance after it", "RFC 9406"],
    ["HyStart++ › a shorter round trip shows that it was no queue: slow start again", "RFC 9406"],
    ["HyStart++ › an eighth more than the round before, and slow start is conservative; after five rounds it is over", "RFC 9406"],
    ["HyStart++ › goes on while the round trip stays", "RFC 9406"],
    ["HyStart++ › less than 4 ms more is nothing, more than 16 ms always is", "RFC 9406"],
    ["HyStart++ › seven samples are too few to judge by", "RFC 9406"],
    ["an echo of congestion › counts as a loss, or for less with `abe`: Cubic", "RFC 3168"],
    ["an echo of congestion › counts as a loss, or for less with `abe`: Reno", "RFC 3168"],
  ],
  "test/tcp/machine-challenge.test.ts": [
    ["TIME_WAIT assassination (RFC 1337, A13) › old data, ACKs and RSTs do not end it", "RFC 1337"],
    ["a blind RST (A01) › is not helped by text that reaches from before RCV.NXT into the window", "U-09"],
    ["a blind RST (A01) › may carry text, which is not delivered", "SHLD-2"],
    ["a blind RST (A01) › resets at RCV.NXT, and nowhere else in the window", "U-09,U-18,RFC 5961"],
    ["a blind SYN (A02) › does nothing, wherever it lies, and the answer lets an honest peer reset", "U-19,RFC 5961"],
    ["blind ICMP (A11) › does not make segments smaller unless it quotes what is in flight", "MUST-54,RFC 5927,RFC 1191"],
    ["blind ICMP (A11) › never makes them larger", "RFC 5927"],
    ["blind data (A03, MAY-12) › is dropped and answered one octet outside", "MAY-12,RFC 5961"],
    ["blind data (A03, MAY-12) › is taken from SND.UNA-MAX.SND.WND to SND.NXT", "MAY-12,RFC 5961"],
    ["the limit (section 7) › is each connection's own: no other can see it (CVE-2016-5696)", "RFC 5961"],
    ["the limit (section 7) › is ten a second", "RFC 5961"],
    ["the limit (section 7) › two ends that disagree come to rest (D01)", "U-07"],
  ],
  "test/tcp/machine-congestion.test.ts": [
    ["F-RTO without SACK (RFC 5682 section 2.1) › a duplicate: it was for a loss, and the rest goes again", "RFC 5682"],
    ["F-RTO without SACK (RFC 5682 section 2.1) › what was never sent again is acknowledged: the timeout was for nothing, and is taken back", "RFC 5682"],
    ["F-RTO without SACK (RFC 5682 section 2.1) › with nothing new to ask with it is taken to be for a loss", "RFC 5682"],
    ["a narrower path (RFC 1191) › makes segments smaller, at once, and leaves cwnd as it is, in segments (RFC 5681 section 3.1)", "MUST-16,U-12,RFC 1191"],
    ["after silence (RFC 5681 section 4.1) › of more than an RTO cwnd is the initial window again", "RFC 5681"],
    ["congestion avoidance › half a segment that a halving left is half of the way to the next", "RFC 5681"],
    ["congestion avoidance › one segment in each round trip", "MUST-19,RFC 5681"],
    ["slow start › 1460 ACKs of an octet each are worth one segment (C01)", "RFC 5681"],
    ["slow start › doubles in each round trip", "MUST-19,RFC 5681,RFC 2525"],
    ["slow start › never more in flight than cwnd", "MUST-19,RFC 5681,RFC 2914"],
    ["the initial window (RFC 6928) › is one segment if the SYN was lost (RFC 5681 section 3.1)", "RFC 5681"],
    ["the initial window (RFC 6928) › is what goes out at once: ten segments", "RFC 2525"],
    ["the retransmission timer › ssthresh = half of what is in flight, cwnd = one segment, and slow start", "MUST-19,RFC 5681,RFC 8961,RFC 2525"],
    ["the retransmission timer › ssthresh is two segments at least, and stays while the same segment is backed off", "RFC 5681"],
  ],
  "test/tcp/machine-delayed-ack.test.ts": [
    ["delayed ACK › a batch is acknowledged once", "MUST-58"],
    ["delayed ACK › a batch that fills a hole is acknowledged once, at its highest point", "MUST-58,MUST-59"],
    ["delayed ACK › a short segment behind a full one does not wait", "SHLD-19"],
    ["delayed ACK › a single segment is acknowledged before half a second", "MUST-40,SHLD-18"],
    ["delayed ACK › cannot be configured to half a second", "MUST-40"],
    ["delayed ACK › every second full segment at least", "SHLD-19,RFC 2525"],
    ["delayed ACK › out of order, filling a gap, a FIN: at once", "MAY-13,RFC 5681"],
    ["delayed ACK › rides on data", "SHLD-18,MUST-58"],
    ["delayed ACK › the wait is counted from the first octet, not from the last", "MUST-40,SHLD-18"],
  ],
  "test/tcp/machine-dsack.test.ts": [
    ["duplicates and gaps of one batch › an old copy that PAWS refuses is a duplicate like others", "RFC 2883,RFC 7323"],
    ["duplicates and gaps of one batch › copies of what waits for reassembly are reported and counted too", "RFC 2883"],
    ["duplicates and gaps of one batch › each copy is reported by an acknowledgment of its own", "RFC 2883"],
    ["duplicates and gaps of one batch › more gaps than an option has room for: among them the acknowledgments speak of every run", "RFC 2018"],
  ],
  "test/tcp/machine-keepalive.test.ts": [
    ["keep-alive › a probe of the peer is answered", "MAY-6"],
    ["keep-alive › as often as the user says, without data, one octet early", "MUST-27,SHLD-12,MAY-5"],
    ["keep-alive › can be turned off again", "MUST-24"],
    ["keep-alive › dead is who answers none of them", "MAY-5,RFC 2525"],
    ["keep-alive › first after two hours, unless the user says otherwise", "MUST-28"],
    ["keep-alive › is off unless the user turns it on: a day without a segment", "MUST-25"],
    ["keep-alive › not while anything is unacknowledged", "MUST-26"],
    ["keep-alive › one answer is enough, and the count begins again", "MUST-29"],
    ["keep-alive › only in silence: what arrives puts it off", "MUST-26"],
  ],
  "test/tcp/machine-nagle.test.ts": [
    ["Nagle › Minshall: a short segment may follow full ones that are unacknowledged", "SHLD-7"],
    ["Nagle › a FIN does not wait, and takes the rest with it", "U-32"],
    ["Nagle › a full segment never waits", "SHLD-7"],
    ["Nagle › a small write on an idle connection goes at once", "SHLD-7,MUST-60"],
    ["Nagle › off for one connection, by the user", "MUST-17"],
    ["Nagle › turned off, what waits goes", "MUST-17"],
    ["Nagle › while a small segment is unacknowledged the next ones wait, and go together", "SHLD-7,SHLD-27,MAY-16"],
    ["PSH › is on the segment that empties the queue, and on no other", "MUST-61,SHLD-27"],
    ["cork › a FIN goes through it", "U-32"],
    ["cork › goes after 200 ms at the latest", "MUST-60,U-16"],
    ["cork › holds back what does not fill a segment", "MAY-16"],
  ],
  "test/tcp/machine-options.test.ts": [
    ["options › after End of Option List nothing is read", "MUST-4"],
    ["options › are taken on any segment, and those of a SYN mean nothing on another", "MUST-5,RFC 7323"],
    ["options › cannot harm a connection from outside its window (CVE-2019-12258)", "MUST-7"],
    ["options › impossible lengths end the reading, and are counted", "MUST-7"],
    ["options › in any order, padded or not", "MUST-4,MUST-64"],
    ["options › of ours: MSS on SYNs and on nothing else", "MUST-14,MUST-65,SHLD-5,MAY-3"],
    ["options › unknown kinds are passed over by their length", "MUST-6,MUST-68,RFC 6994,RFC 4727"],
    ["the segment size › SACK ranges: the newest first, as many as fit", "RFC 2018"],
    ["the segment size › full segments are sent whenever possible", "SHLD-28,SHLD-27"],
    ["the segment size › is 536 if the peer says nothing", "MUST-15"],
    ["the segment size › is less by the options of each segment", "MUST-16,RFC 6691,RFC 2525"],
    ["the segment size › is what the peer says, if our path takes it", "MUST-14,MUST-16"],
  ],
  "test/tcp/machine-persist.test.ts": [
    ["a closed window › a FIN behind it: probed with in FIN_WAIT_1, CLOSING and LAST_ACK, until it is taken", "MUST-36,SHLD-29,SHLD-30"],
    ["a closed window › is probed with an octet after one RTO, and the pause doubles", "MUST-36,SHLD-29,SHLD-30"],
    ["a closed window › no pause is longer than a minute", "SHLD-30"],
    ["a closed window › stays open as long as probes are answered: for a week", "MUST-37,RFC 6429"],
    ["a closed window › that opens lets everything go at once, the probe first", "MUST-36"],
    ["a closed window › the window update is lost: the probe finds out", "MUST-36"],
    ["a window that shrinks (MUST-34) › no new data goes, and nothing is reset", "SHLD-15,MUST-34"],
    ["a window that shrinks (MUST-34) › old data goes again only inside it", "SHLD-16,MAY-7,MUST-34"],
    ["a window that shrinks (MUST-34) › to nothing: it is probed, and what lies beyond does not time out", "MUST-34,MUST-35,SHLD-17"],
  ],
  "test/tcp/machine-reassembly.test.ts": [
    ["a connection › delivers any order of overlapping segments as they were first", "SHLD-31,U-22,RFC 2525"],
    ["a connection › what is held cannot be changed by a segment that fills the gap before it (F01)", "U-22"],
    ["reassembly › holds what the model holds, the first copy of each octet", "SHLD-31"],
    ["reassembly › reports ranges of the model, none twice, the newest first", "RFC 2018"],
  ],
  "test/tcp/machine-recovery.test.ts": [
    ["NewReno › a full acknowledgment ends it, with cwnd at ssthresh or what is in flight and one", "RFC 6582"],
    ["NewReno › a partial one sends the next hole at once, and recovery goes on", "RFC 6582"],
    ["NewReno › after a timeout duplicates of what was sent before it do not start it (RFC 6582 section 4)", "RFC 6582"],
    ["NewReno › losses of a window that is being recovered are not halved for twice", "RFC 6582,RFC 5681"],
    ["duplicate ACKs › further ones let a new segment go each, when the window has room again", "RFC 5681"],
    ["duplicate ACKs › that answer window probes are no loss: nothing is missing, and the probe is not congestion", "RFC 5681"],
    ["duplicate ACKs › the first two send a new segment each (limited transmit)", "RFC 3042"],
    ["duplicate ACKs › the third sends the missing one again, and halves", "MUST-19,RFC 5681"],
    ["duplicate ACKs › without end inflate no further than what was in flight (C02)", "RFC 5681"],
  ],
  "test/tcp/machine-rto.test.ts": [
    ["giving up › R1: a warning at the third retransmission, once", "MUST-20,SHLD-9,SHLD-10"],
    ["giving up › R2: as the user sets it for one connection, infinite too", "MUST-21"],
    ["giving up › R2: at least 100 s", "MUST-20,SHLD-11"],
    ["giving up › SYN,ACK: after five retransmissions", "MUST-22"],
    ["giving up › SYN: not before 3 minutes, with backoff", "MUST-22,MUST-23"],
    ["giving up › user timeout: begins again with each acknowledgment, and ends with the last", "U-17"],
    ["giving up › user timeout: five minutes without any acknowledgment of what was sent", "U-17"],
    ["the arithmetic (RFC 6298 section 2) › G is the least that is added to SRTT", "MUST-18,RFC 6298"],
    ["the arithmetic (RFC 6298 section 2) › first R: SRTT = R, RTTVAR = R/2, RTO = SRTT + max(G, 4 RTTVAR)", "MUST-18,RFC 6298"],
    ["the arithmetic (RFC 6298 section 2) › is 1 s before any measurement", "MUST-18,RFC 6298,RFC 8961"],
    ["the arithmetic (RFC 6298 section 2) › keeps between the bounds, backed off too", "RFC 6298,RFC 8961"],
    ["the arithmetic (RFC 6298 section 2) › next R': RTTVAR from the old SRTT, then SRTT, with gains 1/4 and 1/8", "MUST-18,RFC 6298"],
    ["the timer (RFC 6298 section 5) › Karn: what was sent twice measures nothing, and the backed-off RTO stays until something else is acknowledged", "MUST-18,U-14,RFC 6298"],
    ["the timer (RFC 6298 section 5) › a SYN that was lost: data starts with 3 s (section 5.7)", "RFC 6298"],
    ["the timer (RFC 6298 section 5) › measures one segment at a time, when it is acknowledged", "MUST-18,RFC 6298,RFC 8961"],
    ["the timer (RFC 6298 section 5) › sends the oldest segment again, and doubles, up to the limit", "MUST-18,MUST-19,RFC 6298,RFC 8961"],
    ["the timer (RFC 6298 section 5) › starts with the first data, restarts with each ACK of new data, stops when all is acknowledged", "MUST-18,RFC 6298"],
    ["the timer (RFC 6298 section 5) › with timestamps also what was sent twice is measured", "RFC 7323"],
  ],
  "test/tcp/machine-sws.test.ts": [
    ["the receiver (MUST-39) › also in the ACKs that are sent anyway", "MUST-39,U-15"],
    ["the receiver (MUST-39) › by half the buffer where that is less", "MUST-39,U-16"],
    ["the receiver (MUST-39) › opens a closed window by a segment or half the buffer, no less", "MUST-39"],
    ["the receiver (MUST-39) › reading an octet at a time moves the right edge in steps of a segment", "MUST-39"],
    ["the sender (MUST-38) › does not fill a window smaller than a segment", "MUST-38"],
    ["the sender (MUST-38) › sends half of the largest window ever offered, for peers with small buffers", "MUST-38,U-16"],
    ["the sender (MUST-38) › sends what is left, if the window takes all of it", "MUST-38"],
    ["the sender (MUST-38) › waits 0.1 to 1 s, no longer (the override)", "MUST-38,U-16"],
  ],
  "test/tcp/machine-timestamps.test.ts": [
    ["PAWS (section 5) › after 24 days of silence anything is believed again (section 5.5)", "RFC 7323"],
    ["PAWS (section 5) › an older timestamp is an old duplicate: dropped and answered", "RFC 7323"],
    ["TS.Recent (section 4.3) › not those that leave a gap, so that the echo measures from the one that is missing", "RFC 7323"],
    ["TS.Recent (section 4.3) › not those whose sequence or acknowledgment is forged (CVE-2005-0356)", "RFC 7323"],
    ["round trips (RFC 7323 section 4) › are measured by the echo where no segment is timed", "RFC 7323"],
    ["timestamps › a RST needs none", "RFC 7323"],
    ["timestamps › are in force only if both SYNs carry them", "RFC 7323"],
    ["timestamps › are then on every segment but a RST, each ms a tick, from an offset of their own", "RFC 7323"],
    ["timestamps › cost 12 octets of each segment", "MUST-16,RFC 6691"],
  ],
  "test/tcp/machine-unused-window.test.ts": [
    ["a window that is not used › 'halve': also where a little is said all the time, and not where half of it is used", "RFC 7661"],
    ["a window that is not used › 'halve': it stays for five minutes, then half of it goes, down to the initial one", "RFC 7661"],
    ["a window that is not used › 'restart': after an RTO of silence it is the initial one", "RFC 5681"],
  ],
  "test/tcp/machine-urgent.test.ts": [
    ["receiving urgent data › a pointer of nothing, or behind what was read, announces nothing (CVE-2019-12255)", "U-29"],
    ["receiving urgent data › a pointer that goes back is ignored", "U-29"],
    ["receiving urgent data › every pointer beside every length is survived (CVE-2020-17437)", "U-29"],
    ["receiving urgent data › how much is left falls to nothing where the mark is", "MUST-33,MUST-62"],
    ["receiving urgent data › is delivered in line, whole", "MUST-30,RFC 6093"],
    ["receiving urgent data › is told once when it appears, and whenever it goes on, not for repeats", "MUST-32"],
    ["receiving urgent data › may be announced before it is here, without text", "MUST-32,MUST-33"],
    ["sending urgent data › counts from each segment, and is gone when it is passed", "MUST-62,MUST-30"],
    ["sending urgent data › of any length, the pointer no further than it reaches", "MUST-31"],
    ["sending urgent data › the pointer names the octet after it", "MUST-62,MUST-30,RFC 6093"],
  ],
  "test/tcp/machine-window.test.ts": [
    ["SND.WND › is taken from newer segments only: WL1 < SEQ, or WL1 = SEQ and WL2 <= ACK", "U-20"],
    ["SND.WND › is unsigned", "MUST-1,REC-1"],
    ["the right edge (SHLD-14, U-21) › a buffer filled an octet at a time, scaled: it holds hardly more than it has room for", "SHLD-14"],
    ["the right edge (SHLD-14, U-21) › never moves left: a small buffer", "SHLD-14,U-21,RFC 7323"],
    ["the right edge (SHLD-14, U-21) › never moves left: scaled by 14", "SHLD-14,U-21,RFC 7323"],
    ["the right edge (SHLD-14, U-21) › never moves left: scaled by 5", "SHLD-14,U-21,RFC 7323"],
    ["the right edge (SHLD-14, U-21) › never moves left: without scaling", "SHLD-14,U-21,RFC 7323"],
    ["the right edge (SHLD-14, U-21) › what was promised is taken, and not an octet more", "U-21,U-22"],
    ["window scaling › 14 is the most, more is used as 14", "RFC 7323"],
    ["window scaling › is offered, and in force only if both SYNs offer it", "RFC 7323"],
    ["window scaling › the window of a SYN is never scaled, in either direction", "RFC 7323"],
  ],
  "test/tcp/machine-wrap.test.ts": [
    ["after 2^31 octets sent › Nagle lets a short segment go on an idle connection", "U-02"],
    ["after 2^31 octets sent › three duplicate ACKs are a loss", "U-02"],
    ["everywhere on the circle › a connection whose numbers begin at -1 opens, carries data and closes", "U-02"],
    ["everywhere on the circle › a connection whose numbers begin at -2 opens, carries data and closes", "U-02"],
    ["everywhere on the circle › a connection whose numbers begin at -2147483648 opens, carries data and closes", "U-02"],
    ["everywhere on the circle › a connection whose numbers begin at 0 opens, carries data and closes", "U-02"],
    ["everywhere on the circle › a connection whose numbers begin at 2147483646 opens, carries data and closes", "U-02"],
    ["everywhere on the circle › a connection whose numbers begin at 2147483647 opens, carries data and closes", "U-02"],
    ["when SND.UNA comes round to ISS › a closed window is still probed", "U-02"],
    ["when SND.UNA comes round to ISS › a last octet is sent, before the FIN", "U-02"],
    ["when SND.UNA comes round to ISS › the retransmission timer does not take data for a SYN", "U-02"],
  ],
  "test/tcp/prr.test.ts": [
    ["PRR › an acknowledgment of much lets much go: what was not used is not lost", "RFC 9937"],
    ["PRR › most lost, and SND.UNA advances with nothing more lost: one more than arrives, up to ssthresh", "RFC 9937"],
    ["PRR › most of twenty lost: no more goes than arrives, and one (the conservative bound)", "RFC 9937"],
    ["PRR › one of twenty lost, half the window: one goes for every two that arrive", "RFC 9937"],
    ["PRR › the pipe at the end is ssthresh", "RFC 9937"],
  ],
  "test/tcp/random-segments.test.ts": [
    ["random lives › thousands of them", "U-08,U-29,MUST-7"],
  ],
  "test/tcp/reactions.test.ts": [
    ["CLOSED › R01 CLOSED: a RST is not answered", "U-05,U-08,U-23"],
    ["CLOSED › R02 CLOSED: <> with 0 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R02 CLOSED: <> with 10 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R02 CLOSED: <FIN> with 0 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R02 CLOSED: <SYN,FIN> with 0 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R02 CLOSED: <SYN,FIN> with 10 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R02 CLOSED: <SYN> with 0 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R02 CLOSED: <SYN> with 10 octets: RST,ACK over all of it", "U-05"],
    ["CLOSED › R03 CLOSED: with ACK: RST at SEG.ACK", "U-05"],
    ["ICMP › R34 CLOSE_WAIT: a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 CLOSE_WAIT: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 CLOSING: a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 CLOSING: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 ESTABLISHED: a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 ESTABLISHED: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 FIN_WAIT_1: a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 FIN_WAIT_1: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 LAST_ACK: a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 LAST_ACK: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 SYN_RECEIVED (active): a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 SYN_RECEIVED (active): a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 SYN_RECEIVED: a hard error is a soft one once there is a connection", "SHLD-26,RFC 5927,RFC 5461"],
    ["ICMP › R34 SYN_RECEIVED: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34 SYN_SENT: a soft error is reported, no more", "MUST-56,SHLD-25,RFC 5461"],
    ["ICMP › R34: an error about what is not in flight is ignored, in every state", "MUST-54,RFC 5927"],
    ["LISTEN › R04 LISTEN: RST: nothing", "U-09"],
    ["LISTEN › R05 LISTEN: ACK: RST at SEG.ACK", "U-06"],
    ["LISTEN › R06 LISTEN: neither SYN nor ACK: nothing", "U-23"],
    ["LISTEN › R07 LISTEN: SYN from 0.0.0.0: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from ::1: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from ::: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from a multicast group: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from an IPv6 group: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from loopback: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from ourselves (LAND): nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from the broadcast address: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN from the subnet's broadcast address: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN to a multicast group: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN to all IPv6 nodes: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN to the broadcast address: nothing", "MUST-57,MUST-63"],
    ["LISTEN › R07 LISTEN: SYN to the subnet's broadcast address: nothing", "MUST-57,MUST-63"],
    ["SYN_RECEIVED › R14 SYN_RECEIVED (active): ACK 1000 acknowledges something else: RST there", "U-06"],
    ["SYN_RECEIVED › R14 SYN_RECEIVED (active): ACK 1002 acknowledges something else: RST there", "U-06"],
    ["SYN_RECEIVED › R14 SYN_RECEIVED: ACK 1000 acknowledges something else: RST there", "U-06"],
    ["SYN_RECEIVED › R14 SYN_RECEIVED: ACK 1002 acknowledges something else: RST there", "U-06"],
    ["SYN_SENT › R08 SYN_SENT: ACK -5 is not for our SYN: RST there, and it goes on", "U-06"],
    ["SYN_SENT › R08 SYN_SENT: ACK 1000 is not for our SYN: RST there, and it goes on", "U-06"],
    ["SYN_SENT › R08 SYN_SENT: ACK 1002 is not for our SYN: RST there, and it goes on", "U-06"],
    ["SYN_SENT › R08 SYN_SENT: ACK 999 is not for our SYN: RST there, and it goes on", "U-06"],
    ["SYN_SENT › R09 SYN_SENT: the same with RST: nothing", "U-08,U-09"],
    ["SYN_SENT › R10 SYN_SENT: RST without ACK: nothing", "U-09"],
    ["SYN_SENT › R11 SYN_SENT: acceptable ACK without SYN: nothing", "U-23"],
    ["SYN_SENT › R12 SYN_SENT: FIN or data without SYN: nothing", "U-23"],
    ["calls › R29 FIN_WAIT_1: a second CLOSE: closing, and no second FIN", "U-26"],
    ["calls › R29 FIN_WAIT_2: a second CLOSE: closing, and no second FIN", "U-26"],
    ["calls › R30 CLOSE_WAIT: RECEIVE when all is read: closing", "U-28"],
    ["calls › R30 CLOSING: CLOSE, SEND, RECEIVE: closing", "U-26,U-27"],
    ["calls › R30 FIN_WAIT_1: SEND after CLOSE: closing", "U-27"],
    ["calls › R30 FIN_WAIT_2: SEND after CLOSE: closing", "U-27"],
    ["calls › R30 LAST_ACK: CLOSE, SEND, RECEIVE: closing", "U-26,U-27"],
    ["calls › R30 TIME_WAIT: CLOSE, SEND, RECEIVE: closing", "U-26,U-27"],
    ["synchronized › R17 CLOSE_WAIT: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSE_WAIT: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSE_WAIT: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 CLOSE_WAIT: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSE_WAIT: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSE_WAIT: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSE_WAIT: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSING: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSING: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSING: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 CLOSING: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSING: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSING: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 CLOSING: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 ESTABLISHED: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 ESTABLISHED: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 ESTABLISHED: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 ESTABLISHED: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 ESTABLISHED: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 ESTABLISHED: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 ESTABLISHED: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_1: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_1: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_1: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 FIN_WAIT_1: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_1: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_1: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_1: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_2: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_2: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_2: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 FIN_WAIT_2: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_2: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_2: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 FIN_WAIT_2: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 LAST_ACK: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 LAST_ACK: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 LAST_ACK: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 LAST_ACK: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 LAST_ACK: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 LAST_ACK: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 LAST_ACK: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 TIME_WAIT: at the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 TIME_WAIT: before the window: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 TIME_WAIT: empty segments are answered ten times a second, no more (D01)", "U-07"],
    ["synchronized › R17 TIME_WAIT: empty, before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 TIME_WAIT: empty, beyond the right edge: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 TIME_WAIT: far beyond it: ACK, dropped", "U-03,U-07"],
    ["synchronized › R17 TIME_WAIT: right before RCV.NXT: ACK, dropped", "U-03,U-07"],
    ["synchronized › R18: RST at RCV.NXT+1000000, outside the window: nothing, in every state", "U-09,U-18"],
    ["synchronized › R18: RST at RCV.NXT+32768, outside the window: nothing, in every state", "U-09,U-18"],
    ["synchronized › R18: RST at RCV.NXT-1, outside the window: nothing, in every state", "U-09,U-18"],
    ["synchronized › R19 CLOSE_WAIT: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 CLOSE_WAIT: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 CLOSING: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 CLOSING: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 ESTABLISHED: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 ESTABLISHED: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 FIN_WAIT_1: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 FIN_WAIT_1: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 FIN_WAIT_2: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 FIN_WAIT_2: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 LAST_ACK: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 LAST_ACK: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 SYN_RECEIVED (active): RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 SYN_RECEIVED (active): RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 SYN_RECEIVED: RST at RCV.NXT+1, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R19 SYN_RECEIVED: RST at RCV.NXT+1000, in the window: challenge ACK", "U-09,U-18"],
    ["synchronized › R20 CLOSE_WAIT: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSE_WAIT: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSE_WAIT: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSE_WAIT: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSE_WAIT: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSE_WAIT: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSING: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSING: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSING: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSING: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSING: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 CLOSING: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 ESTABLISHED: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 ESTABLISHED: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 ESTABLISHED: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 ESTABLISHED: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 ESTABLISHED: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 ESTABLISHED: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_1: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_1: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_1: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_1: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_1: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_1: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_2: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_2: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_2: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_2: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_2: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 FIN_WAIT_2: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 LAST_ACK: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 LAST_ACK: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 LAST_ACK: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 LAST_ACK: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 LAST_ACK: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 LAST_ACK: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 TIME_WAIT: SYN at RCV.NXT+0: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 TIME_WAIT: SYN at RCV.NXT+100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 TIME_WAIT: SYN at RCV.NXT+1000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 TIME_WAIT: SYN at RCV.NXT+1: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 TIME_WAIT: SYN at RCV.NXT-100000: challenge ACK", "U-19,U-07"],
    ["synchronized › R20 TIME_WAIT: SYN at RCV.NXT-1: challenge ACK", "U-19,U-07"],
    ["synchronized › R21 CLOSE_WAIT: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R21 CLOSING: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R21 ESTABLISHED: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R21 FIN_WAIT_1: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R21 FIN_WAIT_2: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R21 LAST_ACK: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R21 TIME_WAIT: ACK beyond SND.NXT: ACK, dropped", "U-07"],
    ["synchronized › R22 CLOSE_WAIT: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["synchronized › R22 CLOSING: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["synchronized › R22 ESTABLISHED: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["synchronized › R22 FIN_WAIT_1: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["synchronized › R22 FIN_WAIT_2: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["synchronized › R22 LAST_ACK: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["synchronized › R22 TIME_WAIT: ACK below SND.UNA-MAX.SND.WND: ACK, dropped", "MAY-12,U-07"],
    ["text › R25 ESTABLISHED: out of order: kept, and announced at once, each", "SHLD-31,MAY-13"],
    ["text › R25 ESTABLISHED: with SACK the ACK says what is here", "RFC 2018"],
    ["text › R25 FIN_WAIT_1: out of order: kept, and announced at once, each", "SHLD-31,MAY-13"],
    ["text › R25 FIN_WAIT_2: out of order: kept, and announced at once, each", "SHLD-31,MAY-13"],
    ["text › R26 CLOSE_WAIT: text after the FIN: ignored", "U-24"],
    ["text › R26 CLOSING: text after the FIN: ignored", "U-24"],
    ["text › R26 LAST_ACK: text after the FIN: ignored", "U-24"],
    ["text › R26 TIME_WAIT: text after the FIN: ignored", "U-24"],
    ["text › R26: URG after the FIN: ignored", "U-24"],
    ["text › R28 TIME_WAIT: the FIN again: ACK again, and 2MSL begin again", "MUST-13"],
    ["text › R33 ESTABLISHED: the window is closed › RST resets", "MUST-66"],
    ["text › R33 ESTABLISHED: the window is closed › RST with text resets", "SHLD-2,MUST-66"],
    ["text › R33 ESTABLISHED: the window is closed › URG beside it is told", "MUST-66"],
    ["text › R33 ESTABLISHED: the window is closed › text is dropped and answered with an ACK and window 0", "U-15,U-22"],
    ["text › R33 ESTABLISHED: the window is closed › the ACK beside it counts", "MUST-66"],
    ["text › R33 FIN_WAIT_1: the window is closed › RST resets", "MUST-66"],
    ["text › R33 FIN_WAIT_1: the window is closed › RST with text resets", "SHLD-2,MUST-66"],
    ["text › R33 FIN_WAIT_1: the window is closed › URG beside it is told", "MUST-66"],
    ["text › R33 FIN_WAIT_1: the window is closed › text is dropped and answered with an ACK and window 0", "U-15,U-22"],
    ["text › R33 FIN_WAIT_1: the window is closed › the ACK beside it counts", "MUST-66"],
    ["text › R33 FIN_WAIT_2: the window is closed › RST resets", "MUST-66"],
    ["text › R33 FIN_WAIT_2: the window is closed › RST with text resets", "SHLD-2,MUST-66"],
    ["text › R33 FIN_WAIT_2: the window is closed › URG beside it is told", "MUST-66"],
    ["text › R33 FIN_WAIT_2: the window is closed › text is dropped and answered with an ACK and window 0", "U-15,U-22"],
    ["text › R33 FIN_WAIT_2: the window is closed › the ACK beside it counts", "MUST-66"],
  ],
  "test/tcp/scoreboard.test.ts": [
    ["the scoreboard › a report of everything, a hundred times, is one entry", "RFC 2018"],
    ["the scoreboard › cuts what was sent together only at whole segments", "RFC 2018"],
    ["the scoreboard › is what each octet by itself would be", "RFC 2018"],
  ],
  "test/tcp/stories.test.ts": [
    ["stories › half-close: what the server sends afterwards arrives", "MAY-1"],
    ["stories › simultaneous open: one connection, and it carries data both ways", "MUST-10"],
    ["stories › the last ACK is lost: the FIN comes again, and 2MSL begin again", "MUST-13"],
  ],
  "test/tcp/transitions.test.ts": [
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24a TIME_WAIT: SYN, newer TSval, though an older SEQ → SYN_RECEIVED, SYN,ACK", "SHLD-4,MAY-2,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24b TIME_WAIT: SYN, equal TSval, SEQ beyond the FIN → SYN_RECEIVED, SYN,ACK", "SHLD-4,MAY-2,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24c TIME_WAIT: SYN, no TSval now, SEQ beyond the FIN → SYN_RECEIVED, SYN,ACK", "SHLD-4,MAY-2,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24d TIME_WAIT: SYN, timestamps only now → SYN_RECEIVED, SYN,ACK", "SHLD-4,MAY-2,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24e TIME_WAIT: SYN, no timestamps, SEQ beyond the FIN → SYN_RECEIVED, SYN,ACK", "SHLD-4,MAY-2,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24f TIME_WAIT: SYN, equal TSval, SEQ of the FIN: dropped silently", "SHLD-4,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24f TIME_WAIT: SYN, no TSval now, SEQ of the FIN: dropped silently", "SHLD-4,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24f TIME_WAIT: SYN, no timestamps, SEQ of the FIN: dropped silently", "SHLD-4,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T24f TIME_WAIT: SYN, older TSval: dropped silently", "SHLD-4,RFC 6191"],
    ["a new incarnation in TIME_WAIT (RFC 6191) › T25 SYN_RECEIVED: RST, the SYN was an old duplicate → back to TIME_WAIT, 2MSL as it was", "MAY-2"],
    ["closing › T14 ESTABLISHED: CLOSE → FIN_WAIT_1 at the call, the FIN follows the data", "U-10,U-32,MUST-61"],
    ["closing › T15 ESTABLISHED: FIN → CLOSE_WAIT, ACK over the FIN, the user is told", "MUST-12,U-11"],
    ["closing › T18 FIN_WAIT_1: FIN with the ACK of ours → TIME_WAIT, ACK, 2MSL", "MUST-13"],
    ["closing › T19 FIN_WAIT_2: FIN → TIME_WAIT, ACK, 2MSL", "MUST-13"],
    ["closing › T21 CLOSE_WAIT: the FIN waits for the data, and LAST_ACK for the FIN", "U-10"],
    ["closing › T23 TIME_WAIT: 2MSL → CLOSED, nothing is sent", "MUST-13"],
    ["nobody reads › T37 CLOSE_WAIT: full CLOSE with data unread → CLOSED, RST", "SHLD-3"],
    ["nobody reads › T37 ESTABLISHED: data after nobody reads → CLOSED, RST", "SHLD-3"],
    ["nobody reads › T37 ESTABLISHED: full CLOSE with data unread → CLOSED, RST", "SHLD-3,RFC 2525"],
    ["nobody reads › T37 FIN_WAIT_1: data after a full CLOSE → CLOSED, RST", "SHLD-3,RFC 2525"],
    ["nobody reads › T37 FIN_WAIT_2: data after a full CLOSE → CLOSED, RST", "SHLD-3,RFC 2525"],
    ["nobody reads › T37 SYN_RECEIVED: full CLOSE with the data of a Fast Open unread → CLOSED, RST", "SHLD-3,RFC 7413"],
    ["reset › T30 SYN_RECEIVED: RST, opened passively → LISTEN, the user need not know", "MUST-11"],
    ["reset › T31 SYN_RECEIVED: RST, opened actively → CLOSED, refused", "MUST-11"],
    ["reset › T32 CLOSE_WAIT: RST at RCV.NXT → CLOSED, the user is told", "MUST-12,U-18"],
    ["reset › T32 ESTABLISHED: RST at RCV.NXT → CLOSED, the user is told", "MUST-12,U-18"],
    ["reset › T32 FIN_WAIT_1: RST at RCV.NXT → CLOSED, the user is told", "MUST-12,U-18"],
    ["reset › T32 FIN_WAIT_2: RST at RCV.NXT → CLOSED, the user is told", "MUST-12,U-18"],
    ["reset › T34 TIME_WAIT: RST is ignored where RFC 1337 is on", "RFC 1337"],
    ["silence › T38 CLOSE_WAIT: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T38 CLOSING: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T38 ESTABLISHED: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T38 FIN_WAIT_1: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T38 LAST_ACK: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T38 SYN_RECEIVED: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T38 SYN_SENT: user timeout → CLOSED, nothing is sent", "U-17"],
    ["silence › T39 CLOSE_WAIT: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T39 CLOSING: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T39 ESTABLISHED: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T39 FIN_WAIT_1: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T39 LAST_ACK: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T39 SYN_RECEIVED: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T39 SYN_SENT: R2 → CLOSED, nothing is sent", "MUST-20"],
    ["silence › T40 SYN_SENT: hard ICMP error → CLOSED", "SHLD-26"],
  ],
  "test/tcp/traps.test.ts": [
    ["text on a SYN › is gone if a RST comes in place of the ACK", "U-04"],
    ["text on a SYN › is kept, not acknowledged and not delivered before the connection is open", "U-04"],
    ["traps › 1: the SYN,ACK of a simultaneous open begins at IRS, and still acknowledges our SYN", "MUST-10"],
    ["traps › 3: in TIME_WAIT the FIN restarts 2MSL, and nothing else does", "MUST-13,RFC 1337"],
    ["traps › 9: of a SYN with FIN the SYN is taken, the FIN when it comes again", "U-23"],
    ["what short summaries get wrong › a RST is never answered and never sent again", "U-08"],
  ],
  "test/trace/capture.test.ts": [
    ["what tshark makes of younger options › Fast Open: it sees a cookie asked for, given, and used, and the data taken", "RFC 7413"],
    ["what tshark makes of younger options › accurate ECN: the counter and the octets it reads are those that were told", "RFC 9768"],
  ],
  "test/wire/checksum.test.ts": [
    ["checksum › agrees with the naive one at every alignment, whatever the length", "RFC 1071"],
    ["checksum › is that of RFC 1071 section 3", "RFC 1071"],
    ["checksum › knows both zeros: a sum of ones is sent as 0x0000 and verifies", "RFC 1071,MUST-2"],
    ["checksum › verifies what it finished, and notices every single flipped bit", "RFC 1071"],
  ],
  "test/wire/fuzz.test.ts": [
    ["fuzz › any packet ends in one counted drop or in processing; nothing throws, everything sent is well formed", "RFC 791,RFC 8200"],
  ],
  "test/wire/ipv4.test.ts": [
    ["IPv4 › checks every length before it is used: all of IHL and total length", "RFC 791"],
    ["IPv4 › refuses other versions and wrong checksums", "RFC 791"],
    ["IPv4 › skips options that are well formed", "MUST-50,MAY-10,MAY-11,RFC 1122"],
  ],
  "test/wire/ipv6.test.ts": [
    ["IPv6 › checks the payload length, and ignores what the link added", "RFC 8200"],
    ["IPv6 › does with unknown options what their two high bits say (RFC 8200 section 4.2)", "RFC 8200"],
    ["IPv6 › stops at a fragment, and treats an atomic one as whole", "RFC 6946"],
    ["IPv6 › walks at most eight headers", "RFC 8200"],
    ["IPv6 › walks the chain that RFC 8200 recommends", "RFC 8200"],
  ],
  "test/wire/segment.test.ts": [
    ["TCP header › verifies the checksum unless the link is trusted", "MUST-3"],
    ["TCP header › writes what it reads, over both versions of IP", "MUST-2"],
    ["TCP options › gives every kind and length a defined meaning, and never loses its way (E01)", "MUST-6,MUST-7,MUST-68,RFC 6994"],
    ["TCP options › keeps what came before a bad option, and marks the segment", "MUST-7"],
    ["TCP options › reads them wherever they begin", "MUST-64"],
    ["TCP options › stops at the end-of-options octet", "MUST-4"],
    ["TCP options › takes at most 40 steps over any 40 bytes", "MUST-7"],
  ],
  "test/wire/udp-icmp.test.ts": [
    ["what an ICMP error quotes › is read from eight octets of TCP, no less", "RFC 792,RFC 4443"],
  ],
}
