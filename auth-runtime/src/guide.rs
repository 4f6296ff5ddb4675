//! The guide: a page for each option of `#[with_api_auth_required]`, and three more: on
//! [requests from other sites](cross_site_requests) with CORS, proxies, nested routers and WebSockets, on
//! [development] with a provider in the same process, and on
//! [messages of the compiler](compiler_messages).
//!
//! The page of an option says what the option demands, where the guard looks for it in the session, and what the
//! answer is if the session does not meet it. Each page has an example that runs. `ask` in the examples is a hidden
//! function of a few lines.
//!
//! # Start here
//!
//! Put an [`Auth`](crate::Auth) into the router's state, and the attribute above a handler. The handler then runs only
//! for a user who is signed in. Each requirement in the attribute lets fewer users in, since a session has to meet all
//! of them:
//!
//! ```
//! # #[cfg(feature = "macros")] mod example {
//! use auth_runtime::with_api_auth_required;
//!
//! /// For users who may read reports, and who signed in within the last hour.
//! #[with_api_auth_required(scopes("read:reports"), max_age = "1h")]
//! async fn report() -> String {
//!     format!("a report for {}", user.sub())
//! }
//! # }
//! ```
//!
//! # Requirements
//!
//! | option | demands | read from | answer if it is not met |
//! |---|---|---|---|
//! | (none) | a session | the session cookie | 401 `not_authenticated` |
//! | [`scopes("a", "b")`](scopes) | all of these scopes | token set | 403 `insufficient_scope` |
//! | [`permissions("a", "b")`](permissions) | all of these permissions | session user, ID token, access token | 403 `insufficient_permissions` |
//! | [`roles("a", "b")`](roles) | all of these roles | session user, ID token, access token | 403 `insufficient_roles` |
//! | [`claim("name" = value)`](claim) | a claim with this value | session user, ID token | 403 `insufficient_claims` |
//! | [`org`, `org("a", "b")`](org) | a sign-in to any organization, or to one of these | session user, ID token | 403 `insufficient_organization` |
//! | [`any(..)`, `all(..)`](groups) | one member, or every member | | that of a member |
//! | [`not(..)`](groups) | that the member is known not to be met | | 403 `access_denied` |
//! | [`acr("a", "b")`](acr) | one of these authentication classes | ID token, session user | 401 `insufficient_user_authentication` |
//! | [`amr("a", "b")`](amr) | all of these authentication methods | ID token, session user | 401 `insufficient_user_authentication` |
//! | [`max_age = "5m"`](max_age) | an authentication no longer ago | ID token, session user | 401 `insufficient_user_authentication` |
//! | [`policy = path`](policy) | that your own code allows the request | what that code asks | 403 `access_denied` or 404 `not_found`, as it decides, or 401 as above; 503 `policy_unavailable` if it fails |
//!
//! "Read from" lists parts of the session in the order in which the guard looks. The first part that has the claim
//! decides. [`ClaimSources`](crate::policy::ClaimSources) describes the parts, and changes the order.
//!
//! # Other options
//!
//! | option | changes |
//! |---|---|
//! | [`optional`] | the handler runs without a session too, with `user: Option<User>` |
//! | [`login`] | a browser that opens a page without a session, or with one whose authentication is too old or too weak, gets a 303 to the sign-in instead of the 401 |
//! | [`cache = "private, max-age=60"`](cache) | the `Cache-Control` of the handler's successful answers, instead of `private, no-store` |
//! | [`state = Type`](state) | the compiler's message when the router's state has no `Auth` |
//! | [`crate = path`](crate_path) | where generated code finds this crate |
//!
//! # The order of the checks
//!
//! All checks come before the handler's other parameters are extracted, so the body of a refused request is not read.
//! The first check that fails decides the answer:
//!
//! 1. The session. Without one the answer is 401 `not_authenticated`, whatever else the attribute demands. Only
//!    [`login`] and [`optional`] change that. If the session store fails, the answer is 503
//!    `session_store_unavailable`.
//! 2. The page that sent the request, if the request may change something: 403 `cross_site_request`
//!    ([more](cross_site_requests)).
//! 3. Rights, in the order in which they are written: `scopes`, `permissions`, `roles`, `claim`, `org`, `not`, and groups
//!    that no new sign-in would meet.
//! 4. The sign-in: `acr`, `amr`, `max_age`, and groups that a new sign-in would meet. These come after the rights, because
//!    a new sign-in does not help a user who lacks a right. One 401 names the demands of all of them.
//! 5. Policies, in the order in which they are written.
//!
//! # Refusals
//!
//! The body of a refusal is JSON with the code in the member `error`, or `application/problem+json` (RFC 9457) with the
//! same members, if the client or [`problem_json`](crate::AuthBuilder::problem_json) asks for that. These are all codes,
//! a [`RejectionKind`](crate::RejectionKind) each:
//!
//! | code | status | reason |
//! |---|---|---|
//! | `not_authenticated` | 401 | there is no session |
//! | `insufficient_user_authentication` | 401 | [`acr`], [`amr`], [`max_age`] or a policy demands another sign-in |
//! | `cross_site_request` | 403 | [a page of another site](cross_site_requests) may have sent the request |
//! | `insufficient_scope` | 403 | [`scopes`] is not met |
//! | `insufficient_permissions` | 403 | [`permissions`] is not met |
//! | `insufficient_roles` | 403 | [`roles`] is not met |
//! | `insufficient_claims` | 403 | [`claim`] is not met |
//! | `insufficient_organization` | 403 | [`org`] is not met |
//! | `access_denied` | 403 | a [`policy`] or `not(..)` denies the request |
//! | `claims_mismatch` | 403 | the user's claims do not fit the type of [`Claims<T>`](crate::Claims) |
//! | `not_found` | 404 | a [`policy`] found nothing that the user may know of |
//! | `internal_error` | 500 | the program has a mistake, which the log names |
//! | `session_not_saved` | 500, 503 | the session cannot be written, or its store failed |
//! | `session_store_unavailable` | 503 | the session store failed, so it is not known whether there is a session |
//! | `policy_unavailable` | 503 | a [`policy`] could not decide |
//! | `failed_to_refresh_token` | 401, 403, 502, 503 | the handler got no access token; [other codes](crate::AccessTokenError::code) tell of other causes |
//! | `api_unavailable` | 503 | the API of `session.fetch` did not answer; other codes tell of other causes |
//!
//! Refusals say `Cache-Control: private, no-store`, and so do the handler's answers unless [`cache`] changes that.

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
    compiler_messages: "compiler_messages.md";
    crate_path: "options/crate_path.md";
    cross_site_requests: "cross_site_requests.md";
    development: "development.md";
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
