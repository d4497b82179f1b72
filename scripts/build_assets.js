/**
 * Builds app/web/assets/ into app/web/static/dist/.
 *
 * An entry is a style sheet or script that no other asset imports; it is bundled, freed of rules that no page uses,
 * minified and named by its file name. Icons become one sprite of those that pages name, from assets/icons/ or else
 * from Tabler. Any other file is copied. Every file is named by its content hash, manifest.json maps the plain names to
 * those, and each text file gets a Brotli and a gzip sibling.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { PurgeCSS } from 'purgecss'

import { OLDEST, SUPPORTED } from './oldest_browsers.js'

const ASSETS = 'app/web/assets'
const TARGET = 'app/web/static/dist'
const BUILDING = `${TARGET}.${process.pid}`
const OUTLINE = 'node_modules/@tabler/icons/icons/outline'
// Named by the bundler, because the style sheet beside it says so
const REFERENCED = /-[A-Z0-9]{8}\.(?:woff2?|png|jpg)$|\.LEGAL\.txt$/
const USUAL = ['chrome90', 'firefox90', 'safari15']
const COMPRESSIBLE = new Set(['.css', '.js', '.json', '.svg'])

/** All files below a folder, as paths from the root of the project, sorted. */
async function filesBelow(folder) {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).sort()
}

/** Style sheets and scripts that no other asset imports. */
async function findEntries(assets) {
  const sources = assets.filter((file) => ['.css', '.js'].includes(path.extname(file)))
  const imported = new Set()
  for (const file of sources) {
    const text = await readFile(file, 'utf8')
    for (const [, target] of text.matchAll(/(?:@import|import|from)\s*(?:url\()?\(?["']([^"']+)["']/g)) {
      if (target.startsWith('.')) imported.add(path.join(path.dirname(file), target))
    }
  }
  return sources.filter((file) => !imported.has(file))
}

/** Which browsers an entry is compiled for. */
function targetOf(entry) {
  return OLDEST.find(({ entries }) => entries.includes(path.basename(entry)))?.target ?? USUAL
}

/** Bundle the entries into the folder being built, those of one target together. */
async function bundle(entries) {
  for (const target of new Set(entries.map(targetOf))) {
    await bundleFor(target, entries.filter((entry) => targetOf(entry) === target))
  }
}

async function bundleFor(target, entries) {
  await build({
    bundle: true,
    entryNames: '[name]',
    assetNames: '[name]-[hash]',
    entryPoints: entries,
    external: ['/static/*'],
    format: 'iife',
    legalComments: 'linked',
    loader: { '.svg': 'dataurl', '.woff2': 'file', '.woff': 'file' },
    logLevel: 'warning',
    minify: true,
    outdir: BUILDING,
    target,
    // Older than the name `globalThis`, and the same in pages and workers
    define: target === USUAL ? {} : { globalThis: 'self' },
    supported: SUPPORTED,
  })
}

/** Where class names and icon names are used: templates, Python and scripts. */
async function readPages(assets) {
  const files = [...(await filesBelow('app')).filter((file) => /\.(html|py)$/.test(file)), ...assets.filter((file) => file.endsWith('.js'))]
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })))
}

