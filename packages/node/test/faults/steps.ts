/**
 * What each kind of call is for, and what is on disk when the process or the power goes there: one text for each kind of file and
 * call, whichever workload makes it. The generated page docs/reference/faults.md prints them beside the expected outcomes.
 */
export const STEPS = {
  'mkdir outside': 'The folder for what must survive a restored database. Nothing is in it yet; its name is synced before anything is.',
  'mkdir policies': 'As above: an acknowledged policy below a name that was never synced would be lost with it.',
  'mkdir ledger': 'As above: the name is synced before the first block is.',
  'sync-folder .': 'Makes names in the data directory durable: its folders, the store, and the store’s write-ahead log at its first sync.',
  'sync-folder ledger': 'Makes names in the ledger’s folder durable: the ledger, its write-ahead log at its first sync, genesis and signed size.',
  'sync-folder outside': 'Makes the names of the signed size, of the date of retention and of the folder of policies durable.',
  'sync-folder policies':
    'Makes the name of the policy’s file durable: only then it is acknowledged. Where it fails, the file is written again before the next acknowledgment.',

  'create lock': 'An empty SQLite file whose lock the process holds while it lives. Nothing is ever kept in it.',
  'read lock': 'Opening the lock. A process that cannot read it does not know whether another one is at work.',
  'create lock-journal': 'The lock is an open exclusive transaction, and this its journal.',
  'write lock-journal': 'As above. Rolled back or thrown away by whoever locks next; there is nothing to roll back.',
  'read lock-journal': 'Giving the lock back, at the end. All else is closed by then.',
  'unlink lock-journal': 'As above.',
  'create lock.pid': 'Says which process holds the lock, for the words of a refusal. The lock itself is the operating system’s.',
  'truncate lock.pid': 'As above.',
  'write lock.pid': 'As above.',

  'create *.sqlite': 'A new database, empty. Without its first page it is made anew.',
  'read *.sqlite': 'Reading pages: at the start, and before they are changed. What cannot be read is not guessed.',
  'write *.sqlite':
    'Only a checkpoint writes here (or the first page of a new file, under a journal): pages that stand in the synced write-ahead log, which is kept until they are synced too. Whatever is torn is written again from there.',
  'truncate *.sqlite': 'The end of a checkpoint, as above.',
  'sync *.sqlite': 'The end of a checkpoint: only after it the write-ahead log may go. Where it fails, the log stays and the pages are written again.',
  'create *.sqlite-journal': 'The first transaction of a new file, before it has a write-ahead log. A journal without a header counts for nothing.',
  'write *.sqlite-journal': 'As above: what the first page was before, so that it can be put back.',
  'read *.sqlite-journal': 'As above.',
  'sync *.sqlite-journal': 'The journal is durable before the page that it protects is written.',
  'unlink *.sqlite-journal': 'The commit of the first transaction. Where the name comes back, the file is put back to empty, and prepared again.',
  'create *.sqlite-wal': 'The write-ahead log: every commit goes here first.',
  'truncate *.sqlite-wal':
    'An empty log, at the start and after something was erased: what it held is in the database by then, and synced. Where it cannot be emptied, it is tried again.',
  'write *.sqlite-wal':
    'The frames of a commit, each with a checksum over all before it. A commit that is not whole up to its last frame, or torn, is no commit: it is as if it had never been. Nothing was acknowledged.',
  'sync *.sqlite-wal':
    'The commit. Before it nothing is acknowledged and nothing signed; after it everything is there. Where it fails, the transaction is taken back and the next one is written over it; a process that is killed here leaves the commit to the next one, which syncs it before it counts.',
  'read *.sqlite-wal': 'Reading pages for a checkpoint at the end. The log stays where it cannot be done.',
  'unlink *.sqlite-wal':
    'The end of a checkpoint at closing: the database holds everything by then. Where the name comes back, the same pages are written once more.',

  'create genesis.json.new':
    'The genesis, so that the folder can be checked by itself. Under a name of its own until it is whole; the ledger holds it as its first entry too.',
  'write genesis.json.new': 'As above.',
  'sync genesis.json.new': 'Durable before it gets its name.',
  'rename genesis.json': 'Whole or absent. Absent, the next start writes it again.',
  'read genesis.json': 'Compared with the genesis that the process was given.',

  'create signed.new': 'The first record of the signed size: of the empty log, before anything is signed.',
  'write signed.new': 'As above: two slots, the second empty.',
  'sync signed.new': 'Durable before it gets its name.',
  'rename signed':
    'Whole or absent. Absent over an empty log, the next start writes it again; over any entries that would be a loss, and it cannot be: they come later.',
  'read signed': 'What was signed last. A log that cannot read it does not start.',
  'write signed':
    'The slot that does not hold the newest record. Torn, the other one counts: the size before, which the database extends. The database is never behind this file, because its commit came first.',
  'sync signed':
    'The signed size is durable; only then the note is signed and given away. Where it fails, nothing more is signed until the process is started again: a later sync could succeed without this record. At the start, what a killed process may have left unsynced is synced first.',

  'create retained.json.new':
    'The date up to which contents are erased by age, under a name of its own until it is whole. It is written before the first row goes, and again when the last is gone.',
  'write retained.json.new': 'As above.',
  'sync retained.json.new': 'Durable before it gets its name.',
  'rename retained.json':
    'Whole, or the date before. The rows of a new date go only after it: a stop anywhere leaves some, and the job goes on with them. Nobody was told that they are gone.',

  'create POLICY.json.new':
    'A policy, body and signature, under a name of its own until it is whole. A file that is left over is removed at the start: it was never acknowledged.',
  'write POLICY.json.new': 'As above.',
  'sync POLICY.json.new': 'Durable before it gets its name.',
  'rename POLICY.json': 'Whole or absent. Present and unacknowledged it restricts all the same, which is the safe side.',
} as const

export type StepKind = keyof typeof STEPS

const isKind = (text: string): text is StepKind => text in STEPS

/** The kind of a class of steps: the file without its folder, all databases as one, both logs’ signed sizes as one. */
export function kindOf(stepClass: string): StepKind | undefined {
  const [file = '', call = ''] = stepClass.split(' · ')
  const name = (file.split('/').at(-1) ?? '').replace(/^(ledger|node|directory)\.sqlite/, '*.sqlite').replace(/^signed-1/, 'signed')
  const kind = `${call} ${name}`
  return isKind(kind) ? kind : undefined
}
