//! Handlers that run for everybody, pages that send visitors to the sign-in, and answers that may be cached.

use auth_runtime::__private::{Guard, Guarded};
use auth_runtime::policy::{Protection, Requirement};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, Session, User};
use axum::Router;
use axum::body::Body;
use axum::routing::get as get_route;
use http::header::{CACHE_CONTROL, COOKIE, EXPIRES, LOCATION, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use serde_json::json;

use super::log::Log;
use super::markers::{REACHED, app, handler};
use super::{Answer, NOW, SECRET, ada, adas_cookie, get, send, verifier};

marker!(Optional, Protection { optional: true, ..Protection::SIGNED_IN });
marker!(
    Contradiction,
    Protection { optional: true, requirements: &[Requirement::Roles(&["a"])], ..Protection::SIGNED_IN }
);
marker!(Cached, CACHED);
marker!(OptionalCached, Protection { optional: true, ..CACHED });
marker!(Page, Protection { login: true, ..Protection::SIGNED_IN });
marker!(
    AdminPage,
    Protection { login: true, requirements: &[Requirement::Roles(&["a"])], ..Protection::SIGNED_IN }
);

const CACHED: Protection = Protection { cache: Some("private, max-age=60"), ..Protection::SIGNED_IN };

async fn whoever(guard: Guard<Optional>, user: Option<User>, session: Option<Session>) -> Guarded<String> {
    assert_eq!(user.is_some(), session.is_some());
    guard.finish(user.map_or_else(|| "stranger".to_owned(), |user| user.sub().into_owned())).await
}

async fn needs_session(guard: Guard<Optional>, session: Session) -> Guarded<String> {
    guard.finish(session.user().sub().into_owned()).await
}

async fn needs_user(guard: Guard<Optional>, user: User) -> Guarded<String> {
    guard.finish(user.sub().into_owned()).await
}

async fn inner_required(
    outer: Guard<Optional>,
    inner: Guard<auth_runtime::__private::SignedIn>,
) -> Guarded<Guarded<&'static str>> {
    let answer = inner.finish(REACHED).await;
    outer.finish(answer).await
}

async fn unguarded(session: Option<Session>) -> &'static str {
    session.map_or("nobody", |_| "somebody")
}

fn optional_app() -> Router {
    Router::new()
        .route("/whoever", get_route(whoever))
        .route("/session", get_route(needs_session))
        .route("/user", get_route(needs_user))
        .route("/both", get_route(inner_required))
        .route("/unguarded", get_route(unguarded))
        .with_state(verifier())
}

#[tokio::test]
async fn an_optional_handler_runs_for_everybody_and_knows_who_is_there() {
    let cookie = adas_cookie(&verifier());
    for (cookie, body) in
        [(None, "stranger"), (Some("__session=garbage"), "stranger"), (Some(cookie.as_str()), "auth0|ada")]
    {
        let answer = get(&optional_app(), "/whoever", cookie).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, body));
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        assert_eq!(answer.headers[VARY], "Cookie");
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
}

