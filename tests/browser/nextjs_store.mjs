// The session store of the Next.js app by itself, on a real Redis: what no page can be made to show.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";

import { freePort, nextjsStore, redisServer } from "./processes.mjs";

const LIFETIMES = { inactivityDuration: 100, absoluteDuration: 300 };
const KEY = "session:a";

describe("the Next.js app's session store", () => {
  let redis, store;
  before(async () => {
    redis = await redisServer();
    const Store = await nextjsStore();
    store = new Store(redis.address, LIFETIMES);
  });
  after(() => redis?.stop());
  beforeEach(() => redis.client.flushAll());

  const kept = () => redis.client.get(KEY);

  it("brings no session back that somebody has deleted", async () => {
    await store.set("a", session());
    const read = await store.get("a");
    await redis.client.del(KEY);
    assert.equal(await store.update("a", { ...read }), false);
    assert.equal(await store.update("a", { ...read, cart: [] }), false);
    assert.equal(await store.get("a"), null);
    assert.equal(await kept(), null);
  });

  it("keeps a record for as long as its session has left", async () => {
    const ages = [[0, 100], [250, 50], [400, 0]];
    for (const [age, left] of ages) {
      await redis.client.flushAll();
      await store.set("a", session({ createdAt: now() - age }));
      const found = await redis.client.pTTL(KEY);
      assert.ok(left === 0 ? found < 2 : Math.abs(found - left * 1_000) < 2_000, `${age} s old: ${found} ms`);
    }
  });

  it("keeps what others wrote while it only extended the session", async () => {
    await store.set("a", session());
    const read = await store.get("a");
    const theirs = (await kept()).replace("}", ',"n":1.0}');
    await redis.client.set(KEY, theirs, { PX: 5_000 });
    assert.equal(await store.update("a", { ...read }), true);
    assert.equal(await kept(), theirs);
    assert.ok((await redis.client.pTTL(KEY)) > 90_000);
  });

  it("writes what the app changed, and starts its time anew", async () => {
    await store.set("a", session());
    const read = await store.get("a");
    await redis.client.pExpire(KEY, 5_000);
    assert.equal(await store.update("a", { ...read, cart: ["tea"] }), true);
    assert.deepEqual((await store.get("a")).cart, ["tea"]);
    read.user.name = "Countess";
    assert.equal(await store.update("a", read), true);
    assert.equal((await store.get("a")).user.name, "Countess");
    assert.ok((await redis.client.pTTL(KEY)) > 90_000);
  });

  it("finds a session by either name, and forgets the ids of those that have ended", async () => {
    const indexes = [`index:session:sub:${hash("ada")}`, `index:session:sid:${hash("s1")}`];
    for (const index of indexes) await redis.client.zAdd(index, { value: "old", score: now() - 1 });
    await store.set("a", session());
    for (const index of indexes) {
      assert.deepEqual(await redis.client.zRange(index, 0, -1), ["a"]);
      assert.ok((await redis.client.pTTL(index)) > 90_000);
    }
  });

  it("deletes the sessions that a logout token names, and no others", async () => {
    const iss = "https://id.example.com/";
    const all = {
      a: session({ idToken: token({ iss }) }),
      b: session({ idToken: token({ iss }), sid: "s2" }),
      c: session({ idToken: token({ iss }), sub: "grace", sid: "s3" }),
      d: session({ idToken: token({ iss: "https://another.example.com/" }) }),
      e: session({ mcd: { domain: "another.example.com", issuer: "https://another.example.com/" } }),
      f: session({ sub: null, sid: "s4" }),
    };
    const cases = [
      [{ sub: "ada", iss }, "ab"],
      [{ sub: "ada", sid: "s2", iss }, "b"],
      [{ sid: "s1", iss }, "a"],
      [{ sid: "s4", iss }, "f"],
      [{ sub: "grace", sid: "s1", iss }, ""],
      [{ sub: "nobody", iss }, ""],
      [{ iss }, ""],
    ];
    for (const [claims, gone] of cases) {
      for (const [id, session] of Object.entries(all)) await store.set(id, session);
      await store.deleteByLogoutToken(claims);
      const left = await Promise.all(Object.keys(all).map(async (id) => ((await store.get(id)) === null ? id : "")));
      assert.equal(left.join(""), gone, JSON.stringify(claims));
    }
  });

  it("never takes a Redis that is away for a session that is gone", async () => {
    const Store = await nextjsStore();
    const away = new Store(`redis://127.0.0.1:${await freePort()}`, LIFETIMES);
    for (const ask of [() => away.get("a"), () => away.update("a", session()), () => away.delete("a")]) {
      await assert.rejects(ask, { code: "ECONNREFUSED" });
    }
  });

  it("goes on when its connection was cut", async () => {
    await store.set("a", session());
    await redis.client.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    const answers = await Promise.allSettled([store.get("a"), store.get("a")]);
    // Whoever was asking just then may be told.
    assert.ok(answers.every(({ value }) => value !== null));
    assert.equal((await store.get("a")).user.sub, "ada");
  });
});

const now = () => Math.floor(Date.now() / 1000);

const hash = (text) => createHash("sha256").update(text).digest("hex");

const token = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.`;

const session = ({ sub = "ada", sid = "s1", createdAt = now(), idToken, mcd } = {}) => ({
  user: { sub },
  tokenSet: { accessToken: "at", idToken },
  internal: { sid, createdAt, mcd },
});
