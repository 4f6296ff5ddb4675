//! The audit names every route of an axum router that lets a stranger in.

use std::panic::{AssertUnwindSafe, catch_unwind};

use auth_runtime::routing::{self, any};
use auth_runtime::testing::{Audit, Verdict, audit, audit_routes};
use auth_runtime::{Auth, Claims, NoStore, User, public, with_api_auth_required};
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{get, post as post_route};
use http::{HeaderMap, StatusCode};

use super::{either, forgotten, me, open, post, verifier};

async fn looks_first(Path(id): Path<u64>) -> String {
    id.to_string()
}

fn plain() -> Router {
    let nested = Router::new().route("/me", get(me)).route("/forgotten", get(forgotten));
    Router::new()
        .route("/me", get(me))
        .route("/posts/{id}", get(post).post(forgotten))
        .route("/forgotten", any_method())
        .nest("/nested", nested)
        .merge(Router::new().route("/merged", get(forgotten)))
        .nest_service("/service", get(forgotten).with_state::<()>(verifier()))
        .route_service("/route-service", get(forgotten).with_state::<()>(verifier()))
        .method_not_allowed_fallback(forgotten)
        .fallback(forgotten)
        .with_state(verifier())
}

fn any_method() -> axum::routing::MethodRouter<Auth> {
    axum::routing::any(forgotten)
}

fn unguarded(audit: &Audit) -> Vec<String> {
    audit.unguarded().map(|asked| format!("{} {}", asked.method(), asked.path())).collect()
}

#[tokio::test]
async fn m12_forgotten_attributes_are_found_wherever_they_are() {
    let list = [
        ("GET", "/me"),
        ("GET", "/posts/{id}"),
        ("POST", "/posts/{id}"),
        ("DELETE", "/posts/{id}"),
        ("PURGE", "/forgotten"),
        ("GET", "/nested/me"),
        ("GET", "/nested/forgotten"),
        ("GET", "/merged"),
        ("GET", "/service/{*path}"),
        ("GET", "/route-service"),
        ("GET", "/no/such/path"),
    ];
    let expected = [
        "POST /posts/{id}",
        "DELETE /posts/{id}",
        "PURGE /forgotten",
        "GET /nested/forgotten",
        "GET /merged",
        "GET /service/{*path}",
        "GET /route-service",
        "GET /no/such/path",
    ];
    let audit = audit(&plain(), list).await;
    assert_eq!(unguarded(&audit), expected);
    assert_eq!(audit.asked().count(), list.len());
    assert_eq!(audit.asked().filter(|asked| asked.verdict() == Verdict::Guarded).count(), 3);
}

#[tokio::test]
async fn m7_an_answer_to_a_malformed_request_is_an_answer() {
    let app = Router::new()
        .route("/{id}/x", post_route(looks_first))
        .route("/b", post_route(|_: axum::Json<u8>| async {}));
    let audit = audit(&app, [("POST", "/{id}/x"), ("POST", "/b")]).await;
    assert_eq!(unguarded(&audit), ["POST /{id}/x", "POST /b"]);
}

