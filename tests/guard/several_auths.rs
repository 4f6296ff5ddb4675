//! One request in which two `Auth` look for a session, and parameters that ask for the identity themselves.

use auth_runtime::policy::{Decision, policy};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{AccessTokenError, Auth, Rejection, Session, User, public, with_api_auth_required};
use axum::extract::{FromRef, FromRequest, FromRequestParts, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Router, body::Body};
use http::StatusCode;
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;
use tower::ServiceExt as _;

use super::{Answer, NOW, SECRET, ada, get, send};

const DAY: i64 = 86_400;

/// An application with customers and staff.
#[derive(Clone)]
struct Shop {
    customers: Auth,
    staff: Staff,
}

impl FromRef<Shop> for Auth {
    fn from_ref(state: &Shop) -> Self {
        state.customers.clone()
    }
}

#[derive(Clone)]
struct Staff(Auth);

fn owner(cookie_name: &str) -> Auth {
    Auth::builder()
        .test_clock(&TestClock::at(NOW))
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
        .cookie_name(cookie_name)
        .build()
        .unwrap()
}
impl FromRef<Staff> for Auth {
    fn from_ref(state: &Staff) -> Self {
        state.0.clone()
    }
}

fn shop() -> Shop {
    Shop { customers: owner("customer"), staff: Staff(owner("staff")) }
}

/// The cookies of a customer and of a member of staff, of sessions that are not due to roll.
fn cookies(shop: &Shop) -> String {
    let mut session = ada();
    session["internal"] = json!({ "sid": "s", "createdAt": NOW });
    session["exp"] = json!(NOW + DAY);
    let [customer, staff] =
        [&shop.customers, &shop.staff.0].map(|auth| cookie_header(auth, &session).unwrap());
    format!("{customer}; {staff}")
}

/// The names of the cookies that the answer sets, and whether it removes them.
fn set(answer: &Answer) -> Vec<(String, bool)> {
    let lines = answer.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    lines.map(|line| (line.split('=').next().unwrap().to_owned(), line.contains("Max-Age=0"))).collect()
}

fn assert_private(answer: &Answer, of: &str) {
    assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store", "{of}");
    assert_eq!(answer.headers[VARY], "Cookie", "{of}");
}

/// The member of staff that is signed in beside the customer.
struct Clerk(User);

impl FromRequestParts<Shop> for Clerk {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &Shop) -> Result<Self, Rejection> {
        <User as FromRequestParts<Auth>>::from_request_parts(parts, &state.staff.0).await.map(Self)
    }
}

/// The session of the same, which may be changed.
struct ClerkSession(Session);

impl FromRequestParts<Shop> for ClerkSession {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &Shop) -> Result<Self, Rejection> {
        <Session as FromRequestParts<Auth>>::from_request_parts(parts, &state.staff.0).await.map(Self)
    }
}

/// Changes the customer's session on the way.
struct Visit;

impl FromRequestParts<Shop> for Visit {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &Shop) -> Result<Self, Rejection> {
        let session =
            <Session as FromRequestParts<Auth>>::from_request_parts(parts, &state.customers).await?;
        session.set("visited", &true).unwrap();
        Ok(Self)
    }
}

#[with_api_auth_required]
async fn leaves(Clerk(clerk): Clerk, session: Session) -> String {
    session.sign_out().unwrap();
    clerk.sub().into_owned()
}

#[with_api_auth_required]
async fn visits(_: Visit, _clerk: Clerk, Path(_number): Path<u64>) {}

#[public]
async fn both_leave(session: Session, ClerkSession(clerk): ClerkSession) {
    session.sign_out().unwrap();
    clerk.sign_out().unwrap();
}

#[public]
async fn both_change(_: Visit, ClerkSession(clerk): ClerkSession, _: Leaves, Path(_number): Path<u64>) {
    clerk.set("never", &true).unwrap();
}

/// Signs the member of staff out.
struct Leaves;

impl FromRequestParts<Shop> for Leaves {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &Shop) -> Result<Self, Rejection> {
        ClerkSession::from_request_parts(parts, state).await?.0.sign_out().unwrap();
        Ok(Self)
    }
}

#[with_api_auth_required]
async fn staff_only(request: Request, next: Next) -> Response {
    next.run(request).await
}

