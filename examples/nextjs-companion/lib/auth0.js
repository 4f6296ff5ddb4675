import { Auth0Client } from "@auth0/nextjs-auth0/server";

import { RedisSessionStore } from "./sessionStore";

// In seconds; the axum service has the same by default.
const session = { inactivityDuration: 86_400, absoluteDuration: 3 * 86_400 };

// `redis://…` keeps sessions there. Without it the browser's cookie holds them.
const address = process.env.SESSION_STORE;

// AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, AUTH0_SECRET and APP_BASE_URL are read from the environment.
export const auth0 = new Auth0Client({
  // For a provider on this machine that speaks plain http. Leave it unset for any other.
  allowInsecureRequests: process.env.AUTH0_ALLOW_INSECURE_REQUESTS === "true",
  session,
  sessionStore: address ? new RedisSessionStore(address, session) : undefined,
});
