//! Handlers in a crate of edition 2021 whose manifest calls the runtime `session_auth`.

use axum::extract::Path;
use axum::routing::get;
use axum::Router;
use session_auth::{public, with_api_auth_required, Auth, User};

/// A lone function.
#[with_api_auth_required(crate = ::session_auth, scopes("read:posts"), state = Auth)]
pub async fn post(Path(id): Path<u64>, user: User) -> String {
    format!("{id} for {}", user.sub())
}

/// A public one.
#[public(crate = ::session_auth)]
pub async fn about() -> &'static str {
    "about"
}

/// A module of them.
#[with_api_auth_required(crate = ::session_auth)]
pub mod pages {
    /// No handler, like everything that is not `async` and no future.
    pub const TITLE: &str = "pages";

    /// No handler either.
    #[derive(Debug)]
    pub struct Title(pub String);

    impl TryFrom<u8> for Title {
        type Error = u8;

        fn try_from(number: u8) -> Result<Self, Self::Error> {
            title(number, |title| title.0.is_empty()).next().ok_or(number)
        }
    }

    fn title(number: u8, skip: impl Fn(&Title) -> bool) -> impl Iterator<Item = Title> {
        std::iter::once(Title(format!("{TITLE} {number}"))).filter(move |title| !skip(title))
    }

    /// Protected as its module is.
    pub async fn index() -> String {
        user.sub().into_owned()
    }

    /// Public in a protected module.
    #[public]
    pub async fn imprint() -> &'static str {
        "imprint"
    }
}

/// Handlers as associated functions.
#[derive(Debug)]
pub struct Drafts;

#[with_api_auth_required(crate = ::session_auth, optional)]
impl Drafts {
    /// For everybody, and with the user's name for those who have one.
    pub async fn list() -> String {
        user.map(|user| user.sub().into_owned()).unwrap_or_default()
    }
}

/// All of them, in a router.
pub fn router() -> Router<Auth> {
    Router::new()
        .route("/posts/{id}", get(post))
        .route("/about", get(about))
        .route("/", get(pages::index))
        .route("/imprint", get(pages::imprint))
        .route("/drafts", get(Drafts::list))
}
