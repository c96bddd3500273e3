/**
 * `directory.sqlite`: what members say of providers, as one member keeps it. The statements are the truth; all other tables
 * follow from them (`fiducia fsck` computes them again) or say how they came here.
 *
 *   load        a run over files, from its beginning to its end
 *   subject     a number for each subject key; all others refer to it
 *   voice       an attester and an origin: who says it, and whose word it is
 *   batch       statements `first` … `first + count - 1`, in this order the leaves of a tree with this root; `offered`: 1 on the ledger, 2 given up
 *   statement   its salt, commitment and canonical JSON; the commitment alone, of subject 0, where the subject was erased
 *   newest      subject × voice: the hash of what holds after all its statements, when a load last saw it so, from when on a load confirms it,
 *               and as of when the source has said it, where it dates what it says (0: it does not)
 *   name        family names of practitioners, names of organizations, normalized
 *   place       the states of locations, and of organizations with an address of their own
 *   reference   what resources of an origin are: the subject, or null for one that is none
 *   spoken      of which subjects a record speaks that has a name in its origin, such as a resource
 *   erasure     by whom statements were erased and how many, not about whom; whether their bytes are gone too
 *   reach       where a practitioner or an organization can be found: through a role, say, at a location (0: at none)
 */
export const DIRECTORY_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE load (id INTEGER PRIMARY KEY, format TEXT NOT NULL, origin TEXT NOT NULL, attester TEXT NOT NULL, who TEXT NOT NULL, request TEXT NOT NULL, files TEXT NOT NULL, started INTEGER NOT NULL, state TEXT NOT NULL, counts TEXT, decided_by TEXT, ended INTEGER);
  CREATE INDEX load_state ON load (state);
  CREATE TABLE subject (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
  CREATE TABLE voice (id INTEGER PRIMARY KEY, attester TEXT NOT NULL, corporate_group TEXT NOT NULL, origin TEXT NOT NULL, UNIQUE (attester, origin));
  CREATE TABLE batch (id INTEGER PRIMARY KEY, load INTEGER NOT NULL, voice INTEGER NOT NULL, first INTEGER NOT NULL UNIQUE, count INTEGER NOT NULL, root TEXT NOT NULL, recorded_at INTEGER NOT NULL, height INTEGER, offered INTEGER NOT NULL DEFAULT 0);
  CREATE UNIQUE INDEX batch_root ON batch (root);
  CREATE INDEX batch_offered ON batch (offered, height);
  CREATE TABLE statement (id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, subject INTEGER NOT NULL, voice INTEGER NOT NULL, salt BLOB NOT NULL, com BLOB NOT NULL, json TEXT NOT NULL);
  CREATE INDEX statement_subject ON statement (subject, voice);
  CREATE TABLE newest (voice INTEGER NOT NULL, subject INTEGER NOT NULL, digest BLOB NOT NULL, seen INTEGER NOT NULL, due INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (voice, subject)) WITHOUT ROWID;
  CREATE TABLE name (name TEXT NOT NULL, subject INTEGER NOT NULL, voice INTEGER NOT NULL, PRIMARY KEY (name, subject, voice)) WITHOUT ROWID;
  CREATE TABLE place (subject INTEGER NOT NULL, state TEXT NOT NULL, voice INTEGER NOT NULL, PRIMARY KEY (subject, state, voice)) WITHOUT ROWID;
  CREATE TABLE reach (subject INTEGER NOT NULL, via INTEGER NOT NULL, location INTEGER NOT NULL, voice INTEGER NOT NULL, PRIMARY KEY (subject, via, location, voice)) WITHOUT ROWID;
  CREATE TABLE reference (origin TEXT NOT NULL, reference TEXT NOT NULL, subject TEXT, PRIMARY KEY (origin, reference)) WITHOUT ROWID;
  CREATE TABLE erasure (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, statements INTEGER NOT NULL, is_rewritten INTEGER NOT NULL DEFAULT 0);
  `,
  `
  ALTER TABLE newest ADD COLUMN dated INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE spoken (origin TEXT NOT NULL, name TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (origin, name, subject)) WITHOUT ROWID;
  `,
]

/** What a load has read so far and is not applied: a file of its own, gone when the load is. */
export const STAGING_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE progress (load INTEGER PRIMARY KEY, file INTEGER NOT NULL, records INTEGER NOT NULL, counts TEXT NOT NULL, is_read INTEGER NOT NULL);
  CREATE TABLE header (file INTEGER PRIMARY KEY, header TEXT NOT NULL);
  CREATE TABLE staged (id INTEGER PRIMARY KEY, key TEXT NOT NULL, observed INTEGER, fields TEXT NOT NULL);
  CREATE TABLE reference (reference TEXT PRIMARY KEY, subject TEXT) WITHOUT ROWID;
  CREATE TABLE rejected (id INTEGER PRIMARY KEY, file INTEGER NOT NULL, row INTEGER NOT NULL, findings TEXT NOT NULL, source TEXT NOT NULL);
  `,
  // For loads that an earlier version began.
  `
  ALTER TABLE rejected ADD COLUMN subject TEXT;
  ALTER TABLE rejected ADD COLUMN bytes BLOB;
  ALTER TABLE header ADD COLUMN name TEXT NOT NULL DEFAULT '';
  ALTER TABLE header ADD COLUMN is_correction INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE spoken (name TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (name, subject)) WITHOUT ROWID;
  `,
]
