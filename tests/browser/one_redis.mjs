// What holds beside Next.js and axum when both keep sessions in one Redis. The layout is that of auth_runtime's `RedisStore`.

import assert from "node:assert/strict";
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { it } from "node:test";

import { profile } from "./browser.mjs";
import { call, fetched, open, seesAccount, seesNobody, signOut } from "./pages.mjs";
import { SECRET } from "./processes.mjs";

const DAY = 86_400;
const NOBODY = [401, 401, 401];
const EVERYBODY = [200, 200, 200];

/** `world` gives what runs, and the tab of the current test. */
export function onOneRedis(world) {
  /** A test for each of the two that sign users in; `other` is the other one. */
  function atBoth(name, check) {
    const named = (side, other) => name.replace("SIDE", side).replace("OTHER", other);
    it(named("Next.js", "axum"), () => check({ ...world(), side: world().front, other: world().axum }));
    it(named("axum", "Next.js"), () => check({ ...world(), side: world().axum, other: world().front }));
  }

  atBoth("the cookie of a sign-in at SIDE holds an id and nothing else", async ({ store, context, side, signInAt }) => {
    await signInAt(side);
    // To a browser the provider is the same host, and has cookies of its own.
    const cookies = (await context.cookies(side.origin)).filter(({ name }) => /^(__|appSession)/.test(name));
    assert.deepEqual(cookies.map(({ name }) => name), ["__session"]);
    const [{ value }] = cookies;
    assert.ok(value.length < 256, `${value.length} characters`);
    const { id, ...rest } = opened(value);
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual(Object.keys(rest), ["exp"]);
    assert.deepEqual(await store.client.keys("session:*"), [`session:${id}`]);
  });

  atBoth("a record of SIDE lives as long as its session, and is found by user and session", async ({ store, side, signInAt }) => {
    await signInAt(side);
    const { id, left, session } = await onlyRecord(store);
    assert.equal(session.user.sub, "ada");
    assert.ok(left > (DAY - 60) * 1000 && left <= DAY * 1000, `${left} ms`);
    for (const index of indexes(session)) {
      const ends = await store.client.zScore(index, id);
      assert.ok(Math.abs(ends - now() - DAY) < 60, `${index} ends at ${ends}`);
      assert.ok((await store.client.pTTL(index)) >= left - 60_000, index);
    }
    assert.deepEqual((await store.client.keys("index:*")).sort(), indexes(session).sort());
  });

  atBoth("all three know who signed in at SIDE, claim by claim", async ({ store, context, side, signInAt, ...rest }) => {
    await signInAt(side);
    const asked = await ask(rest, await sessionOf(context, side));
    assert.deepEqual(asked.map(({ status }) => status), EVERYBODY);
    const [theirs, ours, own] = asked.map(({ text }) => JSON.parse(text)).map((body) => body.user ?? body);
    assert.equal(theirs.email, "ada@example.com");
    assert.deepEqual(ours, theirs);
    assert.deepEqual(own, theirs);
    assert.deepEqual((await onlyRecord(store)).session.user, theirs);
  });

  atBoth("a visit at OTHER extends a session of SIDE and leaves its record as it is", async ({ store, page, side, other, signInAt }) => {
    await signInAt(side);
    const { key, id, session } = await withMember(store, CART);
    const { text } = await onlyRecord(store);
    await store.client.pExpire(key, 1_000_000);
    for (const index of indexes(session)) await store.client.zAdd(index, { value: id, score: now() + 1_000 });
    await page.goto(`${other.origin}/`);
    await seesAccount(page, "Ada Lovelace");
    const after = await onlyRecord(store);
    assert.equal(after.text, text);
    assert.ok(after.left > (DAY - 60) * 1000, `${after.left} ms`);
    for (const index of indexes(session)) assert.ok((await store.client.zScore(index, id)) > now() + DAY - 60, index);
  });

  it("what axum changes leaves what Next.js wrote byte for byte, and Next.js goes on with it", async () => {
    const { store, provider, front, axum, page, signInAt } = world();
    await signInAt(front);
    await provider.control("POST", "reset");
    const before = await withMember(store, CART, expired);
    await page.goto(`${axum.origin}/`);
    const { status, text } = await call(page, "GET /api/external-data");
    assert.equal(status, 200, text);
    const after = await onlyRecord(store);
    assert.equal(after.id, before.id);
    assert.notEqual(after.session.tokenSet.accessToken, before.session.tokenSet.accessToken);
    for (const name of ["user", "internal"]) {
      const member = `"${name}":${JSON.stringify(before.session[name])}`;
      assert.ok(before.text.includes(member) && after.text.includes(member), name);
    }
    assert.ok(after.text.includes(CART), after.text);
    await page.goto(`${front.origin}/`);
    await seesAccount(page, "Ada Lovelace");
    assert.equal(await tokenAt(page), after.session.tokenSet.accessToken);
    assert.equal(await refreshes(provider), 1);
  });

  it("axum goes on with what Next.js changes", async () => {
    const { store, provider, front, axum, page, signInAt } = world();
    await signInAt(axum);
    await provider.control("POST", "reset");
    const before = await withMember(store, CART, expired);
    await page.goto(`${front.origin}/`);
    const token = await tokenAt(page);
    const after = await onlyRecord(store);
    assert.equal(after.id, before.id);
    assert.notEqual(token, before.session.tokenSet.accessToken);
    assert.equal(after.session.tokenSet.accessToken, token);
    assert.ok(after.session.cart, "the application's own member is still there");
    await page.goto(`${axum.origin}/`);
    assert.equal((await call(page, "GET /api/external-data")).status, 200);
    assert.equal(await refreshes(provider), 1);
  });

  atBoth("another sign-in at SIDE ends the session that OTHER began", async ({ store, context, page, side, other, signInAt, ...rest }) => {
    await signInAt(other);
    const old = await sessionOf(context, other);
    await page.goto(`${side.origin}/auth/login`);
    await seesAccount(page, "Ada Lovelace");
    assert.equal(new URL(page.url()).origin, side.origin);
    assert.deepEqual(await statuses(rest, old), NOBODY);
    assert.deepEqual(await statuses(rest, await sessionOf(context, side)), EVERYBODY);
    await onlyRecord(store);
  });

  atBoth("after a sign-out at SIDE the cookie of OTHER opens nothing anywhere", async ({ store, context, page, side, other, signInAt, ...rest }) => {
    await signInAt(other);
    const cookie = await sessionOf(context, other);
    assert.deepEqual(await statuses(rest, cookie), EVERYBODY);
    await page.goto(`${side.origin}/`);
    await seesAccount(page, "Ada Lovelace");
    if (side === rest.front) await page.getByRole("link", { name: "Sign out" }).click();
    else await signOut(page);
    await seesNobody(page);
    assert.deepEqual(await statuses(rest, cookie), NOBODY);
    assert.deepEqual(await store.client.keys("session:*"), []);
  });

  atBoth("a logout token told to SIDE ends the sessions of its user that OTHER began", async ({ provider, context, side, other, signInAt, ...rest }) => {
    await signInAt(other);
    const elsewhere = await profile();
    try {
      await signInAt(side, await open(elsewhere, side));
      const cookies = [await sessionOf(context, other), await sessionOf(elsewhere, side)];
      await tell(side, provider, { sub: "grace" });
      for (const cookie of cookies) assert.deepEqual(await statuses(rest, cookie), EVERYBODY);
      await tell(side, provider, { sub: "ada" });
      for (const cookie of cookies) assert.deepEqual(await statuses(rest, cookie), NOBODY);
    } finally {
      await elsewhere.close();
    }
  });

  atBoth("a logout token told to SIDE ends the one session of OTHER that it names", async ({ store, provider, context, side, other, signInAt, ...rest }) => {
    await signInAt(other);
    const { sid } = (await onlyRecord(store)).session.internal;
    const elsewhere = await profile();
    try {
      await signInAt(other, await open(elsewhere, other));
      await tell(side, provider, { sub: "ada", sid });
      assert.deepEqual(await statuses(rest, await sessionOf(context, other)), NOBODY);
      assert.deepEqual(await statuses(rest, await sessionOf(elsewhere, other)), EVERYBODY);
    } finally {
      await elsewhere.close();
    }
  });

  atBoth("a sign-out at the provider ends a session of SIDE", async ({ provider, front, context, side, signInAt, ...rest }) => {
    await signInAt(side);
    const cookie = await sessionOf(context, side);
    await provider.control("POST", "reset");
    // In a tab that belongs to the provider alone: the applications are told by the provider, not by the browser.
    const tab = await context.newPage();
    await tab.goto(`${provider.issuer}/oidc/logout`);
    await tab.waitForURL(/logout\/success/);
    const told = (await provider.log()).find(({ sent }) => sent === `${front.origin}/auth/backchannel-logout`);
    assert.equal(told?.status, 204);
    assert.deepEqual(await statuses({ front, ...rest }, cookie), NOBODY);
  });

  atBoth("a Redis that answers nobody costs nobody a session of SIDE", async ({ store, context, side, signInAt, ...rest }) => {
    await signInAt(side);
    const cookie = await sessionOf(context, side);
    await store.client.configSet("requirepass", "not a secret");
    await store.client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    const asked = await ask(rest, cookie).finally(() => store.client.configSet("requirepass", ""));
    assert.deepEqual(asked.map(({ status }) => status), [500, 503, 503]);
    for (const { headers } of asked) assert.deepEqual(headers.getSetCookie(), []);
    assert.deepEqual(await statuses(rest, cookie), EVERYBODY);
  });
}

