//! Constants and statics that could hold a handler.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

mod elsewhere {
    use std::pin::Pin;

    pub type Answer = Pin<Box<dyn Future<Output = String> + Send>>;
    pub type Show = fn() -> Answer;
    pub type Find = for<'a> fn(&'a str, u64) -> Pin<Box<dyn Future<Output = String> + 'a>>;

    pub struct Delayed;

    impl Future for Delayed {
        type Output = String;

        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<String> {
            todo!()
        }
    }

    pub fn show() -> Answer {
        todo!()
    }

    pub fn find(_: &str, _: u64) -> Pin<Box<dyn Future<Output = String> + '_>> {
        todo!()
    }
}

pub use elsewhere::Show as Exported;

#[with_api_auth_required]
mod posts {
    use std::sync::LazyLock;

    use super::elsewhere::{self, Answer, Delayed, Find, Show};

    pub const WRITTEN: fn() -> Answer = elsewhere::show;
    pub static BEHIND_A_REFERENCE: &(dyn Fn() -> Answer + Sync) = &elsewhere::show;
    pub static LAZY: LazyLock<fn() -> Answer> = LazyLock::new(|| elsewhere::show);
    pub const ALIAS: Show = elsewhere::show;
    pub const RENAMED: crate::Exported = elsewhere::show;
    pub static PARAMETERS: Find = elsewhere::find;
    pub static REFERENCE: &Show = &ALIAS;

    pub struct Api;

    impl Api {
        pub const LATER: Delayed = Delayed;
        pub const ALIAS: Show = elsewhere::show;
    }

    pub trait Handlers {
        const SHOW: Show;
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
