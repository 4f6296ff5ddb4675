// Everybody who signs in. A name is an account; any password will do.

const KNOWN = {
  ada: { name: "Ada Lovelace", roles: ["editor"] },
  grace: { name: "Grace Hopper", roles: [] },
};

export const DEFAULT = "ada";

/** The claims of the account `sub`. */
export function profile(sub) {
  const { name, roles } = KNOWN[sub] ?? { name: `Ünï ${sub}`, roles: [] };
  const [given_name, ...rest] = name.split(" ");
  return {
    sub,
    name,
    nickname: sub,
    given_name,
    family_name: rest.join(" "),
    picture: `https://cdn.example/${encodeURIComponent(sub)}.png`,
    email: `${sub}@example.com`,
    email_verified: true,
    roles,
    updated_at: "2026-01-02T03:04:05.678Z",
  };
}
