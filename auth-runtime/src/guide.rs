//! A guide with a page for each option of `#[with_api_auth_required]`: what the option demands, where the data come
//! from, how a request that does not meet it is answered, and an example that runs. One more page is about what no
//! option changes: [`cross_site_requests`], with CORS, proxies, nested routers and web sockets.
//!
//! Options beside each other must all be met. A signed-out caller gets the 401 whatever the options say. Every option
//! is checked before the handler's other parameters, so a refused request is never parsed.
//!
//! | option | demands | read from | if not |
//! |---|---|---|---|
//! | (none) | a session | the session cookie | 401 `not_authenticated` |
//! | [`scopes("a", "b")`](scopes) | all of these scopes | token set | 403 `insufficient_scope` |
//! | [`permissions("a", "b")`](permissions) | all of these permissions | session user, ID token, access token | 403 `insufficient_permissions` |
//! | [`roles("a", "b")`](roles) | all of these roles | session user, ID token, access token | 403 `insufficient_roles` |
//! | [`claim("name" = value)`](claim) | this value | session user, ID token | 403 `insufficient_claims` |
//! | [`org`, `org("a", "b")`](org) | any organization, or one of these | session user, ID token | 403 `insufficient_organization` |
//! | [`any(..)`, `all(..)`](groups) | one of them, each of them | | that of its first unmet member; in `any`, that of the first member that a new sign-in would meet, if there is one |
//! | [`not(..)`](groups) | that its requirement is known not to be met | | 403 `access_denied` |
//! | [`acr("a", "b")`](acr) | one of these authentication classes | ID token, session user | 401 `insufficient_user_authentication` |
//! | [`amr("a", "b")`](amr) | all of these authentication methods | ID token, session user | 401 `insufficient_user_authentication` |
//! | [`max_age = "5m"`](max_age) | authentication no longer ago | ID token, session user | 401 `insufficient_user_authentication` |
//! | [`policy = path`](policy) | that your own code allows it | whatever it asks | 403 `access_denied` or 404 `not_found`, as it decides; 503 `policy_unavailable` when it fails |
//!
//! | option | changes |
//! |---|---|
//! | [`optional`] | the handler runs without a session too, with `user: Option<User>` |
//! | [`cache = "private, max-age=60"`](cache) | `Cache-Control` of the handler's successful answers instead of `private, no-store` |
//! | [`login`] | a navigation without a session gets 303 to the sign-in instead of the 401 |
//! | [`state = Type`](state) | the compiler's message when the router's state has no `Auth` |
//! | [`crate = path`](crate_path) | where generated code finds this crate |
//!
//! # Which answer, when several are unmet
//!
//! Rights first, in the order in which they are written: scopes, permissions, roles, claims, organizations, and groups
//! that no sign-in would meet. Then step-up: `acr`, `amr`, `max_age`, and groups that a new sign-in would meet. Then
//! policies. Signing in again does not help a user who lacks a right.

macro_rules! pages {
    ($($name:ident: $file:literal;)*) => {
        $(
            // The examples of the pages make sessions with `testing`.
            #[cfg_attr(all(feature = "macros", feature = "testing"), doc = include_str!(concat!("../docs/", $file)))]
            #[cfg_attr(not(all(feature = "macros", feature = "testing")), doc = "Documented with the features `macros` and `testing`.")]
            pub mod $name {}
        )*
    };
}

pages! {
    acr: "options/acr.md";
    amr: "options/amr.md";
    cache: "options/cache.md";
    claim: "options/claim.md";
    crate_path: "options/crate_path.md";
    cross_site_requests: "cross_site_requests.md";
    groups: "options/groups.md";
    login: "options/login.md";
    max_age: "options/max_age.md";
    optional: "options/optional.md";
    org: "options/org.md";
    permissions: "options/permissions.md";
    policy: "options/policy.md";
    roles: "options/roles.md";
    scopes: "options/scopes.md";
    state: "options/state.md";
}
