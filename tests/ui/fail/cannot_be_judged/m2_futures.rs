//! Functions that return a future without being `async`, by every kind of name.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

#[with_api_auth_required]
mod posts {
    use std::future::{Future as Eventual, Pending, PollFn, Ready};
    use std::pin::Pin;

    use tracing::instrument::Instrumented;

    type Answer<'a> = Pin<Box<dyn Future<Output = String> + Send + 'a>>;
    type Renamed<'a> = Answer<'a>;

    pub trait Later: Send + Future<Output = String> {}

    pub trait Sooner: Later {}

    pub trait Implied
    where
        Self: Future,
    {
    }

    pub fn pinned() -> Pin<Box<dyn Future<Output = String>>> {
        todo!()
    }

    pub fn ready() -> std::future::Ready<String> {
        todo!()
    }

    fn pending() -> r#Pending<String> {
        todo!()
    }

    pub fn polled() -> PollFn<fn(&mut std::task::Context<'_>) -> std::task::Poll<String>> {
        todo!()
    }

    pub fn instrumented() -> Instrumented<Ready<String>> {
        todo!()
    }

    pub fn parameter<F: Future>(f: F) -> F {
        f
    }

    pub fn boxed_parameter<F: Send + Unpin + Future<Output = String>>(f: F) -> Box<F> {
        Box::new(f)
    }

    pub fn pinned_parameter<F>(f: F) -> Pin<Box<F>>
    where
        F: Future,
    {
        Box::pin(f)
    }

    pub fn of_a_trait() -> impl Later {
        never()
    }

    pub fn of_a_trait_above() -> impl Sooner + use<> {
        never()
    }

    pub fn of_a_where_clause() -> impl Implied {
        never()
    }

    pub fn of_a_renamed_trait() -> impl Eventual<Output = String> {
        never()
    }

    pub fn alias() -> Answer<'static> {
        todo!()
    }

    pub fn alias_of_an_alias() -> Renamed<'static> {
        todo!()
    }

    pub(crate) mod inner {
        pub fn alias_from_outside() -> super::Renamed<'static> {
            todo!()
        }
    }

    #[allow(dead_code)]
    enum Never {}

    impl Future for Never {
        type Output = String;

        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<String> {
            todo!()
        }
    }

    impl Later for Never {}

    impl Sooner for Never {}

    impl Implied for Never {}

    #[helper]
    fn never() -> Never {
        todo!()
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
