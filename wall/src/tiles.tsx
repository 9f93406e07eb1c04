/**
 * The unit wall: a panel per county in the order of the schematic, a canvas in each, tiles of one size in all.
 */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { lookOfTile } from '../model/city.js'
import { words } from '../model/look.js'
import { type County, counties, countyName } from '../model/names.js'
import { columnsOf, indexAt, placeOf, step, tileSize } from '../model/places.js'
import { shownWhole } from '../model/shown.js'
import { texts } from '../model/texts.js'
import { Badge, OldBadge } from './badge.js'
import { paintTile } from './painter.js'
import { address, changedIds, city, glance, go, hasUnits, say, stream, structure } from './state.js'

export function Tiles() {
  const shown = address.value.county ? [address.value.county] : counties
  const size = useSignal(0)
  const box = useRef<HTMLDivElement>(null)
  const fit = (): void => {
    if (box.current) size.value = sizeFor(box.current, shown)
  }
  useLayoutEffect(() => {
    fit()
    const observer = new ResizeObserver(fit)
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [address.value.county])
  useLayoutEffect(fit, [structure.value])
  return (
    <div
      class={shown.length === 1 ? 'counties single' : 'counties'}
      ref={box}
      aria-busy={!hasUnits.value}
      style={{ '--rows': shown.length === 1 ? '1fr' : rowShares() }}
    >
      {shown.map((county) => (
        <CountyPanel key={county} county={county} size={size.value} />
      ))}
    </div>
  )
}

/** What a row needs beside its tiles, in tiles of a column. */
const rowBase = 31

/** The heights of the three rows follow the county that needs the most; 市直 has two columns. */
function rowShares(): string {
  const needed = (codes: readonly County[]): number => Math.max(...codes.map((code) => city.idsOf(code).length))
  const rows = [needed(['HS', 'PJ', 'JH']), needed(['EP', 'KP', 'XH']), Math.max(needed(['TS']), needed(['SZ']) / 2)]
  return rows.map((tiles) => `minmax(0, ${tiles + rowBase}fr)`).join(' ')
}

/** Edge of a tile in device pixels: what fits in every panel that is shown. */
function sizeFor(box: HTMLDivElement, shown: readonly County[]): number {
  const ratio = devicePixelRatio
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const rooms = shown.map((county) => {
    const canvas = box.querySelector<HTMLElement>(`[data-county="${county}"]`)
    const { clientWidth = 0, clientHeight = 0 } = canvas?.parentElement ?? {}
    return { width: clientWidth * ratio, height: clientHeight * ratio, tiles: city.idsOf(county).length }
  })
  return tileSize(rooms, (shown.length === 1 ? 4 : 2.6) * rem * ratio)
}

function CountyPanel({ county, size }: { readonly county: County; readonly size: number }) {
  glance.value
  const { locale } = address.value
  const tally = city.tallies[county]
  const name = countyName(county, locale)
  const only = address.value.county === county
  return (
    <section class={`county county-${county}`} aria-label={name}>
      <h2>
        <button type="button" onClick={() => go({ county: only ? undefined : county })} aria-pressed={only}>
          {name}
        </button>
        <span class="aside">
          {shownWhole(tally.units)} · {say(texts.filled)} {shownWhole(tally.filled)} / {shownWhole(tally.approved)}
        </span>
        <span class="county-tally">
          {(['red', 'frozen', 'yellow', 'unknown'] as const).map((look) =>
            tally[look] > 0 ? <Badge key={look} look={look} count={tally[look]} /> : null,
          )}
          {tally.old > 0 ? <OldBadge count={tally.old} /> : null}
        </span>
      </h2>
      <CountyCanvas county={county} name={name} size={size} />
    </section>
  )
}

interface CanvasProps {
  readonly county: County
  readonly name: string
  readonly size: number
}

function CountyCanvas({ county, name, size }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const cursor = useSignal<number | undefined>(undefined)
  const marked = (): string | undefined => {
    const at = cursor.value
    return at === undefined ? address.value.unit : city.idsOf(county)[at]
  }
  const stale = stream.value.kind !== 'live'
  const mark = marked()
  useLayoutEffect(() => {
    if (canvas.current) paintAll(canvas.current, county, size, stale, mark)
  }, [size, structure.value, stale, mark])
  useSignalEffect(() => {
    const ids = changedIds.value
    if (canvas.current) paintSome(canvas.current, county, size, stale, marked(), ids)
  })
  useRepaintWhenFontsArrive(() => {
    if (canvas.current) paintAll(canvas.current, county, size, stale, marked())
  })
  const open = (index: number | undefined): void => {
    const id = index === undefined ? undefined : city.idsOf(county)[index]
    if (id !== undefined) go({ unit: id })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const { length } = city.idsOf(county)
    const at = cursor.value ?? 0
    if (event.key === 'Enter' || event.key === ' ') open(at)
    else if (/^(Arrow|Home|End)/.test(event.key))
      cursor.value = step(at, event.key, columnsIn(canvas.current, size), length)
    else return
    event.preventDefault()
  }
  const onClick = (event: MouseEvent): void => {
    const ratio = devicePixelRatio
    const columns = columnsIn(canvas.current, size)
    open(indexAt(event.offsetX * ratio, event.offsetY * ratio, columns, size, city.idsOf(county).length))
  }
  return (
    <div
      class="tiles"
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move over its tiles; the table shows the same
      tabIndex={0}
      aria-label={`${name}: ${say(texts.tilesHelp)}`}
      onKeyDown={onKeyDown}
      onFocus={() => {
        cursor.value ??= 0
      }}
      onBlur={() => {
        cursor.value = undefined
      }}
    >
      <canvas ref={canvas} data-county={county} onClick={onClick} />
      <span class="visually-hidden" aria-live="polite">
        {cursor.value === undefined ? '' : spoken(county, cursor.value)}
      </span>
    </div>
  )
}

function spoken(county: County, index: number): string {
  const tile = city.tiles.get(city.idsOf(county)[index] ?? '')
  if (!tile) return ''
  const state = words[lookOfTile(tile)][address.value.locale]
  return [tile.name, state, ...(tile.isOld ? [say(texts.oldData)] : [])].join(', ')
}

function useRepaintWhenFontsArrive(paint: () => void): void {
  useEffect(() => {
    document.fonts.ready.then(paint, () => undefined)
  }, [])
}

const columnsIn = (canvas: HTMLCanvasElement | null, size: number): number => columnsOf(canvas?.width ?? 0, size)

/** Fits the canvas to its panel, in device pixels, and paints every tile. */
function paintAll(
  canvas: HTMLCanvasElement,
  county: County,
  size: number,
  stale: boolean,
  mark: string | undefined,
): void {
  const { clientWidth = 0, clientHeight = 0 } = canvas.parentElement ?? {}
  canvas.width = Math.floor(clientWidth * devicePixelRatio)
  canvas.height = Math.floor(clientHeight * devicePixelRatio)
  canvas.style.width = `${clientWidth}px`
  canvas.style.height = `${clientHeight}px`
  paintSome(canvas, county, size, stale, mark, city.idsOf(county))
}

function paintSome(
  canvas: HTMLCanvasElement,
  county: County,
  size: number,
  stale: boolean,
  mark: string | undefined,
  ids: readonly string[],
): void {
  const context = canvas.getContext('2d')
  if (!context || size === 0) return
  const columns = columnsOf(canvas.width, size)
  const brush = { context, size, stale }
  for (const id of ids) {
    const tile = city.tiles.get(id)
    if (tile?.county !== county) continue
    const { x, y } = placeOf(city.placeOf(id), columns, size)
    paintTile(brush, tile, x, y, id === mark)
  }
}
