// A Next.js app and axum services on one host: who signed in at one is known to the others, wherever sessions are kept.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { profile } from "./browser.mjs";
import { lookAt, SCREENS } from "./looks.mjs";
import { onOneRedis } from "./one_redis.mjs";
import { call, fetched, fillIn, open, seesAccount, seesNobody, signOut } from "./pages.mjs";
import { at, companionApi, freePort, nextjsApp, oidcProvider, quickstart, redisServer } from "./processes.mjs";
import { leaveStrangers, stranger } from "./stranger.mjs";

describe("Next.js and axum", () => together({ more: looks }));
describe("Next.js and axum on one Redis", () => together({ startStore: redisServer, more: onOneRedis }));

/** What holds wherever sessions are kept, and more. */
function together({ startStore, more }) {
  let store, provider, front, api, axum, context, page;
  before(async () => {
    store = await startStore?.();
    const where = store ? { SESSION_STORE: store.address } : {};
    const axumPort = await freePort();
    provider = await oidcProvider({ port: 4010, apps: ["http://localhost:3000", `http://localhost:${axumPort}`] });
    front = await nextjsApp({ port: 3000, ...at(provider), ...where });
    // The secret, what the front end is called, and where sessions are: no client, no provider.
    api = await companionApi({ port: 3001, AUTH0_SECRET: at(provider).AUTH0_SECRET, APP_BASE_URL: front.origin, ...where });
    // An application that signs users in itself, with the same secret and cookie on the same host.
    axum = await quickstart({ port: axumPort, ...at(provider), ...where });
  });
  after(async () => {
    for (const running of [axum, api, front, provider, store]) await running?.stop();
  });
  beforeEach(async () => {
    await store?.client.flushAll();
    context = await profile();
    page = await open(context, front);
  });
  afterEach(async () => {
    await context.close();
    await leaveStrangers();
  });

  async function signInAt(app, tab = page) {
    await tab.goto(`${app.origin}/`);
    await tab.getByRole("link", { name: "Sign in" }).click();
    await fillIn(tab);
    await seesAccount(tab, "Ada Lovelace");
  }

  it("a stranger's calls from the Next.js page answer 401", async () => {
    await seesNobody(page);
    for (const name of ["GET /api/me", "GET /api/orders", "POST /api/orders"]) {
      const { status, text } = await call(page, name);
      assert.equal(status, 401, name);
      assert.match(text, /not_authenticated/);
    }
  });

  it("who signs in through Next.js is known to axum", async () => {
    await signInAt(front);
    const { status, text } = await call(page, "GET /api/me");
    assert.equal(status, 200);
    assert.match(text, /Hello, Ada Lovelace/);
    assert.match((await call(page, "GET /api/orders")).text, /biscuits/);
    assert.match((await call(page, "POST /api/orders")).text, /scones/);
  });

  it("who signs in through Next.js is known to an axum application that signs in itself", async () => {
    await signInAt(front);
    await page.goto(`${axum.origin}/`);
    await seesAccount(page, "Ada Lovelace");
    assert.equal((await call(page, "GET /api/drafts")).status, 200);
    assert.equal((await call(page, "GET /api/external-data")).status, 200);
  });

  it("who signs in through axum is known to Next.js", async () => {
    await signInAt(axum);
    await page.goto(`${front.origin}/`);
    await seesAccount(page, "Ada Lovelace");
    assert.equal((await call(page, "GET /api/me")).status, 200);
    const { status, text } = await fetched(page, "/auth/profile");
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).email, "ada@example.com");
  });

  it("both sides see the same user, claim by claim", async () => {
    await signInAt(front);
    const theirs = JSON.parse((await fetched(page, "/auth/profile")).text);
    const ours = JSON.parse((await fetched(page, "/api/me")).text).user;
    assert.deepEqual(ours, theirs);
  });

  it("a sign-out at Next.js is seen by axum", async () => {
    await signInAt(axum);
    const other = await open(context, front);
    await other.getByRole("link", { name: "Sign out" }).click();
    await seesNobody(other);
    assert.equal((await call(other, "GET /api/me")).status, 401);
    assert.equal((await call(page, "GET /api/protected")).status, 401);
    await page.reload();
    await seesNobody(page);
  });

  it("a sign-out at axum is seen by Next.js", async () => {
    await signInAt(front);
    const other = await open(context, axum);
    await seesAccount(other, "Ada Lovelace");
    await signOut(other);
    await seesNobody(other);
    assert.equal((await call(page, "GET /api/me")).status, 401);
    await page.reload();
    await seesNobody(page);
  });

  it("the api never writes a cookie, whatever is asked of it", async () => {
    await signInAt(front);
    const lines = [];
    page.on("response", async (response) => {
      if (new URL(response.url()).pathname.startsWith("/api/")) lines.push((await response.allHeaders())["set-cookie"]);
    });
    for (const name of ["GET /api/me", "GET /api/orders", "POST /api/orders"]) await call(page, name);
    assert.deepEqual(lines, [undefined, undefined, undefined]);
  });

  it("csr_02_a form of another port reaches the api through neither address", async () => {
    await signInAt(front);
    for (const origin of [front.origin, "http://localhost:3001"]) {
      const form = `<form method="post" action="${origin}/api/orders" enctype="text/plain"><input name="{}"><button>Win</button></form>`;
      const tab = await context.newPage();
      await tab.goto(await stranger("localhost", form));
      const answered = tab.waitForResponse((response) => response.url().endsWith("/api/orders"));
      await tab.getByRole("button", { name: "Win" }).click();
      assert.equal((await answered).status(), 403, origin);
    }
  });

  more(() => ({ store, provider, front, api, axum, context, page, signInAt }));
}

/** What a page looks like does not depend on where sessions are. */
function looks(world) {
  it("the Next.js page fits on a screen and can be read", async () => {
    for (const [screen, options] of Object.entries(SCREENS)) {
      const context = await profile(options);
      const page = await open(context, world().front);
      await page.getByRole("link", { name: "Sign in" }).click();
      await fillIn(page);
      await seesAccount(page, "Ada Lovelace");
      await call(page, "GET /api/me");
      assert.deepEqual(await lookAt(page, `nextjs-${screen}`), [], screen);
      await context.close();
    }
  });
}
