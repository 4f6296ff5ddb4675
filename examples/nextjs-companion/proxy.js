import { auth0 } from "./lib/auth0";

/** Answers /auth/*, and renews the session's cookie on every other page. */
export async function proxy(request) {
  return auth0.middleware(request);
}

// Not /api: the axum service only reads the session.
export const config = {
  matcher: ["/((?!api/|_next/static|_next/image|favicon.ico).*)"],
};
