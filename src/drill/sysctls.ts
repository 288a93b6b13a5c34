import type { TcpConfig } from '../tcp/config.js'
import { CONTROLLERS, type ControllerName } from '../tcp/controllers.js'
import { type FastOpenChoices, linuxFastOpen, linuxKeys } from './fast-open.js'

/** What a sysctl of Linux or FreeBSD means to the stack. */
export type Setting =
  | { kind: 'tcp'; config: Partial<TcpConfig> }
  | { kind: 'open-timeout'; ms: number }
  | { kind: 'cookies-only'; on: boolean }
  | { kind: 'not-sent-low-water'; bytes: number }
  | { kind: 'fast-open'; choices: Partial<FastOpenChoices> }
  | { kind: 'fast-open-keys'; key: Uint8Array; last: Uint8Array | undefined }
  /** Understood; it steers what estab does not have or what has no meaning in virtual time. */
  | { kind: 'inert' }
  | { kind: 'unsupported'; feature: string }
  | { kind: 'bad'; message: string }

type Rule = (value: string) => Setting

const INERT: Setting = { kind: 'inert' }
const tcp = (config: Partial<TcpConfig>): Setting => ({ kind: 'tcp', config })

/** A rule for one number; `low` is the least that makes sense. */
const number =
  (set: (n: number) => Partial<TcpConfig>, low = 0): Rule =>
  value => {
    const n = Number(value)
    return value !== '' && Number.isFinite(n) && n >= low
      ? tcp(set(n))
      : { kind: 'bad', message: `${JSON.stringify(value)} is not a number of at least ${low}` }
  }

const onOff = (set: (on: boolean) => Partial<TcpConfig>): Rule => number(n => set(n !== 0))

/** "least default most", of which the default and the most count. */
const triple =
  (set: (initial: number, most: number) => Partial<TcpConfig>): Rule =>
  value => {
    const numbers = value.split(/\s+/).map(Number)
    const [, initial, most] = numbers
    if (numbers.length !== 3 || !numbers.every(n => n > 0))
      return { kind: 'bad', message: `${JSON.stringify(value)} is not three sizes` }
    return tcp(set(initial!, most!))
  }

const CLAMP = 2 ** 30

const controller: Rule = value => {
  const name = controllerOf(value)
  return name === undefined
    ? { kind: 'unsupported', feature: `the congestion control ${value}` }
    : tcp({ congestion: name })
}

/** The controller that Linux or FreeBSD calls so, if there is one. */
export function controllerOf(name: string): ControllerName | undefined {
  if (name === 'newreno') return 'reno'
  return Object.hasOwn(CONTROLLERS, name) ? (name as ControllerName) : undefined
}

const LINUX: Readonly<Record<string, Rule>> = {
  tcp_timestamps: onOff(on => ({ timestamps: on })),
  tcp_sack: onOff(on => ({ sack: on })),
  tcp_dsack: onOff(on => ({ dsack: on })),
  tcp_window_scaling: onOff(on => ({ windowScaling: on })),
  tcp_rmem: triple((initial, most) => ({
    receiveBuffer: Math.min(Math.max(initial, 2048), CLAMP),
    maxReceiveBuffer: Math.min(most, CLAMP),
  })),
  tcp_wmem: triple(initial => ({ sendBuffer: Math.min(initial, CLAMP) })),
  tcp_ecn: number(n => ({
    ecn: n === 0 ? 'off' : n === 1 || n === 3 || n === 4 ? 'request' : 'accept',
    accurateEcn: n < 3 ? 'off' : n === 3 ? 'request' : 'accept',
  })),
  tcp_ecn_option: number(n => ({ accurateEcnOption: n === 0 ? 'never' : n === 1 ? 'changed' : 'always' })),
  tcp_syn_retries: number(n => ({ synR2: 1000 * (2 ** (n + 1) - 1) }), 1),
  tcp_syn_linear_timeouts: number(n => ({ synLinearTimeouts: n })),
  tcp_synack_retries: number(n => ({ synAckRetries: n })),
  tcp_retries1: number(n => ({ r1: n }), 1),
  tcp_retries2: number(n => ({ r2: n }), 1),
  tcp_keepalive_time: number(n => ({ keepAliveIdle: n * 1000 }), 1),
  tcp_keepalive_intvl: number(n => ({ keepAliveInterval: n * 1000 }), 1),
  tcp_keepalive_probes: number(n => ({ keepAliveProbes: n }), 1),
  tcp_fin_timeout: number(n => ({ finWait2Timeout: n * 1000 }), 1),
  tcp_min_tso_segs: number(n => ({ minBurst: n }), 1),
  tcp_reordering: number(n => ({ duplicateAckThreshold: n }), 1),
  tcp_notsent_lowat: value => {
    const bytes = Number(value)
    return bytes >= 0 ? { kind: 'not-sent-low-water', bytes } : bad(value)
  },
  tcp_fastopen: value => {
    const bits = Number(value)
    return bits >= 0 ? { kind: 'fast-open', choices: linuxFastOpen(bits) } : bad(value)
  },
  tcp_fastopen_key: value => {
    const keys = linuxKeys(value)
    return keys ? { kind: 'fast-open-keys', ...keys } : bad(value)
  },
  tcp_congestion_control: controller,
  tcp_early_retrans: onOff(on => ({ tailLossProbe: on })),
  tcp_recovery: number(n => ({ lossDetection: n & 1 ? 'time' : 'count' })),
  tcp_frto: onOff(on => ({ frto: on })),
  tcp_rfc1337: onOff(on => ({ rfc1337: on })),
  tcp_slow_start_after_idle: onOff(on => ({ unusedWindow: on ? 'restart' : 'keep' })),
  tcp_challenge_ack_limit: number(n => ({ challengeAckLimit: Math.min(n, 1_000_000) }), 1),
  tcp_rto_min_us: number(n => ({ minRto: n / 1000 }), 1000),
  tcp_rto_max_ms: number(n => ({ maxRto: n }), 1000),
  tcp_min_snd_mss: number(n => ({ minMss: n }), 1),
}

