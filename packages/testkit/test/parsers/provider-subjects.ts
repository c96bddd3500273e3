import * as core from '@fiducia/core'
import * as proofs from '@fiducia/proofs'
import * as directory from '@fiducia/directory'
import { BATCHES } from '../../../proofs/test/sample.ts'
import { createRegister } from '../../src/directory/register.ts'
import { ofBytes, ofText, ofValue, type Subject } from './subject.ts'

/** What members and their files say of providers. A reader takes its file in two pieces, as files come. */

const lines = BATCHES.flat().map(directory.encodeLine)
const isFileError = (error: unknown): boolean => error instanceof directory.DirectoryError || error instanceof core.InputError

function readWhole(reader: directory.FileReader, bytes: Uint8Array): readonly directory.ImportedRecord[] {
  const half = bytes.length >> 1
  return [...reader.push(bytes.slice(0, half)), ...reader.push(bytes.slice(half)), ...reader.end()]
}

const mapping = { key: 'NPI', fields: { 'name.family': 'Last', 'location.postalCode': 'ZIP', 'license/OR': 'License' } }
const roster = 'NPI,Last,ZIP,License\n1234567893,Rowan,97301,7\n1000000004,"Lee, ""Kim""",97302-1234,\n'
const register = createRegister({ seed: 'parsers', practitioners: 3 })
const practitioner = {
  resourceType: 'Practitioner',
  id: 'a',
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }],
  name: [{ family: 'Rowan' }],
}
const role = { resourceType: 'PractitionerRole', id: 'r', practitioner: { reference: 'Practitioner/a' }, code: [{ coding: [{ code: '207Q00000X' }] }] }
const ndjson = [practitioner, role].map((one) => JSON.stringify(one)).join('\n')
const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [practitioner, role].map((resource) => ({ resource })) })
const references: directory.ReferenceIndex = { get: () => undefined, has: () => false }

export const PROVIDER_SUBJECTS: readonly Subject[] = [
  ofText(
    'subject and field',
    ['practitioner/npi/1234567893 license/OR/7', `${directory.endpointSubject('https://a.test')} address`],
    (text) => {
      const [subject, field = ''] = text.split(' ', 2)
      return directory.parseFieldName(directory.subjectKind(directory.parseSubjectKey(subject, '')), field)
    },
    undefined,
  ),
  ofBytes('line of a batch', lines, directory.decodeLine, directory.encodeLine),
  ofValue('column mapping', [mapping], directory.parseMapping, proofs.formatRecord),
  ofBytes('provider file: CSV', [core.encodeUtf8(roster)], (bytes) => readWhole(directory.createCsvReader(mapping, { origin: 'alder' }), bytes), undefined, {
    isRefusal: isFileError,
  }),
  ofBytes(
    'provider file: national register',
    [core.encodeUtf8([register.header, ...register.rows(1)].join('\n'))],
    (bytes) => readWhole(directory.createNppesReader(), bytes),
    undefined,
    { isRefusal: isFileError, isSlow: true },
  ),
  ofBytes(
    'provider file: FHIR',
    [ndjson, bundle].map(core.encodeUtf8),
    (bytes) => readWhole(directory.createFhirReader({ origin: 'alder', references }), bytes),
    undefined,
    { isRefusal: isFileError },
  ),
  ofBytes('table of records', [core.encodeUtf8('id,name\n1,"a\n""b"""\n2,\n')], directory.parseCsv, undefined, { isRefusal: isFileError }),
]
