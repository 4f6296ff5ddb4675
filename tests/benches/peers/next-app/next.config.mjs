import { fileURLToPath } from "node:url";

// The packages are a link to those of the companion example, beside which this app is built. A bundler follows a link
// only below its root, so that is the folder they share.
const root = fileURLToPath(new URL("../..", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  outputFileTracingRoot: root,
  turbopack: { root },
};
