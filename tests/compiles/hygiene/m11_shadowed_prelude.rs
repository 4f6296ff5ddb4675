//! The prelude's own names can be taken, also inside of a protected module.

#![allow(dead_code)]

use ::auth_runtime::with_api_auth_required;

#[with_api_auth_required(scopes("a"), claim("x" = "y"), max_age = "5m")]
mod shadowed {
    pub struct Session;
    pub struct Result;
    pub struct Ok;
    pub struct Err;
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Box;
    pub struct String;
    pub struct Requirement;
    pub struct Protection;
    pub trait Send {}
    pub trait Sync {}
    pub trait Future {}
    pub mod auth_runtime {}
    pub mod std {}
    pub mod core {}
    pub mod __private {}

    #[allow(non_camel_case_types)]
    pub struct str;

    pub async fn show() -> ::std::string::String {
        user.sub().into_owned()
    }

    #[with_api_auth_required(org)]
    pub async fn session(_session: ::auth_runtime::Session) {}
}

#[test]
fn compiles() {
    let _: axum::Router<auth_runtime::Auth> =
        axum::Router::new().route("/", axum::routing::get(shadowed::show).post(shadowed::session));
}
