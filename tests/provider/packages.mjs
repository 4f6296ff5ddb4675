// Finds the npm packages, which are installed below the target folder and not beside this file.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = process.env.PROVIDER_PACKAGES || fileURLToPath(new URL("../../target/provider", import.meta.url));

if (!existsSync(path.join(folder, "node_modules/oidc-provider/package.json"))) {
  console.error(`oidc-provider is not installed in ${folder}: run \`cargo xtask test\`, or \`npm ci\` in a copy of tests/provider`);
  process.exit(1);
}

const { resolve } = createRequire(path.join(path.resolve(folder), "package.json"));
const load = (name) => import(pathToFileURL(resolve(name)).href);

// They tell of sessions in memory and of plain http, which a provider for tests is about.
if (!process.env.PROVIDER_WARNINGS) console.info = console.warn = () => {};

export const { Provider, interactionPolicy } = await load("oidc-provider");
export const { createMemoryAdapter } = await load("oidc-provider/lib/adapters/memory_adapter.js");
export const jose = await load("jose");
