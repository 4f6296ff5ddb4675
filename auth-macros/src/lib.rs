//! The attribute macro of `auth-runtime`. Name it through that crate: `auth_runtime::with_api_auth_required`.

mod diagnostics;
mod expand;
mod item;
mod options;
mod paths;
mod requirements;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Lets an axum handler run only for a signed-in user.
///
/// The session is validated before anything else of the request is looked at. A caller without one gets a
/// 401 and the handler does not run: not its body, and not the extractors of its other parameters. So a
/// signed-out caller can't learn from a 400 or a 422 what the handler would accept, and can't make the
/// service read a request's body.
///
/// ```ignore (needs auth-runtime, which depends on this crate)
/// use auth_runtime::{User, with_api_auth_required};
///
/// #[with_api_auth_required]
/// async fn me(user: User) -> Json<User> {
///     Json(user)
/// }
/// ```
///
/// # The user
///
/// When no parameter binds the name `user`, the handler gets one, and its body can use it:
///
/// ```ignore (needs auth-runtime, which depends on this crate)
/// #[with_api_auth_required]
/// async fn greet(Path(greeting): Path<String>) -> String {
///     format!("{greeting}, {}", user.name().unwrap_or("you"))
/// }
/// ```
///
/// A parameter that binds `user`, alone or inside a pattern such as `Claims(user): Claims<Employee>`, is left
/// alone and nothing is added. `_user` is another name: a handler with that parameter still gets `user`.
/// A `user` that the body does not use costs no warning.
///
/// # Where it can stand
///
/// On an `async fn` with a body: free functions, and associated functions without `self`. Visibility, generics,
/// `where` clauses, lifetimes, docs, other attributes and `#[cfg]` on parameters stay as they are, and the
/// return type may contain `impl Trait`. Everything else (structs, traits, modules, `impl` blocks, functions
/// that are not `async`, or that are `unsafe`, `extern` or `const`) is an error that says what to write.
///
/// axum calls handlers with up to 16 parameters. The guard takes one of them, and the implicit `user` another.
/// Extractors that are taken as one tuple, `(Path(id), Query(page)): (Path<u64>, Query<Page>)`, count once.
/// `clippy::too_many_arguments` counts the added parameters too.
///
/// # Options
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `state = Type` | The type of the router's state. If `Auth: FromRef<Type>` is missing, the compiler says so at this type, and not only that the function is no `Handler`. | not checked here |
/// | `crate = path` | Where generated code finds `auth-runtime`, for crates that reach it under another name. Absolute: `::name::...` or `crate::...`. | `::auth_runtime` |
///
/// ```ignore (needs auth-runtime, which depends on this crate)
/// #[with_api_auth_required(state = AppState, crate = ::web::auth_runtime)]
/// async fn dashboard(State(state): State<AppState>) -> Html<String> {
///     state.render(&user).await
/// }
/// ```
///
/// An unknown, repeated or malformed option is an error, never ignored. All mistakes are shown at once, and the
/// handler is expanded nevertheless, so that they are the only errors.
///
/// # What it writes
///
/// ```ignore (an illustration; every path is absolute)
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
///     Path(id): Path<u64>,
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
/// - The guard is the first parameter, and axum extracts parameters in their order. It belongs to the function
///   itself: re-exports, function pointers and every router that takes the function are guarded. Another
///   function can call it only with a guard, which it gets only by being a handler with this attribute.
/// - `Guarded` is a response when the declared type is one. It carries the session's cookie and the cache
///   headers, so no layer has to be added. The rejection of a later extractor (400, 413, 415, 422) is not
///   wrapped in it.
/// - `return` and `?` in the body leave the body, not the function around it.
///
/// Two of these attributes on one handler both apply.
///
/// # With other attributes
///
/// Attributes are expanded from top to bottom. One above this attribute sees the handler as written; one below
/// sees it with the guard and `Guarded`.
///
/// | attribute | above | below |
/// | --- | --- | --- |
/// | `#[tracing::instrument]` | yes | yes, but not with `err`: it expects a `Result` and gets `Guarded` |
/// | `#[utoipa::path]` | yes | yes |
/// | `#[cfg_attr(..)]` | yes | yes |
/// | `#[axum::debug_handler]` | no: it would check the handler with too few arguments | yes, as `#[debug_handler(state = AppState)]` |
///
/// `instrument` records the parameters it sees with their `Debug` output. Write
/// `#[tracing::instrument(skip_all, fields(...))]` on handlers whose parameters hold tokens or personal data.
///
/// ```ignore (needs auth-runtime, which depends on this crate)
/// #[tracing::instrument(skip_all, fields(id))]
/// #[with_api_auth_required(state = AppState)]
/// #[axum::debug_handler(state = AppState)]
/// async fn order(Path(id): Path<u64>) -> Result<Json<Order>, OrderError> {
///     Order::find(id, user.sub()).await.map(Json)
/// }
/// ```
///
/// # Inner functions
///
/// The attribute guards the function it stands on. A function that does the work for several handlers is better
/// written with a parameter that only a guarded handler has, `Session`, so that no unguarded one can call it.
#[proc_macro_attribute]
pub fn with_api_auth_required(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::with_api_auth_required(arguments.into(), item.into()).into()
}
