// Finds the real npm packages and takes out of them what the oracle needs.
//
// The packages export only what an application uses. Their session stores are reached by file path, which is why the
// versions are pinned: a path inside a package is no promise of its author.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const PACKAGE = "node_modules/@auth0/nextjs-auth0";

/** A mistake in the set-up, as opposed to one in a request. */
export class SetupError extends Error {}

/** The package that today's front ends use. */
export async function loadCurrent() {
  const folder = installed("INTEROP_PEER");
  const load = (file) => import(pathToFileURL(path.join(folder, PACKAGE, "dist/server", file)).href);
  const { RequestCookies, ResponseCookies } = await load("cookies.js");
  const { StatelessSessionStore } = await load("session/stateless-session-store.js");
  const { StatefulSessionStore } = await load("session/stateful-session-store.js");
  const { CompactEncrypt } = await import(pathToFileURL(path.join(folder, "node_modules/jose/dist/webapi/index.js")).href);
  return {
    CompactEncrypt,
    RequestCookies,
    ResponseCookies,
    StatelessSessionStore,
    StatefulSessionStore,
    version: versionOf(folder, PACKAGE),
    joseVersion: versionOf(folder, "node_modules/jose"),
  };
}

/** Its previous major version, whose cookies are still in browsers. */
export function loadLegacy() {
  const folder = installed("INTEROP_PEER_V3");
  const require = createRequire(path.join(folder, PACKAGE, "dist/index.js"));
  return {
    StatelessSession: require("./auth0-session/session/stateless-session.js").StatelessSession,
    StatefulSession: require("./auth0-session/session/stateful-session.js").StatefulSession,
    Session: require("./session/session.js").default,
    serialize: require("cookie").serialize,
    version: versionOf(folder, PACKAGE),
  };
}

function installed(variable) {
  const folder = process.env[variable];
  if (!folder) throw new SetupError(`${variable} is not set: it names the folder that the npm package is installed in`);
  if (!existsSync(path.join(folder, PACKAGE, "package.json"))) {
    throw new SetupError(`${variable} names ${folder}, where @auth0/nextjs-auth0 is not installed`);
  }
  return path.resolve(folder);
}

function versionOf(folder, packageFolder) {
  return JSON.parse(readFileSync(path.join(folder, packageFolder, "package.json"), "utf8")).version;
}
