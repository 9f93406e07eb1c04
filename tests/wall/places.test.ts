import fc from 'fast-check'
import t from 'tap'
import { columnsOf, indexAt, placeOf, step, tileSize } from '../../wall/model/places.js'

const room = fc.record({
  width: fc.integer({ min: 200, max: 2000 }),
  height: fc.integer({ min: 200, max: 1000 }),
  tiles: fc.nat(600),
})

t.test('every tile stands inside its room, and no tile stands where another does', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(room, { minLength: 1, maxLength: 8 }), (rooms) => {
        const size = tileSize(rooms, 60)
        return rooms.every(({ width, height, tiles }) => {
          const columns = columnsOf(width, size)
          const taken = new Set<string>()
          for (let index = 0; index < tiles; index++) {
            const { x, y } = placeOf(index, columns, size)
            if (x + size > width || y + size > height) return false
            if (indexAt(x + size / 2, y + size / 2, columns, size, tiles) !== index) return false
            taken.add(`${x} ${y}`)
          }
          return taken.size === tiles
        })
      }),
    ),
  )
})

t.test('tiles are as large as the fullest room permits, and not larger than wanted', async (t) => {
  t.equal(tileSize([{ width: 100, height: 100, tiles: 4 }], 60), 50)
  t.equal(tileSize([{ width: 100, height: 100, tiles: 5 }], 60), 33)
  t.equal(tileSize([{ width: 100, height: 100, tiles: 1 }], 60), 60)
})

t.test('beside the tiles there is none', async (t) => {
  t.equal(indexAt(95, 5, 3, 30, 7), undefined, 'right of the last column')
  t.equal(indexAt(65, 65, 3, 30, 7), undefined, 'after the last tile')
  t.equal(indexAt(-1, 5, 3, 30, 7), undefined)
})

t.test('arrows move by one tile and stop at the edge', async (t) => {
  t.equal(step(4, 'ArrowRight', 3, 9), 5)
  t.equal(step(4, 'ArrowUp', 3, 9), 1)
  t.equal(step(4, 'ArrowDown', 3, 9), 7)
  t.equal(step(8, 'ArrowRight', 3, 9), 8)
  t.equal(step(0, 'ArrowUp', 3, 9), 0)
  t.equal(step(4, 'Home', 3, 9), 0)
  t.equal(step(4, 'End', 3, 9), 8)
})
