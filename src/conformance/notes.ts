/** Why something that is asked for is not done, or does not apply; or what must be known about how it is done. */
export interface Note {
  /** Absent for a remark: the tests decide. */
  readonly status?: 'deviation' | 'not applicable'
  readonly text: string
}

const deviation = (text: string): Note => ({ status: 'deviation', text })
const notApplicable = (text: string): Note => ({ status: 'not applicable', text })
const remark = (text: string): Note => ({ text })

const SOURCE_ROUTES =
  'source routes are refused, sent and received: whoever names one chooses the way of our answers (RFC 7126, RFC 5095)'
const NOT_TAKEN = 'a permission, not taken'

/** By id. A deviation stays one until its line here is deleted, whatever tests there are. */
export const NOTES: Readonly<Record<string, Note>> = {
  'MUST-51': deviation(SOURCE_ROUTES),
  'MUST-52': deviation(SOURCE_ROUTES),
  'MUST-53': deviation(SOURCE_ROUTES),
  'SHLD-24': deviation(SOURCE_ROUTES),

  'SHLD-6': notApplicable('an interface has one MTU, fixed when it is added'),
  'SHLD-13': notApplicable('asks applications; the call that sends urgent data says that it is a legacy'),
  'SHLD-14': deviation(
    'a peer that fills a scaled buffer octet by octet sees the edge fall back by less than one unit of the scale, as RFC 7323 section 2.4 allows; what was promised is accepted all the same',
  ),
  'SHLD-23': notApplicable('asks applications'),
  'SHLD-26': deviation(
    'only while a connection opens; once it is open a hard error is reported as a soft one, or anybody could end it (RFC 5461, RFC 5927); code 4 makes segments smaller',
  ),

  'MAY-6': notApplicable(
    `${NOT_TAKEN}: probes are empty; those of others are answered, with an octet or without`,
  ),
  'MAY-7': notApplicable(`${NOT_TAKEN}: nothing is sent again beyond the window (SHLD-16)`),
  'MAY-10': notApplicable(`${NOT_TAKEN}: the option is skipped (RFC 7126)`),
  'MAY-11': notApplicable(`${NOT_TAKEN}: the option is skipped (RFC 7126)`),
  'MAY-14': notApplicable(`${NOT_TAKEN}: ABORT is all there is to throw a queue away`),
  'MAY-15': notApplicable(`${NOT_TAKEN}: PSH is set by the stack (MUST-60, MUST-61)`),
  'MAY-17': notApplicable(`${NOT_TAKEN}: data is handed over as it comes, pushed or not`),

  'U-12': deviation(
    'RFC 1191 and RFC 8201 are done; a path that drops large segments without a word is not found out (RFC 2923, RFC 4821)',
  ),
  'U-30': deviation(
    'no quiet time: after a restart numbers and ports come from new secrets, which makes a collision with an old segment no likelier than a forgery',
  ),

  'RFC 6675': remark('its scoreboard; what is lost is found by time (RFC 8985) unless counting is chosen'),
  'RFC 2923': deviation('black holes are not found out: a path that never says what is too big stalls'),
  'RFC 6298': remark('the least timeout is 200 ms, as in Linux, where 1 s is recommended'),
  'RFC 1337': remark('a RST is ignored in TIME_WAIT, against section 3.10.7.4 of RFC 9293'),
}
