//! Nothing in scope at the handler can take the place of what generated code names.

mod shadowed {
    use ::auth_runtime::with_api_auth_required;

    pub mod auth_runtime {}
    pub mod core {}
    pub struct Auth;
    pub struct Guard;
    pub struct Guarded;
    pub struct SignedIn;
    pub struct User;
    pub trait FromRef {}

    impl FromRef for Auth {}

    pub fn never() {}

    #[with_api_auth_required(state = ::auth_runtime::Auth)]
    pub async fn handler(__auth: ::axum::http::Method, __response: ::axum::http::Uri) -> String {
        let _: &dyn FromRef = &Auth;
        let _ = (Guard, Guarded, SignedIn, User, never());
        format!("{__auth} {__response} {}", user.sub())
    }
}

#[test]
fn compiles() {
    let _: axum::Router<auth_runtime::Auth> =
        axum::Router::new().route("/", axum::routing::get(shadowed::handler));
}
