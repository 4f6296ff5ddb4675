//! What a protected request allocates more than an unprotected one. A program of its own: counting costs time.

use auth_benches::app::{self, NOTHING, PLAIN, USER};
use auth_benches::figure::Figure;
use auth_benches::session::Sample;
use axum::Router;
use axum::body::Body;
use http::header::COOKIE;
use http::{Request, StatusCode};
use tower::ServiceExt as _;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (router, sample) = (app::router(), Sample::of(1_200));
    let of = |path: &str| {
        runtime.block_on(call(&router, path, &sample)); // What is made once is made now.
        let counted = allocation_counter::measure(|| runtime.block_on(call(&router, path, &sample)));
        (counted.count_total, counted.bytes_total)
    };
    let (plain, plain_bytes) = of(PLAIN);
    for (name, path) in [("nothing", NOTHING), ("user", USER)] {
        let (count, bytes) = of(path);
        Figure::count(format!("allocations[{name}]"), "allocations", count.saturating_sub(plain)).print();
        Figure::count(format!("allocated[{name}]"), "bytes", bytes.saturating_sub(plain_bytes)).print();
    }
}

async fn call(router: &Router, path: &str, sample: &Sample) {
    let request = Request::get(path).header(COOKIE, &sample.header).body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK, "{path}");
}
