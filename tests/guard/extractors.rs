//! Handlers of every form that the attribute takes, each really called.

use auth_runtime::testing::cookie_header;
use auth_runtime::{AccessTokenError, Auth, Claims, Session, User, with_api_auth_required};
use axum::body::Body;
use axum::extract::{FromRef, Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get as get_route, post};
use axum::{Json, Router};
use http::StatusCode;
use http::header::{CONTENT_TYPE, COOKIE};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{adas_cookie, get, send, verifier};

#[derive(Clone)]
struct AppState {
    auth: Auth,
    greeting: &'static str,
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

#[with_api_auth_required]
async fn implicit() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn unused() {}

#[with_api_auth_required]
async fn first(user: User, Path(id): Path<u64>) -> String {
    format!("{} {id}", user.sub())
}

#[with_api_auth_required]
async fn last(Path(id): Path<u64>, State(state): State<AppState>, user: User) -> String {
    format!("{} {} {id}", state.greeting, user.sub())
}

#[with_api_auth_required]
async fn between(Path(id): Path<u64>, user: User, Json(body): Json<Value>) -> String {
    format!("{} {id} {body}", user.sub())
}

#[with_api_auth_required(state = AppState)]
async fn with_probe(Query(query): Query<Vec<(String, String)>>) -> Json<User> {
    assert!(query.is_empty());
    Json(user)
}

#[with_api_auth_required]
async fn opaque() -> impl IntoResponse + use<> {
    if user.sub().is_empty() {
        return (StatusCode::IM_A_TEAPOT, "nobody".to_owned());
    }
    (StatusCode::OK, user.sub().into_owned())
}

#[with_api_auth_required]
async fn fallible(session: Session) -> Result<String, AccessTokenError> {
    let token = session.access_token().await?;
    Ok(token.as_str().to_owned())
}

struct Failed;

impl From<std::num::ParseIntError> for Failed {
    fn from(_: std::num::ParseIntError) -> Self {
        Self
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        StatusCode::BAD_REQUEST.into_response()
    }
}

#[with_api_auth_required]
async fn converted(user: User) -> Result<String, Failed> {
    let number: u8 = "7".parse()?;
    Ok(format!("{number} {}", user.sub()))
}

#[with_api_auth_required]
async fn generic<T>(Json(body): Json<T>) -> Result<String, StatusCode>
where
    T: DeserializeOwned + std::fmt::Debug + Send + 'static,
{
    Ok(format!("{body:?} {}", user.sub()))
}

#[with_api_auth_required]
#[with_api_auth_required]
async fn twice(mut log: String) -> String {
    log.push_str(&user.sub());
    log
}

#[with_api_auth_required]
#[tracing::instrument(skip_all)]
async fn instrumented_below(user: User) -> String {
    user.sub().into_owned()
}

#[tracing::instrument]
#[with_api_auth_required]
async fn instrumented_above(session: Session) -> String {
    session.user().sub().into_owned()
}

#[with_api_auth_required]
#[axum::debug_handler(state = AppState)]
async fn debugged(user: User) -> String {
    user.sub().into_owned()
}

#[derive(Debug, serde::Deserialize)]
struct Person {
    name: String,
}

#[with_api_auth_required]
async fn typed(Claims(person): Claims<Person>) -> String {
    person.name
}

struct Posts;

impl Posts {
    #[with_api_auth_required]
    async fn list() -> String {
        user.sub().into_owned()
    }
}

fn app() -> Router {
    Router::new()
        .route("/implicit", get_route(implicit))
        .route("/unused", get_route(unused))
        .route("/first/{id}", get_route(first))
        .route("/last/{id}", get_route(last))
        .route("/between/{id}", post(between))
        .route("/probe", get_route(with_probe))
        .route("/opaque", get_route(opaque))
        .route("/fallible", get_route(fallible))
        .route("/converted", get_route(converted))
        .route("/generic", post(generic::<Value>))
        .route("/twice", post(twice))
        .route("/instrumented-below", get_route(instrumented_below))
        .route("/instrumented-above", get_route(instrumented_above))
        .route("/debugged", get_route(debugged))
        .route("/typed", get_route(typed))
        .route("/method", get_route(Posts::list))
        .with_state(AppState { auth: verifier(), greeting: "hello" })
}

#[tokio::test]
async fn every_form_of_handler_is_called_with_its_user() {
    let app = app();
    let cookie = adas_cookie(&verifier());
    for (path, expected) in [
        ("/implicit", "auth0|ada"),
        ("/unused", ""),
        ("/first/7", "auth0|ada 7"),
        ("/last/7", "hello auth0|ada 7"),
        ("/probe", r#"{"email":"ada@example.com","name":"Ada Lovelace","sub":"auth0|ada"}"#),
        ("/opaque", "auth0|ada"),
        ("/converted", "7 auth0|ada"),
        ("/instrumented-below", "auth0|ada"),
        ("/instrumented-above", "auth0|ada"),
        ("/debugged", "auth0|ada"),
        ("/typed", "Ada Lovelace"),
        ("/method", "auth0|ada"),
    ] {
        let answer = get(&app, path, Some(&cookie)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, expected), "{path}");
        assert_eq!(get(&app, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn handlers_with_a_body_get_it() {
    let app = app();
    for (path, body, expected) in [
        ("/between/7", "[1]", "auth0|ada 7 [1]"),
        ("/generic", "[1]", "Array [Number(1)] auth0|ada"),
        ("/twice", "log: ", "log: auth0|ada"),
    ] {
        let request = |cookie: &str| {
            super::post(path)
                .header(CONTENT_TYPE, "application/json")
                .header(COOKIE, cookie)
                .body(Body::from(body))
                .unwrap()
        };
        let answer = send(&app, request(&adas_cookie(&verifier()))).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, expected), "{path}");
        assert_eq!(send(&app, request("")).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn an_access_token_is_the_sessions_or_an_error_of_its_own() {
    let auth = verifier();
    let session = |token_set: Value| {
        cookie_header(&auth, &json!({ "user": { "sub": "u" }, "tokenSet": token_set })).unwrap()
    };
    let answer = get(&app(), "/fallible", Some(&session(json!({ "accessToken": "at" })))).await;
    assert_eq!(answer.body, "at");
    let answer = get(&app(), "/fallible", Some(&session(json!({})))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("missing_access_token"), "{}", answer.body);
    assert_eq!(answer.headers[http::header::WWW_AUTHENTICATE], "Bearer realm=\"api\"");
}

#[tokio::test]
async fn a_user_is_serialised_exactly_as_stored() {
    let auth = verifier();
    let raw = r#"{"sub":"u","big":12345678901234567890123,"half":1.10,"cut":"\ud83e"}"#;
    let session = serde_json::value::RawValue::from_string(format!(r#"{{"user":{raw}}}"#)).unwrap();
    let cookie = cookie_header(&auth, &session).unwrap();
    assert_eq!(get(&app(), "/probe", Some(&cookie)).await.body, raw);
}

/// Tells a service behind this one who asks.
#[with_api_auth_required]
async fn forwarding() -> impl IntoResponse {
    ([("x-user", user.name().unwrap_or_default().into_owned())], "forwarded")
}

#[tokio::test]
async fn inj_01_a_claim_that_is_copied_into_a_header_adds_no_other_one() {
    let auth = verifier();
    let app = Router::new().route("/", get_route(forwarding)).with_state(auth.clone());
    for (name, arrives) in [
        ("Ada Lovelace", true),
        ("Zo\u{eb} \u{5d0}", true),
        ("Ada\r\nSet-Cookie: __session=x", false),
        ("Ada\nx: y", false),
        ("Ada\rx: y", false),
        ("Ada\0", false),
        ("Ada\u{7f}", false),
    ] {
        let cookie = cookie_header(&auth, &json!({ "user": { "sub": "u", "name": name } })).unwrap();
        let answer = get(&app, "/", Some(&cookie)).await;
        let expected = if arrives { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
        assert_eq!(answer.status, expected, "{name:?}");
        let header = answer.headers.get("x-user").map(|value| value.as_bytes().to_vec());
        assert_eq!(header, arrives.then(|| name.as_bytes().to_vec()), "{name:?}");
        assert!(!answer.headers.contains_key("set-cookie") && !answer.headers.contains_key("x"), "{name:?}");
    }
}
