import t from 'tap'
import { signToken, verifyToken } from '../../src/stream/token.js'
import { secret } from './world.js'

t.test('a token says what it was signed with, and when it ends', async (t) => {
  const claims = { role: 'officer', unit: 'U1', county: 'XH', topics: ['city'] } as const
  const before = Math.floor(Date.now() / 1000)
  const grant = await verifyToken(secret, await signToken(secret, claims, 600))
  const { untilMs, ...rest } = grant
  t.same(rest, claims)
  t.ok(untilMs >= (before + 600) * 1000 && untilMs <= Date.now() + 600_000)
})

t.test('a token that was changed is refused, and so is one without a signature', async (t) => {
  const token = await signToken(secret, { role: 'viewer' }, 60)
  const [head = '', , signature = ''] = token.split('.')
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = encode({ role: 'wall', exp: 9_999_999_999 })
  for (const forged of [`${head}.${claims}.${signature}`, `${encode({ alg: 'none' })}.${claims}.`, '', 'a.b'])
    await t.rejects(verifyToken(secret, forged), { code: 'QW_TOKEN_INVALID' }, forged)
})

t.test('a secret that is too short is refused by name', async (t) => {
  t.throws(() => signToken('short', { role: 'viewer' }, 60), { code: 'QW_OPTION_INVALID' })
  await t.rejects(verifyToken('short', 'a.b.c'), /tokenSecret of 5 bytes must have at least 32 bytes/)
})
