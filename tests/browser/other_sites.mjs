// What pages of other sites can make the user's browser do.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { profile } from "./browser.mjs";
import { open, seesAccount, seesNobody, signIn } from "./pages.mjs";
import { quickstart } from "./processes.mjs";
import { leaveStrangers, stranger } from "./stranger.mjs";

// To a browser another port of localhost is the same site, which gets the cookies, and 127.0.0.1 is another one.
const SAME_SITE = "localhost";
const CROSS_SITE = "127.0.0.1";

describe("pages of other sites", () => {
  let app, context, page;
  before(async () => (app = await quickstart()));
  after(() => app?.stop());
  beforeEach(async () => {
    context = await profile();
    page = await open(context, app);
    await signIn(page, app);
  });
  afterEach(async () => {
    await context.close();
    await leaveStrangers();
  });

  /** Opens a page of another site in a tab of its own. */
  async function visit(host, html) {
    const tab = await context.newPage();
    await tab.goto(await stranger(host, html));
    return tab;
  }

  async function stillSignedIn() {
    await page.goto(`${app.origin}/`);
    await seesAccount(page, "Ada Lovelace");
  }

  const form = (type) =>
    `<form method="post" action="${app.origin}/api/data" enctype="${type}"><input name='{"item":"' value='stolen"}'><button>Win</button></form>`;

  async function submitted(tab) {
    const answered = tab.waitForResponse((response) => response.url() === `${app.origin}/api/data`);
    await tab.getByRole("button", { name: "Win" }).click();
    return answered;
  }

  it("csr_02_a form of the same site on another port gets 403", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const response = await submitted(await visit(SAME_SITE, form(type)));
      assert.match((await response.request().allHeaders()).cookie, /__session=/, "the browser sends the session");
      assert.equal(response.status(), 403, type);
    }
  });

  it("csr_01_a form of another site comes without the session", async () => {
    const response = await submitted(await visit(CROSS_SITE, form("text/plain")));
    assert.doesNotMatch((await response.request().allHeaders()).cookie ?? "", /__session=/);
    assert.equal(response.status(), 401);
  });

  it("csr_06_a script of the same site on another port gets 403, or not past the preflight", async () => {
    const tab = await visit(SAME_SITE, "<p>Nothing to see here.</p>");
    // A page is not told of answers that it may not read; the browser's own tools are.
    const statuses = [];
    const tools = await context.newCDPSession(tab);
    await tools.send("Network.enable");
    tools.on("Network.responseReceivedExtraInfo", ({ statusCode }) => statuses.push(statusCode));
    const attempt = (contentType) =>
      tab.evaluate(
        async ([url, contentType]) => {
          const options = { method: "POST", credentials: "include", headers: { "content-type": contentType }, body: '{"item":"stolen"}' };
          return fetch(url, options).then((response) => response.status, () => "blocked");
        },
        [`${app.origin}/api/data`, contentType],
      );
    assert.equal(await attempt("text/plain"), "blocked");
    assert.equal(await attempt("application/json"), "blocked");
    // The text goes out with the cookie and is refused; of the JSON only the preflight is asked.
    assert.ok(statuses.includes(403), statuses.join());
    assert.deepEqual(statuses.filter((status) => status < 400), [], "something was let through");
  });

  it("csr_08_a link of another site to the sign-out asks first", async () => {
    for (const host of [CROSS_SITE, SAME_SITE]) {
      const tab = await visit(host, `<a href="${app.origin}/auth/logout">Cats</a>`);
      await tab.getByRole("link", { name: "Cats" }).click();
      await tab.getByRole("button", { name: "Sign out" }).waitFor();
      assert.equal(new URL(tab.url()).origin, app.origin);
      await stillSignedIn();
    }
  });

  it("csr_08_who confirms is signed out", async () => {
    const tab = await visit(CROSS_SITE, `<a href="${app.origin}/auth/logout">Sign out over there</a>`);
    await tab.getByRole("link").click();
    await tab.getByRole("button", { name: "Sign out" }).click();
    await seesNobody(tab);
    await page.reload();
    await seesNobody(page);
  });

  it("csr_08_an image, a frame and a prefetch sign nobody out", async () => {
    const url = `${app.origin}/auth/logout`;
    const tab = await visit(SAME_SITE, `<link rel="prefetch" href="${url}"><img src="${url}" alt=""><iframe src="${url}"></iframe>`);
    await tab.waitForLoadState("networkidle");
    await stillSignedIn();
  });

  it("an address that the user types signs out at once", async () => {
    await page.goto(`${app.origin}/auth/logout`);
    await seesNobody(page);
  });

  it("csr_10_a page that begins sign-ins fills no header", async () => {
    const images = Array.from({ length: 40 }, (_, i) => `<img src="${app.origin}/auth/login?${i}" alt="">`).join("");
    const tab = await visit(SAME_SITE, images);
    await tab.waitForLoadState("networkidle");
    const names = (await context.cookies(app.origin)).map(({ name }) => name);
    assert.ok(names.filter((name) => /^(__Host-)?__txn_/.test(name)).length <= 12, names.join(", "));
    await stillSignedIn();
    await context.clearCookies({ name: "__session" });
    await signIn(page, app, "Grace Hopper");
  });

  it("csr_11_no page of another site can frame ours", async () => {
    for (const path of ["/", "/auth/logout", "/auth/callback?state=x&code=y", "/auth/login"]) {
      const tab = await visit(SAME_SITE, `<iframe src="${app.origin}${path}"></iframe>`);
      await tab.waitForLoadState("networkidle");
      const [, frame] = tab.frames();
      // A refusal without markup has nothing to click on.
      const isOurs = frame.url().startsWith(app.origin) && (await frame.evaluate(() => document.contentType)) === "text/html";
      assert.ok(!isOurs, path);
    }
  });
});