fn app(shop: &Shop) -> Router {
    Router::new()
        .route("/leaves", any(leaves))
        .route("/visits/{number}", any(visits))
        .route("/both-leave", any(both_leave))
        .route("/both-change/{number}", any(both_change))
        .with_state(shop.clone())
}

#[tokio::test]
async fn what_one_auth_found_does_not_displace_what_another_has_to_write() {
    let shop = shop();
    let cookies = cookies(&shop);
    let plain = app(&shop);
    let behind_staff = app(&shop).layer(from_fn_with_state(shop.staff.clone(), staff_only));
    for app in [plain, behind_staff] {
        for (path, status, expected) in [
            ("/leaves", 200, &[("customer", true)][..]),
            ("/visits/x", 400, &[("customer", false)]),
            ("/both-leave", 200, &[("customer", true), ("staff", true)]),
        ] {
            let answer = get(&app, path, Some(&cookies)).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            let mut set = set(&answer);
            set.sort_unstable();
            let expected: Vec<_> = expected.iter().map(|(name, over)| ((*name).to_owned(), *over)).collect();
            assert_eq!(set, expected, "{path}");
            assert_private(&answer, path);
        }
    }
}

#[tokio::test]
async fn a_refusal_by_a_parameter_writes_the_session_of_each_auth() {
    let shop = shop();
    let answer = get(&app(&shop), "/both-change/x", Some(&cookies(&shop))).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(set(&answer), [("customer".to_owned(), false), ("staff".to_owned(), true)]);
    assert_private(&answer, "/both-change/x");
}

/// A last parameter that asks who is there, changes the session of the caller, and then refuses.
struct Ask;

impl FromRequest<Shop> for Ask {
    type Rejection = Response;

    async fn from_request(request: Request, state: &Shop) -> Result<Self, Response> {
        let (mut parts, _) = request.into_parts();
        let session =
            <Option<Session> as FromRequestParts<Shop>>::from_request_parts(&mut parts, state).await;
        let status = match session {
            Ok(Some(session)) => {
                session.set("asked", &true).unwrap();
                StatusCode::NOT_FOUND
            }
            Ok(None) => StatusCode::UNPROCESSABLE_ENTITY,
            // An answer of its own in place of the refusal.
            Err(_) => StatusCode::IM_A_TEAPOT,
        };
        Err((status, [(CACHE_CONTROL, "public, max-age=600")]).into_response())
    }
}

/// Answers the refusal of an identity in its own way, before the last parameter.
struct AskParts;

impl FromRequestParts<Shop> for AskParts {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Shop) -> Result<Self, Response> {
        let request = Request::from_parts(parts.clone(), Body::empty());
        Ask::from_request(request, state).await.map(|_| Self)
    }
}

#[public]
async fn asks_last(_ask: Ask) {}

#[public]
async fn asks_first(_ask: AskParts, _path: Path<u64>) {}

#[tokio::test]
async fn cch_01_the_refusal_of_a_parameter_that_asked_who_is_there_itself_is_private() {
    let shop = shop();
    let app = Router::new()
        .route("/last", any(asks_last))
        .route("/first", any(asks_first))
        .with_state(shop.clone());
    for path in ["/last", "/first"] {
        for (site, cookies, status, expected) in [
            ("same-origin", cookies(&shop), 404, &["customer"][..]),
            ("same-origin", String::new(), 422, &[]),
            ("cross-site", cookies(&shop), 418, &[]),
        ] {
            let request = Request::post(path).header("sec-fetch-site", site).header(COOKIE, cookies);
            let answer = send(&app, request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {site}");
            let names: Vec<_> = set(&answer).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, expected, "{path} {site}");
            assert_private(&answer, path);
        }
    }
}

/// What a policy decides, and after what.
#[derive(Clone)]
struct Judge {
    auth: Auth,
    decision: Decision,
    may_decide: Arc<Notify>,
}

impl FromRef<Judge> for Auth {
    fn from_ref(state: &Judge) -> Self {
        state.auth.clone()
    }
}

#[policy]
async fn waits(session: Session, State(judge): State<Judge>) -> Decision {
    assert!(session.set("judged", &true).is_err());
    judge.may_decide.notified().await;
    judge.decision
}

