import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { causeIn, fieldIn, WORDS } from '../../src/lab/page/words.js'
import { dissect } from '../../src/lab/scene/dissect.js'
import { corrupted, editSegment, fieldsOf } from '../../src/lab/scene/edit-segment.js'
import { type Film, shoot } from '../../src/lab/scene/film.js'
import { LadderLayout } from '../../src/lab/scene/ladder-layout.js'
import { LinkError, readLink, writeLink } from '../../src/lab/scene/link.js'
import { type Action, CALLS, newScene, type Scene, withAction } from '../../src/lab/scene/scene.js'
import { STORIES } from '../../src/stories/index.js'
import { TRANSITION_LIST } from '../../src/tcp/states.js'
import type { FlagName } from '../../src/wire/tcp.js'

/** A line on which much goes wrong, and data both ways. */
const troubled = (seed: number): Scene =>
  (
    [
      { kind: 'line', at: 0, line: { loss: 0.05, reorder: 0.1, rate: 2e6, queue: 15_000 } },
      { kind: 'call', at: 0, side: 1, call: 'listen' },
      { kind: 'call', at: 0, side: 0, call: 'connect' },
      { kind: 'call', at: 2000, side: 0, call: 'send', bytes: 60_000 },
      { kind: 'call', at: 2010, side: 1, call: 'send', bytes: 20_000 },
      { kind: 'call', at: 4000, side: 0, call: 'half-close' },
      { kind: 'call', at: 4500, side: 1, call: 'half-close' },
    ] as Action[]
  ).reduce(withAction, { ...newScene('free'), seed })

/** Everything that a film shows until `t`, as text, but the segment that is being touched, and copies. */
const past = (film: Film, t: number, touched: number): string =>
  JSON.stringify([
    film.events.flatMap(event => {
      if (event.t > t || event === film.segments[touched]?.event) return []
      if (event.kind === 'segment' && event.fate === 'duplicated') return []
      return { ...event, arrives: undefined, fate: undefined, reaction: undefined }
    }),
    film.moments.flatMap(moment => (moment.t <= t ? [{ ...moment, events: undefined }] : [])),
  ])

