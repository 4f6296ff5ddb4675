// The quickstart's pages on screens of several sizes.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";

import { profile } from "./browser.mjs";
import { lookAt, SCREENS } from "./looks.mjs";
import { call, signIn } from "./pages.mjs";
import { quickstart } from "./processes.mjs";
import { leaveStrangers, stranger } from "./stranger.mjs";

/** Ways to a page, in the order in which a visit takes them. */
const STATES = {
  "signed-out": (page, app) => page.goto(`${app.origin}/`),
  refused: (page) => call(page, "GET /api/protected"),
  "failed-sign-in": (page, app) => page.goto(`${app.origin}/auth/callback?state=of-another-browser&code=none`),
  "signed-in": (page, app) => signIn(page, app),
  "after-a-call": (page) => call(page, "GET /api/protected"),
  "callback-again": (page, app) => page.goto(`${app.origin}/auth/callback?state=of-another-browser&code=none`),
  "sign-out-asked": async (page, app) => {
    await page.goto(await stranger("127.0.0.1", `<a href="${app.origin}/auth/logout">Leave</a>`));
    await page.getByRole("link", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
  },
};

describe("the quickstart's pages", () => {
  let app;
  before(async () => (app = await quickstart()));
  after(() => app?.stop());
  afterEach(leaveStrangers);

  for (const [screen, options] of Object.entries(SCREENS)) {
    it(`fit on a screen and can be read: ${screen}`, async () => {
      const context = await profile(options);
      const page = await context.newPage();
      const wrong = [];
      for (const [state, go] of Object.entries(STATES)) {
        await go(page, app);
        wrong.push(...(await lookAt(page, `${state}-${screen}`)).map((what) => `${state}: ${what}`));
      }
      await context.close();
      assert.deepEqual(wrong, []);
    });
  }
});
