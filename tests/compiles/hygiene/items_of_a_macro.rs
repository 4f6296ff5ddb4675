//! Modules and `impl` blocks that a macro writes, with items that it was given.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::Router;
use axum::routing::get;

macro_rules! module {
    ($(#[$meta:meta])* $vis:vis mod $name:ident { $($item:item)* }) => {
        #[with_api_auth_required]
        $(#[$meta])*
        $vis mod $name {
            $($item)*
        }
    };
}

macro_rules! whole {
    ($item:item) => {
        #[with_api_auth_required]
        #[cfg(all())]
        $item
    };
}

macro_rules! methods {
    ($ty:ty { $($vis:vis $name:ident($user:ident) -> $output:ty $body:block)* }) => {
        #[with_api_auth_required]
        impl $ty {
            $($vis async fn $name($user: User) -> $output $body)*
        }
    };
}

module! {
    /// Documented.
    pub mod posts {
        use auth_runtime::User;
        pub async fn list() -> String { user.sub().into_owned() }
        #[cfg(all())]
        pub async fn show(user: User) -> String { user.sub().into_owned() }
        pub struct Unit;
        #[public]
        pub async fn about() {}
    }
}

whole! {
    mod pages {
        pub async fn list() -> String { user.sub().into_owned() }
    }
}

struct Api;

methods!(Api {
    pub list(user) -> String { user.sub().into_owned() }
    show(user) -> String { user.name().map_or_else(String::new, Into::into) }
});

type Behind<T> = auth_runtime::__private::Behind<T>;

/// Does not compile for a handler without the guard.
fn guarded<G, R, F>(_: fn(auth_runtime::__private::Guard<G>) -> F) -> impl Sized
where
    F: Future<Output = auth_runtime::Guarded<R>>,
{
}

/// The same for one that names its user.
fn guarded_with_user<G, R, F>(_: fn(auth_runtime::__private::Guard<G>, Behind<User>) -> F) -> impl Sized
where
    F: Future<Output = auth_runtime::Guarded<R>>,
{
}

#[test]
fn compiles() {
    let _ = (guarded(posts::list), guarded(pages::list));
    let _ = (guarded_with_user(posts::show), guarded_with_user(Api::list));
    let _ = posts::Unit;
    let _: Router<Auth> = Router::new()
        .route("/posts", get(posts::list).put(posts::show).post(posts::about))
        .route("/pages", get(pages::list))
        .route("/api", get(Api::list).put(Api::show));
}