#[tokio::test]
async fn a_bad_cookie_is_logged_once_where_a_session_is_optional() {
    let (log, _listening) = Log::listen();
    // Warnings are limited per second, and the other tests have used up theirs.
    let auth = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW + 7)).build().unwrap();
    let app = Router::new().route("/", get_route(whoever)).with_state(auth);
    get(&app, "/", Some("__session=garbage")).await;
    let lines = log.lines();
    assert!(
        matches!(&lines[..], [line] if line.starts_with("WARN") && line.contains("malformed")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn what_an_optional_handler_cannot_do_without_is_401_and_no_mistake() {
    let cookie = adas_cookie(&verifier());
    for path in ["/session", "/user", "/both"] {
        let answer = get(&optional_app(), path, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.body.contains("not_authenticated"), "{path}");
        assert!(answer.headers.contains_key(WWW_AUTHENTICATE), "{path}");
        assert_eq!(get(&optional_app(), path, Some(&cookie)).await.status, StatusCode::OK, "{path}");
    }
    let answer = get(&optional_app(), "/unguarded", None).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_requirement_beside_optional_is_not_skipped() {
    assert_eq!(get(&app::<Contradiction>(&verifier()), "/", None).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_answer_may_be_cached_privately_unless_it_carries_a_session() {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder()
        .secret(SECRET)
        .test_clock(&clock)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com");
    let auth = auth.build().unwrap();
    let mut session = ada();
    session["exp"] = json!(NOW + 86_400);
    let cookie = cookie_header(&auth, &session).unwrap();
    let app = app::<Cached>(&auth);
    let answer = get(&app, "/", Some(&cookie)).await;
    assert_eq!(answer.headers[CACHE_CONTROL], "private, max-age=60");
    assert_eq!(answer.headers[VARY], "Cookie");
    assert!(!answer.headers.contains_key(EXPIRES) && !answer.headers.contains_key(SET_COOKIE));

    clock.advance(43_200);
    let answer = get(&app, "/", Some(&cookie)).await;
    assert!(answer.headers.contains_key(SET_COOKIE));
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");

    let answer = get(&app, "/", None).await;
    assert_eq!(
        (answer.status, &answer.headers[CACHE_CONTROL]),
        (StatusCode::UNAUTHORIZED, &"private, no-store".parse().unwrap())
    );
    let answer = get(&super::markers::app::<OptionalCached>(&auth), "/", None).await;
    assert_eq!(answer.headers[CACHE_CONTROL], "private, max-age=60");
}

pub(crate) const NAVIGATION: &[(&str, &str)] =
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

pub(crate) async fn visit(app: &Router, method: Method, uri: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn grd_05_a_page_sends_a_visitor_to_the_sign_in_and_back() {
    let app = app::<Page>(&verifier());
    for headers in [NAVIGATION, &[("accept", "text/html,*/*;q=0.8")]] {
        let answer = visit(&app, Method::GET, "/?a=b&c=%2F%20d", headers).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.headers[LOCATION], "/auth/login?returnTo=%2F%3Fa%3Db%26c%3D%252F%2520d");
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        let vary = answer.headers[VARY].to_str().unwrap();
        for name in ["Cookie", "Accept", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Purpose"] {
            assert!(vary.split(", ").any(|varied| varied == name), "{name}: {vary}");
        }
        assert!(!answer.headers.contains_key(SET_COOKIE) && !answer.headers.contains_key(WWW_AUTHENTICATE));
        assert_eq!(answer.body, "");
    }
}

#[tokio::test]
async fn grd_05_all_that_is_no_navigation_gets_the_401() {
    let app = app::<Page>(&verifier());
    let reference = visit(&app, Method::GET, "/", &[]).await;
    let not_navigating: &[&[(&str, &str)]] = &[
        &[("accept", "application/json")],
        &[("accept", "*/*")],
        &[("accept", "text/html"), ("sec-fetch-mode", "cors")],
        &[("accept", "text/html"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
        &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
        &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch;prerender")],
        &[("sec-fetch-mode", "navigate"), ("purpose", "prefetch")],
        &[("sec-fetch-mode", "navigate"), ("next-router-prefetch", "1")],
        &[("sec-fetch-mode", "navigate"), ("x-middleware-prefetch", "1")],
        &[("sec-fetch-mode", "websocket"), ("upgrade", "websocket"), ("connection", "upgrade")],
    ];
    for headers in not_navigating {
        let answer = visit(&app, Method::GET, "/", headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!((answer.body, answer.headers), (reference.body.clone(), reference.headers.clone()));
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        let answer = visit(&app, method.clone(), "/", NAVIGATION).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        assert!(!answer.headers.contains_key(LOCATION), "{method}");
    }
    // Without the option nobody is redirected.
    let answer = visit(&super::markers::app::<Cached>(&verifier()), Method::GET, "/", NAVIGATION).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn grd_05_a_signed_in_visitor_who_lacks_a_right_is_not_sent_to_the_sign_in() {
    let auth = verifier();
    let mut headers = NAVIGATION.to_vec();
    let cookie = adas_cookie(&auth);
    headers.push((COOKIE.as_str(), &cookie));
    assert_eq!(
        visit(&app::<AdminPage>(&auth), Method::GET, "/", &headers).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(visit(&app::<Page>(&auth), Method::GET, "/", &headers).await.body, REACHED);
}

#[tokio::test]
async fn rdr_02_the_way_back_is_the_whole_path_and_never_another_host() {
    let auth = Auth::builder()
        .lookup(|name| match name {
            "AUTH0_SECRET" => Some(SECRET.to_owned()),
            "NEXT_PUBLIC_BASE_PATH" => Some("/app".to_owned()),
            _ => None,
        })
        .build()
        .unwrap();
    let pages = Router::new()
        .route("/page/{*rest}", handler::<Page>())
        .fallback_service(handler::<Page>().with_state(auth.clone()));
    let app = Router::new().nest("/nested", pages).fallback(handler_of_page).with_state(auth);
    for (uri, location) in [
        ("/nested/page/1?x=y", "/app/auth/login?returnTo=%2Fnested%2Fpage%2F1%3Fx%3Dy"),
        ("https://evil.com/nested/page/1", "/app/auth/login?returnTo=%2Fnested%2Fpage%2F1"),
        ("//evil.com/nested", "/app/auth/login"),
        ("///evil.com", "/app/auth/login"),
    ] {
        let answer = visit(&app, Method::GET, uri, NAVIGATION).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{uri}");
        assert_eq!(answer.headers[LOCATION], location, "{uri}");
    }
}

async fn handler_of_page(guard: Guard<Page>) -> Guarded<&'static str> {
    guard.finish(REACHED).await
}
