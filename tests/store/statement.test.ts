import fc from 'fast-check'
import t from 'tap'
import { escapeField, parameterValue } from '../../src/store/parameter.js'
import { parseInsertHead, settingsList, soleStatement, withSettings } from '../../src/store/statement.js'

t.test('a semicolon ends a statement, except in a literal, a name or a comment', (t) => {
  for (const [sql, expected] of [
    ['SELECT 1', 'SELECT 1'],
    ['SELECT 1;', 'SELECT 1'],
    ['SELECT 1; ; -- the end\n /* ; */ ', 'SELECT 1'],
    ["SELECT 'a;b'", "SELECT 'a;b'"],
    ["SELECT 'it''s;' ;", "SELECT 'it''s;' "],
    ["SELECT 'it\\';' ;", "SELECT 'it\\';' "],
    ['SELECT "a;b", `c;d` -- ;', 'SELECT "a;b", `c;d` -- ;'],
    ['SELECT 1 /* ; */ + 1 # ; no\n', 'SELECT 1 /* ; */ + 1 # ; no\n'],
    ['SELECT $x$;$x$', 'SELECT $x$;$x$'],
  ] as const)
    t.equal(soleStatement(sql), expected, sql)
  for (const sql of ['SELECT 1; SELECT 2', "SELECT '\\\\'; DROP TABLE t", ';', ' ', '-- a\n;DROP TABLE t'])
    t.throws(() => soleStatement(sql), { code: 62 }, sql)
  t.throws(() => soleStatement("SELECT 'a; b"), { code: 62 }, 'a literal without an end hides nothing')
  t.end()
})

t.test('an INSERT with its rows in the body is told apart', (t) => {
  t.same(parseInsertHead('INSERT INTO qw.log (a, b_2) FORMAT TabSeparated'), {
    table: 'qw.log',
    columns: ['a', 'b_2'],
    format: 'TabSeparated',
  })
  t.same(parseInsertHead('insert into table t\nformat JSONEachRow'), { table: 't', format: 'JSONEachRow' })
  for (const other of ['INSERT INTO t VALUES (1)', 'INSERT INTO t SELECT 1 FORMAT CSV', 'INSERT INTO `a b` FORMAT CSV'])
    t.equal(parseInsertHead(other), undefined, other)
  t.end()
})

t.test('settings are quoted, and their names are names', (t) => {
  t.equal(settingsList({ a: "it's \\", b_2: '1' }), "a='it\\'s \\\\', b_2='1'")
  t.throws(() => settingsList({ 'a=1, b': '2' }), { code: 115 })
  t.equal(withSettings('SELECT 1 -- x', { a: '1' }), "SELECT 1 -- x\nSETTINGS a='1'")
  t.equal(withSettings('SELECT 1', {}), 'SELECT 1')
  t.throws(() => withSettings('INSERT INTO t VALUES (1)', { a: '1' }), { code: 48 })
  t.end()
})

t.test('a parameter means what it meant before it was escaped', (t) => {
  const property = fc.property(fc.string({ unit: 'binary' }), (value) => {
    // The client escapes quotes too.
    const sent = escapeField(value).replaceAll("'", "\\'")
    return parameterValue('SELECT {x:String}', 'x', sent) === value
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 1000 }))
  t.equal(parameterValue('SELECT {x:Nullable(String)}', 'x', '\\N'), null)
  t.equal(parameterValue('SELECT {x:Array(String)}', 'x', "['a','b']"), "['a','b']")
  t.throws(() => parameterValue('SELECT { x : Array(String) }', 'x', "['it\\'s']"), { code: 48 })
  t.end()
})
