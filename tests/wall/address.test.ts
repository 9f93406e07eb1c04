import fc from 'fast-check'
import t from 'tap'
import { type Address, readAddress, writeAddress } from '../../wall/model/address.js'
import { counties } from '../../wall/model/names.js'

t.test('whatever is written into the address is read back', async (t) => {
  const address = fc.record(
    {
      county: fc.constantFrom(...counties),
      unit: fc.string({ minLength: 1, unit: 'grapheme' }),
      view: fc.constantFrom('tiles' as const, 'table' as const),
      locale: fc.constantFrom('zh' as const, 'en' as const),
      scale: fc.double({ min: 0.25, max: 4, noNaN: true }),
    },
    { requiredKeys: ['view', 'locale', 'scale'] },
  )
  t.doesNotThrow(() =>
    fc.assert(fc.property(address, (each) => t.same(readAddress(writeAddress(each as Address)), each))),
  )
})

t.test('what is not understood falls back to the default', async (t) => {
  const plain = { view: 'tiles', locale: 'zh', scale: 1 }
  for (const search of ['', '?', '?county=QQ', '?scale=0', '?scale=99', '?scale=x', '?view=map', '?unit=', '?lang=xx'])
    t.same(readAddress(search), plain, search)
})

t.test('the browser decides on the language where the address does not', async (t) => {
  t.equal(readAddress('', ['en-GB', 'zh']).locale, 'en')
  t.equal(readAddress('', ['fr']).locale, 'zh')
  t.equal(readAddress('?lang=zh', ['en']).locale, 'zh')
})
