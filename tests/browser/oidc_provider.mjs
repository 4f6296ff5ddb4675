// The quickstart with a real OpenID provider, set up by environment variables alone.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { profile } from "./browser.mjs";
import { call, fetched, fillIn, open, seesAccount, seesFriendlyError, seesNobody, signOut } from "./pages.mjs";
import { at, freePort, oidcProvider, quickstart } from "./processes.mjs";

describe("quickstart with oidc-provider, at the ports of the documentation", () => {
  let provider, app, context, page;
  before(async () => {
    provider = await oidcProvider({ port: 4010 });
    assert.equal(provider.issuer, "http://localhost:4010");
    app = await quickstart({ port: 3000, ...at(provider) });
  });
  after(async () => {
    await app?.stop();
    await provider?.stop();
  });
  beforeEach(async () => {
    context = await profile();
    page = await open(context, app);
    await provider.control("POST", "reset");
  });
  afterEach(() => context.close());

  async function begin(tab = page) {
    await tab.getByRole("link", { name: "Sign in" }).click();
  }

  it("a user signs in with a password and consents, and the page's calls answer", async () => {
    await begin();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
    assert.match((await call(page, "GET /api/protected")).text, /Hello, Ada Lovelace/);
    assert.equal((await call(page, "GET /api/drafts")).status, 200);
    const external = await call(page, "GET /api/external-data");
    assert.equal(external.status, 200, external.text);
    assert.match(external.text, /ada@example\.com/);
  });

  it("who is known to the provider signs in without a form", async () => {
    await begin();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
    await context.clearCookies({ name: "__session" });
    await page.reload();
    await begin();
    await seesAccount(page, "Ada Lovelace");
  });

  it("a sign-out ends the session at the provider too", async () => {
    await begin();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
    await signOut(page);
    await seesNobody(page);
    assert.equal(page.url(), `${app.origin}/`);
    await begin();
    await page.getByLabel("Password").waitFor();
  });

  it("two users in parallel tabs both end well", async () => {
    const other = await open(context, app);
    await begin(page);
    await begin(other);
    await fillIn(other, { name: "grace" });
    await seesAccount(other, "Grace Hopper");
    await fillIn(page, { name: "ada" });
    await seesAccount(page, "Ada Lovelace");
    await other.reload();
    await seesAccount(other, "Ada Lovelace");
  });

  it("who cancels sees an error page, and can try again", async () => {
    await begin();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForURL(/auth\/callback/);
    await seesFriendlyError(page);
    await page.goto(`${app.origin}/`);
    await begin();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
  });

  it("a sign-in is good after the provider changed its keys", async () => {
    await begin();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
    await context.clearCookies();
    await provider.control("POST", "rotate-keys", {});
    await page.goto(`${app.origin}/`);
    await begin();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
  });

  it("a name of letters from everywhere arrives whole", async () => {
    await begin();
    await fillIn(page, { name: "zoe" });
    await seesAccount(page, "Ünï zoe");
    assert.match((await call(page, "GET /api/protected")).text, /Hello, Ünï zoe/);
  });
});

describe("quickstart with access tokens that are soon over", () => {
  let provider, app, context;
  before(async () => {
    const port = await freePort();
    // Over as soon as they are there: every call has to get a new one.
    provider = await oidcProvider({ apps: [`http://localhost:${port}`], access_token_seconds: 2 });
    app = await quickstart({ port, ...at(provider) });
  });
  after(async () => {
    await app?.stop();
    await provider?.stop();
  });
  beforeEach(async () => {
    context = await profile();
    await provider.control("POST", "reset");
  });
  afterEach(() => context.close());

  const refreshes = async () => (await provider.log()).filter(({ event, grant_type }) => event === "grant.success" && grant_type === "refresh_token").length;
  const expire = () => new Promise((resolve) => setTimeout(resolve, 2_500));

  async function signedIn() {
    const page = await open(context, app);
    await page.getByRole("link", { name: "Sign in" }).click();
    await fillIn(page);
    await seesAccount(page, "Ada Lovelace");
    return page;
  }

  it("an expired access token is refreshed once while several tabs call at once", async () => {
    const tabs = [await signedIn(), await open(context, app), await open(context, app)];
    await expire();
    await provider.control("POST", "reset");
    const answers = await Promise.all(tabs.flatMap((tab) => [fetched(tab, "/api/external-data"), fetched(tab, "/api/external-data")]));
    for (const { status, text } of answers) assert.equal(status, 200, text);
    assert.equal(await refreshes(), 1);
  });

  it("rotated refresh tokens carry a session over several expiries", async () => {
    const page = await signedIn();
    await provider.control("POST", "reset");
    for (let round = 1; round <= 3; round += 1) {
      await expire();
      const { status, text } = await fetched(page, "/api/external-data");
      assert.equal(status, 200, text);
      assert.equal(await refreshes(), round);
    }
    const revoked = (await provider.log()).filter(({ event }) => event === "grant.revoked" || event === "grant.error");
    assert.deepEqual(revoked, []);
  });

  it("a provider that is out of order for a moment costs nobody the session", async () => {
    const page = await signedIn();
    await expire();
    await provider.control("POST", "fault", { path: "/oauth/token", status: 503 });
    assert.equal((await fetched(page, "/api/external-data")).status, 503);
    assert.equal((await fetched(page, "/api/protected")).status, 200);
    const { status, text } = await fetched(page, "/api/external-data");
    assert.equal(status, 200, text);
  });

  it("calls without an access token go on after a refresh token was withdrawn", async () => {
    const page = await signedIn();
    await expire();
    await provider.control("POST", "fault", { path: "/oauth/token", status: 400, body: '{"error":"invalid_grant"}' });
    assert.equal((await fetched(page, "/api/external-data")).status, 401);
    assert.equal((await fetched(page, "/api/protected")).status, 200);
  });
});