/** Drop rules that no page can use; a class written as `name-{{ ... }}` keeps every class that begins so. */
async function purge(pages) {
  const stems = new Set(pages.flatMap(({ text }) => [...text.matchAll(/([a-zA-Z][\w-]*-)(?:\{\{|\$?\{)/g)].map((match) => match[1])))
  for (const file of (await filesBelow(BUILDING)).filter((name) => name.endsWith('.css'))) {
    const [purged] = await new PurgeCSS().purge({
      content: pages.map(({ text }) => ({ raw: text, extension: 'html' })),
      css: [{ raw: await readFile(file, 'utf8') }],
      defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
      keyframes: true,
      safelist: { standard: [/^:/, /^data-/, /^aria-/], deep: [...stems].map((stem) => new RegExp(`^${stem}`)) },
    })
    await writeFile(file, purged.css)
  }
}

/** The text between the bracket at `start` and its partner. */
function balanced(text, start) {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    if ('([{'.includes(text[at])) depth += 1
    if (')]}'.includes(text[at])) depth -= 1
    if (depth === 0) return text.slice(start, at + 1)
  }
  return text.slice(start)
}

/** Every word that may name an icon: arguments of icon(...) and NavItem(...), values of icon=, and tables called icons. */
function iconWords({ file, text }) {
  const found = []
  for (const match of text.matchAll(/\bicon\s*[=:]\s*(["'])([\w-]+)\1/g)) found.push({ file, name: match[2], sure: true })
  for (const match of text.matchAll(/(?:\bicon\(|\bNavItem\(|\bicon\s*=\s*\(|\bicons?(?:: [^=\n]+)?\s*=\s*\{)/gi)) {
    const inside = balanced(text, match.index + match[0].length - 1)
    for (const word of inside.matchAll(/["']([\w-]+)["']/g)) found.push({ file, name: word[1], sure: inside.length === word[0].length + 2 })
  }
  return found
}

/** The file of an icon: ours before Tabler's. */
function iconFile(name) {
  return [`${ASSETS}/icons/${name}.svg`, `${OUTLINE}/${name}.svg`].find(existsSync)
}

/** One sprite with the icons that pages name; a name that no set has ends the build. */
async function writeSprite(pages, assets) {
  const words = pages.flatMap(iconWords)
  const unknown = words.filter(({ name, sure }) => sure && !iconFile(name))
  if (unknown.length > 0) throw new Error(`No such icon: ${unknown.map(({ file, name }) => `${name} (${file})`).join(', ')}`)
  const own = assets.filter((file) => file.startsWith(`${ASSETS}/icons/`) && file.endsWith('.svg')).map((file) => path.basename(file, '.svg'))
  const names = [...new Set([...own, ...words.map(({ name }) => name).filter(iconFile)])].sort()
  const symbols = await Promise.all(names.map(async (name) => asSymbol(name, await readFile(iconFile(name), 'utf8'))))
  await writeFile(`${BUILDING}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`)
}

/** Turn the drawing of an icon into a symbol of the sprite. */
function asSymbol(name, svg) {
  const [, opening, drawing] = svg.replace(/<!--[\s\S]*?-->/g, '').match(/<svg([^>]*)>([\s\S]*)<\/svg>/)
  const kept = opening.replace(/\s(?:xmlns|width|height|class|id)="[^"]*"/g, '').replace(/\s+/g, ' ')
  return `<symbol id="${name}"${kept}>${drawing.replace(/\s*\n\s*/g, '')}</symbol>`
}

/** Copy what is neither bundled nor an icon. */
async function copyRest(assets) {
  for (const file of assets) {
    if (/\.(css|js)$/.test(file) || file.startsWith(`${ASSETS}/icons/`)) continue
    await writeFile(`${BUILDING}/${path.basename(file)}`, await readFile(file))
  }
}

/** Name each file by its content, write the compressed siblings and the list of names. */
async function finish() {
  const manifest = {}
  for (const file of await filesBelow(BUILDING)) {
    const content = await readFile(file)
    const { name, ext } = path.parse(file)
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
    const hashed = REFERENCED.test(file) ? path.basename(file) : `${name}-${hash}${ext}`
    manifest[path.basename(file)] = hashed
    await rename(file, `${BUILDING}/${hashed}`)
    if (!COMPRESSIBLE.has(ext)) continue
    await writeFile(`${BUILDING}/${hashed}.gz`, gzipSync(content, { level: 9 }))
    await writeFile(`${BUILDING}/${hashed}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
  }
  await writeFile(`${BUILDING}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
}

/** Build everything beside the old build, then take its place. */
async function main() {
  const assets = await filesBelow(ASSETS)
  const pages = await readPages(assets)
  await mkdir(BUILDING, { recursive: true })
  await bundle(await findEntries(assets))
  await purge(pages)
  await writeSprite(pages, assets)
  await copyRest(assets)
  await finish()
  await rm(TARGET, { recursive: true, force: true })
  await rename(BUILDING, TARGET)
}

try {
  await main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  await rm(BUILDING, { recursive: true, force: true })
}
