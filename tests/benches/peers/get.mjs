// Times how the real package reads a session.
//
// The first line of standard input is {"cookie": "a Cookie header", "secret": "..."}. Each further line is a number of
// reads; it is answered, after them, with the nanoseconds that each took. So rounds can alternate with somebody else's.

import { createInterface } from "node:readline";

import { reader } from "./sessions.mjs";

// Enough for the optimizing compiler to have seen all that matters.
const WARM_UP = 20_000;

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
const { cookie, secret } = JSON.parse((await lines.next()).value);
const read = reader(secret);
const headers = new Headers({ cookie });

const session = await read(headers);
if (!session?.user?.sub) throw new Error("the package finds no session in these cookies");
await timed(WARM_UP);

for await (const line of lines) {
  const reads = Number(line);
  if (!Number.isSafeInteger(reads) || reads < 1) throw new Error(`not a number of reads: ${line}`);
  process.stdout.write(`${await timed(reads)}\n`);
}

async function timed(reads) {
  const started = process.hrtime.bigint();
  // One after the other: what a single request waits for.
  for (let done = 0; done < reads; done += 1) await read(headers);
  return Number(process.hrtime.bigint() - started) / reads;
}
