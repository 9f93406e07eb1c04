/**
 * Serves the wall page and tells it where the stream is.
 *
 * The page is served with a content security policy without any exception: it may load nothing but its own files and
 * talk to nobody but this service and its stream. Files whose names carry a hash of their content are kept for ever by
 * the browser, everything else is asked for each time, so that a new version reaches a screen with the next reload.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { QwError } from '../core/errors.js'

export interface WallSettings {
  /** Where the built page lies. */
  readonly directory: string
  /** `ws://host:port/v1/stream`. A host that means "any" (`0.0.0.0`, `[::]`) becomes the one that the browser asked. */
  readonly streamAddress: string
  /** True: what is shown is an exercise (演练). */
  readonly exercise: boolean
}

const anyHosts = new Set(['0.0.0.0', '[::]'])
/** What may stand in a header of ours: a name, an IPv4 address, or an IPv6 address in brackets. */
const hostPattern = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])$/

/** Answers below `/wall`. Without a built page the addresses say that there is none. */
export async function registerWall(app: FastifyInstance, settings: WallSettings): Promise<void> {
  if (!existsSync(join(settings.directory, 'index.html'))) return sayThereIsNone(app)
  await app.register(async (scope) => {
    scope.addHook('onSend', async (request, reply) => secure(request, reply, settings.streamAddress))
    scope.get('/wall/config.json', { schema: { hide: true } }, (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send({ stream: addressFor(request, settings.streamAddress), exercise: settings.exercise }),
    )
    scope.get('/wall', { schema: { hide: true } }, (request, reply) => reply.redirect(`/wall/${queryOf(request)}`))
    await scope.register(fastifyStatic, {
      root: settings.directory,
      prefix: '/wall/',
      decorateReply: false,
      schemaHide: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isNamedByContent = path.includes('/assets/')
        reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  })
}

function sayThereIsNone(app: FastifyInstance): void {
  const none = async () => {
    throw new QwError('QW_NOT_FOUND', { what: 'wall page: it is not built (npm run build:wall, then start again)' })
  }
  for (const path of ['/wall', '/wall/*']) app.get(path, { schema: { hide: true } }, none)
}

async function secure(request: FastifyRequest, reply: FastifyReply, streamAddress: string): Promise<void> {
  const { protocol, host } = new URL(addressFor(request, streamAddress))
  reply.headers({
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ${protocol}//${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  })
}

/** The stream's address as this browser can reach it. */
function addressFor(request: FastifyRequest, streamAddress: string): string {
  const address = new URL(streamAddress)
  if (anyHosts.has(address.hostname) && hostPattern.test(request.hostname)) address.hostname = request.hostname
  return address.href
}

function queryOf({ url }: FastifyRequest): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}