/** Linux knobs of what is not there, or means nothing here. */
const LINUX_INERT = [
  'tcp_abort_on_overflow',
  'tcp_adv_win_scale',
  'tcp_app_win',
  'tcp_autocorking',
  'tcp_base_mss',
  'tcp_backlog_ack_defer',
  'tcp_comp_sack_delay_ns',
  'tcp_comp_sack_nr',
  'tcp_comp_sack_slack_ns',
  'tcp_ecn_fallback',
  'tcp_ecn_option_beacon',
  'tcp_fack',
  'tcp_fastopen_blackhole_timeout_sec',
  'tcp_invalid_ratelimit',
  'tcp_limit_output_bytes',
  'tcp_low_latency',
  'tcp_max_syn_backlog',
  'tcp_min_rtt_wlen',
  'tcp_moderate_rcvbuf',
  'tcp_mtu_probing',
  'tcp_mtu_probe_floor',
  'tcp_no_metrics_save',
  'tcp_no_ssthresh_metrics_save',
  'tcp_orphan_retries',
  'tcp_pacing_ca_ratio',
  'tcp_pacing_ss_ratio',
  'tcp_plb_enabled',
  'tcp_probe_interval',
  'tcp_probe_threshold',
  'tcp_reflect_tos',
  'tcp_retrans_collapse',
  'tcp_shrink_window',
  'tcp_stdurg',
  'tcp_syncookies',
  'tcp_thin_linear_timeouts',
  'tcp_tso_rtt_log',
  'tcp_tso_win_divisor',
  'tcp_tw_reuse',
  'tcp_workaround_signed_windows',
  'ip_local_port_range',
  'ip_no_pmtu_disc',
  'route.flush',
] as const

const ms = (set: (n: number) => Partial<TcpConfig>, low = 1): Rule => number(set, low)