/** As no serializer of today writes it: whoever rewrites the member changes it. */
const CART = '"cart":{"total":1.0, "id":12345678901234567890, "note":"\\u00fc"}';

const expired = (text) => text.replace(/"expiresAt":\d+/, '"expiresAt":1');

const now = () => Math.floor(Date.now() / 1000);

const hash = (text) => createHash("sha256").update(text).digest("hex");

const indexes = ({ user, internal }) => [`index:session:sub:${hash(user.sub)}`, `index:session:sid:${hash(internal.sid)}`];

async function onlyRecord({ client }) {
  const keys = await client.keys("session:*");
  assert.equal(keys.length, 1, keys.join());
  const [key] = keys;
  const text = await client.get(key);
  return { key, id: key.slice("session:".length), text, left: await client.pTTL(key), session: JSON.parse(text) };
}

/** Puts a member into the only record, as an application may that keeps something of its own there. */
async function withMember(store, member, alter = (text) => text) {
  const record = await onlyRecord(store);
  const text = alter(record.text.replace(/^\{/, `{${member},`));
  await store.client.set(record.key, text, { KEEPTTL: true });
  return { ...record, text };
}

async function sessionOf(context, app) {
  const cookie = (await context.cookies(app.origin)).find(({ name }) => name === "__session");
  return `__session=${cookie.value}`;
}

/** What Next.js, its API and the axum application answer to the bearer of a cookie. */
async function ask({ front, api, axum }, cookie) {
  const addresses = [`${front.origin}/auth/profile`, `${api.origin}/api/me`, `${axum.origin}/api/protected`];
  const one = async (address) => {
    const response = await fetch(address, { headers: { cookie } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return Promise.all(addresses.map(one));
}

const statuses = async (apps, cookie) => (await ask(apps, cookie)).map(({ status }) => status);

/** Posts a logout token of the provider, as the provider does. */
async function tell(app, provider, claims) {
  const { logout_token } = await provider.control("POST", "logout-token", claims);
  const response = await fetch(`${app.origin}/auth/backchannel-logout`, { method: "POST", body: new URLSearchParams({ logout_token }) });
  assert.ok(response.ok, `${response.status}: ${await response.text()}`);
}

async function tokenAt(page) {
  const { status, text } = await fetched(page, "/auth/access-token");
  assert.equal(status, 200, text);
  return JSON.parse(text).token;
}

const refreshes = async (provider) => (await provider.log()).filter(({ event, grant_type }) => event === "grant.success" && grant_type === "refresh_token").length;

/** What a sealed cookie holds (compact JWE, `dir` and `A256GCM`). */
function opened(cookie) {
  const [header, , iv, text, tag] = cookie.split(".");
  const bytes = (part) => Buffer.from(part, "base64url");
  const key = Buffer.from(hkdfSync("sha256", SECRET, "", "JWE CEK", 32));
  const decipher = createDecipheriv("aes-256-gcm", key, bytes(iv)).setAAD(Buffer.from(header)).setAuthTag(bytes(tag));
  return JSON.parse(Buffer.concat([decipher.update(bytes(text)), decipher.final()]));
}
