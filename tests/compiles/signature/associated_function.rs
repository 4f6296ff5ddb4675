//! An associated function without `self` is a handler too; `Self` keeps its meaning.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

struct Api<T>(T);

trait Stateful {
    type State;
}

impl<T> Stateful for Api<T> {
    type State = Auth;
}

impl<T: Send + 'static> Api<T> {
    #[with_api_auth_required(state = <Self as Stateful>::State)]
    pub async fn name() -> String {
        std::any::type_name::<Self>().to_owned()
    }
}

#[test]
fn compiles() {
    let _ = Api(0);
    let _: Router<Auth> = Router::new().route("/name", get(Api::<u8>::name));
}
