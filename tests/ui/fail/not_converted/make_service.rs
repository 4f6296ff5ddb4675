//! The methods of services are those of axum's router.

use auth_runtime::routing::Router;

fn serve(router: Router) {
    let _ = router.into_make_service();
}

fn main() {
    let _ = serve;
}
