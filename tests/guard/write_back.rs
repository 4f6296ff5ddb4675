//! When a session is written back, what then stands in the response, and when nothing may.

use auth_runtime::codec::Lifetime;
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, AuthBuilder, with_api_auth_required};
use axum::Router;
use axum::extract::Path;
use axum::routing::get as get_route;
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::{Value, json};
use std::time::Duration;

use super::log::Log;
use super::{Answer, NOW, SECRET, ada, get};

const OLD_SECRET: &str = "71d5e0c93a8f46b2b90e6c7fd1482a35";
const DAY: i64 = 86_400;

#[with_api_auth_required]
async fn me(Path(number): Path<u8>) -> String {
    format!("{number} {}", user.sub())
}

fn owner(clock: &TestClock) -> AuthBuilder {
    Auth::builder()
        .test_clock(clock)
        .secret(SECRET)
        .domain("tenant.eu.auth0.com")
        .client_id("client")
        .client_secret("client secret")
        .base_url("https://app.example.com")
}

fn app(auth: &Auth) -> Router {
    Router::new().route("/me/{number}", get_route(me)).with_state(auth.clone())
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// Ada's session as written at `NOW`, lasting until `exp`.
fn session(exp: i64) -> Value {
    let mut session = ada();
    session["internal"] = json!({ "sid": "s", "createdAt": NOW });
    session["exp"] = json!(exp);
    session
}

#[tokio::test]
async fn a_session_rolls_when_it_gains_a_tenth_of_the_inactivity_limit() {
    let clock = TestClock::at(NOW);
    let auth = owner(&clock).build().unwrap();
    let cookie = cookie_header(&auth, &session(NOW + DAY)).unwrap();
    clock.set(NOW + 8_639);
    assert_eq!(set_cookies(&get(&app(&auth), "/me/1", Some(&cookie)).await), [""; 0]);
    clock.set(NOW + 8_640);
    let lines = set_cookies(&get(&app(&auth), "/me/1", Some(&cookie)).await);
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.ends_with("; Max-Age=86400; Secure; HttpOnly; SameSite=lax"), "{line}");

    // The new cookie is the same session, a day longer.
    let rolled = line.split(';').next().unwrap();
    clock.set(NOW + 8_640 + DAY);
    assert_eq!(get(&app(&auth), "/me/1", Some(rolled)).await.status, StatusCode::OK);
    assert_eq!(get(&app(&auth), "/me/1", Some(&cookie)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn rolling_never_passes_the_absolute_limit() {
    let clock = TestClock::at(NOW + 3 * DAY - 3_600);
    let auth = owner(&clock).build().unwrap();
    let cookie = cookie_header(&auth, &session(NOW + 3 * DAY)).unwrap();
    assert_eq!(set_cookies(&get(&app(&auth), "/me/1", Some(&cookie)).await), [""; 0]);
    clock.set(NOW + 3 * DAY);
    assert_eq!(get(&app(&auth), "/me/1", Some(&cookie)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn pay_10_an_owner_enforces_its_absolute_limit_whatever_exp_says() {
    let clock = TestClock::at(NOW + 3 * DAY);
    let auth = owner(&clock).build().unwrap();
    let cookie = cookie_header(&auth, &session(NOW + 9 * DAY)).unwrap();
    assert_eq!(get(&app(&auth), "/me/1", Some(&cookie)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_fixed_session_is_never_rolled() {
    let clock = TestClock::at(NOW + DAY);
    let auth = owner(&clock).lifetime(Lifetime::fixed(Duration::from_secs(3 * 86_400))).build().unwrap();
    let cookie = cookie_header(&auth, &session(NOW + 2 * DAY)).unwrap();
    let answer = get(&app(&auth), "/me/1", Some(&cookie)).await;
    assert_eq!((answer.status, set_cookies(&answer).len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn a_verifier_never_writes_a_cookie() {
    let clock = TestClock::at(NOW + DAY - 1);
    for auth in [
        Auth::builder()
            .test_clock(&clock)
            .secret(OLD_SECRET)
            .secret(SECRET)
            .legacy_cookies(true)
            .build()
            .unwrap(),
        owner(&clock).verify_only().build().unwrap(),
    ] {
        let writer = Auth::builder().test_clock(&clock).secret(SECRET).build().unwrap();
        let cookie = cookie_header(&writer, &session(NOW + DAY)).unwrap();
        let stray = format!("{cookie}; __session__0=x; __FC_0=x");
        let answer = get(&app(&auth), "/me/1", Some(&stray)).await;
        assert_eq!((answer.status, set_cookies(&answer).len()), (StatusCode::OK, 0));
    }
}

#[tokio::test]
async fn a_cookie_of_an_old_secret_is_replaced_at_once() {
    let clock = TestClock::at(NOW);
    let old = Auth::builder().test_clock(&clock).secret(OLD_SECRET).build().unwrap();
    let cookie = cookie_header(&old, &session(NOW + DAY)).unwrap();
    let rotated = owner(&clock).secret(OLD_SECRET).build().unwrap();
    let lines = set_cookies(&get(&app(&rotated), "/me/1", Some(&cookie)).await);
    assert_eq!(lines.len(), 1);

    let new_only = owner(&clock).build().unwrap();
    let replaced = lines[0].split(';').next().unwrap();
    assert_eq!(get(&app(&new_only), "/me/1", Some(replaced)).await.status, StatusCode::OK);
    assert_eq!(get(&app(&new_only), "/me/1", Some(&cookie)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn chk_03_chk_12_and_chk_25_strays_go_with_the_next_write() {
    let clock = TestClock::at(NOW + DAY / 2);
    let auth = owner(&clock).build().unwrap();
    let cookie = cookie_header(&auth, &session(NOW + DAY)).unwrap();
    let stray = format!(
        "{cookie}; __session__3=; __session__0=x; __session__999999999=x; appSession.1=y; __FC_7=z; other=o"
    );
    let lines = set_cookies(&get(&app(&auth), "/me/1", Some(&stray)).await);
    let removed: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=lax"))
        .collect();
    let names: Vec<_> = removed.iter().map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names, ["__session__0", "__session__3", "__session__999999999", "appSession.1", "__FC_7"]);
    assert_eq!(lines.len(), 6);
}

#[tokio::test]
async fn unknown_members_survive_a_roll_byte_for_byte() {
    let clock = TestClock::at(NOW);
    let auth = owner(&clock).build().unwrap();
    let text = format!(
        r#"{{"cut":"\ud83e","user":{{"sub":"u","half":1.10,"big":12345678901234567890123}},"exp":{},"tokenSet":{{}},"internal":{{"createdAt":{NOW}}},"deep":{}1{}}}"#,
        NOW + 600,
        "[".repeat(400),
        "]".repeat(400),
    );
    let raw = serde_json::value::RawValue::from_string(text.clone()).unwrap();
    let cookie = cookie_header(&auth, &raw).unwrap();
    let lines = set_cookies(&get(&app(&auth), "/me/1", Some(&cookie)).await);
    let rolled = lines[0].split(';').next().unwrap().to_owned();
    let codec = auth.codec();
    let cookies = auth_runtime::codec::RequestCookies::scan([rolled.as_bytes()], codec.cookie_name());
    let read = codec.read(&cookies, auth_runtime::codec::Timestamp::from_unix(NOW)).unwrap();
    assert_eq!(read.document().as_str(), text.replace(&(NOW + 600).to_string(), &(NOW + DAY).to_string()));
}

#[tokio::test]
async fn key_08_without_randomness_nothing_is_sent() {
    let clock = TestClock::at(NOW + DAY / 2);
    let working = owner(&clock).build().unwrap();
    let cookie = cookie_header(&working, &session(NOW + DAY)).unwrap();
    let members = r#""error":"session_not_saved","description":"The session could not be saved""#;
    let title = r#""type":"about:blank","title":"Internal Server Error","status":500,"detail":"The session could not be saved""#;
    for (is_problem, body) in [(false, format!("{{{members}}}")), (true, format!("{{{title},{members}}}"))] {
        let broken = owner(&clock).test_without_randomness().problem_json(is_problem).build().unwrap();
        let answer = get(&app(&broken), "/me/1", Some(&cookie)).await;
        assert_eq!((answer.status, &answer.body), (StatusCode::INTERNAL_SERVER_ERROR, &body));
        assert_eq!(set_cookies(&answer).len(), 0);
    }
}

#[tokio::test]
async fn s_ck_8_more_cookies_than_servers_accept_by_default_are_a_warning() {
    let clock = TestClock::at(NOW + DAY / 2);
    let auth = owner(&clock).build().unwrap();
    for (bytes, chunks, warnings) in [(9_500, 4, 0), (11_500, 5, 1)] {
        let mut large = session(NOW + DAY);
        large["user"]["x"] = json!("y".repeat(bytes));
        let cookie = cookie_header(&auth, &large).unwrap();
        let (log, _listening) = Log::listen();
        let lines = set_cookies(&get(&app(&auth), "/me/1", Some(&cookie)).await);
        assert_eq!(lines.len(), chunks, "{bytes}");
        let lines = log.lines();
        let warned = lines.iter().filter(|line| line.contains("more cookies than HTTP/2 servers accept"));
        assert_eq!(warned.count(), warnings, "{lines:?}");
    }
}

#[tokio::test]
async fn s_nist_6_where_the_service_is_https_no_setting_sends_a_cookie_without_secure() {
    let clock = TestClock::at(NOW + DAY / 2);
    let auth = owner(&clock).cookie_secure(false).danger_allow_insecure_requests(true).build().unwrap();
    let cookie = cookie_header(&auth, &session(NOW + DAY)).unwrap();
    let lines = set_cookies(&get(&app(&auth), "/me/1", Some(&cookie)).await);
    assert!(lines.len() == 1 && lines[0].contains("; Secure; "), "{lines:?}");
}
