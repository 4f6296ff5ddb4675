// Asks the real npm packages what they make of a cookie, or which cookies they write.
//
// One JSON request a line on standard input, one JSON answer a line on standard output, in order:
//
//   read      {id, kind, secret, cookie_name, cookie_header, now, store?}
//             -> {id, outcome: "session", session} | {id, outcome: "none"} | {id, outcome: "throws", code, message}
//   write     {id, kind, secret, cookie_name, cookie_header, session, now, is_new, store?, config?}
//             -> {id, set_cookie: [..], store?}
//   delete    as write, without a session
//   write_v3  {id, kind, secret, cookie_name, session, created_at?, now, session_id?, config?}
//             -> {id, set_cookie: [..], store?}       (a legacy cookie, made by the package's previous major version)
//   seal      {id, secret, header, payload} -> {id, value}      (a cookie value that no store would write)
//   echo      {id, value} -> {id, value}                        (as JavaScript has it: numbers rounded, keys merged)
//   versions  {id} -> {id, versions}
//
// `kind` is "stateless" (the default) or "stateful"; `store` maps ids to records. `config` holds `rolling`,
// `absolute_duration`, `inactivity_duration` and `cookie` {domain, path, secure, sameSite, transient}; what it leaves
// out is the package's default. `now` is in seconds. A request that makes no sense is answered {id, error}.

import { hkdfSync } from "node:crypto";
import { createInterface } from "node:readline";

import { at } from "./clock.mjs";
import { loadCurrent, loadLegacy, SetupError } from "./peers.mjs";
import { Records } from "./records.mjs";

// Standard output belongs to the answers. The package writes its warnings to the console.
console.log = console.info = console.debug = console.error;
if (!process.env.INTEROP_WARNINGS) console.warn = () => {};

const current = await orExit(loadCurrent);
// Loaded by the first request that needs it, so that a run without legacy cookies does without the old package.
let legacy;

const operations = { read, write, delete: remove, write_v3: writeLegacy, seal, echo, versions };

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line.trim() !== "") process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

async function answer(line) {
  let request;
  try {
    // Only this parser shows what the package would have seen: lone surrogates and rounded integers included.
    request = JSON.parse(line);
    const operation = Object.hasOwn(operations, request.op) ? operations[request.op] : undefined;
    if (!operation) throw new Error(`unknown op ${JSON.stringify(request.op)}`);
    return { id: request.id, ...(await at(request.now, () => operation(request))) };
  } catch (error) {
    return { id: request?.id ?? null, error: String(error?.message ?? error) };
  }
}

async function read(request) {
  const sessions = sessionStore(request, new Records(request.store));
  try {
    const session = await sessions.get(requestCookies(request));
    return session ? { outcome: "session", session } : { outcome: "none" };
  } catch (error) {
    return { outcome: "throws", code: error.code ?? error.name, message: error.message };
  }
}

async function write(request) {
  return collectCookies(request, (sessions, requested, responded) =>
    sessions.set(requested, responded, request.session, request.is_new === true),
  );
}

async function remove(request) {
  return collectCookies(request, (sessions, requested, responded) => sessions.delete(requested, responded));
}

async function writeLegacy(request) {
  legacy ??= await orExit(loadLegacy);
  const records = new Records(request.store);
  const lines = [];
  const response = {
    setCookie: (name, value, options) => lines.push(legacy.serialize(name, value, options)),
    clearCookie: (name, options) => lines.push(legacy.serialize(name, "", { ...options, maxAge: 0 })),
  };
  const Sessions = request.kind === "stateful" ? legacy.StatefulSession : legacy.StatelessSession;
  const session = Object.assign(new legacy.Session(request.session.user), request.session);
  await new Sessions(legacyConfiguration(request, records)).save(
    { getCookies: () => ({}) },
    response,
    session,
    request.created_at,
  );
  return { set_cookie: lines, ...storeAfter(request, records) };
}

async function seal({ secret, header, payload }) {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "JWE CEK", 32));
  const plaintext = new TextEncoder().encode(JSON.stringify(payload));
  return { value: await new current.CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(key) };
}

async function echo({ value }) {
  return { value };
}

async function versions() {
  legacy ??= await orExit(loadLegacy);
  return {
    versions: {
      "@auth0/nextjs-auth0": current.version,
      "@auth0/nextjs-auth0 v3": legacy.version,
      jose: current.joseVersion,
      node: process.version,
    },
  };
}

async function collectCookies(request, action) {
  const records = new Records(request.store);
  const headers = new Headers();
  await action(sessionStore(request, records), requestCookies(request), new current.ResponseCookies(headers));
  return { set_cookie: headers.getSetCookie(), ...storeAfter(request, records) };
}

function sessionStore({ kind, secret, cookie_name: name, config = {} }, records) {
  const options = {
    secret,
    rolling: config.rolling,
    absoluteDuration: config.absolute_duration,
    inactivityDuration: config.inactivity_duration,
    cookieOptions: { ...config.cookie, name },
  };
  return kind === "stateful"
    ? new current.StatefulSessionStore({ ...options, store: records })
    : new current.StatelessSessionStore(options);
}

/** The previous major version fills in its defaults elsewhere; these are the ones it documents. */
function legacyConfiguration({ secret, cookie_name: name = "appSession", session_id: id, config = {} }, records) {
  return {
    secret,
    session: {
      name,
      rolling: config.rolling ?? true,
      rollingDuration: config.inactivity_duration ?? 24 * 60 * 60,
      absoluteDuration: config.absolute_duration ?? 7 * 24 * 60 * 60,
      cookie: { httpOnly: true, sameSite: "lax", path: "/", secure: false, ...config.cookie },
      store: records,
      genId: () => id ?? "legacy-session-id",
    },
  };
}

function requestCookies({ cookie_header: header }) {
  return new current.RequestCookies(new Headers(header ? { cookie: header } : {}));
}

function storeAfter({ kind }, records) {
  return kind === "stateful" ? { store: records.contents() } : {};
}

async function orExit(load) {
  try {
    return await load();
  } catch (error) {
    process.stderr.write(`oracle: ${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exit(2);
  }
}
