//! Requirements as the attribute would write them, for tests that are about what the guard does with them.

use auth_runtime::__private::{Guard, Guarded, Requirements};
use auth_runtime::Auth;
use auth_runtime::policy::Policies;
use auth_runtime::testing::cookie_header;
use auth_tests::url64;
use axum::Router;
use axum::routing::{MethodRouter, any};
use serde_json::{Value, json};

/// A type that carries requirements: `marker!(Name, protection)`, with policies `marker!(Name, protection, (P, ()))`.
macro_rules! marker {
    ($name:ident, $protection:expr) => {
        marker!($name, $protection, ());
    };
    ($name:ident, $protection:expr, $policies:ty) => {
        struct $name;

        impl auth_runtime::__private::Requirements for $name {
            const PROTECTION: &'static auth_runtime::policy::Protection = &$protection;

            type Policies = $policies;
        }
    };
}

/// The body of every handler that was reached.
pub(crate) const REACHED: &str = "reached";

async fn reached<R: Requirements>(guard: Guard<R>) -> Guarded<&'static str> {
    guard.finish(REACHED).await
}

/// A handler with the requirements of `R`.
pub(crate) fn handler<R>() -> MethodRouter<Auth>
where
    R: Requirements,
    R::Policies: Policies<Auth>,
{
    any(reached::<R>)
}

/// A router with that handler alone, at `/`.
pub(crate) fn app<R>(auth: &Auth) -> Router
where
    R: Requirements,
    R::Policies: Policies<Auth>,
{
    Router::new().route("/", handler::<R>()).with_state(auth.clone())
}

/// The cookie of a session with these members of the user and of the token set.
pub(crate) fn cookie(auth: &Auth, user: Value, token_set: Value) -> String {
    let Value::Object(mut user) = user else { panic!("an object") };
    user.insert("sub".to_owned(), json!("auth0|ada"));
    let session =
        serde_json::Map::from_iter([("user".to_owned(), user.into()), ("tokenSet".to_owned(), token_set)]);
    cookie_header(auth, &session).unwrap()
}

/// A JWT with these claims. Nobody looks at its signature.
pub(crate) fn jwt(claims: &Value) -> String {
    format!("{}.{}.c2lnbmF0dXJl", url64(b"{}"), url64(claims.to_string().as_bytes()))
}
