//! A generic `impl` block: `Self`, its parameters and its `where` clause keep their meaning.

use auth_runtime::{Auth, with_api_auth_required};
use axum::extract::FromRef;
use axum::extract::State;
use axum::{Router, routing::get};

struct Api<T, const N: usize>(T);

#[with_api_auth_required(any(scopes("api"), roles("admin")))]
impl<T, const N: usize> Api<T, N>
where
    T: Clone + Default + ToString + Send + Sync + 'static,
{
    async fn show<S>(State(_): State<S>) -> Vec<u8>
    where
        S: Send + Sync + 'static,
        Auth: FromRef<S>,
    {
        let own = Self(T::default());
        own.0.to_string().repeat(N).into_bytes()
    }
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/", get(Api::<u8, 3>::show::<Auth>));
}
