#!/usr/bin/env node
// CARs as @ipld/car, the library that Helia imports and exports with, sees them.
//
//   main.mjs FILE...   prints for each "file FILE", then "root CID" for each root, then "CID LENGTH"
//                      for each block, each of them hashed
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { CarBlockIterator } from '@ipld/car'

const HASHES = new Map([[0x12, 'sha256'], [0x13, 'sha512']])

async function read (file, lines) {
  lines.push(`file ${file}`)
  const blocks = await CarBlockIterator.fromIterable(createReadStream(file))
  for (const root of await blocks.getRoots()) lines.push(`root ${root}`)
  for await (const { cid, bytes } of blocks) {
    const name = HASHES.get(cid.multihash.code)
    if (name === undefined) throw new Error(`${cid}: no hash of this code is known here`)
    const digest = createHash(name).update(bytes).digest()
    if (!digest.equals(cid.multihash.digest)) throw new Error(`${cid}: its bytes have another hash`)
    lines.push(`${cid} ${bytes.length}`)
  }
}

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: main.mjs FILE...')
  process.exit(1)
}
for (const file of files) {
  const lines = []
  try {
    await read(file, lines)
  } catch (error) {
    console.error(`${file}: ${error.message}`)
    process.exitCode = 1
  }
  console.log(lines.join('\n'))
}
