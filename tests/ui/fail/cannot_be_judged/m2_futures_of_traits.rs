//! Functions of traits that return a future without being `async`.

use auth_runtime::{Auth, with_api_auth_required};
use axum::Router;
use axum::routing::get;

type Answer = std::pin::Pin<Box<dyn Future<Output = String> + Send>>;

#[with_api_auth_required]
mod posts {
    use super::Answer;

    pub trait Show {
        type Shown;

        fn required(self) -> Answer;

        fn opaque() -> impl Future<Output = String> + Send;

        fn provided() -> Answer
        where
            Self: Sized,
        {
            todo!()
        }

        #[helper]
        fn named() -> Self::Shown;
    }

    pub struct Api<T>(T);

    impl<T> Show for Api<T> {
        type Shown = Answer;

        fn required(self) -> Answer {
            // A name in the body does not take the place of the one in the signature.
            #[allow(dead_code)]
            type Answer = String;
            todo!()
        }

        fn opaque() -> impl Future<Output = String> + Send {
            std::future::ready(String::new())
        }

        fn named() -> Self::Shown {
            todo!()
        }
    }

    pub async fn list() -> String {
        user.sub().to_string()
    }
}

fn main() {
    let _: Router<Auth> = Router::new().route("/", get(posts::list));
}
