/** ICMP types and codes by the names they have in scripts. */

type Codes = Readonly<Record<string, number>>
interface Type {
  readonly type: number
  readonly codes: Codes
}

const NONE: Codes = {}

const TYPES4: Readonly<Record<string, Type>> = {
  echo_reply: { type: 0, codes: NONE },
  unreachable: {
    type: 3,
    codes: {
      net_unreachable: 0,
      host_unreachable: 1,
      protocol_unreachable: 2,
      port_unreachable: 3,
      frag_needed: 4,
      source_route_failed: 5,
      net_unknown: 6,
      host_unknown: 7,
      source_host_isolated: 8,
      net_prohibited: 9,
      host_prohibited: 10,
      net_unreachable_for_tos: 11,
      host_unreachable_for_tos: 12,
      packet_filtered: 13,
      precedence_violation: 14,
      precedence_cutoff: 15,
    },
  },
  source_quench: { type: 4, codes: NONE },
  redirect: { type: 5, codes: NONE },
  echo_request: { type: 8, codes: NONE },
  time_exceeded: { type: 11, codes: { ttl_exceeded_in_transit: 0, frag_reass_exceeded: 1 } },
  parameter_problem: { type: 12, codes: NONE },
  timestamp_request: { type: 13, codes: NONE },
  timestamp_reply: { type: 14, codes: NONE },
  information_request: { type: 15, codes: NONE },
  information_reply: { type: 16, codes: NONE },
  address_mask_request: { type: 17, codes: NONE },
  address_mask_reply: { type: 18, codes: NONE },
}

const TYPES6: Readonly<Record<string, Type>> = {
  unreachable: {
    type: 1,
    codes: {
      no_route: 0,
      admin_prohibited: 1,
      not_neighbour: 2,
      address_unreachable: 3,
      port_unreachable: 4,
    },
  },
  packet_too_big: { type: 2, codes: NONE },
  time_exceeded: { type: 3, codes: { exceeded_hop_limit: 0, exceeded_frag_time: 1 } },
  parameter_problem: { type: 4, codes: { header_field: 0, unknown_next_header: 1, unknown_option: 2 } },
  echo_request: { type: 128, codes: NONE },
  echo_reply: { type: 129, codes: NONE },
  router_advertisement: { type: 134, codes: NONE },
}

/** Type and code as numbers; a message that says which name is not known. */
export function icmpNumbers(
  version: 4 | 6,
  typeName: string,
  codeName: string | undefined,
): { type: number; code: number } | string {
  const known = (version === 4 ? TYPES4 : TYPES6)[typeName]
  const type = numbered(typeName, 'type_') ?? known?.type
  if (type === undefined) return `ICMP for IPv${version} has no type ${typeName}`
  if (codeName === undefined) return { type, code: 0 }
  const code = numbered(codeName, 'code_') ?? known?.codes[codeName]
  return code === undefined ? `ICMP ${typeName} for IPv${version} has no code ${codeName}` : { type, code }
}

/** `type_3`, `code_17` */
function numbered(name: string, prefix: string): number | undefined {
  if (!name.startsWith(prefix)) return undefined
  const value = Number(name.slice(prefix.length))
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined
}
