// The axum service answers /api/*. To the browser it is the same origin, so the session's cookie reaches it, and a page
// of another origin does not get past its checks. Next.js writes this table down when it builds.
const api = process.env.API_URL ?? "http://localhost:3001";

/** @type {import("next").NextConfig} */
export default {
  async rewrites() {
    return [{ source: "/api/:path*", destination: `${api}/api/:path*` }];
  },
};
