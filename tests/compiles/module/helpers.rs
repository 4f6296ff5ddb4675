//! What is no handler in a protected module, and what is marked as none.

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

#[with_api_auth_required]
mod reports {
    use std::collections::BTreeMap;
    use std::future::ready;

    pub struct Store(BTreeMap<u64, String>);

    impl Store {
        #[helper]
        pub async fn load(&self, id: u64) -> Option<&String> {
            ready(self.0.get(&id)).await
        }

        fn new() -> Self {
            Self([(1, "one".to_owned())].into())
        }
    }

    pub trait Titled {
        fn title(&self) -> String;
    }

    impl Titled for Store {
        fn title(&self) -> String {
            "reports".to_owned()
        }
    }

    #[helper]
    async fn first(store: &Store) -> String {
        store.load(1).await.cloned().unwrap_or_default()
    }

    #[helper]
    fn later() -> impl Future<Output = u8> + Send {
        ready(1)
    }

    #[helper]
    std::thread_local! {
        pub static COUNT: u8 = const { 0 };
    }

    macro_rules! twice {
        ($number:expr) => {
            $number * 2
        };
    }

    pub async fn show() -> String {
        let store = Store::new();
        format!("{} {} {} {}", user.sub(), first(&store).await, store.title(), twice!(later().await))
    }

    pub async fn shout() -> String {
        struct Loud(&'static str);

        impl Loud {
            fn text(&self) -> String {
                self.0.to_uppercase()
            }
        }

        impl From<&'static str> for Loud {
            fn from(text: &'static str) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Display for Loud {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.text())
            }
        }

        format!("{} {}", user.sub(), Loud::from("!"))
    }

    #[helper]
    pub mod plain {
        pub async fn untouched(number: u8) -> u8 {
            number
        }
    }
}

#[test]
fn compiles() {
    reports::COUNT.with(|count| assert_eq!(*count, 0));
    let _ = reports::plain::untouched(1);
    let _: Router<Auth> = Router::new().route("/", get(reports::show)).route("/shout", get(reports::shout));
}
