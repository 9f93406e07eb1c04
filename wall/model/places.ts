/**
 * Where tiles stand: the largest square that lets every county show all its units, the same in every county, so that
 * one glance compares them.
 */
export interface Room {
  readonly width: number
  readonly height: number
  readonly tiles: number
}

const sizeMin = 4

/** Edge of a tile in whole pixels, gap included; at most `sizeMax`. */
export function tileSize(rooms: readonly Room[], sizeMax: number): number {
  for (let size = Math.floor(sizeMax); size > sizeMin; size--)
    if (rooms.every(({ width, height, tiles }) => Math.floor(width / size) * Math.floor(height / size) >= tiles))
      return size
  return sizeMin
}

export const columnsOf = (width: number, size: number): number => Math.max(1, Math.floor(width / size))

/** The top left corner of the tile at `index`. */
export const placeOf = (index: number, columns: number, size: number): { readonly x: number; readonly y: number } => ({
  x: (index % columns) * size,
  y: Math.floor(index / columns) * size,
})

/** The index of the tile under a point; undefined where there is none. */
export function indexAt(x: number, y: number, columns: number, size: number, tiles: number): number | undefined {
  const column = Math.floor(x / size)
  const index = Math.floor(y / size) * columns + column
  return column >= 0 && column < columns && index >= 0 && index < tiles ? index : undefined
}

/** Where an arrow key leads from a tile; at the edge one stays. */
export function step(index: number, key: string, columns: number, tiles: number): number {
  const moved = index + ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key] ?? 0)
  if (key === 'Home') return 0
  if (key === 'End') return tiles - 1
  return moved >= 0 && moved < tiles ? moved : index
}
