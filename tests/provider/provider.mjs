// oidc-provider, set up so that its endpoints have the paths of Auth0 and its ID tokens the claims of Auth0's.

import { createMemoryAdapter, Provider, interactionPolicy } from "./packages.mjs";
import { profile } from "./users.mjs";

const SCOPES = ["openid", "profile", "email", "offline_access", "read:orders"];
const API_SCOPES = "openid profile email offline_access read:orders";
const CLOCK_TOLERANCE = 15;

// By default each provider has a memory of its own, and one with new keys would have forgotten everybody.
const memory = createMemoryAdapter(CLOCK_TOLERANCE);

/** A provider with these keys. What was granted under others goes on, since the memory is shared. */
export function make(issuer, keys, settings, log) {
  const provider = new Provider(issuer, {
    adapter: memory,
    clients: [client(settings)],
    jwks: { keys },
    scopes: SCOPES,
    claims: {
      openid: ["sub", "sid"],
      profile: ["name", "nickname", "given_name", "family_name", "picture", "updated_at", "roles"],
      email: ["email", "email_verified"],
    },
    // The claims of a user are in the ID token, not at the userinfo endpoint alone.
    conformIdTokenClaims: false,
    routes: {
      authorization: "/authorize",
      end_session: "/oidc/logout",
      jwks: "/.well-known/jwks.json",
      pushed_authorization_request: "/oauth/par",
      revocation: "/oauth/revoke",
      token: "/oauth/token",
      userinfo: "/userinfo",
    },
    cookies: { keys: ["not a secret: this provider is for tests"] },
    clockTolerance: CLOCK_TOLERANCE,
    features: {
      backchannelLogout: { enabled: settings.backchannel },
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: settings.require_par },
      resourceIndicators: resourceIndicators(settings),
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: settings.confirm_logout ? confirmLogout : logOutAtOnce },
    },
    extraParams: ["audience", "connection", "federated", "invitation", "organization", "screen_hint"],
    // A refresh token for everybody whose client may have one, without `prompt=consent`.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: () => settings.rotate,
    ttl: {
      AccessToken: settings.access_token_seconds,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => profile(sub) }),
    pkce: { required: () => true },
    fetch: (url, options) => send(url, options, log),
    interactions: { policy: interactionPolicy.base(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    ...(settings.forms ? {} : { loadExistingGrant: grantAll }),
  });
  watch(provider, log);
  return provider;
}

function client({ client_id, client_secret, apps, backchannel }) {
  return {
    client_id,
    client_secret,
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    id_token_signed_response_alg: "RS256",
    redirect_uris: apps.map((app) => `${app}/auth/callback`),
    post_logout_redirect_uris: apps.flatMap((app) => [app, `${app}/`]),
    ...(backchannel
      ? {
          backchannel_logout_uri: `${apps[0]}/auth/backchannel-logout`,
          // Without it the ID tokens have no `sid`.
          backchannel_logout_session_required: true,
        }
      : {}),
  };
}

/** An `audience` makes the access token a JWT for that API. */
function resourceIndicators({ access_token_seconds }) {
  return {
    enabled: true,
    defaultResource: (ctx) => ctx.oidc.params?.audience || undefined,
    useGrantedResource: () => true,
    getResourceServerInfo: (_ctx, audience) => ({
      audience,
      scope: API_SCOPES,
      accessTokenFormat: "jwt",
      accessTokenTTL: access_token_seconds,
      jwt: { sign: { alg: "RS256" } },
    }),
  };
}

/** Without a consent form: what is asked for is granted. */
async function grantAll(ctx) {
  const { client, params, provider, requestParamScopes, result, session } = ctx.oidc;
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const grant =
    (id && (await provider.Grant.find(id))) ||
    new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...(requestParamScopes ?? [])].join(" "));
  if (params?.audience) grant.addResourceScope(params.audience, API_SCOPES);
  await grant.save();
  return grant;
}

function logOutAtOnce(ctx, form) {
  const answered = form.replace("</form>", '<input type="hidden" name="logout" value="yes"></form>');
  ctx.body = `<!doctype html><title>Signing out</title><body onload="document.forms[0].submit()">${answered}`;
}

function confirmLogout(ctx, form) {
  ctx.body = `<!doctype html><html lang="en"><title>Sign out</title><h1>Sign out?</h1>${form}
    <button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
    <button type="submit" form="op.logoutForm">Stay signed in</button></html>`;
}

/** The dispatcher that oidc-provider passes refuses to talk to loopback addresses, which is all that a test has. */
async function send(url, { dispatcher: _, ...options } = {}, log) {
  const response = await fetch(url, options);
  log.add({ sent: String(url), status: response.status });
  return response;
}

function watch(provider, log) {
  for (const event of ["authorization.error", "backchannel.error", "end_session.error", "grant.error", "pushed_authorization_request.error", "revocation.error", "server_error", "userinfo.error"]) {
    provider.on(event, (ctx, error) => {
      const { error: code, error_description: description, error_detail: detail } = error;
      log.add({ event, path: ctx?.path, grant_type: ctx?.oidc?.params?.grant_type, code: code ?? error.message, description, detail });
    });
  }
  for (const event of ["backchannel.success", "end_session.success", "grant.revoked", "grant.success", "pushed_authorization_request.success"]) {
    provider.on(event, (ctx) => log.add({ event, grant_type: ctx?.oidc?.params?.grant_type }));
  }
}