#[tokio::test]
async fn mistakes_in_the_list_and_failures_do_not_count_as_guarded() {
    let app = Router::new()
        .route("/me", get(me))
        .route("/fails", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .with_state(verifier());
    let list =
        [("GET", "/mee"), ("PUT", "/me"), ("G T", "/me"), ("GET", "me"), ("GET", "/ me"), ("GET", "/fails")];
    let audit = audit(&app, list).await;
    let mistakes: Vec<_> =
        audit.mistakes().map(|asked| asked.status().map(|status| status.as_u16())).collect();
    assert_eq!(mistakes, [Some(404), Some(405), None, None, None]);
    assert_eq!(audit.failed().map(auth_runtime::testing::Asked::path).collect::<Vec<_>>(), ["/fails"]);
    assert_eq!(audit.unguarded().count(), 0);
}

#[tokio::test]
async fn a_redirect_counts_as_a_refusal_only_if_it_leads_to_the_login() {
    let app = Router::new()
        .route("/page", get(|| async { Redirect::to("/auth/login?returnTo=%2Fpage") }))
        .route("/moved", get(|| async { Redirect::to("/elsewhere") }));
    assert_eq!(unguarded(&audit(&app, [("GET", "/page"), ("GET", "/moved")]).await), ["GET /moved"]);
}

/// What an open handler answers is its answer, whatever the status.
#[tokio::test]
async fn an_open_handler_that_finds_nothing_is_unguarded() {
    let nothing = || async { StatusCode::NOT_FOUND };
    let app = Router::new()
        .route("/posts/{id}", get(nothing))
        .nest("/nested", Router::new().route("/x", get(nothing)).layer(axum::middleware::map_response(same)));
    let found = audit(&app, [("GET", "/posts/{id}"), ("GET", "/nested/x"), ("GET", "/nested/y")]).await;
    assert_eq!(unguarded(&found), ["GET /posts/{id}", "GET /nested/x"]);
    assert_eq!(found.mistakes().map(auth_runtime::testing::Asked::path).collect::<Vec<_>>(), ["/nested/y"]);
    // Without routes there is nothing to mark.
    assert_eq!(audit(&Router::new(), [("GET", "/")]).await.mistakes().count(), 1);
}

async fn same(response: axum::response::Response) -> axum::response::Response {
    response
}

/// A list of origins refuses strangers and users alike, and the handler behind it may be open.
#[tokio::test]
async fn a_403_to_nobody_is_no_guard() {
    let only_partners = axum::middleware::from_fn(
        |request: axum::extract::Request, next: axum::middleware::Next| async move {
            match request.headers().get("origin") {
                Some(origin) if origin == "https://partner.example" => Ok(next.run(request).await),
                _ => Err(StatusCode::FORBIDDEN),
            }
        },
    );
    let app = Router::new().route("/export", get(forgotten)).layer(only_partners);
    let found = audit(&app, [("GET", "/export")]).await;
    assert_eq!(
        found.asked().map(auth_runtime::testing::Asked::verdict).collect::<Vec<_>>(),
        [Verdict::Forbidden]
    );
    let panic = catch_unwind(AssertUnwindSafe(|| found.assert_guarded())).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    assert!(message.contains("403: refused for another reason than a missing session"), "{message}");
}

/// Something that refuses other sites would hide the handler from a request from nowhere.
#[tokio::test]
async fn the_request_says_that_it_comes_from_the_same_site() {
    async fn not_from_elsewhere(headers: HeaderMap) -> StatusCode {
        match headers.get("sec-fetch-site") {
            Some(site) if site == "same-origin" && headers.contains_key("origin") => StatusCode::OK,
            _ => StatusCode::FORBIDDEN,
        }
    }
    let app = Router::new().route("/", post_route(not_from_elsewhere));
    assert_eq!(unguarded(&audit(&app, [("POST", "/")]).await), ["POST /"]);
}

#[tokio::test]
async fn the_assertion_lists_all_that_did_not_refuse() {
    let found = audit(&plain(), [("GET", "/me"), ("GET", "/merged"), ("POST", "/posts/{id}")]).await;
    let panic = catch_unwind(AssertUnwindSafe(|| found.assert_guarded())).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    let expected = "these routes did not refuse a request without a session:
    GET  /merged  200: answered without a session
    POST  /posts/{id}  200: answered without a session
";
    assert_eq!(*message, expected);
    audit(&plain(), [("GET", "/me")]).await.assert_guarded();
}

#[tokio::test]
async fn the_routes_of_a_checked_router_are_asked_by_every_method() {
    let router = routing::Router::new()
        .route("/me", routing::get(me).put(me))
        .route("/posts/{id}", any(post).get(open).delete(open))
        .route("/open", routing::get(open))
        .route("/either", routing::get(either))
        .fallback(me);
    let list = router.routes().to_vec();
    let app = Router::from(router.with_state(verifier()));
    let audit = audit_routes(&app, &list).await;
    audit.assert_guarded();
    let asked: Vec<_> = audit.asked().map(|asked| format!("{} {}", asked.method(), asked.path())).collect();
    let expected = [
        ["GET", "HEAD", "PUT"].map(|method| format!("{method} /me")).to_vec(),
        ["POST", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"]
            .map(|method| format!("{method} /posts/{{id}}"))
            .to_vec(),
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"]
            .map(|method| format!("{method} /{{*fallback}}"))
            .to_vec(),
    ];
    assert_eq!(asked, expected.concat());
}

/// Middleware can answer some methods only.
#[tokio::test]
async fn a_method_that_a_layer_answers_is_found_behind_any() {
    let answers_post = axum::middleware::from_fn(
        |request: axum::extract::Request, next: axum::middleware::Next| async move {
            if request.method() == http::Method::POST {
                StatusCode::OK.into_response()
            } else {
                next.run(request).await
            }
        },
    );
    let router = routing::Router::new().route("/a", any(me)).fallback(me).layer(answers_post);
    let list = router.routes().to_vec();
    let app = Router::from(router.with_state(verifier()));
    assert_eq!(unguarded(&audit_routes(&app, &list).await), ["POST /a", "POST /{*fallback}"]);
}

/// A route beside a fallback may be public: the request must not come to it.
#[tokio::test]
async fn what_is_asked_of_a_fallback_comes_to_the_fallback() {
    let router = routing::Router::new()
        .route("/{a}", routing::get(open))
        .route("/{a}/{b}", routing::get(open))
        .route("/1/1/1", routing::get(open))
        .fallback(me);
    let list = router.routes().to_vec();
    let app = Router::from(router.with_state(verifier()));
    audit_routes(&app, &list).await.assert_guarded();
}

/// Middleware is what the compiler does not see, so this is what the audit of a checked router is for.
#[tokio::test]
async fn middleware_that_answers_by_itself_is_found() {
    let router = routing::Router::new().route("/me", routing::get(me)).layer(axum::middleware::from_fn(
        |_: axum::extract::Request, _: axum::middleware::Next| async { "answered by a layer" },
    ));
    let list = router.routes().to_vec();
    let app = Router::from(router.with_state(verifier()));
    assert_eq!(unguarded(&audit_routes(&app, &list).await), ["GET /me", "HEAD /me"]);
}

async fn takes_user(user: User) -> String {
    user.sub().into_owned()
}

async fn takes_user_if_any(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.sub().into_owned())
}

async fn takes_claims(_: Claims<serde_json::Value>) {}

async fn says_401() -> StatusCode {
    StatusCode::UNAUTHORIZED
}

#[public]
async fn public_user(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.sub().into_owned())
}

