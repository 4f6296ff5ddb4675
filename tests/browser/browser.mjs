// Chromium, driven by Playwright: one program for the whole run, a profile of its own for each scenario.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const WORKSPACE = fileURLToPath(new URL("../..", import.meta.url));
export const TARGET = process.env.CARGO_TARGET_DIR || path.join(WORKSPACE, "target");
const PACKAGES = process.env.BROWSER_PACKAGES || path.join(TARGET, "browser");

const ARGUMENTS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  // Whatever a page asks for, nothing leaves this machine.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

let browser;

/** A browser that has never been anywhere. */
export async function profile(options) {
  browser ??= await launch();
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  return context;
}

export async function closeBrowser() {
  await browser?.close();
}

async function launch() {
  const { chromium } = playwright();
  return chromium.launch({ executablePath: program(), args: ARGUMENTS, headless: true });
}

function playwright() {
  const manifest = path.join(path.resolve(PACKAGES), "package.json");
  try {
    return createRequire(manifest)("playwright-core");
  } catch (error) {
    throw new Error(`playwright-core is not installed in ${PACKAGES}: run \`cargo xtask test\` (${error.code})`);
  }
}

function program() {
  const found = process.env.CHROMIUM || "/usr/bin/chromium";
  if (!existsSync(found)) {
    throw new Error(`${found} is not there: install Chromium (Debian: chromium), or set CHROMIUM to the program of one`);
  }
  return found;
}
