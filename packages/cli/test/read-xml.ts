/**
 * A strict reader of the XML that drawings are made of: elements, attributes in double quotes, text, the five named entities. It shares nothing with what
 * writes them, and throws for everything else: other characters than XML 1.0 has, a bare `&` or `<`, a tag that is not closed, an attribute twice.
 */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly (XmlElement | string)[]
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u
const TAG = /^<(\/?)([a-z]+)((?: [a-zA-Z][a-zA-Z0-9-]*="[^"<]*")*)(\/?)>/
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

export function readXml(file: string): XmlElement {
  if (!file.startsWith(DECLARATION)) throw new Error('expected the declaration of XML')
  const body = file.slice(DECLARATION.length).trimEnd()
  if (NOT_XML.test(body)) throw new Error('found a character that XML has not')
  const root: Open = { name: '', attributes: new Map(), children: [] }
  const open = [root]
  for (let at = 0; at < body.length; ) at += readPiece(body.slice(at), open)
  const [only, ...others] = root.children
  if (open.length !== 1 || only === undefined || typeof only === 'string' || others.length > 0) throw new Error('expected one root that is closed')
  return only
}

interface Open extends XmlElement {
  readonly children: (XmlElement | string)[]
}

function readPiece(rest: string, open: Open[]): number {
  const parent = open.at(-1)
  if (parent === undefined) throw new Error('found a tag that closes nothing')
  if (!rest.startsWith('<')) {
    const text = rest.slice(0, rest.includes('<') ? rest.indexOf('<') : undefined)
    parent.children.push(decoded(text))
    return text.length
  }
  const [tag, closes, name = '', attributes = '', isEmpty] = TAG.exec(rest) ?? []
  if (tag === undefined) throw new Error(`expected a tag, found ${rest.slice(0, 40)}`)
  if (closes === '/') {
    if (parent.name !== name) throw new Error(`expected </${parent.name}>, found </${name}>`)
    open.pop()
    return tag.length
  }
  const element: Open = { name, attributes: attributesOf(attributes), children: [] }
  parent.children.push(element)
  if (isEmpty !== '/') open.push(element)
  return tag.length
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const all = [...text.matchAll(/ ([a-zA-Z][a-zA-Z0-9-]*)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decoded(value)] as const)
  const attributes = new Map(all)
  if (attributes.size !== all.length) throw new Error('found an attribute twice')
  return attributes
}

const decoded = (text: string): string =>
  text.replaceAll(/&(\w*;)?/g, (_, entity: string | undefined) => {
    const letter = ENTITIES.get(entity?.slice(0, -1) ?? '')
    if (letter === undefined) throw new Error('found an entity that XML has not')
    return letter
  })

export const allElements = (element: XmlElement): readonly XmlElement[] => [
  element,
  ...element.children.flatMap((child) => (typeof child === 'string' ? [] : allElements(child))),
]

/** All elements of this name, wherever they stand. */
export const elementsOf = (element: XmlElement, name: string): readonly XmlElement[] => allElements(element).filter((one) => one.name === name)

/** Its own text, without that of elements in it. */
export const textOf = ({ children }: XmlElement): string => children.filter((child) => typeof child === 'string').join('')

const SHAPES: ReadonlySet<string> = new Set(['svg', 'title', 'desc', 'rect', 'text', 'line', 'path', 'circle'])
const ACTIVE = /^(on|href|xlink|style|class)|^src$/

/** What is in a drawing beside shapes and their looks: nothing, if it runs nothing and fetches nothing. */
export const foreignParts = (svg: XmlElement): readonly string[] =>
  allElements(svg).flatMap(({ name, attributes }) => [
    ...(SHAPES.has(name) ? [] : [name]),
    ...[...attributes].flatMap(([key, value]) => (ACTIVE.test(key) || (key !== 'xmlns' && /url\(|:\/\//.test(value)) ? [key] : [])),
  ])
