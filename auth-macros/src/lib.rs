//! The attribute macro of `auth-runtime`. Name it through that crate: `auth_runtime::with_api_auth_required`.

mod attribute;
mod block;
mod constant;
mod diagnostics;
mod expand;
mod function;
mod inner_impl;
mod item;
mod kind;
mod marks;
#[cfg(feature = "utoipa")]
mod openapi;
mod options;
mod paths;
mod policy_function;
mod references;
mod requirements;
mod self_type;
mod split;
mod target;
#[cfg(test)]
mod tests;
mod words;

use proc_macro::TokenStream;

/// Lets an axum handler run only for a signed-in user.
///
/// The session is validated before anything else of the request is looked at. A caller without a session gets a 401,
/// and the handler does not run: neither its body nor the extractors of its other parameters. So a signed-out caller
/// can't learn from a 400 or a 422 what the handler would accept, and can't make the service read a request's body.
///
/// A request with a session whose method is not safe, or that opens a WebSocket, must also come from a page of the
/// application or a trusted one: otherwise it is 403 `cross_site_request`.
///
/// ```
/// use auth_runtime::{User, with_api_auth_required};
/// use axum::Json;
///
/// #[with_api_auth_required]
/// async fn me(user: User) -> Json<User> {
///     Json(user)
/// }
/// # let _: axum::Router<auth_runtime::Auth> = axum::Router::new().route("/", axum::routing::get(me));
/// ```
///
/// # The user
///
/// When no parameter binds the name `user`, the handler gets one, and its body can use it:
///
/// ```
/// use auth_runtime::with_api_auth_required;
/// use axum::extract::Path;
///
/// #[with_api_auth_required]
/// async fn greet(Path(greeting): Path<String>) -> String {
///     format!("{greeting}, {}", user.name().unwrap_or("you".into()))
/// }
/// # let _: axum::Router<auth_runtime::Auth> = axum::Router::new().route("/{greeting}", axum::routing::get(greet));
/// ```
///
/// A parameter that binds `user`, alone or inside a pattern such as `Claims(user): Claims<Employee>`, is left
/// alone and nothing is added. `_user` is another name: a handler with that parameter still gets `user`.
/// A `user` that the body does not use costs no warning.
///
/// # Where it can stand
///
/// | on | what is guarded |
/// | --- | --- |
/// | an `async fn` with a body | the function: a free one, or an associated one without `self` |
/// | a module written in place, `mod name { ... }` | every `async fn` in it, private ones too, those of `impl` blocks and of modules in it too |
/// | an `impl` block without a trait | every `async fn` in it |
///
/// Visibility, generics, `where` clauses, lifetimes, docs, other attributes and `#[cfg]` on parameters stay as they are,
/// and the return type may contain `impl Trait`. Everything else (structs, traits, implementations of traits, modules in
/// their own file, closures, macro calls, functions that are not `async`, or that are `unsafe`, `extern` or `const`, or
/// that take `self`) is an error that says what to write.
///
/// axum calls handlers with up to 16 parameters. The guard takes one of them, and the implicit `user` another.
/// Extractors that are taken as one tuple, `(Path(id), Query(page)): (Path<u64>, Query<Page>)`, count once.
/// `clippy::too_many_arguments` counts the added parameters too.
///
/// # Modules and `impl` blocks
///
/// ```
/// use auth_runtime::{Auth, with_api_auth_required};
/// use axum::extract::{FromRef, Path, State};
/// use axum::http::StatusCode;
/// use axum::routing::get;
/// use axum::{Json, Router};
///
/// #[derive(Clone, FromRef)]
/// struct AppState {
///     auth: Auth,
///     reports: &'static [(&'static str, u64)],
/// }
///
/// #[with_api_auth_required(state = AppState)]
/// mod reports {
///     use super::*;
///
///     pub async fn list(State(state): State<AppState>) -> Json<Vec<u64>> {
///         Json(load(&state, &user.sub()).await)
///     }
///
///     // Demands what the module demands, and a fresh sign-in.
///     #[with_api_auth_required(max_age = "5m")]
///     pub async fn remove(Path(id): Path<u64>) -> (StatusCode, String) {
///         (StatusCode::ACCEPTED, format!("{id} will be removed"))
///     }
///
///     // Admits any caller.
///     #[public]
///     pub async fn formats() -> &'static str {
///         "csv, json"
///     }
///
///     // No handler: handlers call it, and no router takes it.
///     #[helper]
///     async fn load(state: &AppState, sub: &str) -> Vec<u64> {
///         state.reports.iter().filter(|(owner, _)| *owner == sub).map(|(_, id)| *id).collect()
///     }
/// }
///
/// struct Invoices;
///
/// #[with_api_auth_required(state = AppState)]
/// impl Invoices {
///     async fn list() -> String {
///         format!("no invoices for {}", user.sub())
///     }
/// }
///
/// fn app(state: AppState) -> Router {
///     Router::new()
///         .route("/reports", get(reports::list))
///         .route("/reports/{id}", axum::routing::delete(reports::remove))
///         .route("/formats", get(reports::formats))
///         .route("/invoices", get(Invoices::list))
///         .with_state(state)
/// }
/// # fn main() {}
/// ```
///
/// - The options of the attributes around a function and of those on it add up: a module's, a nested module's or `impl`
///   block's, the function's. Where only one value can count (`cache`, `state`, `crate`), it is the innermost.
/// - [`#[public]`](macro@public) makes a handler public. [`#[helper]`](macro@helper) leaves a function as it is, and on a
///   nested module everything in it. Inside, these and `#[with_api_auth_required]` need no `use`: this attribute takes
///   them off.
/// - A function with `#[test]` or the `test` of a known framework, such as `#[tokio::test]`, is no handler. With the `test`
///   of another crate it is one, unless it has `#[helper]`.
/// - The macro knows its attributes by their bare names, and at a path from `auth_runtime`. The same name at another
///   path is an error.
/// - All other items stay as they are.
///
/// An item in the block that could be a handler and can't be guarded is an error:
///
/// | in the module or `impl` block | because | write instead |
/// | --- | --- | --- |
/// | a macro call, `thread_local! { ... }` | handlers can come out of it | the handlers outside of it; or `#[helper]` on the call |
/// | a function that is not `async` and returns a future, or what returns one when it is called | a router takes it as a handler | `async fn`; or `#[helper]` |
/// | a constant or static with `fn`, `Fn`, `FnMut`, `FnOnce`, `dyn` or `impl` in its type, or with an alias of a pointer to a function that returns a future | a router takes what it holds as a handler | `async fn`; or `#[helper]` |
/// | an `impl` block inside of a body or a constant, with an `async fn` in or behind it, or with a function that returns something and takes no reference | it belongs to a type that others can name | the block outside of it; or `#[helper]` on the constant or on the function around it |
/// | an `async fn` that takes a reference | an extractor owns its value; most often `#[helper]` was forgotten | `#[helper]` |
/// | syntax that the attribute does not know | handlers can come out of it | that outside of the module |
/// | `mod name;` | its file can't be seen; rustc has no stable way to hand it on | the `mod` outside of this one, and the attribute on the handlers in that file |
/// | an `async fn` of a trait, or one that returns a future, unless it takes `&self` or another reference, or is `into_future(self)` | the trait says which parameters it has | an `async fn` of the module; or `#[helper]` |
/// | an `async fn` with `self`, `unsafe` or `extern` | axum can't call it | a plain `async fn`; or `#[helper]` |
///
/// The compiler decides whether a function returns a future. For that, the attribute writes a hidden function beside it,
/// which calls the function and is itself never called: `__returned_by_name`, and `__held_by_NAME` for a constant. Where
/// that can't be written, the function needs `#[helper]`: with a `#[cfg]` or `...` among its parameters, or with a
/// `#[cfg_attr(.., cfg(..))]`. An implementation of a trait can't have another function. There, the question is in the
/// function's body, and a function that returns `impl Trait` needs `#[helper]`. Nothing is asked about functions that a
/// router never takes: those that take a reference or are `unsafe`.
///
/// The attribute sees what is written in the block, and nothing else. It neither sees nor guards
///
/// - a handler from elsewhere that a `use` makes available, `pub use elsewhere::handler`: it is guarded where it is written;
/// - what another attribute or a `derive` adds, and what another attribute makes of a function of a trait;
/// - a generic function that returns a future for some of its type parameters only: `fn make<T: Make>() -> T::Made` where
///   no bound says that `Made` is a future;
/// - a handler that comes out of a function which takes a reference: `fn handler(&self) -> impl Fn() -> Answer`;
/// - inside of a body, a function that takes `self` or returns `Self`, in an implementation of a trait;
/// - a handler deeper in a value: `static HANDLERS: Vec<Alias>`, a future in a tuple;
/// - an alias as the type of a constant in an implementation of a trait;
/// - the constructor of a tuple struct with its own `impl Future`;
/// - closures, functions inside of a body, and what a macro call inside of a body expands to.
///
/// The routers of `auth_runtime::routing`, which take only what is guarded or public, refuse these too.
///
/// `#[cfg_attr(condition, public)]` and `#[cfg_attr(condition, helper)]` do not compile here when their condition holds:
/// whether it does is not known when the guard is put in. On a nested module or `impl` block, neither does
/// `#[cfg_attr(condition, with_api_auth_required)]`; on a function it puts a second guard in front of the first.
///
/// # Options
///
/// Every requirement must hold, so each further one lets fewer callers in. The last column is the answer to a caller
/// who does not meet the option. Without `optional` and `login`, a caller who is not signed in always gets the 401
/// `not_authenticated`, whatever else is demanded.
///
/// | option | meaning | if not met |
/// | --- | --- | --- |
/// | `scopes("a", "b")` | All of these scopes were granted. | 403 `insufficient_scope`, with `scope` in the challenge (RFC 6750 §3.1) |
/// | `permissions("a", "b")` | The user has all of these permissions. | 403 `insufficient_permissions` |
/// | `roles("a", "b")` | The user has all of these roles. | 403 `insufficient_roles` |
/// | `claim("name" = value)` | The user's claim has exactly this value, a string, a whole number (`i64`), `true` or `false`. Several pairs, `claim("a" = 1, "b" = "x")`, must all hold. | 403 `insufficient_claims` |
/// | `org` | The user signed in to an organization. | 403 `insufficient_organization` |
/// | `org("a", "b")` | The user signed in to one of these organizations. | 403 `insufficient_organization` |
/// | `any(..)` | At least one of these requirements is met. | what its first member answers, or the first one that a new sign-in would meet |
/// | `all(..)` | Every one of these is met. Of use inside `any` and `not`. | what the unmet member answers |
/// | `not(..)` | This one requirement is known not to be met. | 403 `access_denied` |
/// | `acr("a", "b")` | The user was authenticated in one of these classes (OpenID Connect Core 1.0 §2). | 401 `insufficient_user_authentication`, with `acr_values` in the challenge (RFC 9470 §3) |
/// | `amr("a", "b")` | The user was authenticated with all of these methods (RFC 8176). | 401 `insufficient_user_authentication` |
/// | `max_age = "5m"` | The user was authenticated no longer ago than this: digits and one of `s`, `m`, `h`, `d`. | 401 `insufficient_user_authentication`, with `max_age` in the challenge |
/// | `policy = path` | The policy allows the request: an `async fn` with [`#[policy]`](macro@policy), or a type that implements `Policy`. It runs when all else is met. Looked up where the attribute stands. | what it decides: 403 `access_denied`, 404 `not_found`; 503 `policy_unavailable` if it fails |
/// | `optional` | The handler runs without a session too, and `user` is an `Option<User>`. | always met |
/// | `login` | For pages: a browser's navigation without a session is redirected to the sign-in, and comes back afterwards. So is one with a session that does not meet `acr`, `amr`, `max_age` or a policy's step-up, once. | 303 to the sign-in for such a `GET`; the 401 for all else |
/// | `cache = "private, max-age=60"` | The `Cache-Control` of the handler's answers (RFC 9111 §5.2.2), instead of `private, no-store`. | |
/// | `state = Type` | The type of the router's state. If `Auth: FromRef<Type>` or a policy's `Policy<Type>` is missing, the compiler says so at the type, and not only that the function is no `Handler`. Looked up where the attribute stands. | not checked here |
/// | `crate = path` | Where generated code finds `auth-runtime`, for crates that reach it under another name. Absolute: `::name::...` or `crate::...`. | `::auth_runtime` |
///
/// ```
/// use auth_runtime::policy::{Decision, policy};
/// use auth_runtime::{User, with_api_auth_required};
/// use axum::Json;
/// use axum::extract::Path;
///
/// #[with_api_auth_required(scopes("write:orders"), any(roles("clerk"), all(org, claim("plan" = "pro"))))]
/// async fn order(Json(items): Json<Vec<u64>>) -> String {
///     format!("{} ordered {} items", user.sub(), items.len())
/// }
///
/// #[policy]
/// async fn owns_account(user: User, Path(id): Path<String>) -> Decision {
///     Decision::allow_if(user.sub() == id)
/// }
///
/// #[with_api_auth_required(acr("phr"), max_age = "5m", policy = owns_account)]
/// async fn close_account() -> String {
///     format!("the account of {} is closed", user.sub())
/// }
/// # let _: axum::Router<auth_runtime::Auth> =
/// #     axum::Router::new().route("/{id}", axum::routing::post(order).delete(close_account));
/// ```
///
/// Unknown, repeated, malformed or contradictory options are errors, never ignored. All mistakes are shown at once, and
/// the handler is expanded nevertheless, so that they are the only errors.
///
/// ## Words in lists
///
/// Each word is a string literal. A list is not empty, and names no word twice. A scope is one `scope-token` (RFC 6749
/// §3.3), so `scopes("read:a read:b")` is an error: write `scopes("read:a", "read:b")`. The values of `acr` and `amr`
/// keep to the same characters. Permissions, roles and organizations are any text without control characters that
/// neither starts nor ends with white space. Words are compared exactly, upper and lower case told apart.
///
/// ## Groups
///
/// `any`, `all` and `not` take requirements (`scopes`, `permissions`, `roles`, `claim`, `org`, `acr`, `amr`, `max_age`)
/// and groups, at most 16 deep. The other options stay outside: `policy`, `optional`, `cache`, `login`, `state`,
/// `crate`.
///
/// `not` takes one requirement, and negates all of it: `not(scopes("a", "b"))` admits a user who lacks one of the two
/// scopes, and `not(any(scopes("a"), scopes("b")))` a user who lacks both. What the session does not say meets neither
/// a requirement nor its negation: without a claim that lists the roles, `not(roles("guest"))` refuses. `acr`, `amr`
/// and `max_age` can't stand in it, because a user can't be asked for an older or weaker sign-in.
///
/// ## Once or several times
///
/// `claim`, `policy`, `any`, `all` and `not` may be written several times in one attribute; for each claim outside of
/// `any` there is one value. The others are written once. Policies run in the order in which they are written.
///
/// ## Optional sessions
///
/// With `optional`, the implicit `user` is an `Option<User>`, and an explicit one is written so. A cookie that is not
/// accepted counts as no session. A caller without a session can't be asked for anything, so `optional` stands neither
/// with a requirement or a policy nor with `login`.
///
/// ## Caching
///
/// An answer for one user must not be given to another, so `cache` contains `private` or `no-store`, and never
/// `public`, `s-maxage` or `proxy-revalidate`. An answer that sets a cookie stays `private, no-store`.
///
/// ## Step-up
///
/// `max_age` is checked against `auth_time`, the time of the authentication itself; a session that does not say it is
/// not fresh. Rights are judged before `acr`, `amr` and `max_age`: another sign-in would not help a user who lacks a right.
///
/// With `login`, a browser's navigation is redirected to a sign-in that asks the provider for these `acr_values` and
/// this `max_age`. When the browser comes back and the session still does not meet them, the answer is the 401 with the
/// challenge.
///
/// ## Several attributes
///
/// Two of these attributes on one handler both apply, as if all requirements and policies were written in one. Where
/// only one value can count (`cache`, `state`, `crate`), the lower one does; `login` and `optional` hold if one of them says so.
/// An attribute that was imported under another name, or that stands in `#[cfg_attr(..)]`, applies with a guard of its own.
///
/// ## In an `impl` block
///
/// Requirements need a type of their own beside the function, for which there is no place in an `impl` block. There,
/// the attribute on a single function takes only `state` and `crate`. Put it on the block, and the options of a function on
/// the function. If the compiler says that an `enum` is not supported in `impl`s, this is the reason.
///
/// # What it writes
///
/// ```text
/// // An illustration: each path is absolute in what is written.
/// // From
/// pub async fn report<T: Format>(Path(id): Path<u64>) -> Result<Json<Report>, Error>
/// where
///     T: Send,
/// {
///     /* body */
/// }
///
/// // comes
/// pub async fn report<T: Format>(
///     __auth: Guard<SignedIn>,
///     user: User,
///     Behind(Path(id)): Behind<Path<u64>>,
/// ) -> Guarded<Result<Json<Report>, Error>>
/// where
///     T: Send,
/// {
///     let _ = &user;
///     let __response = async move {
///         if false {
///             return never::<Result<Json<Report>, Error>>();
///         }
///         match () {
///             () => { /* body */ }
///         }
///     }
///     .await;
///     __auth.finish(__response).await
/// }
/// ```
///
/// - The guard is the first parameter, and axum extracts parameters in their order. It belongs to the function itself:
///   re-exports, function pointers and every router that takes the function are guarded. Another function can call the
///   handler only with a guard. Only a handler with this attribute has one, except for code that names hidden items.
/// - `Guarded` is a response when the declared type is one. It carries the session's cookie and the cache
///   headers, so no layer has to be added.
/// - `Behind` around each other parameter gives the same to the answer with which that parameter refuses the request
///   (400, 404, 413, 415, 422). Attributes below see the parameters as written, and `Behind` is put around them after
///   these. The types `Next` and `Response` stay as they are where they are the last parameter, since axum hands them
///   to middleware itself; write these names, and no alias, and give no such name to an extractor that stands last.
/// - A parameter `Permitted<T>` takes what a policy of the handler loaded; write this name, and no alias. The handler does not
///   compile if none of its policies loads a `T`, or if several do.
/// - `return` and `?` in the body leave the body, not the function around it.
///
/// Options make a type beside the handler, which its guard names instead of `SignedIn`:
///
/// ```text
/// // An illustration: each path is absolute in what is written.
/// // From
/// #[with_api_auth_required(scopes("read:reports"), policy = may_report)]
/// pub async fn report() { /* body */ }
///
/// // comes
/// #[doc(hidden)]
/// pub enum __ReportRequirements {}
///
/// impl Requirements for __ReportRequirements {
///     const PROTECTION: &'static Protection = &Protection {
///         requirements: &[Requirement::Scopes(&["read:reports"])],
///         policies: &["may_report"],
///         cache: None,
///         login: false,
///         optional: false,
///     };
///
///     type Policies = Self;
/// }
///
/// impl<S> Policies<S> for __ReportRequirements where (may_report, ()): Policies<S> { /* asks them in turn */ }
///
/// pub async fn report(__auth: Guard<__ReportRequirements>, user: User) -> Guarded<()> { /* as above */ }
/// ```
///
/// # With other attributes
///
/// Attributes are expanded from top to bottom. One above this attribute sees the handler as written; one below
/// sees it with the guard and `Guarded`.
///
/// | attribute | above | below |
/// | --- | --- | --- |
/// | `#[tracing::instrument]` | yes | yes, but not with `err`: it expects a `Result` and gets `Guarded` |
/// | `#[utoipa::path]` | yes, but the attribute does not see it: `auth_runtime::openapi::describe` adds security and refusals to the document | yes, with security and refusals (feature `utoipa`) |
/// | `#[cfg_attr(..)]` | yes | yes |
/// | `#[axum::debug_handler]` | no: it would check the handler with too few arguments (E0061) | yes, as `#[debug_handler(state = AppState)]` |
///
/// `instrument` records the parameters it sees with their `Debug` output. Write
/// `#[tracing::instrument(skip_all, fields(...))]` on handlers whose parameters hold tokens or personal data.
///
/// ```
/// use auth_runtime::{Auth, with_api_auth_required};
/// use axum::extract::Path;
///
/// #[tracing::instrument(skip_all, fields(id))]
/// #[with_api_auth_required(state = Auth)]
/// #[axum::debug_handler(state = Auth)]
/// async fn order(Path(id): Path<u64>) -> String {
///     format!("order {id} of {}", user.sub())
/// }
/// # let _: axum::Router<Auth> = axum::Router::new().route("/{id}", axum::routing::get(order));
/// ```
///
/// # Inner functions
///
/// The attribute guards the function it stands on. A function that does the work for several handlers is better
/// written with a parameter that only a guarded handler has, `Session`, so that no unguarded one can call it.
#[proc_macro_attribute]
pub fn with_api_auth_required(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::with_api_auth_required(arguments.into(), item.into()).into()
}