describe('a scene of the lab', () => {
  it('is the same film, whenever it is played', () => {
    for (const story of STORIES) {
      const [first, second] = [shoot(newScene(story.name)), shoot(newScene(story.name))]
      assert.deepEqual(first.events, second.events, story.name)
      assert.deepEqual(first.moments, second.moments, story.name)
    }
  })

  it('keeps its past, whatever befalls a segment that is on its way', () => {
    const films = new Map<number, Film>()
    const filmOf = (seed: number) => films.get(seed) ?? films.set(seed, shoot(troubled(seed))).get(seed)!
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.nat(),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.constantFrom('drop', 'delay', 'duplicate', 'corrupt', 'edit'),
        (seed, which, share, what) => {
          const film = filmOf(seed)
          const flying = film.segments.filter(
            s => s.event.fate === 'delivered' && s.event.arrives! > s.event.t,
          )
          const { side, nth, event, index } = flying[which % flying.length]!
          const at = event.t + (event.arrives! - event.t) * share
          const fate =
            what === 'edit'
              ? { what, edit: { window: 1 } }
              : what === 'delay' || what === 'duplicate'
                ? { what, ms: 50 }
                : { what }
          const actions = [...film.scene.actions, { kind: 'fate', at, side, nth, fate } as Action].sort(
            (a, b) => a.at - b.at,
          )
          const other = shoot({ ...film.scene, actions })
          assert.ok(past(other, at, index) === past(film, at, index))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('ends with every segment accounted for', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const film = shoot(troubled(seed))
      const sent = film.segments.filter(s => s.event.fate !== 'duplicated')
      for (const side of [0, 1]) {
        const numbers = sent.filter(s => s.side === side).map(s => s.nth)
        assert.deepEqual(
          numbers,
          numbers.map((_, i) => i),
        )
      }
      assert.equal(
        film.moments.at(-1)!.hosts.every(({ connection }) => connection?.state === 'CLOSED'),
        true,
        `seed ${seed}`,
      )
    }
  })

  it('lets data that was pulled off the line be lost, and go on when it is plugged in', () => {
    const scene = (
      [
        { kind: 'call', at: 0, side: 1, call: 'listen' },
        { kind: 'call', at: 0, side: 0, call: 'connect' },
        { kind: 'call', at: 100, side: 0, call: 'unplug' },
        { kind: 'call', at: 110, side: 0, call: 'send', bytes: 100 },
        { kind: 'call', at: 5000, side: 0, call: 'plug' },
      ] as Action[]
    ).reduce(withAction, newScene('free'))
    const film = shoot(scene)
    assert.equal(film.moments.at(-1)!.hosts[1]!.connection!.received, 100)
    assert.ok(film.segments.some(s => s.event.fate === 'lost' && s.event.len === 100))
  })

  it('tells what cannot be done, and goes on', () => {
    for (const call of CALLS)
      for (const story of ['free', 'close', 'self-connect']) {
        const bytes = call === 'send' ? { bytes: 10 } : {}
        const action = { kind: 'call', at: 0, side: 0, call, ...bytes } as const
        const film = shoot(
          [action, { ...action, at: 5 }, { ...action, at: 100_000 }].reduce<Scene>(
            withAction,
            newScene(story),
          ),
        )
        assert.ok(film.moments.length > 0)
      }
    const film = shoot(withAction(newScene('free'), { kind: 'forge', at: 3, side: 1, nth: 4, edit: {} }))
    assert.match(JSON.stringify(film.events), /that segment was never sent/)
  })
})

describe('a link', () => {
  const at = fc.integer({ min: 0, max: 86_400_000 }).map(n => n / 1000)
  const side = fc.constantFrom(0 as const, 1 as const)
  const nth = fc.nat(1000)
  const edit = fc.record(
    {
      seq: fc.integer({ min: 0, max: 0xffff_ffff }),
      ack: fc.integer({ min: 0, max: 0xffff_ffff }),
      window: fc.integer({ min: 0, max: 0xffff }),
      flags: fc.subarray<FlagName>(['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE']),
    },
    { requiredKeys: [] },
  )
  const fate = fc.oneof(
    fc.constantFrom({ what: 'drop' as const }, { what: 'corrupt' as const }),
    fc.record({ what: fc.constantFrom('delay' as const, 'duplicate' as const), ms: at }),
    fc.record({ what: fc.constant('edit' as const), edit }),
  )
  const action: fc.Arbitrary<Action> = fc.oneof(
    fc.record({
      kind: fc.constant('call' as const),
      at,
      side,
      call: fc.constantFrom(...CALLS.filter(c => c !== 'send')),
    }),
    fc.record({
      kind: fc.constant('call' as const),
      at,
      side,
      call: fc.constant('send' as const),
      bytes: fc.integer({ min: 1, max: 1e6 }),
    }),
    fc.record({
      kind: fc.constant('line' as const),
      at,
      line: fc.record({
        loss: fc.double({ min: 0, max: 1, noNaN: true }).map(p => Math.abs(p)),
        rate: fc.nat(1e9),
      }),
    }),
    fc.record({ kind: fc.constant('fate' as const), at, side, nth, fate }),
    fc.record({ kind: fc.constant('forge' as const), at, side, nth, edit }),
  )
  const scene = fc.record({
    story: fc.constantFrom('free', ...STORIES.map(story => story.name)),
    seed: fc.nat(),
    delay: fc.integer({ min: 0, max: 1000 }),
    actions: fc.array(action, { maxLength: 8 }).map(all => all.sort((a, b) => a.at - b.at)),
  })

  it('holds a whole scene', () => {
    fc.assert(
      fc.property(scene, fc.option(at, { nil: undefined }), (whole, t) => {
        const read = readLink(writeLink(whole, t))
        assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify({ scene: whole, t })))
        assert.deepEqual(readLink(encodeURIComponent(writeLink(whole, t))), read)
      }),
    )
  })

  it('with nonsense in it is refused in words, and never anything else', () => {
    const refused = (link: string) => {
      try {
        readLink(link)
        return false
      } catch (error) {
        assert.ok(error instanceof LinkError, String(error))
        assert.ok(error.why.en.length > 0 && error.why.zh.length > 0)
        return true
      }
    }
    fc.assert(fc.property(fc.string(), link => void refused(link)))
    fc.assert(
      fc.property(scene, fc.nat(), fc.string({ minLength: 1, maxLength: 2 }), (whole, place, rubbish) => {
        const link = writeLink(whole)
        const i = place % link.length
        refused(link.slice(0, i) + rubbish + link.slice(i + 1))
      }),
    )
    for (const link of [
      'close?do=c:1:0:send:0',
      'close?do=c:1:0:send:99999999999',
      'close?do=l:0:loss=2',
      'close?seed=-1',
      'close?do=c:NaN:0:close',
    ])
      assert.ok(refused(link), link)
    assert.ok(refused(`close?do=${Array.from({ length: 501 }, () => 'c:1:0:close').join(';')}`))
  })
})

