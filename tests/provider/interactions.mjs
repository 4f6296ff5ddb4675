// What stands between an authorization request and its answer: forms for people, or nothing.

import { DEFAULT } from "./users.mjs";

/** Answers `/interaction/…`. */
export async function interact(provider, request, response, settings) {
  const details = await provider.interactionDetails(request, response);
  if (!settings.forms) {
    return finish(provider, request, response, details, details.prompt.name === "login" ? { name: details.params.login_hint } : {});
  }
  if (request.method === "POST") {
    return finish(provider, request, response, details, await form(request));
  }
  const page = details.prompt.name === "login" ? loginPage(details) : consentPage(details);
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(page);
}

async function finish(provider, request, response, details, answer) {
  const { params, prompt } = details;
  let result;
  if ("cancel" in answer) {
    result = { error: "access_denied", error_description: "the user did not want to" };
  } else if (prompt.name === "login") {
    result = { login: { accountId: answer.name || DEFAULT, remember: true } };
  } else {
    const found = details.grantId && (await provider.Grant.find(details.grantId));
    const grant = found || new provider.Grant({ accountId: details.session.accountId, clientId: params.client_id });
    const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details;
    if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(" "));
    if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
    for (const [audience, scopes] of Object.entries(missingResourceScopes ?? {})) grant.addResourceScope(audience, scopes.join(" "));
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function form(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return Object.fromEntries(new URLSearchParams(body));
}

const loginPage = ({ uid, params }) => page("Sign in", `
  <form method="post" action="/interaction/${uid}">
    <label>Name <input name="name" autocomplete="username" required autofocus value="${escape(params.login_hint ?? "")}"></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
    <button type="submit">Sign in</button>
    <button type="submit" name="cancel" value="yes" formnovalidate>Cancel</button>
  </form>`);

const consentPage = ({ uid, params }) => page("Allow access", `
  <p>${escape(params.client_id)} asks for:</p>
  <ul>${escape(params.scope ?? "").split(" ").map((scope) => `<li>${scope}</li>`).join("")}</ul>
  <form method="post" action="/interaction/${uid}">
    <button type="submit">Allow</button>
    <button type="submit" name="cancel" value="yes">Cancel</button>
  </form>`);

const page = (title, main) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }
  form { display: grid; gap: .75rem; }
  label { display: grid; }
  input, button { font: inherit; padding: .4rem .6rem; }
</style>
<h1>${title}</h1>${main}
</html>
`;

const escape = (text) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
