import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvalidArgumentError } from 'commander'
import { duration, eachWay, percent, queueLength, rate, showPercent, showRate } from '../../src/cli/units.js'

function refuses(parse: (text: string) => unknown, ...texts: string[]): void {
  for (const text of texts)
    assert.throws(
      () => parse(text),
      (error: unknown) => error instanceof InvalidArgumentError && !error.message.includes('\n'),
      `'${text}'`,
    )
}

describe('quantities with units', () => {
  it('times are milliseconds', () => {
    const texts = ['25ms', '1.5s', '200us', '2min', '0', '0ms', '.5ms', '1 s', '10MS']
    assert.deepEqual(texts.map(duration), [25, 1500, 0.2, 120_000, 0, 0, 0.5, 1000, 10])
    refuses(
      duration,
      '25',
      '',
      'ms',
      '-1ms',
      '1e3ms',
      '5parsec',
      '1ms2ms',
      'NaNms',
      'constructor',
      '1toString',
      '1constructor',
    )
  })

  it('rates are bits per second, by powers of 1000', () => {
    assert.deepEqual(['50mbit', '1.5gbit', '64kbit', '9600bit'].map(rate), [50e6, 1.5e9, 64e3, 9600])
    refuses(rate, '50', '50mb', '50mbps', '-1mbit', 'fast')
  })

  it('percentages are shares', () => {
    assert.deepEqual(['0', '0%', '50%', '100%', '25 %', '0.01'].map(percent), [0, 0, 0.5, 1, 0.25, 0.01])
    refuses(percent, '2', '101%', '-1%', '%', '1%%')
  })

  it('queues are bytes, packets or bandwidth-delay products', () => {
    assert.deepEqual(queueLength('256kb'), { value: 256_000, unit: 'bytes' })
    assert.deepEqual(queueLength('1mib'), { value: 1_048_576, unit: 'bytes' })
    assert.deepEqual(queueLength('100pkts'), { value: 100, unit: 'packets' })
    assert.deepEqual(queueLength('0.5bdp'), { value: 0.5, unit: 'bdp' })
    refuses(queueLength, '256', '0kb', '0', '-1bdp', '1bdps', '10mbit')
  })

  it('a slash sets the directions apart', () => {
    assert.deepEqual(eachWay(rate)('50mbit'), { forward: 50e6, back: 50e6 })
    assert.deepEqual(eachWay(rate)('50mbit/5mbit'), { forward: 50e6, back: 5e6 })
    refuses(eachWay(rate), '1mbit/2mbit/3mbit', '1mbit/', '/1mbit', '/')
  })

  it('are shown', () => {
    assert.deepEqual([50e6, 1.5e9, 64e3, 300].map(showRate), [
      '50 Mbit/s',
      '1.5 Gbit/s',
      '64 kbit/s',
      '300 bit/s',
    ])
    assert.deepEqual([0.01, 0.001, 0, 0.123456].map(showPercent), ['1 %', '0.1 %', '0 %', '12.3 %'])
  })
})
