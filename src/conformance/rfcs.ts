/** An RFC beside RFC 9293, and what it asks for. Several may make up one row. */
export interface Rfc {
  /** As in `RFC 6298`, which is also its tag. */
  readonly id: string
  readonly row: number
  readonly title: string
  readonly text: string
}

type Row = readonly [numbers: readonly number[], title: string, text: string]

/** The first tier: twenty-eight rows in the order in which they matter. */
const ROWS: readonly Row[] = [
  [[9293], 'TCP', 'Everything above.'],
  [[1122], 'Requirements for hosts', 'What IP and ICMP owe TCP: reassembly, addresses, errors.'],
  [
    [791, 8200, 1071],
    'IPv4, IPv6, the checksum',
    'Headers are checked, and extension headers walked to an end.',
  ],
  [[792, 4443], 'ICMP', 'Errors are read with care and reach the connection they are about.'],
  [[6298], 'Retransmission timer', 'SRTT, RTTVAR, 1 s to begin with, Karn, backoff, 3 s after a lost SYN.'],
  [
    [8961],
    'Loss detection by time',
    'Bounds for any timer: a cautious start, backoff, and loss is congestion.',
  ],
  [
    [5681, 2914],
    'Congestion control',
    'Slow start, avoidance, fast retransmit and recovery; half of what is in flight.',
  ],
  [[6582], 'NewReno', 'Recovery goes on through partial acknowledgments.'],
  [[3042], 'Limited transmit', 'Two duplicate acknowledgments let two new segments go.'],
  [[7323], 'Window scale and timestamps', 'Scale on SYNs, timestamps on everything, PAWS before all else.'],
  [[2018], 'SACK', 'Blocks are reported, the newest first, and used with care.'],
  [[2883], 'D-SACK', 'Duplicates are reported in the first block.'],
  [[6675], 'Recovery with SACK', 'A scoreboard says what is lost and how much is in the pipe.'],
  [
    [5961],
    'Blind attacks',
    'RST, SYN and ACK are believed only where nobody can guess; challenges are limited.',
  ],
  [[6528, 1948], 'Initial sequence numbers', 'A clock of 4 µs and a keyed hash.'],
  [[6056], 'Ephemeral ports', 'Ports that nobody outside can foretell.'],
  [[6191], 'Timestamps and TIME_WAIT', 'Six cases of a SYN in TIME_WAIT.'],
  [[1337], 'TIME_WAIT assassination', 'Neither RST nor old data ends TIME_WAIT.'],
  [[4987], 'SYN floods', 'Bounded backlogs, small records, cookies.'],
  [[6429], 'Persist and resources', 'A closed window that answers is no reason to end a connection.'],
  [
    [5927, 5461],
    'ICMP attacks, soft errors',
    'Errors must quote what is in flight, and hard ones are soft once open.',
  ],
  [[6633], 'Source Quench', 'Ignored.'],
  [
    [1191, 8201, 2923],
    'Path MTU',
    'DF, and smaller segments when the path asks for it; later larger ones again.',
  ],
  [[6691], 'MSS and options', 'The MSS ignores options, the sender subtracts them.'],
  [[6093], 'Urgent pointer', 'It points behind the urgent octet; everything is delivered in line.'],
  [
    [815, 1858, 3128, 5722, 6946, 7112, 6864, 4963],
    'Fragments',
    'Put together from any order; tiny and overlapping ones refused; atomic ones whole; identifications.',
  ],
  [[6994, 4727], 'Experimental options', 'Kinds 253 and 254 mean nothing without their identifier.'],
  [[2525], 'Known problems', 'Mistakes that others have made before us.'],
]

/** What is done of what comes after it. */
const BEYOND: readonly Row[] = [
  [[8985], 'RACK-TLP', 'Loss is found by time; a probe when an acknowledgment is overdue.'],
  [[9937], 'PRR', 'In recovery what goes out follows what arrives.'],
  [[9438], 'CUBIC', 'The window is a cubic function of the time since the last loss.'],
  [[9406], 'HyStart++', 'Slow start ends when the round trip grows.'],
  [[5682], 'F-RTO', 'After a timeout new data finds out whether anything was lost.'],
  [[3522, 4015, 3708], 'Undo', 'Echoes and duplicates show that nothing was lost; then nothing was.'],
  [[6928], 'Initial window', 'Ten segments to begin with, one after a lost SYN.'],
  [[3168], 'ECN', 'Agreed on SYNs; a mark is echoed until it is answered, once a round trip.'],
  [
    [4821],
    'Path MTU without ICMP',
    'Where large segments vanish smaller ones go, and larger ones are tried.',
  ],
  [[7661], 'Unused windows', 'A window that is not used loses half of itself every five minutes; if chosen.'],
  [[9040], 'TCB sharing', 'A connection starts from what others to the same host have learnt; if chosen.'],
  [[9768], 'Accurate ECN', 'What arrives marked is counted, and told on every segment.'],
  [[7413], 'Fast Open', 'Data on the SYN of whoever shows a cookie; off by default.'],
]

/** Each RFC of the first tier, and those beyond it that are done. */
export const RFCS: readonly Rfc[] = [...ROWS, ...BEYOND].flatMap(([numbers, title, text], i) =>
  numbers.map(number => ({ id: `RFC ${number}`, row: i + 1, title, text })),
)
