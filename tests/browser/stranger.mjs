// Another site, which wants something from the user's browser.

import { once } from "node:events";
import { createServer } from "node:http";

const open = new Set();

/** Serves one page and gives its address. `host` decides how the browser sees it: to a browser 127.0.0.1 is another site than localhost, and another port is not. */
export async function stranger(host, html) {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/" ? 200 : 404, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><title>Another site</title>${html}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.add(server);
  return `http://${host}:${server.address().port}`;
}

/** Ends all of them. */
export async function leaveStrangers() {
  for (const server of open) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  open.clear();
}
