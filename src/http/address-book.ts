/**
 * Which methods each address answers, so that a wrong method is told apart from a wrong address (405 with `Allow`).
 *
 * Fastify's router knows it but does not say it for an address with parameters, so the routes are noted as they are
 * registered. Asked only on the way to an error.
 */

interface Address {
  readonly matches: RegExp
  readonly methods: Set<string>
}

export interface AddressBook {
  note(url: string, method: string | readonly string[]): void
  /** Sorted; empty when no route has this path. */
  methodsOf(path: string): readonly string[]
}

export function createAddressBook(): AddressBook {
  const addresses = new Map<string, Address>()
  return {
    note(url, method) {
      const known = addresses.get(url) ?? { matches: patternOf(url), methods: new Set<string>() }
      for (const name of typeof method === 'string' ? [method] : method) known.methods.add(name)
      addresses.set(url, known)
    },
    methodsOf(path) {
      const methods = new Set<string>()
      for (const address of addresses.values())
        if (address.matches.test(path)) for (const name of address.methods) methods.add(name)
      return [...methods].sort()
    },
  }
}

/** `/v1/units/:id` -> one segment, `*` -> the rest. Everything else stands for itself. */
function patternOf(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:[A-Za-z0-9_]+/g, '[^/]+')
    .replaceAll('*', '.*')
  return new RegExp(`^${source}$`)
}
