//! Functions of `impl` blocks inside of bodies and constants, which return a future and are not `async`.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

type Answer = std::pin::Pin<Box<dyn Future<Output = String> + Send>>;

#[with_api_auth_required]
mod api {
    pub struct Api;

    pub struct Mine;

    const _: () = {
        impl Api {
            pub fn list() -> super::Answer {
                Box::pin(async { String::new() })
            }
        }
    };

    pub async fn show() -> String {
        impl Mine {
            pub fn list(self) -> super::Answer {
                Box::pin(async { String::new() })
            }
        }
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(api::Api::list)).route("/show", get(api::show));
}
