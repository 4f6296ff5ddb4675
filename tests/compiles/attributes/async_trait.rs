//! Neighbours that rewrite functions themselves.

use auth_runtime::{Auth, Session, with_api_auth_required};
use axum::{Router, routing::get};

#[async_trait::async_trait]
trait Reports {
    async fn load(&self, session: &Session) -> String;
}

struct Store;

#[async_trait::async_trait]
impl Reports for Store {
    async fn load(&self, session: &Session) -> String {
        session.user().sub().into_owned()
    }
}

#[with_api_auth_required(scopes("a"))]
async fn report(session: Session) -> String {
    let reports: Box<dyn Reports + Send + Sync> = Box::new(Store);
    reports.load(&session).await
}

#[with_api_auth_required]
mod inside {
    #[async_trait::async_trait]
    #[allow(dead_code)]
    pub trait Other {
        #[helper]
        async fn never_a_handler(&self);
    }

    pub async fn show() {}
}

#[test]
fn compiles() {
    let _: Router<Auth> = Router::new().route("/", get(report)).route("/inside", get(inside::show));
}
