//! The handlers of this crate are guarded under whatever name the runtime has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use auth_tests_renamed::router;
use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::Request;
use serde_json::json;
use session_auth::{testing, Auth};
use tower::ServiceExt as _;

async fn status(path: &str, is_signed_in: bool) -> u16 {
    let auth = Auth::builder().secret(testing::secret()).build().unwrap();
    let mut request = Request::get(path);
    if is_signed_in {
        let session = json!({ "user": { "sub": "ada" }, "tokenSet": { "scope": "read:posts" } });
        request = request.header(COOKIE, testing::cookie_header(&auth, &session).unwrap());
    }
    let request = request.body(Body::empty()).unwrap();
    router().with_state(auth).oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_stranger_reaches_what_is_public_and_nothing_else() {
    for (path, expected) in [
        ("/posts/7", 401),
        ("/posts/x", 401),
        ("/", 401),
        ("/about", 200),
        ("/imprint", 200),
        ("/drafts", 200),
    ] {
        assert_eq!(status(path, false).await, expected, "{path}");
    }
}

#[tokio::test]
async fn somebody_who_is_signed_in_reaches_everything() {
    for (path, expected) in
        [("/posts/7", 200), ("/posts/x", 400), ("/", 200), ("/about", 200), ("/drafts", 200)]
    {
        assert_eq!(status(path, true).await, expected, "{path}");
    }
}
