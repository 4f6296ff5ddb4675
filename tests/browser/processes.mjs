// The programs under test, each as a process of its own that ends with this one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

import { TARGET } from "./browser.mjs";

const PROVIDER = fileURLToPath(new URL("../provider/oidc_provider.mjs", import.meta.url));
const NEXTJS_APP = process.env.NEXTJS_APP || path.join(TARGET, "nextjs-companion");

/** For applications that share their cookies. */
export const SECRET = "c4e19b7250fd83a6e8b1d70f42956acb";

/** The quickstart on a free port, or on the one that is asked for. Without variables it brings its own provider. */
export async function quickstart({ port, ...variables } = {}) {
  const chosen = port ? await mustBeFree(port) : await freePort();
  const origin = `http://localhost:${chosen}`;
  const running = await start(example("quickstart"), [], { PORT: chosen, APP_BASE_URL: origin, ...variables }, "Listening on");
  return { ...running, origin };
}

/** The variables that send users to this provider. */
export function at(provider) {
  return {
    AUTH0_DOMAIN: provider.issuer,
    AUTH0_CLIENT_ID: provider.client_id,
    AUTH0_CLIENT_SECRET: provider.client_secret,
    AUTH0_SECRET: SECRET,
    AUTH0_ALLOW_INSECURE_REQUESTS: "true",
  };
}

/** The OpenID provider of `tests/provider`, with its control. */
export async function oidcProvider(settings) {
  if (settings.port) await mustBeFree(settings.port);
  const argument = JSON.stringify({ port: 0, ends_with_input: true, ...settings });
  const running = await start(process.execPath, [PROVIDER, argument], { PROVIDER_PACKAGES: process.env.PROVIDER_PACKAGES ?? "" }, '{"issuer"');
  const about = JSON.parse(running.line);
  const control = async (method, name, body) => {
    const response = await fetch(`${about.issuer}/_control/${name}`, { method, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  };
  return { ...running, ...about, control, log: () => control("GET", "log") };
}

/** The Next.js app of the companion example, as it was built below the target folder. */
export async function nextjsApp({ port, ...variables }) {
  if (!existsSync(path.join(NEXTJS_APP, ".next/BUILD_ID"))) {
    throw new Error(`the Next.js app is not built in ${NEXTJS_APP}: run \`cargo xtask test\``);
  }
  const next = path.join(NEXTJS_APP, "node_modules/next/dist/bin/next");
  const settings = { APP_BASE_URL: `http://localhost:${port}`, NEXT_TELEMETRY_DISABLED: "1", ...variables };
  const running = await start(process.execPath, [next, "start", "--port", port], settings, "Ready in", NEXTJS_APP);
  return { ...running, origin: settings.APP_BASE_URL };
}

/** The session store of that app, in this process. */
export async function nextjsStore() {
  const file = path.join(NEXTJS_APP, "lib/sessionStore.js");
  if (!existsSync(file)) throw new Error(`${file} is not there: run \`cargo xtask test\``);
  return (await import(pathToFileURL(file))).RedisSessionStore;
}

/** The axum service of the companion example. */
export async function companionApi({ port, ...variables }) {
  const running = await start(example("nextjs-companion"), [], { PORT: port, ...variables }, "Listening on");
  return { ...running, origin: `http://localhost:${port}` };
}

/** A Redis that keeps nothing, in a folder of its own, and a client of it. */
export async function redisServer() {
  const folder = mkdtempSync(path.join(TARGET, "browser-suite-redis-"));
  folders.add(folder);
  const port = await freePort();
  const settings = ["--bind", "127.0.0.1", "--port", port, "--dir", folder, "--save", "", "--appendonly", "no"];
  const running = await start("redis-server", settings, {}, "Ready to accept connections").catch((error) => {
    throw error.message.includes("ENOENT") ? new Error("redis-server is not there: install Redis 7 or newer (Debian: redis-server)") : error;
  });
  const address = `redis://127.0.0.1:${port}`;
  // The app's own packages have a client.
  const { createClient } = createRequire(path.join(NEXTJS_APP, "package.json"))("redis");
  const client = await createClient({ url: address }).connect();
  const stop = async () => {
    client.destroy();
    await running.stop();
  };
  return { ...running, address, client, stop };
}

/** The places to return to that lead elsewhere, against an application at `host`. */
export async function redirectPayloads(host) {
  const { line, stop } = await start(example("examples/redirect_payloads"), [host], {}, "[");
  await stop();
  return JSON.parse(line);
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function mustBeFree(port) {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening").catch((error) => {
    throw new Error(`port ${port}, which the documented set-up names, cannot be used: ${error.message}`);
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function example(name) {
  const program = path.join(TARGET, "debug", name);
  if (!existsSync(program)) throw new Error(`${program} is not there: run \`cargo xtask test\`, or build it as CONTRIBUTING.md says`);
  return program;
}

const children = new Set();
const folders = new Set();

/** Starts a program with these variables alone, and waits for the line that says that it listens. */
async function start(program, parameters, variables, ready, folder) {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, ...variables };
  // Its standard input ends with this process.
  const child = spawn(program, parameters.map(String), { cwd: folder, env: environment, stdio: ["pipe", "pipe", "pipe"] });
  children.add(child);
  const said = [];
  const stop = async () => {
    children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const line = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        if (line.includes(ready)) resolve(line);
      });
    }
    const gone = (why) => reject(new Error(`${program} did not start (${why}):\n${said.join("\n")}`));
    child.on("error", (error) => gone(error.message));
    // Not `exit`: what it said last may still be on its way.
    child.on("close", (code) => gone(`exit code ${code}`));
    setTimeout(() => gone("a minute has passed"), 60_000).unref();
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return { line, said, stop };
}

process.on("exit", () => {
  children.forEach((child) => child.kill("SIGKILL"));
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
