import { encodeUtf8, formatCanonical, parseSignedObjectBytes, type SignedObject, verifySignedObject, decodeBase64Url } from '@fiducia/core'
import { linkHashOf, parseLink, relationship } from '@fiducia/ledger'
import { NodeFailure } from '../failures.ts'
import type { NodeContext } from '../node-context.ts'
import { textColumn } from '../store/columns.ts'

/** Links that patients gave this organization: where a record is, under which handle, and that they are in its care. */
export interface Links {
  /** Throws `BODY_INVALID` unless it is a link to this organization, signed by the key that governs the relationship. */
  add(link: unknown): string
  find(hash: string): SignedObject | undefined
}

export function createLinks(context: NodeContext): Links {
  const { database } = context
  return {
    add(value) {
      const { signed, link } = parseLink(value, context.net)
      const head = relationship(context.ledger.tip(), link.handle)
      if (link.requester !== context.org) throw new NodeFailure('BODY_INVALID', `expected a link to \`${context.org}\`, found one to \`${link.requester}\``)
      if (head === undefined || head.org !== link.holder) throw new NodeFailure('BODY_INVALID', 'expected a link to a relationship that the ledger has')
      const signers = [head.control, ...head.delegates.filter(({ rights }) => rights.includes('link')).map(({ pub }) => pub)]
      if (!signers.some((pub) => verifySignedObject(signed, 'link', decodeBase64Url(pub))))
        throw new NodeFailure('BODY_INVALID', 'expected a link signed by the key that governs the relationship')
      const hash = linkHashOf(signed)
      const { body, key, sig } = signed
      database.run('INSERT INTO link (hash, handle, object) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', hash, link.handle, formatCanonical({ body, key, sig }))
      return hash
    },
    find(hash) {
      const row = database.get('SELECT object FROM link WHERE hash = ?', hash)
      return row === undefined ? undefined : parseSignedObjectBytes(encodeUtf8(textColumn(row, 'object')), 'link', context.net)
    },
  }
}
