/**
 * The same units as on the canvas, as a table that a screen reader, a keyboard and a search can use: the worst first.
 */
import { useSignal } from '@preact/signals'
import { lookOfTile, type Tile } from '../model/city.js'
import { looks, oldShape } from '../model/look.js'
import { countyName, sectorName } from '../model/names.js'
import { shownVacancy, shownWhole } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { State } from './badge.js'
import { address, city, glance, go, say, stream } from './state.js'

const rowsPerPage = 100

export function Table() {
  glance.value
  const page = useSignal(0)
  const { county } = address.value
  const tiles = [...city.tiles.values()]
    .filter((tile) => county === undefined || tile.county === county)
    .sort(worstFirst)
  const pages = Math.max(1, Math.ceil(tiles.length / rowsPerPage))
  const at = Math.min(page.value, pages - 1)
  return (
    <div class="panel table">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={say(texts.byColour)}>
        <table>
          <thead>
            <tr>
              {[texts.state, texts.unit, texts.county, texts.sector].map((name) => (
                <th key={name.en} scope="col">
                  {say(name)}
                </th>
              ))}
              {[texts.approved, texts.usable, texts.filled, texts.vacancy, texts.contract].map((name) => (
                <th key={name.en} scope="col" class="number">
                  {say(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tiles.slice(at * rowsPerPage, (at + 1) * rowsPerPage).map((tile) => (
              <Row key={tile.id} tile={tile} />
            ))}
          </tbody>
        </table>
      </section>
      <p class="pages">
        <button type="button" disabled={at === 0} onClick={() => (page.value = at - 1)}>
          {say(texts.previous)}
        </button>{' '}
        {at + 1} / {pages}{' '}
        <button type="button" disabled={at === pages - 1} onClick={() => (page.value = at + 1)}>
          {say(texts.next)}
        </button>
      </p>
    </div>
  )
}

const rank = (tile: Tile): number => looks.indexOf(lookOfTile(tile))
const worstFirst = (a: Tile, b: Tile): number => rank(a) - rank(b) || (a.id < b.id ? -1 : 1)

function Row({ tile }: { readonly tile: Tile }) {
  const { id, name, county, sector, facts } = tile
  const { locale, unit } = address.value
  const look = lookOfTile(tile)
  return (
    <tr aria-current={unit === id}>
      <td>
        <State look={look === 'green' && stream.value.kind !== 'live' ? 'unknown' : look} />
        {look === 'frozen' && tile.colour === 'red' ? <State look="red" /> : null}
        {tile.isOld ? <span class="old-word">{` ${oldShape} ${say(texts.oldData)}`}</span> : null}
      </td>
      <th scope="row">
        <button type="button" class="link" onClick={() => go({ unit: id })}>
          {name}
        </button>
      </th>
      <td>{countyName(county, locale)}</td>
      <td>{sectorName(sector, locale)}</td>
      <td class="number">{shownWhole(facts.approved)}</td>
      <td class="number">{shownWhole(facts.usable)}</td>
      <td class="number">{shownWhole(facts.filled)}</td>
      <td class="number">{shownVacancy(facts)}</td>
      <td class="number">{shownWhole(facts.contract)}</td>
    </tr>
  )
}
