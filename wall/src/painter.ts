/**
 * Paints tiles on a canvas: one square per unit, and only those that changed.
 *
 * A quiet unit is a dim dot whose area follows its approved quota, so that trouble, which is bright, fills its square
 * and has a shape of its own, is what the eye finds. While the data is old nothing is green: what was, is unknown. A unit
 * of which a silent feed told is hatched, whatever its state.
 */
import { lookOfTile, type Tile } from '../model/city.js'
import { type Look, palette } from '../model/look.js'

export interface Brush {
  readonly context: CanvasRenderingContext2D
  /** Edge of a tile in device pixels, gap included. */
  readonly size: number
  readonly stale: boolean
}

const ground = '#121d30'
/** The red of the palette is for surfaces; a shape of it on the ground would be too dark. */
const redOnGround = '#ff7a6e'
const edge = 'rgba(139, 151, 171, 0.22)'

export function paintTile(brush: Brush, tile: Tile, x: number, y: number, marked: boolean): void {
  const { context, size, stale } = brush
  const gap = Math.max(1, Math.round(size * 0.1))
  const inner = size - gap
  context.clearRect(x, y, size, size)
  const look = shownLook(tile, stale)
  context.fillStyle = tile.colour === 'red' && !stale ? palette.red : ground
  roundedSquare(context, x, y, inner)
  context.fill()
  if (tile.isOld) paintHatching(brush, tile, x, y)
  if (look !== 'green') paintFrame(context, look, x, y, inner, stale)
  const radius = inner * (look === 'green' ? dotRadius(tile) : radiusOf[look])
  paintShape(context, look, x + inner / 2, y + inner / 2, radius, stale)
  if (marked) paintMark(context, x, y, inner)
}

/** So many lines across a tile. */
const hatches = 4

function paintHatching({ context, size, stale }: Brush, tile: Tile, x: number, y: number): void {
  const inner = size - Math.max(1, Math.round(size * 0.1))
  context.save()
  roundedSquare(context, x, y, inner)
  context.clip()
  context.strokeStyle = tile.colour === 'red' && !stale ? palette.background : palette.unknown
  context.globalAlpha = 0.55
  context.lineWidth = Math.max(1, inner * 0.07)
  context.beginPath()
  for (let line = 1; line < 2 * hatches; line++) {
    const at = (line * inner) / hatches
    context.moveTo(x + at - inner, y + inner)
    context.lineTo(x + at, y)
  }
  context.stroke()
  context.restore()
}

/** Old is not known to be well. */
const shownLook = (tile: Tile, stale: boolean): Look => {
  const look = lookOfTile(tile)
  return stale && look === 'green' ? 'unknown' : look
}

const radiusOf: Readonly<Record<Exclude<Look, 'green'>, number>> = {
  yellow: 0.34,
  red: 0.24,
  frozen: 0.36,
  unknown: 0.3,
}

/** A unit with so many posts has the largest dot. */
const largestDotPosts = 320
const dotRadiusMin = 0.09
const dotRadiusMax = 0.38

const dotRadius = ({ facts }: Tile): number => {
  const share = Math.min(1, (facts.approved ?? 0) / largestDotPosts)
  return Math.max(dotRadiusMin, dotRadiusMax * Math.sqrt(share))
}

function paintFrame(
  context: CanvasRenderingContext2D,
  look: Look,
  x: number,
  y: number,
  inner: number,
  stale: boolean,
): void {
  context.strokeStyle = look === 'unknown' ? edge : stale ? palette.unknown : frameOf(look)
  context.lineWidth = Math.max(1, inner * 0.08)
  const inset = context.lineWidth / 2
  roundedSquare(context, x + inset, y + inset, inner - context.lineWidth)
  context.stroke()
}

const frameOf = (look: Look): string => (look === 'red' ? '#ff8d80' : palette[look])

function paintShape(
  context: CanvasRenderingContext2D,
  look: Look,
  x: number,
  y: number,
  radius: number,
  stale: boolean,
): void {
  context.globalAlpha = look === 'green' ? 0.62 : 1
  context.fillStyle = look === 'red' ? (stale ? redOnGround : '#ffffff') : palette[look]
  if (look === 'unknown') {
    context.font = `600 ${Math.round(radius * 2)}px 'Noto Sans SC Variable', sans-serif`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText('?', x, y + radius * 0.1)
  } else {
    context.beginPath()
    trace[look](context, x, y, radius)
    context.fill()
  }
  context.globalAlpha = 1
}

type Trace = (context: CanvasRenderingContext2D, x: number, y: number, radius: number) => void

const trace: Readonly<Record<Exclude<Look, 'unknown'>, Trace>> = {
  green: (context, x, y, radius) => context.arc(x, y, radius, 0, 2 * Math.PI),
  red: (context, x, y, radius) => context.rect(x - radius, y - radius, 2 * radius, 2 * radius),
  yellow: (context, x, y, radius) => {
    context.moveTo(x, y - radius)
    context.lineTo(x + radius, y + radius * 0.8)
    context.lineTo(x - radius, y + radius * 0.8)
    context.closePath()
  },
  frozen: (context, x, y, radius) => {
    context.moveTo(x, y - radius)
    context.lineTo(x + radius, y)
    context.lineTo(x, y + radius)
    context.lineTo(x - radius, y)
    context.closePath()
  },
}

function paintMark(context: CanvasRenderingContext2D, x: number, y: number, inner: number): void {
  context.strokeStyle = '#ffffff'
  context.lineWidth = Math.max(2, inner * 0.12)
  const inset = context.lineWidth / 2
  context.strokeRect(x + inset, y + inset, inner - context.lineWidth, inner - context.lineWidth)
}

function roundedSquare(context: CanvasRenderingContext2D, x: number, y: number, edgeLength: number): void {
  context.beginPath()
  context.roundRect(x, y, edgeLength, edgeLength, edgeLength * 0.16)
}
