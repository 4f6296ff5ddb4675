//! The checks beside functions and constants trip no lint, however strict the crate is.

#![forbid(unsafe_code, dead_code, unused, missing_docs, nonstandard_style)]
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    elided_lifetimes_in_paths,
    let_underscore_drop,
    missing_debug_implementations,
    single_use_lifetimes,
    tail_expr_drop_order,
    trivial_casts,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

/// Documented.
#[with_api_auth_required]
pub mod api {
    use std::borrow::Cow;
    use std::fmt::Display;

    /// Documented.
    pub const LIMIT: usize = 10;

    /// Documented.
    pub static NAME: &str = "a";

    /// Documented.
    #[must_use]
    pub const fn twice(number: u8) -> u8 {
        number.wrapping_mul(2)
    }

    /// Documented.
    #[must_use]
    pub fn longer<'a>(one: Cow<'a, str>, two: Cow<'a, str>) -> Cow<'a, str> {
        if one.len() > two.len() { one } else { two }
    }

    /// Documented.
    #[must_use]
    #[expect(clippy::elidable_lifetime_names, reason = "the check has the lifetime once")]
    pub const fn same<'a>(text: Cow<'a, str>) -> Cow<'a, str> {
        text
    }

    /// Documented.
    #[deprecated]
    #[must_use]
    pub const fn old() -> u8 {
        1
    }

    trait Short: Sized {
        fn short(self) -> bool;
    }

    impl Short for &str {
        fn short(self) -> bool {
            self.len() < LIMIT
        }
    }

    /// Documented.
    pub fn texts<T: Display, const N: usize>(values: [T; N]) -> [String; N] {
        values.map(|value| value.to_string())
    }

    /// Documented.
    pub fn mapped(by: impl Fn(u8) -> u8 + Clone) -> impl Iterator<Item = u8> {
        [1, 2].into_iter().map(by)
    }

    /// Documented.
    #[derive(Clone, Debug, Default)]
    pub struct Posts<'a>(Cow<'a, str>);

    impl<'a> Posts<'a> {
        /// Documented.
        #[must_use]
        pub const fn new(text: Cow<'a, str>) -> Self {
            Self(text)
        }

        /// Documented.
        #[must_use]
        pub fn into_text(self) -> Cow<'a, str> {
            self.0
        }
    }

    impl<'a> From<Posts<'a>> for Cow<'a, str> {
        fn from(posts: Posts<'a>) -> Self {
            posts.0
        }
    }

    /// Documented.
    pub trait Titled: Sized {
        /// Documented.
        const TITLE: &'static str;

        /// Documented.
        #[must_use]
        fn titled(self) -> String;
    }

    impl Titled for Posts<'_> {
        const TITLE: &'static str = "posts";

        fn titled(self) -> String {
            format!("{} {}", Self::TITLE, self.0)
        }
    }

    /// Documented.
    pub async fn show() -> String {
        let posts = Posts::new(if NAME.short() {
            NAME.into()
        } else {
            longer(same(NAME.into()), texts([LIMIT]).concat().into())
        });
        let first = mapped(twice).next().unwrap_or_default();
        let shown: Cow<'_, str> = posts.clone().into();
        format!("{first} {shown} {} {}", posts.clone().titled(), posts.into_text())
    }
}

#[test]
fn compiles() {
    drop::<Router<Auth>>(Router::new().route("/", get(api::show)));
}
