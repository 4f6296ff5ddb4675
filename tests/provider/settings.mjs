// What one run of the provider is like.

export const DEFAULTS = {
  // 0 is a free port.
  port: 4010,
  // The applications that users may return to. The first one is told of sign-outs.
  apps: ["http://localhost:3000"],
  client_id: "sample-client",
  client_secret: "sample-client-secret-of-the-provider-suite",
  // How long an access token is good for, in seconds.
  access_token_seconds: 60,
  // Show login and consent forms; without them everybody is signed in as `login_hint`, or as Ada.
  forms: true,
  // Ask before a sign-out.
  confirm_logout: false,
  // A refresh token is good for one use.
  rotate: true,
  // Tell the first application of sign-outs (OpenID Connect Back-Channel Logout 1.0).
  backchannel: true,
  // Take authorization requests only by way of the back channel (RFC 9126).
  require_par: false,
  // End when standard input does, so that no provider outlives the run that started it.
  ends_with_input: false,
};

/** The defaults, and over them what the JSON says. */
export function read(json) {
  const given = json ? JSON.parse(json) : {};
  for (const [name, value] of Object.entries(given)) {
    if (!(name in DEFAULTS)) throw new Error(`there is no setting ${JSON.stringify(name)}; there are ${Object.keys(DEFAULTS).join(", ")}`);
    if (typeof value !== typeof DEFAULTS[name]) throw new Error(`${name} must be a ${typeof DEFAULTS[name]}`);
  }
  return { ...DEFAULTS, ...given };
}