/// Makes an axum handler public, and says so to its readers and to routers that take only handlers that are protected
/// or public.
///
/// ```
/// use auth_runtime::public;
///
/// #[public]
/// async fn health() -> &'static str {
///     "ok"
/// }
/// # let _: axum::Router<auth_runtime::Auth> = axum::Router::new().route("/", axum::routing::get(health));
/// ```
///
/// A parameter that every request satisfies is put in front of the others. No session is read, unless a parameter asks
/// for it: a handler that greets users who are signed in takes `user: Option<User>`. Such a handler is treated as one
/// with `#[with_api_auth_required(optional)]`: a session that a page of another site may have sent gets 403
/// `cross_site_request`, the answer is `private, no-store` with `Vary: Cookie`, and the session is extended by its use.
/// So `Session` and `Option<Session>` work here too.
///
/// # Where it can stand
///
/// On an `async fn` with a body: a free function or an associated one without `self`, alone or in a module or `impl`
/// block with [`#[with_api_auth_required]`](macro@with_api_auth_required). It makes one handler public and not a whole
/// module, so that each public handler can be found. axum calls handlers with up to 16 parameters; this takes one of
/// them.
///
/// Together with `#[with_api_auth_required]` on the same function it is an error, in either order. In a
/// `#[cfg_attr(...)]` inside of a protected module it is an error too if the condition holds: the guard is there
/// already when that is known.
///
/// # Options
///
/// `#[public(crate = path)]` says where generated code finds `auth-runtime`, as in `#[with_api_auth_required]`. In a module
/// with that attribute, the module's counts where there is none here. There are no others: a public handler demands
/// nothing.
///
/// # What it writes
///
/// ```text
/// // An illustration: each path is absolute in what is written.
/// // From
/// #[public]
/// pub async fn health() -> StatusCode { /* body */ }
///
/// #[public]
/// pub async fn greet(Path(name): Path<String>) -> String { /* body */ }
///
/// // comes
/// pub async fn health(__public: Public) -> StatusCode { /* body */ }
///
/// pub async fn greet(__public: PublicGuard, Behind(Path(name)): Behind<Path<String>>) -> Guarded<String> {
///     let __response = async move { /* body */ }.await;
///     __public.finish(__response).await
/// }
/// ```
///
/// `Guarded` and `Behind` add nothing to an answer of a handler whose parameters do not ask for the session.
#[proc_macro_attribute]
pub fn public(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::public(arguments.into(), item.into()).into()
}

