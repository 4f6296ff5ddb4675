// Whatever a sign-in is told to return to, it ends at the application: judged by the browser's own URL parser.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { profile } from "./browser.mjs";
import { choose, open } from "./pages.mjs";
import { quickstart, redirectPayloads } from "./processes.mjs";

// Enough to keep two cores busy.
const AT_ONCE = 8;
// A visit of the browser itself takes longer than the exchange of its requests.
const VISITS = 40;

describe("where a sign-in ends", () => {
  let app, payloads, locations;
  before(async () => {
    app = await quickstart();
    payloads = await redirectPayloads(new URL(app.origin).host);
    locations = await inParallel(payloads, (payload) => signInWith(app, payload));
  });
  after(() => app?.stop());

  it("rdr_02_to_rdr_11 for thousands of payloads the browser's parser stays at the application", async () => {
    assert.ok(payloads.length >= 2_000, `only ${payloads.length}`);
    const context = await profile();
    const page = await open(context, app);
    const elsewhere = await page.evaluate(
      // As the browser does with a Location header, from the address that answered with it.
      (locations) => locations.filter((location) => new URL(location, `${window.origin}/auth/callback`).origin !== window.origin),
      locations,
    );
    await context.close();
    assert.deepEqual(elsewhere, []);
  });

  it("the judge would see one that leaves", async () => {
    const context = await profile();
    const page = await open(context, app);
    const origins = await page.evaluate(
      (payloads) => payloads.map((payload) => URL.canParse(payload, window.origin) && new URL(payload, window.origin).origin),
      payloads,
    );
    await context.close();
    const leaving = origins.filter((origin) => origin && origin !== app.origin);
    assert.ok(leaving.length >= 1_000, `only ${leaving.length} of the payloads lead anywhere else`);
  });

  it("rdr_02 a browser that signs in with a payload is at the application afterwards", async () => {
    const context = await profile();
    const step = Math.ceil(payloads.length / VISITS);
    const chosen = payloads.filter((_, index) => index % step === 0);
    for (const payload of chosen) {
      const page = await context.newPage();
      await page.goto(loginWith(app, payload));
      // Not the page's own address: an answer without a body leaves the browser on an error page of its own.
      const ended = page.waitForResponse((response) => response.request().isNavigationRequest() && !isRedirect(response.status()));
      await choose(page, "Ada Lovelace");
      const last = (await ended).url();
      assert.equal(new URL(last).origin, app.origin, JSON.stringify(payload));
      // A tab that is closed on its way to the browser's own error page may never say that it is closed.
      await page.waitForLoadState();
      await page.close();
    }
    await context.close();
  });
});

const isRedirect = (status) => status >= 300 && status < 400;

const loginWith = (app, payload) => `${app.origin}/auth/login?returnTo=${encodeURIComponent(payload)}`;

/** A whole sign-in without a page: the last Location. */
async function signInWith(app, payload) {
  const login = await fetch(loginWith(app, payload), { redirect: "manual" });
  assert.equal(login.status, 303, `${JSON.stringify(payload)}: ${login.status}`);
  const authorize = new URL(login.headers.get("location"));
  const decision = new URLSearchParams({ request: authorize.search.slice(1), user: "0" });
  const decided = await fetch(`${authorize.origin}/authorize/decision`, { method: "POST", body: decision, redirect: "manual" });
  const cookie = login.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  const callback = await fetch(decided.headers.get("location"), { headers: { cookie }, redirect: "manual" });
  assert.equal(callback.status, 303, `${JSON.stringify(payload)}: ${callback.status}`);
  return callback.headers.get("location");
}

async function inParallel(items, perform) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await perform(items[index]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