#[with_api_auth_required(login)]
async fn page() {}

#[with_api_auth_required(optional)]
async fn needs_user(needed: User) -> String {
    needed.sub().into_owned()
}

/// The 401 of `User` has the same bytes as the attribute's.
#[tokio::test]
async fn m12_a_401_that_is_not_the_attributes_is_not_guarded() {
    let middleware =
        axum::middleware::from_fn(|_: axum::extract::Request, _: axum::middleware::Next| async {
            StatusCode::UNAUTHORIZED
        });
    let app = Router::new()
        .route("/user", get(takes_user))
        .route("/claims", get(takes_claims))
        .route("/own", get(says_401))
        .route("/optional", get(needs_user))
        .route("/redirect", get(|| async { Redirect::to("/auth/login") }))
        .route("/layer", get(me).layer(middleware))
        .route("/me", get(me))
        .route("/page", get(page))
        .with_state(verifier());
    let paths = ["/user", "/claims", "/own", "/optional", "/redirect", "/layer"];
    let found = audit(&app, paths.map(|path| ("GET", path))).await;
    for asked in found.asked() {
        assert_eq!(asked.verdict(), Verdict::RefusedElsewhere, "{asked}");
    }
    let panic = catch_unwind(AssertUnwindSafe(|| found.assert_guarded())).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    assert!(message.contains("GET  /user  401: refused, but not by the attribute"), "{message}");
    assert_eq!(message.lines().count(), 1 + paths.len(), "{message}");
    audit(&app, [("GET", "/me"), ("GET", "/page")]).await.assert_guarded();
}

/// An application may answer a refusal in its own way.
#[tokio::test]
async fn a_refusal_that_a_hook_words_is_still_the_attributes() {
    let auth = Auth::builder()
        .secret("c4e19b7250fd83a6e8b1d70f42956acb")
        .on_rejection(|_, _| (StatusCode::NOT_FOUND, "nothing here").into_response())
        .build()
        .unwrap();
    let app = Router::new().route("/me", get(me)).with_state(auth);
    audit(&app, [("GET", "/me")]).await.assert_guarded();
}

#[tokio::test]
async fn handlers_that_take_the_user_and_whose_answers_may_be_cached_are_named() {
    let takes_user_first = axum::middleware::from_fn_with_state(
        verifier(),
        |_: Option<User>, request: axum::extract::Request, next: axum::middleware::Next| next.run(request),
    );
    let exposed = Router::new()
        .route("/user", get(takes_user))
        .route("/user-if-any", get(takes_user_if_any))
        .route("/claims", get(takes_claims))
        .route("/middleware", get(forgotten).layer(takes_user_first));
    let covered = Router::new().route("/layer", get(takes_user_if_any)).layer(NoStore);
    let app = Router::new()
        .merge(exposed)
        .merge(covered)
        .route("/forgotten", get(forgotten))
        .route("/me", get(me))
        .route("/optional", get(needs_user))
        .route("/public", get(public_user))
        .with_state(verifier());
    let unchecked = Router::new().route("/unchecked", get(takes_user_if_any)).with_state(verifier());
    let app = app.merge(Router::from(routing::Router::new().merge_unchecked(unchecked)));
    let paths = [
        "/user",
        "/user-if-any",
        "/claims",
        "/middleware",
        "/layer",
        "/forgotten",
        "/me",
        "/optional",
        "/public",
        "/unchecked",
    ];
    let found = audit(&app, paths.map(|path| ("GET", path))).await;
    let named: Vec<_> = found.cacheable().map(auth_runtime::testing::Asked::path).collect();
    assert_eq!(named, ["/user", "/user-if-any", "/claims", "/middleware"]);
    let line = found.cacheable().nth(1).unwrap().to_string();
    assert!(line.contains("200: answered without a session") && line.contains("`NoStore`"), "{line}");
}