/// Leaves a function of a module or `impl` block with [`#[with_api_auth_required]`](macro@with_api_auth_required) as it
/// is. Handlers call such a function, and no router takes it.
///
/// ```
/// use auth_runtime::with_api_auth_required;
///
/// #[with_api_auth_required]
/// mod reports {
///     use axum::Json;
///
///     pub async fn list() -> Json<Vec<u64>> {
///         Json(load(&user.sub()).await)
///     }
///
///     #[helper]
///     async fn load(sub: &str) -> Vec<u64> {
///         // From a database.
///         vec![sub.len() as u64]
///     }
/// }
/// # let _: axum::Router<auth_runtime::Auth> = axum::Router::new().route("/", axum::routing::get(reports::list));
/// ```
///
/// # Where it can stand
///
/// Inside such a module or `impl` block, on
///
/// - a function of any kind, also one of a trait;
/// - a macro call, `#[helper] thread_local! { ... }`;
/// - a constant or a static;
/// - a module, which leaves everything in it alone: `#[helper] mod tests { ... }`. With `#[helper] mod name;` that is all in
///   the module's file: handlers there need attributes of their own.
///
/// Anywhere else it is an error, because a reader would take it for more than it is. It takes no arguments.
///
/// A function with `#[helper]` is not guarded. Give it a parameter that only a guarded handler has, such as a
/// `Session`, so that no unguarded handler can call it.
#[proc_macro_attribute]
pub fn helper(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::helper(&item.into()).into()
}

