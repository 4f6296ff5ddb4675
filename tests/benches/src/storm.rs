//! A storm of refreshes: many sessions whose access tokens have all expired, and many requests of each at the same moment. The
//! provider should be asked once for each session, and every request answered with the token of its own session.
//!
//! Every connection to the provider takes two open files of this process, since both ends are in it.

mod provider;

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth_runtime::codec::{RequestCookies, SeenNames, SessionDocument, SetCookie, Timestamp};
use auth_runtime::{AccessTokenError, Auth, Session, with_api_auth_required};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::routing::get;
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, StatusCode};
use tokio::sync::Barrier;
use tower::ServiceExt as _;

use self::provider::{ANSWER_TIME, Provider, access_token, refresh_token, user};
use crate::figure::Figure;
use crate::session;

/// What the requests came to.
#[derive(Debug)]
pub struct Storm {
    /// How often the provider was asked for tokens.
    pub token_requests: usize,
    /// How often one of its refresh tokens came a second time, or one that it never gave.
    pub faults: usize,
    /// From the moment at which all were sent until each was answered, shortest first.
    pub times: Vec<Duration>,
}

/// Runs it and prints what it came to.
///
/// # Panics
///
/// An answer is wrong, or the provider was sent a refresh token twice.
pub fn run(sessions: usize, requests_each: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let storm = runtime.expect("a runtime").block_on(storm(sessions, requests_each));
    assert_eq!(storm.faults, 0, "refresh tokens that were sent twice, or that nobody gave out");
    let n = storm.times.len();
    let p99 = storm.times[(n * 99).div_ceil(100) - 1];
    Figure::of("storm/token-requests", "requests", count(storm.token_requests), count(sessions), n).print();
    Figure::of("storm/p99", "ms", milliseconds(p99), milliseconds(ANSWER_TIME), n).print();
}

async fn storm(sessions: usize, requests_each: usize) -> Storm {
    let provider = Provider::start();
    let auth = application(&provider);
    auth.check().await.expect("the provider can be reached");
    let app = Router::new().route("/token", get(token)).with_state(auth.clone());
    let cookies: Vec<Arc<str>> = (0..sessions).map(|number| cookies(&auth, number).into()).collect();
    // Nobody starts before everybody is there.
    let start = Arc::new(Barrier::new(sessions * requests_each + 1));
    let requests: Vec<_> = (0..sessions * requests_each)
        .map(|at| {
            let number = at % sessions;
            let (app, cookies, start) = (app.clone(), Arc::clone(&cookies[number]), Arc::clone(&start));
            (number, tokio::spawn(async move { ask(app, &cookies, &start).await }))
        })
        .collect();
    // Before anybody may start: what the last ones took to get ready counts too.
    let started = Instant::now();
    start.wait().await;
    let mut times = Vec::with_capacity(requests.len());
    for (number, request) in requests {
        let answer = request.await.expect("a request is not aborted");
        answer.check(&auth, number);
        times.push(answer.at.saturating_duration_since(started));
    }
    times.sort_unstable();
    Storm { token_requests: provider.token_requests(), faults: provider.faults(), times }
}

/// Who asks, and their token.
#[with_api_auth_required]
async fn token(session: Session) -> Result<String, AccessTokenError> {
    let token = session.access_token().await?;
    Ok(format!("{} {}", session.user().sub(), token.as_str()))
}

fn application(provider: &Provider) -> Auth {
    Auth::builder()
        .secret(session::SECRET)
        .domain(provider.issuer())
        .danger_allow_insecure_requests(true)
        .client_id("storm")
        .client_secret("what-only-the-provider-knows")
        .base_url("http://localhost:3000")
        .http_timeout(Duration::from_secs(60))
        .build()
        .expect("the configuration is complete")
}

/// The cookies of a browser whose access token ended a minute ago.
fn cookies(auth: &Auth, number: usize) -> String {
    let now = Timestamp::now();
    let json = format!(
        r#"{{"user":{{"sub":"{}"}},"tokenSet":{{"accessToken":"{}","refreshToken":"{}","scope":"openid profile email offline_access","expiresAt":{},"token_type":"Bearer"}},"internal":{{"sid":"sid-{number}","createdAt":{}}}}}"#,
        user(number),
        access_token(number, 0),
        refresh_token(number, 0),
        now.as_unix() - 60,
        now.as_unix() - 3_660,
    );
    let document = SessionDocument::parse(json).expect("a session");
    let lines = auth.codec().write(&document, &[], &SeenNames::default(), now).expect("it can be sealed");
    pairs(&lines.iter().map(SetCookie::as_str).collect::<Vec<_>>())
}

/// What a browser sends back of these `Set-Cookie` lines.
fn pairs(lines: &[&str]) -> String {
    let pairs: Vec<_> = lines.iter().filter_map(|line| line.split(';').next()).collect();
    pairs.join("; ")
}

/// An answer, not yet looked at.
struct Answer {
    at: Instant,
    status: StatusCode,
    body: String,
    cookies: String,
}

async fn ask(app: Router, cookies: &str, start: &Barrier) -> Answer {
    let request = Request::get("/token").header(COOKIE, cookies).body(Body::empty()).expect("a request");
    start.wait().await;
    let Ok(response) = app.oneshot(request).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1 << 16).await.expect("a short body");
    let at = Instant::now();
    let lines: Vec<_> =
        parts.headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()).collect();
    let body = String::from_utf8_lossy(&body).into_owned();
    Answer { at, status: parts.status, body, cookies: pairs(&lines) }
}

impl Answer {
    /// The body has the session's new token, and the cookies hold the session with it and the refresh token to go on with.
    fn check(&self, auth: &Auth, number: usize) {
        assert_eq!(self.status, StatusCode::OK, "session {number}: {}", self.body);
        assert_eq!(self.body, format!("{} {}", user(number), access_token(number, 1)));
        let headers = session::headers(&self.cookies);
        let codec = auth.codec();
        let cookies = RequestCookies::of_request(&headers, codec.cookie_name());
        let session = codec.read(&cookies, Timestamp::now()).expect("the answer keeps the session");
        let tokens = session.token_set();
        assert_eq!(session.user().sub(), user(number));
        assert_eq!(tokens.access_token().as_deref(), Some(access_token(number, 1).as_str()));
        assert_eq!(tokens.refresh_token().as_deref(), Some(refresh_token(number, 1).as_str()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn count(number: usize) -> f64 {
    number as f64
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn each_session_asks_once_and_each_request_gets_the_token_of_its_own() {
        let storm = storm(20, 10).await;
        assert_eq!((storm.token_requests, storm.faults, storm.times.len()), (20, 0, 200));
        assert!(storm.times[0] >= ANSWER_TIME, "nobody has a token before the provider gave it");
    }
}
