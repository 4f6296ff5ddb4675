//! Names that are easily turned into one another each have requirements of their own.

#![allow(non_snake_case)]

use auth_runtime::{Auth, with_api_auth_required};
use axum::{Router, routing::get};

macro_rules! handlers {
    ($($name:ident: $scope:literal),*) => {
        $(
            #[with_api_auth_required(scopes($scope))]
            async fn $name() {}
        )*

        #[test]
        fn compiles() {
            let router: Router<Auth> = Router::new();
            $(let router = router.route(concat!("/", stringify!($name)), get($name));)*
            let _ = router;
        }
    };
}

handlers! {
    ab: "1", a_b: "2", aB: "3", AB: "4", a__b: "5", _ab: "6", ab_: "7", r#type: "8", größe: "9", a1: "10", a_1: "11"
}
