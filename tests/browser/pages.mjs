// What a user does on the pages.

import assert from "node:assert/strict";

/** Opens the quickstart's page in a new tab. */
export async function open(context, app, path = "/") {
  const page = await context.newPage();
  await page.goto(app.origin + path);
  return page;
}

/** Signs in at the quickstart's own provider, which offers its users as buttons. */
export async function signIn(page, app, name = "Ada Lovelace") {
  await page.goto(`${app.origin}/`);
  await page.getByRole("link", { name: "Sign in" }).click();
  await choose(page, name);
  await seesAccount(page, name);
}

export const choose = (page, name) => page.getByRole("button", { name }).click();

/** Fills in the forms of the OpenID provider of `tests/provider`. */
export async function fillIn(page, { name = "ada", consent = true } = {}) {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill("any");
  await page.getByRole("button", { name: "Sign in" }).click();
  if (consent) await page.getByRole("button", { name: "Allow" }).click();
}

export async function seesAccount(page, name) {
  await page.getByText(`Signed in as ${name}`).waitFor();
}

export async function seesNobody(page) {
  await page.getByText("You are not signed in.").waitFor();
}

/** Presses one of the page's buttons for calls and gives the status and the body that it shows. */
export async function call(page, name) {
  const [method, path] = name.split(" ");
  const finished = page.waitForResponse((response) => new URL(response.url()).pathname === path && response.request().method() === method);
  await page.getByRole("button", { name, exact: true }).click();
  const status = (await finished).status();
  const answer = page.locator("#answer");
  await answer.getByText(String(status)).waitFor();
  return { status, text: await answer.textContent() };
}

/** What a page's own script gets, without a button for it. */
export const fetched = (page, path, options) =>
  page.evaluate(
    async ([path, options]) => {
      const response = await fetch(path, options);
      return { status: response.status, text: await response.text() };
    },
    [path, options],
  );

export async function signOut(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
}

/** An error page for people: says what happened and leads back, and holds nothing of the request. */
export async function seesFriendlyError(page) {
  assert.equal(await page.evaluate(() => document.contentType), "text/html");
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.ok((await page.getByRole("link").count()) + (await page.getByRole("button").count()) > 0, "it leads nowhere");
}
