//! Handlers that a macro writes.

use auth_runtime::{Auth, User, with_api_auth_required};
use axum::Router;
use axum::routing::get;

macro_rules! handler {
    ($vis:vis $name:ident($user:ident) -> $output:ty $body:block) => {
        #[with_api_auth_required]
        $vis async fn $name($user: User) -> $output $body
    };
    ($name:ident, $state:ty) => {
        #[with_api_auth_required(state = $state)]
        async fn $name() -> String {
            user.sub().to_string()
        }
    };
}

handler!(pub explicit(user) -> String { user.sub().to_string() });
handler!(implicit, Auth);

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/explicit", get(explicit)).route("/implicit", get(implicit));
}
