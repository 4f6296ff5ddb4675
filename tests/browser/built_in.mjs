// The quickstart with the provider that it brings along: nothing is configured.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { profile } from "./browser.mjs";
import { call, choose, fetched, open, seesAccount, seesFriendlyError, seesNobody, signIn, signOut } from "./pages.mjs";
import { quickstart } from "./processes.mjs";

describe("quickstart with its own provider", () => {
  let app, context;
  before(async () => (app = await quickstart()));
  after(() => app?.stop());
  beforeEach(async () => (context = await profile()));
  afterEach(() => context.close());

  it("a stranger's calls from the page answer 401", async () => {
    const page = await open(context, app);
    await seesNobody(page);
    for (const name of ["GET /api/protected", "GET /api/data", "POST /api/data", "GET /api/posts/7", "GET /api/external-data"]) {
      const { status, text } = await call(page, name);
      assert.equal(status, 401, name);
      assert.match(text, /not_authenticated/);
    }
  });

  it("a user signs in and the page's calls answer", async () => {
    const page = await open(context, app);
    await signIn(page, app);
    assert.match((await call(page, "GET /api/protected")).text, /Hello, Ada Lovelace/);
    assert.match((await call(page, "GET /api/data")).text, /biscuits/);
    assert.match((await call(page, "POST /api/data")).text, /scones/);
    assert.match((await call(page, "GET /api/drafts")).text, /On tea/);
    assert.equal((await call(page, "GET /api/external-data")).status, 200);
  });

  it("a user without the role is told so", async () => {
    const page = await open(context, app);
    await signIn(page, app, "Grace Hopper");
    assert.equal((await call(page, "GET /api/drafts")).status, 403);
  });

  it("no script can read the session's cookie", async () => {
    const page = await open(context, app);
    await signIn(page, app);
    assert.equal(await page.evaluate(() => document.cookie), "");
    const cookies = await context.cookies(app.origin);
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })), [{ name: "__session", httpOnly: true, sameSite: "Lax" }]);
  });

  it("two sign-ins in parallel tabs both end well", async () => {
    const [first, second] = [await open(context, app), await open(context, app)];
    for (const page of [first, second]) await page.getByRole("link", { name: "Sign in" }).click();
    for (const page of [first, second]) await page.getByRole("button", { name: "Ada Lovelace" }).waitFor();
    await choose(second, "Ada Lovelace");
    await seesAccount(second, "Ada Lovelace");
    await choose(first, "Grace Hopper");
    await seesAccount(first, "Grace Hopper");
    // One browser has one session: the sign-in that ended last.
    await second.reload();
    await seesAccount(second, "Grace Hopper");
  });

  it("a restored tab with the callback's address shows an error page and costs nobody the session", async () => {
    const page = await open(context, app);
    const callback = page.waitForRequest((request) => request.url().includes("/auth/callback"));
    await signIn(page, app);
    const response = await page.goto((await callback).url());
    assert.equal(response.status(), 400);
    await seesFriendlyError(page);
    await page.goto(`${app.origin}/`);
    await seesAccount(page, "Ada Lovelace");
  });

  it("a sign-out in one tab is seen in the other", async () => {
    const [first, second] = [await open(context, app), await open(context, app)];
    await signIn(first, app);
    await second.reload();
    await seesAccount(second, "Ada Lovelace");
    await signOut(first);
    await seesNobody(first);
    assert.equal((await call(second, "GET /api/protected")).status, 401);
    await second.reload();
    await seesNobody(second);
  });

  it("cch_02 the back button after a sign-out shows nothing private", async () => {
    const page = await open(context, app);
    await signIn(page, app);
    await page.goto(`${app.origin}/api/protected`);
    assert.match(await page.textContent("body"), /Ada Lovelace/);
    await page.goto(`${app.origin}/`);
    await signOut(page);
    await seesNobody(page);
    const shown = [];
    while (true) {
      await page.goBack();
      // The provider's own pages are another application's business.
      if (!page.url().startsWith(app.origin)) break;
      const text = await page.textContent("body");
      assert.doesNotMatch(text, /ada@example\.com|Hello, Ada|Signed in as/, `back at ${page.url()}`);
      shown.push(new URL(page.url()).pathname);
    }
    assert.deepEqual(shown.slice(0, 2), ["/", "/api/protected"]);
  });

  it("a session survives a reload and ends with the profile", async () => {
    const page = await open(context, app);
    await signIn(page, app);
    await page.reload();
    await seesAccount(page, "Ada Lovelace");
    const other = await profile();
    await seesNobody(await open(other, app));
    await other.close();
  });

  it("a page in the tab's history can be left and found again", async () => {
    const page = await open(context, app);
    await signIn(page, app);
    assert.deepEqual((await fetched(page, "/api/posts/7")).status, 200);
    await page.goto("about:blank");
    await page.goBack();
    await seesAccount(page, "Ada Lovelace");
  });
});