describe('a segment in the hand', () => {
  const { segments } = shoot(newScene('retransmit'))

  it('is dissected without a gap', () => {
    for (const { bytes } of segments) {
      let next = 0
      for (const { from, to, section, name } of dissect(bytes)) {
        assert.equal(from, next, name)
        assert.ok(to > from)
        assert.match(section, /^RFC/)
        next = to
      }
      assert.equal(next, bytes.length)
    }
  })

  it('is dissected, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, headersOnly) => {
        for (const { from, to } of dissect(bytes, headersOnly)) assert.ok(from <= to)
      }),
    )
    const source = segments[0]!.bytes
    fc.assert(
      fc.property(fc.nat(source.length - 1), fc.nat(255), (i, value) => {
        const bytes = source.slice()
        bytes[i] = value
        assert.ok(dissect(bytes).length > 0)
      }),
    )
  })

  it('is edited, and its checksum with it; one that is damaged has a wrong one', () => {
    const checksum = (bytes: Uint8Array) => dissect(bytes).find(({ name }) => name === 'checksum')!.value
    for (const { bytes } of segments) {
      const edited = editSegment(bytes, { seq: 1, ack: 0xffff_ffff, flags: ['RST', 'AE'], window: 7 })
      assert.deepEqual(fieldsOf(edited), { seq: 1, ack: 0xffff_ffff, flags: ['RST', 'AE'], window: 7 })
      assert.match(checksum(edited), /✓/)
      assert.match(checksum(corrupted(bytes)), /✗/)
      assert.equal(fieldsOf(bytes)!.window, fieldsOf(editSegment(bytes, {}))!.window)
    }
    assert.equal(fieldsOf(new Uint8Array(3)), undefined)
  })
})

describe('a ladder', () => {
  const layoutOf = (film: Film) => {
    const [left, right = left] = film.hosts
    return new LadderLayout([left!, right!], film.events, 20)
  }

  it('is time downwards: a later moment stands lower, and each height has its time', () => {
    for (const film of [...STORIES.map(story => shoot(newScene(story.name))), shoot(troubled(3))]) {
      const layout = layoutOf(film)
      const { times } = layout
      for (let i = 1; i < times.length; i++) {
        assert.ok(layout.yOf(times[i]!) > layout.yOf(times[i - 1]!))
        assert.equal(layout.tOf(layout.yOf(times[i]!)), times[i])
        const between = (times[i]! + times[i - 1]!) / 2
        assert.ok(Math.abs(layout.tOf(layout.yOf(between)) - between) < 1e-6)
      }
      assert.equal(layout.slants.length, film.segments.length)
      for (const { y1, y2 } of layout.slants) assert.ok(y2 > y1 && y2 <= layout.height + 100)
    }
  })

  it('finds what is in view as looking at everything would', () => {
    const layout = layoutOf(shoot(troubled(2)))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Math.ceil(layout.height) }), fc.nat(800), (top, tall) => {
        const [from, to] = layout.inView(top, top + tall)
        layout.slants.forEach((slant, i) => {
          const isIn = Math.max(slant.y1, slant.y2) >= top && slant.y1 <= top + tall
          if (isIn) assert.ok(i >= from && i < to, `slant ${i}`)
        })
      }),
    )
  })
})

describe('the words of the lab', () => {
  const isChinese = /[\u4e00-\u9fff]/

  it('are all there in both languages', () => {
    const alike = new Set([
      'act_call',
      'host_a',
      'host_b',
      'otherLanguage',
      'timer_time-wait',
      'timer_fin-wait-2',
    ])
    for (const [name, [en, zh]] of Object.entries(WORDS)) {
      if (alike.has(name)) continue
      assert.ok(isChinese.test(zh), `${name}: ${zh}`)
      assert.ok(!isChinese.test(en), `${name}: ${en}`)
      assert.deepEqual(en.match(/\{\d\}/g)?.sort(), zh.match(/\{\d\}/g)?.sort(), name)
    }
  })

  it('know every cause of a transition, and every field of a header', () => {
    for (const { cause } of TRANSITION_LIST) assert.ok(isChinese.test(causeIn('zh', cause)), cause)
    for (const { bytes } of shoot(newScene('close')).segments)
      for (const { name } of dissect(bytes))
        assert.ok(isChinese.test(fieldIn('zh', name)) || name === 'DSCP, ECN', name)
  })
})
