// The browser suite: real pages in a real Chromium. Every scenario is a test of its own.
//
//   cargo xtask test                                        installs what the suite needs and runs it
//   cargo build --workspace --bins --example redirect_payloads && node --test-reporter=spec tests/browser/main.mjs
//   node --test-name-pattern='parallel tabs' tests/browser/main.mjs

import { after } from "node:test";

import { closeBrowser } from "./browser.mjs";

after(closeBrowser);

// A run that hangs is a run that fails. The timer itself keeps nothing alive.
setTimeout(() => {
  console.error("the browser suite has taken ten minutes: it hangs");
  process.exit(1);
}, 600_000).unref();

await import("./built_in.mjs");
await import("./other_sites.mjs");
await import("./redirects.mjs");
await import("./oidc_provider.mjs");
await import("./companion.mjs");
await import("./nextjs_store.mjs");
await import("./quickstart_pages.mjs");
