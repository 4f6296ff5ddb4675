// What tests ask of the provider beyond the protocol. Each answer is JSON.
//
//   GET  /_control/log                      what came in and went out since the last reset
//   POST /_control/reset                    empties the log and forgets faults that are still to come
//   POST /_control/fault        {path, times?, status?, body?, delay_ms?, drop?}   the next requests of that path go wrong
//   POST /_control/rotate-keys  {keep?}     signs with a new key from now on; the old one stays published if `keep`
//   POST /_control/logout-token {sub?, sid?, ...}   a logout token; other members override claims, null removes one

import { randomUUID } from "node:crypto";

import { jose } from "./packages.mjs";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";

export class Log {
  entries = [];
  add(entry) {
    this.entries.push({ at: Date.now(), ...entry });
  }
}

export class Faults {
  #planned = [];

  plan({ path, times = 1, status = 500, body = '{"error":"server_error"}', delay_ms = 0, drop = false }) {
    this.#planned.push({ path, times, status, body, delay_ms, drop });
  }

  forget() {
    this.#planned = [];
  }

  /** Whether the request was answered by a fault. */
  async strike(path, response) {
    const fault = this.#planned.find((fault) => fault.path === path && fault.times > 0);
    if (!fault) return false;
    fault.times -= 1;
    if (fault.delay_ms) await new Promise((resolve) => setTimeout(resolve, fault.delay_ms));
    if (fault.drop) {
      response.socket.destroy();
      return true;
    }
    // A status of 0 is a delay alone.
    if (!fault.status) return false;
    answer(response, fault.status, fault.body);
    return true;
  }
}

export async function newKey() {
  const { privateKey } = await jose.generateKeyPair("RS256", { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), alg: "RS256", kid: randomUUID(), use: "sig" };
}

/** Answers `/_control/…`. */
export async function control(state, request, response) {
  const name = new URL(request.url, state.issuer).pathname.slice("/_control/".length);
  const operation = OPERATIONS[`${request.method} ${name}`];
  if (!operation) return answer(response, 404, JSON.stringify({ error: `there is no ${request.method} ${name}` }));
  try {
    answer(response, 200, JSON.stringify(await operation(state, await input(request))));
  } catch (error) {
    answer(response, 400, JSON.stringify({ error: String(error) }));
  }
}

const OPERATIONS = {
  "GET log": ({ log }) => log.entries,
  "POST reset": ({ faults, log }) => {
    faults.forget();
    log.entries = [];
    return {};
  },
  "POST fault": ({ faults }, fault) => {
    faults.plan(fault);
    return {};
  },
  "POST rotate-keys": async (state, { keep = false }) => {
    state.replaceKeys([await newKey(), ...(keep ? state.keys : [])]);
    return { kid: state.keys[0].kid };
  },
  "POST logout-token": async ({ issuer, keys: [key], settings }, members) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: settings.client_id, iat: now, exp: now + 120, jti: randomUUID(), events: { [EVENT]: {} }, ...members };
    const kept = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
    const header = { alg: "RS256", kid: key.kid, typ: "logout+jwt" };
    return { logout_token: await new jose.SignJWT(kept).setProtectedHeader(header).sign(await jose.importJWK(key, "RS256")) };
  },
};

async function input(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body === "" ? {} : JSON.parse(body);
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(body);
}
