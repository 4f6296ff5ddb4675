// The real package's reader of sessions, as both programs here use it.

import { loadCurrent } from "../../interop/peers.mjs";

const { RequestCookies, StatelessSessionStore } = await loadCurrent();

/** A function from a request's `Headers` to a promise of its session; null for none. */
export function reader(secret) {
  const sessions = new StatelessSessionStore({ secret });
  // Next.js, too, makes the cookies anew for each request, out of headers that are there already.
  return (headers) => sessions.get(new RequestCookies(headers));
}
