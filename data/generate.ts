/**
 * Writes the data set: `node dist/data/generate.js [directory]`, by default data/jiangmen.
 *
 * The seed is part of the program, not an option: the committed file is what this writes, byte for byte, and
 * tests/data holds the two together. Run it after a change to data/city and commit both.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cityNdjson } from './city/events.js'
import { citySeed } from './city/plan.js'

const directory = process.argv[2] ?? join('data', 'jiangmen')
const path = join(directory, 'events.ndjson')
const ndjson = cityNdjson(citySeed)
writeFileSync(path, ndjson)
process.stdout.write(`${path}: ${ndjson.split('\n').length - 1} events, ${Buffer.byteLength(ndjson)} bytes\n`)
