/**
 * The AsyncAPI document of the stream, with the schemas that it shares with the HTTP door: as the service serves it, and
 * as docs/asyncapi.json.
 */
import { namedSchemas } from '../api/schemas.js'
import { loadConfig } from '../config/config.js'
import { streamDocument } from '../stream/asyncapi.js'
import { version } from './version.js'

type Ports = { readonly streamPort: number; readonly criticalPort: number }

/** A reference as Fastify writes it: `Alert#`. */
const reference = /"\$ref":"(\w+)#"/g

/** docs/asyncapi.json: with the ports that are taken when nobody says otherwise. */
export function streamPage(): string {
  const { config } = loadConfig({ directory: '/', environment: {} })
  return `${JSON.stringify(documentOfStream(config), undefined, 2)}\n`
}

export function documentOfStream(ports: Ports): object {
  const entries = namedSchemas.map(({ $id, ...schema }) => [$id, schema] as const)
  const text = JSON.stringify(Object.fromEntries(entries)).replace(reference, '"$$ref":"#/components/schemas/$1"')
  const schemas = JSON.parse(text) as Parameters<typeof streamDocument>[0]['schemas']
  return streamDocument({ version, ...ports, schemas })
}
