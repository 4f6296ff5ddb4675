import { Auth0Client } from "@auth0/nextjs-auth0/server";

// Everything it needs to know is in the environment of `next start`.
const auth0 = new Auth0Client();

export const dynamic = "force-dynamic";

// What is said does not depend on the user: a second look at the session would read the cookie a second time.
export const GET = auth0.withApiAuthRequired(async () => Response.json({ signedIn: true }));