/// Makes an `async fn` a policy, which `#[with_api_auth_required(policy = name)]` asks before the handler runs.
///
/// ```
/// use auth_runtime::policy::{Decision, Permitted, policy};
/// use auth_runtime::{Auth, User, with_api_auth_required};
/// use axum::extract::{FromRef, Path, State};
///
/// # #[derive(Clone, FromRef)]
/// # struct AppState { auth: Auth, orders: Orders }
/// # #[derive(Clone)]
/// # struct Orders;
/// # struct Order { owner: String, total: u64 }
/// # impl Orders {
/// #     async fn find(&self, id: u64) -> Result<Option<Order>, std::io::Error> {
/// #         Ok((id == 7).then(|| Order { owner: "ada".to_owned(), total: 42 }))
/// #     }
/// # }
/// #[policy]
/// async fn owns_order(
///     user: User,
///     Path(id): Path<u64>,
///     State(orders): State<Orders>,
/// ) -> Result<Decision<Order>, std::io::Error> {
///     Ok(match orders.find(id).await? {
///         Some(order) if order.owner == user.sub() => Decision::Allow(order),
///         // A stranger does not learn whether the order exists.
///         _ => Decision::NotFound,
///     })
/// }
///
/// #[with_api_auth_required(policy = owns_order, state = AppState)]
/// async fn show(Permitted(order): Permitted<Order>) -> String {
///     order.total.to_string()
/// }
/// # let _: axum::Router<AppState> = axum::Router::new().route("/orders/{id}", axum::routing::get(show));
/// ```
///
/// The parameters are extractors as those of a handler. They read the head of the request and never the body. A
/// parameter that refuses the request (400 for `/orders/abc`) answers it as it would as a parameter of the handler. The
/// guard has validated the session before, so `user: User` is the user of this request.
///
/// The function returns a `Decision`, a `Decision<T>` with the value that the handler takes as `Permitted<T>`, or a `Result`
/// of one of these with any error. An error is 503 `policy_unavailable`, with a line in the log that names the policy.
///
/// The function may be generic: `policy = owns::<Order>` asks `async fn owns<T: Owned>(..)`.
///
/// # Where it can stand
///
/// On a free `async fn`. In a module with [`#[with_api_auth_required]`](macro@with_api_auth_required) it needs
/// [`#[helper]`](macro@helper) beside it. The function stays as it is, so tests and other policies can call it.
///
/// # Options
///
/// `#[policy(crate = path)]` says where generated code finds `auth-runtime`, as in `#[with_api_auth_required]`.
///
/// # What it writes
///
/// A type of the same name beside the function, which implements `Policy` for each state that the parameters can be
/// extracted with. Types and functions have names of their own, so a `use` of the function imports both. If rustc says
/// `expected type, found function` at `policy = name`, the function has no `#[policy]`.
#[proc_macro_attribute]
pub fn policy(arguments: TokenStream, item: TokenStream) -> TokenStream {
    attribute::policy(arguments.into(), item.into()).into()
}

/// Wraps the parameters of a handler after other attributes have looked at them. Expansions of the attributes above put
/// it below other attributes; it is not for use by hand.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __behind(wrapper: TokenStream, item: TokenStream) -> TokenStream {
    attribute::behind(&wrapper.into(), item.into()).into()
}
