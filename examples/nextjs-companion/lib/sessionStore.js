import { createHash } from "node:crypto";

import { createClient } from "redis";

/**
 * Sessions in Redis, as auth_runtime's `RedisStore` keeps them, so that both work with the same ones:
 *
 *     <prefix><id>                    the session's JSON, for as long as the session lives
 *     index:<prefix>sub:<SHA-256>     the ids of a user's sessions, each with the second in which it ends
 *     index:<prefix>sid:<SHA-256>     the same, by the provider's name for the session
 */
export class RedisSessionStore {
  #redis;
  #connecting;
  #lifetimes;
  #prefix;

  /** `lifetimes` is what the library is given as `session`. */
  constructor(url, lifetimes, prefix = "session:") {
    // Who asks while Redis is away is told so at once, and the next one connects anew.
    const socket = { connectTimeout: 1_500, socketTimeout: 10_000, reconnectStrategy: false };
    this.#redis = createClient({ url, socket });
    // Whoever asked gets the error; without a listener it would end the process.
    this.#redis.on("error", () => {});
    this.#lifetimes = lifetimes;
    this.#prefix = prefix;
  }

  async get(id) {
    const redis = await this.#connected();
    const text = await redis.get(this.#key(id));
    if (text === null) return null;
    const session = JSON.parse(text);
    if (session.internal) asRead.set(session.internal, text);
    return session;
  }

  async set(id, session) {
    const redis = await this.#connected();
    const left = await this.#note(id, session);
    await redis.set(this.#key(id), JSON.stringify(session), { PX: left });
  }

  /** Never brings back what somebody has deleted meanwhile: the answer is `false` then. */
  async update(id, session) {
    const redis = await this.#connected();
    const left = await this.#note(id, session);
    // A page view extends the session. What others write into its record meanwhile stays.
    if (isAsRead(session)) return (await redis.pExpire(this.#key(id), left)) === 1;
    return (await redis.set(this.#key(id), JSON.stringify(session), { XX: true, PX: left })) === "OK";
  }

  async delete(id) {
    const redis = await this.#connected();
    await redis.del(this.#key(id));
  }

  async deleteByLogoutToken({ sub, sid, iss }) {
    const redis = await this.#connected();
    // With both named the shorter list of the two is enough.
    const index = this.#indexes(sub, sid).pop();
    if (index === undefined) return;
    for (const id of await redis.zRange(index, 0, -1)) {
      const session = await this.get(id);
      if (session && isCovered(session, { sub, sid, iss })) await this.delete(id);
    }
  }

  /**
   * Notes whose session it is, and gives the milliseconds that it has left. Before the record is written, so that a
   * logout token finds every session that is there.
   */
  async #note(id, { user, internal }) {
    const { inactivityDuration, absoluteDuration } = this.#lifetimes;
    const now = Math.floor(Date.now() / 1000);
    const ends = Math.min(now + inactivityDuration, internal.createdAt + absoluteDuration);
    // Redis takes no 0.
    const left = Math.max((ends - now) * 1000, 1);
    const redis = await this.#connected();
    for (const key of this.#indexes(user.sub, internal.sid)) {
      await redis.eval(NOTE, { keys: [key], arguments: [id, ends, now, left].map(String) });
    }
    return left;
  }

  async #connected() {
    if (!this.#redis.isReady) {
      this.#connecting ??= this.#redis.connect().finally(() => (this.#connecting = undefined));
      await this.#connecting;
    }
    return this.#redis;
  }

  #key(id) {
    return this.#prefix + id;
  }

  /** A provider may use any text as a name, so it is hashed. */
  #indexes(sub, sid) {
    const named = Object.entries({ sub, sid }).filter(([, name]) => typeof name === "string");
    return named.map(([kind, name]) => `index:${this.#prefix}${kind}:${createHash("sha256").update(name).digest("hex")}`);
  }
}

// The text of a session that was read, found by the member that the library hands on when it only extends the session.
const asRead = new WeakMap();

function isAsRead(session) {
  const text = asRead.get(session.internal);
  return text !== undefined && JSON.stringify(JSON.parse(text)) === JSON.stringify(session);
}

/** A session that does not say which provider it comes from is of the one that this app has. */
function isCovered(session, { sub, sid, iss }) {
  const pairs = [[sub, session.user?.sub], [sid, session.internal?.sid], [issuer(session), iss]];
  return pairs.every(([wanted, found]) => wanted === undefined || wanted === found);
}

function issuer({ internal, tokenSet }) {
  if (internal?.mcd) return internal.mcd.issuer;
  try {
    return JSON.parse(Buffer.from(tokenSet.idToken.split(".")[1], "base64url")).iss;
  } catch {
    return undefined;
  }
}

// Forgets the ids of sessions that have ended, and keeps the list for as long as the one that lives longest.
const NOTE = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1`;
