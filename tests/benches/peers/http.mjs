// A server that does nothing but ask the real package for the session: 200 with one, 401 without.
//
// AUTH0_SECRET is the cookies' secret. The port is the first argument, and any free one of 127.0.0.1 without it; standard
// output says `listening PORT`. It ends when its standard input does, so it does not outlive who started it.

import { createServer } from "node:http";

import { reader } from "./sessions.mjs";

const secret = process.env.AUTH0_SECRET;
if (!secret) throw new Error("AUTH0_SECRET is not set");
const read = reader(secret);

const server = createServer(async (request, response) => {
  const session = await read(new Headers({ cookie: request.headers.cookie ?? "" }));
  // The same test, and the same answers, as the route of next-app.
  if (session?.user) answer(response, 200, { signedIn: true });
  else answer(response, 401, { error: "not_authenticated" });
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  process.stdout.write(`listening ${server.address().port}\n`);
});
process.stdin.resume().on("end", () => process.exit());

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