#[with_api_auth_required(policy = waits)]
async fn judged(session: Session) -> &'static str {
    if session.set("late", &true).is_ok() { "open" } else { "closed" }
}

#[with_api_auth_required]
async fn goes_on(session: Session, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_set = session.set("afterwards", &true).is_ok();
    (response.status(), is_set.to_string()).into_response()
}

#[tokio::test]
async fn a_refusal_by_a_policy_further_in_leaves_the_session_open_for_the_handler_that_goes_on() {
    for (decision, status) in [(Decision::Deny, 403), (Decision::Allow(()), 200)] {
        let judge = Judge { auth: owner("customer"), decision, may_decide: Arc::new(Notify::new()) };
        judge.may_decide.notify_one();
        let app = Router::new()
            .route("/", any(judged))
            .layer(from_fn_with_state(judge.clone(), goes_on))
            .with_state(judge.clone());
        let cookie = cookie_header(&judge.auth, &ada()).unwrap();
        let answer = get(&app, "/", Some(&cookie)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, "true"));
    }
}

/// Leaves a part of the request to a task, and answers meanwhile. The task's answer is the last thing that happens.
#[with_api_auth_required]
async fn leaves_behind(State(judge): State<Judge>, parts: Parts) -> &'static str {
    let app = Router::new().route("/", any(judged)).with_state(judge);
    let part = Request::from_parts(parts.clone(), Body::empty());
    let running = tokio::spawn(app.oneshot(part));
    parts.extensions.get::<Running>().unwrap().0.lock().unwrap().replace(running);
    tokio::task::yield_now().await;
    "answered"
}

type Task = tokio::task::JoinHandle<Result<Response, std::convert::Infallible>>;

#[derive(Clone, Default)]
struct Running(Arc<std::sync::Mutex<Option<Task>>>);

#[tokio::test]
async fn a_session_that_was_written_back_is_not_opened_again_by_a_policy_that_decides_late() {
    let judge =
        Judge { auth: owner("customer"), decision: Decision::Allow(()), may_decide: Arc::new(Notify::new()) };
    let app = Router::new().route("/", any(leaves_behind)).with_state(judge.clone());
    let running = Running::default();
    let mut request = Request::get("/").body(Body::empty()).unwrap();
    let cookie = cookie_header(&judge.auth, &ada()).unwrap();
    request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
    request.extensions_mut().insert(running.clone());
    assert_eq!(send(&app, request).await.body, "answered");
    judge.may_decide.notify_one();
    let task = running.0.lock().unwrap().take().unwrap();
    let body = task.await.unwrap().unwrap().into_body();
    assert_eq!(axum::body::to_bytes(body, 16).await.unwrap(), "closed");
}

/// A parameter that fails as an access token does.
struct Client;

impl FromRequestParts<Staff> for Client {
    type Rejection = AccessTokenError;

    async fn from_request_parts(_: &mut Parts, _: &Staff) -> Result<Self, AccessTokenError> {
        Err(AccessTokenError::Missing)
    }
}

#[with_api_auth_required(state = Staff)]
async fn with_client(_client: Client) {}

#[with_api_auth_required]
async fn passing(request: Request, next: Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn the_refusal_of_a_parameter_is_in_the_style_of_the_guard_in_front_of_it() {
    let styled = |cookie_name: &str, realm: &str| {
        Auth::builder().test_clock(&TestClock::at(NOW)).secret(SECRET).cookie_name(cookie_name).realm(realm)
    };
    let customers = styled("customer", "customers").build().unwrap();
    let staff = Staff(styled("staff", "staff").build().unwrap());
    let shop = Shop { customers: customers.clone(), staff: staff.clone() };
    let staffed = Router::new().route("/", any(with_client)).with_state::<()>(staff.clone());
    let behind_customers = staffed.clone().layer(from_fn_with_state(customers.clone(), passing));
    // A guard of the same service in front of the other one, which finds what the first one found.
    let behind_both = staffed.clone().layer(from_fn_with_state(customers, passing));
    let behind_both = behind_both.layer(from_fn_with_state(staff.0.clone(), passing));
    for app in [staffed, behind_customers, behind_both] {
        let answer = get(&app, "/", Some(&cookies(&shop))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"staff\"");
    }
}
