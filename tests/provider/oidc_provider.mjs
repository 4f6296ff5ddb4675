// A real OpenID provider on loopback: npm's oidc-provider with real login and consent forms, rotating refresh tokens,
// RP-initiated and back-channel logout.
//
//   node tests/provider/oidc_provider.mjs                               http://localhost:4010 for an application on port 3000
//   node tests/provider/oidc_provider.mjs '{"port": 0, "forms": false}'
//
// `settings.mjs` lists the settings, `control.mjs` what a test may ask for while it runs. The first line of standard
// output is JSON: {"issuer", "client_id", "client_secret"}. It has no passwords, so it listens on 127.0.0.1 alone.

import { once } from "node:events";
import { createServer } from "node:http";

import { control, Faults, Log, newKey } from "./control.mjs";
import { interact } from "./interactions.mjs";
import { make } from "./provider.mjs";
import { read } from "./settings.mjs";

const settings = readSettings();
const server = createServer();
server.on("error", (error) => fail(`port ${settings.port} of 127.0.0.1 cannot be used: ${error.message}`));
server.listen(settings.port, "127.0.0.1");
await once(server, "listening");

const state = {
  settings,
  issuer: `http://localhost:${server.address().port}`,
  faults: new Faults(),
  log: new Log(),
  keys: [await newKey()],
  replaceKeys(keys) {
    this.keys = keys;
    this.provider = make(this.issuer, keys, settings, this.log);
    this.handle = this.provider.callback();
  },
};
state.replaceKeys(state.keys);

server.on("request", (request, response) => {
  serve(request, response).catch((error) => {
    state.log.add({ event: "failure", path: request.url, code: String(error) });
    if (!response.headersSent) response.writeHead(400, { "content-type": "text/plain; charset=utf-8" });
    response.end(String(error));
  });
});

const { issuer } = state;
const { client_id, client_secret } = settings;
process.stdout.write(`${JSON.stringify({ issuer, client_id, client_secret })}\n`);

if (settings.ends_with_input) {
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
}

async function serve(request, response) {
  const { pathname } = new URL(request.url, state.issuer);
  if (pathname.startsWith("/_control/")) return control(state, request, response);
  response.on("finish", () => state.log.add({ method: request.method, path: pathname, status: response.statusCode }));
  if (await state.faults.strike(pathname, response)) return;
  if (pathname.startsWith("/interaction/")) return interact(state.provider, request, response, settings);
  state.handle(request, response);
}

function readSettings() {
  try {
    return read(process.argv[2]);
  } catch (error) {
    return fail(`the settings are wrong: ${error.message}`);
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