const FREEBSD: Readonly<Record<string, Rule>> = {
  rfc1323: number(n => ({ windowScaling: n === 1 || n === 2, timestamps: n === 1 || n === 3 })),
  'sack.enable': onOff(on => ({ sack: on })),
  recvspace: number(n => ({ receiveBuffer: n }), 2048),
  sendspace: number(n => ({ sendBuffer: n }), 1),
  blackhole: onOff(on => ({ closedPort: on ? 'ignore' : 'reset' })),
  'ecn.enable': number(n => ({ ecn: n === 0 ? 'off' : n === 1 ? 'request' : 'accept' })),
  'ecn.maxretries': number(n => ({ ecnSynRetries: n })),
  insecure_rst: onOff(on => ({ strictReset: !on })),
  insecure_syn: onOff(on => ({ strictSyn: !on })),
  insecure_ack: onOff(on => ({ strictAck: !on })),
  drop_synfin: onOff(on => ({ dropSynFin: on ? 'everywhere' : 'nowhere' })),
  rexmit_drop_options: onOff(on => ({ plainSynAfter: on ? 3 : Number.POSITIVE_INFINITY })),
  rexmit_initial: ms(n => ({ initialRto: n })),
  rexmit_min: ms(n => ({ minRto: n })),
  rexmit_slop: ms(n => ({ rtoSlop: n }), 0),
  keepinit: value => (Number(value) > 0 ? { kind: 'open-timeout', ms: Number(value) } : bad(value)),
  keepidle: ms(n => ({ keepAliveIdle: n })),
  keepintvl: ms(n => ({ keepAliveInterval: n })),
  keepcnt: number(n => ({ keepAliveProbes: n }), 1),
  delacktime: ms(n => ({ delayedAck: n })),
  delayed_ack: value => (value === '0' ? tcp({ delayedAck: 0 }) : INERT),
  msl: ms(n => ({ msl: n })),
  finwait2_timeout: ms(n => ({ finWait2Timeout: n })),
  icmp_may_rst: onOff(on => ({ hardIcmpErrors: on })),
  tolerate_missing_ts: onOff(on => ({ tolerateMissingTimestamps: on })),
  minmss: number(n => ({ minMss: n }), 1),
  syncookies_only: value => ({ kind: 'cookies-only', on: value !== '0' }),
  'fastopen.client_enable': value => ({ kind: 'fast-open', choices: { client: value !== '0' } }),
  'fastopen.server_enable': value => ({ kind: 'fast-open', choices: { server: value !== '0' } }),
  'cc.algorithm': controller,
  'cc.abe': onOff(on => ({ abe: on })),
  initcwnd_segments: number(n => ({ initialWindow: n }), 1),
}

const FREEBSD_INERT = [
  'abc_l_var',
  'always_keepalive',
  'do_prr',
  'do_tcpdrain',
  'fast_finwait2_recycle',
  'functions_default',
  'hostcache.purge',
  'hostcache.purgenow',
  'hostcache.enable',
  'maxunacktime',
  'newcwv',
  'nolocaltimewait',
  'path_mtu_discovery',
  'pmtud_blackhole_detection',
  'pmtud_blackhole_mss',
  'v6pmtud_blackhole_mss',
  'mssdflt',
  'v6mssdflt',
  'recvbuf_auto',
  'recvbuf_max',
  'sendbuf_auto',
  'sendbuf_max',
  'rfc3042',
  'rfc3390',
  'rfc3465',
  'rfc6675_pipe',
  'sack.revised',
  'sack.lrd',
  'sack.tso',
  'syncookies',
  'syncache.rst_on_sock_fail',
  'tso',
  'udp_tunneling_overhead',
  'udp_tunneling_port',
  'log_in_vain',
] as const

const bad = (value: string): Setting => ({
  kind: 'bad',
  message: `${JSON.stringify(value)} is no value for it`,
})

const inert = (prefix: string, names: readonly string[]): [string, Rule][] =>
  names.map(name => [`${prefix}${name}`, () => INERT])

const under = (prefix: string, rules: Readonly<Record<string, Rule>>): [string, Rule][] =>
  Object.entries(rules).map(([name, rule]) => [`${prefix}${name}`, rule])

const RULES: ReadonlyMap<string, Rule> = new Map([
  ...under('net.ipv4.', LINUX),
  ...inert('net.ipv4.', LINUX_INERT),
  ...inert('net.core.', [
    'rmem_max',
    'wmem_max',
    'somaxconn',
    'default_qdisc',
    'optmem_max',
    'netdev_max_backlog',
  ]),
  ...inert('net.ipv6.', ['conf.all.disable_ipv6', 'auto_flowlabels', 'flowlabel_consistency']),
  ...under('net.inet.tcp.', FREEBSD),
  ...inert('net.inet.tcp.', FREEBSD_INERT),
  ...inert('kern.ipc.', ['somaxconn', 'soacceptqueue']),
  ['kern.ipc.maxsockbuf', number(n => ({ maxReceiveBuffer: Math.min(n, CLAMP) }), 1)],
])

/** What `sysctl name=value` does. */
export function sysctl(name: string, value: string): Setting {
  const rule = RULES.get(name)
  return rule ? rule(value.trim()) : { kind: 'unsupported', feature: `the sysctl ${name}` }
}
