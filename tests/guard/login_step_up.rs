//! A page (the option `login`) whose user is signed in, too long ago or too weakly.

use std::time::Duration;

use auth_runtime::policy::{Decision, Loads, Policy, PolicyError, Protection, Requirement, StepUp};
use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, Rejection, Session};
use axum::Router;
use axum::response::Response;
use http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::json;

use super::markers::{REACHED, app, cookie, handler, jwt};
use super::optional_and_login::{NAVIGATION, visit};
use super::{Answer, NOW, SECRET, ada, adas_cookie, verifier};

const fn page(requirements: &'static [Requirement]) -> Protection {
    Protection { login: true, requirements, ..Protection::SIGNED_IN }
}

marker!(Fresh, page(&[Requirement::MaxAge(300)]));
marker!(Strong, page(&[Requirement::Acr(&["urn:gold+", "b&c"])]));
marker!(Both, page(&[Requirement::Acr(&["urn:gold"]), Requirement::MaxAge(300), Requirement::Amr(&["mfa"])]));
marker!(Methods, page(&[Requirement::Amr(&["mfa"])]));
marker!(Hostile, page(&[Requirement::Acr(&["a\r\nb", "a b", "\u{fc}", ""])]));
marker!(FreshAdmin, page(&[Requirement::MaxAge(300), Requirement::Roles(&["admin"])]));
marker!(EitherWay, page(&[Requirement::Any(&[Requirement::Roles(&["admin"]), Requirement::Acr(&["gold"])])]));
marker!(FreshApi, Protection { login: false, ..page(&[Requirement::MaxAge(300)]) });
marker!(ByPolicy, page(&[]), (Anew, ()));
marker!(FreshByPolicy, Protection { policies: &["Anew"], ..page(&[Requirement::MaxAge(300)]) }, (Anew, ()));
marker!(
    FreshOrStrong,
    page(&[
        Requirement::MaxAge(300),
        Requirement::Any(&[Requirement::Roles(&["a"]), Requirement::Acr(&["b"])])
    ])
);
marker!(Quick, page(&[Requirement::MaxAge(20)]));
marker!(Always, page(&[Requirement::MaxAge(0)]));
marker!(Plain, page(&[]));
marker!(TooMany, page(&[]), (Endless, ()));

/// Demands a new sign-in, and nothing else of it.
struct Anew;

impl Loads for Anew {
    type Value = ();
}

impl Policy<Auth> for Anew {
    async fn decide(_: &Session, _: &mut Parts, _: &Auth) -> Result<Decision, PolicyError> {
        Ok(Decision::StepUp(StepUp::default()))
    }
}

/// Demands more classes than the sign-in takes.
struct Endless;

impl Loads for Endless {
    type Value = ();
}

impl Policy<Auth> for Endless {
    async fn decide(_: &Session, _: &mut Parts, _: &Auth) -> Result<Decision, PolicyError> {
        let classes = (0..500).map(|n| format!("class-{n}"));
        Ok(Decision::StepUp(StepUp::default().with_acr_values(classes).with_max_age(Duration::from_secs(60))))
    }
}

/// Opens the page as a browser does in which Ada has been signed in for a day, without step-up.
async fn open(app: &Router, auth: &Auth, uri: &str) -> Answer {
    open_with(app, uri, Method::GET, &session_of(auth, NOW - 86_400), NAVIGATION).await
}

async fn open_with(
    app: &Router,
    uri: &str,
    method: Method,
    cookie: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut headers = headers.to_vec();
    headers.push((COOKIE.as_str(), cookie));
    visit(app, method, uri, &headers).await
}

/// The cookie of Ada's session that began at this time.
fn session_of(auth: &Auth, began: i64) -> String {
    let mut session = ada();
    session["internal"] = json!({ "sid": "s", "createdAt": began });
    session["exp"] = json!(NOW + 86_400);
    cookie_header(auth, &session).unwrap()
}

#[tokio::test]
async fn grd_05_a_page_leads_to_the_sign_in_that_it_needs() {
    let auth = verifier();
    let back = format!("%2F%3Fa%3Db%26step_up_asked_at%3D{NOW}");
    for (app, parameters) in [
        (app::<Fresh>(&auth), "&max_age=300"),
        (app::<Strong>(&auth), "&acr_values=urn%3Agold%2B%20b%26c"),
        (app::<Both>(&auth), "&max_age=300&acr_values=urn%3Agold"),
        // What has no parameter, or cannot be one, makes the provider ask the user at least.
        (app::<Methods>(&auth), "&max_age=0"),
        (app::<Hostile>(&auth), "&max_age=0"),
        (app::<ByPolicy>(&auth), "&max_age=0"),
        (app::<TooMany>(&auth), "&max_age=60"),
        (app::<EitherWay>(&auth), "&acr_values=gold"),
    ] {
        let answer = open(&app, &auth, "/?a=b").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{parameters}");
        assert_eq!(answer.headers[LOCATION], format!("/auth/login?returnTo={back}{parameters}"));
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
async fn grd_05_and_s_step_1_all_that_is_no_navigation_gets_the_challenge() {
    let auth = verifier();
    let session = session_of(&auth, NOW - 86_400);
    let (page, api) = (app::<Fresh>(&auth), app::<FreshApi>(&auth));
    let reference = open(&api, &auth, "/").await;
    assert_eq!(reference.status, StatusCode::UNAUTHORIZED);
    assert!(reference.headers[WWW_AUTHENTICATE].to_str().unwrap().ends_with(r#", max_age="300""#));
    let not_navigating: &[&[(&str, &str)]] = &[
        &[],
        &[("accept", "application/json")],
        &[("accept", "text/html"), ("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
        &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch;prerender")],
        &[("sec-fetch-mode", "navigate"), ("next-router-prefetch", "1")],
    ];
    for headers in not_navigating {
        let answer = open_with(&page, "/", Method::GET, &session, headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!((answer.body, answer.headers), (reference.body.clone(), reference.headers.clone()));
    }
    let own_form = [NAVIGATION, &[("sec-fetch-site", "same-origin")]].concat();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        let answer = open_with(&page, "/", method.clone(), &session, &own_form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        assert!(!answer.headers.contains_key(LOCATION), "{method}");
    }
}

#[tokio::test]
async fn grd_05_a_user_whom_no_sign_in_helps_is_not_sent_there() {
    let auth = verifier();
    let answer = open(&app::<FreshAdmin>(&auth), &auth, "/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("insufficient_roles"), "{}", answer.body);
    let fresh = cookie(&auth, json!({}), json!({ "idToken": jwt(&json!({ "auth_time": NOW })) }));
    let answer = open_with(&app::<Fresh>(&auth), "/", Method::GET, &fresh, NAVIGATION).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, REACHED));
}

#[tokio::test]
async fn grd_08_a_browser_that_comes_back_too_weak_gets_the_answer_of_an_api() {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder().secret(SECRET).test_clock(&clock).build().unwrap();
    let page = app::<Both>(&auth);
    assert_eq!(open(&page, &auth, "/?a=b").await.status, StatusCode::SEE_OTHER);
    let back = format!("/?a=b&step_up_asked_at={NOW}");
    let reference = open_with(&page, "/?a=b", Method::GET, &session_of(&auth, NOW), &[]).await;
    assert!(reference.headers.contains_key(WWW_AUTHENTICATE));
    // A sign-in that needs no user takes a second, one with a user takes minutes.
    for took in [0, 1, 60, 61, 300, 3_599] {
        clock.set(NOW + took);
        let session = session_of(&auth, NOW + took);
        let answer = open_with(&page, &back, Method::GET, &session, NAVIGATION).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{took}");
        assert_eq!((answer.body, answer.headers), (reference.body.clone(), reference.headers.clone()));
    }
}

#[tokio::test]
async fn grd_08_a_circle_ends_also_where_the_session_seems_to_be_old() {
    let auth = verifier();
    let page = app::<Methods>(&auth);
    let sent = open(&page, &auth, "/").await;
    let location = format!("http://localhost{}", sent.headers[LOCATION].to_str().unwrap());
    let location = url::Url::parse(&location).unwrap();
    let (_, back) = location.query_pairs().next().unwrap();
    assert_eq!(open(&page, &auth, &back).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn grd_08_a_page_that_was_good_for_a_while_leads_to_the_sign_in_again_with_one_mark() {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder().secret(SECRET).test_clock(&clock).build().unwrap();
    let session = session_of(&auth, NOW);
    clock.set(NOW + 301);
    let old = format!("/?step_up_asked_at={NOW}&a=b");
    let answer = open_with(&app::<Fresh>(&auth), &old, Method::GET, &session, NAVIGATION).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let back = format!("%2F%3Fa%3Db%26step_up_asked_at%3D{}", NOW + 301);
    assert_eq!(answer.headers[LOCATION], format!("/auth/login?returnTo={back}&max_age=300"));
    // A sign-in without a demand leads back without the mark, which would say that there was one.
    let answer = visit(&app::<Plain>(&auth), Method::GET, &old, NAVIGATION).await;
    assert_eq!(answer.headers[LOCATION], "/auth/login?returnTo=%2F%3Fa%3Db");
}

#[tokio::test]
async fn grd_05_the_first_sign_in_asks_for_what_the_page_demands_in_any_case() {
    let auth = verifier();
    let back = format!("%2F%3Fa%3Db%26step_up_asked_at%3D{NOW}");
    for (app, marked, parameters) in [
        (app::<Fresh>(&auth), true, "&max_age=300"),
        (app::<Strong>(&auth), true, "&acr_values=urn%3Agold%2B%20b%26c"),
        (app::<Both>(&auth), true, "&max_age=300&acr_values=urn%3Agold"),
        (app::<FreshAdmin>(&auth), true, "&max_age=300"),
        // The page may demand more of the user who comes back, and could not ask for it behind a mark.
        (app::<FreshByPolicy>(&auth), false, "&max_age=300"),
        (app::<FreshOrStrong>(&auth), false, "&max_age=300"),
        // No parameter names what these demand. The user may have it without being asked.
        (app::<Methods>(&auth), false, ""),
        (app::<Hostile>(&auth), false, ""),
        (app::<EitherWay>(&auth), false, ""),
        (app::<ByPolicy>(&auth), false, ""),
        (app::<Plain>(&auth), false, ""),
    ] {
        let answer = visit(&app, Method::GET, "/?a=b", NAVIGATION).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{parameters}");
        let back = if marked { &*back } else { "%2F%3Fa%3Db" };
        assert_eq!(answer.headers[LOCATION], format!("/auth/login?returnTo={back}{parameters}"));
        assert!(!answer.headers.contains_key(SET_COOKIE) && !answer.headers.contains_key(WWW_AUTHENTICATE));
    }
    let long = format!("/{}", "a".repeat(2_030));
    let app = Router::new().fallback_service(handler::<Fresh>().with_state(auth.clone()));
    let answer = visit(&app, Method::GET, &long, NAVIGATION).await;
    assert_eq!(
        answer.headers[LOCATION],
        format!("/auth/login?returnTo=%2F{}&max_age=300", "a".repeat(2_030))
    );
}

#[tokio::test]
async fn grd_08_a_browser_that_comes_back_without_a_session_is_not_sent_again() {
    // A browser withholds a `SameSite=Strict` cookie on the way back from the provider.
    let auth = verifier();
    for app in [app::<Fresh>(&auth), app::<Methods>(&auth), app::<Plain>(&auth)] {
        let reference = visit(&app, Method::GET, "/", &[]).await;
        assert_eq!(reference.status, StatusCode::UNAUTHORIZED);
        for (asked_at, is_refused) in
            [(NOW, true), (NOW - 60, true), (NOW + 60, true), (NOW - 61, false), (NOW + 61, false)]
        {
            let back = format!("/?a=b&step_up_asked_at={asked_at}");
            let answer = visit(&app, Method::GET, &back, NAVIGATION).await;
            if is_refused {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{asked_at}");
                assert_eq!(
                    (answer.body, answer.headers),
                    (reference.body.clone(), reference.headers.clone())
                );
            } else {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{asked_at}");
            }
        }
    }
}

#[tokio::test]
async fn grd_08_a_step_up_that_was_good_for_seconds_is_not_taken_for_one_in_vain() {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder().secret(SECRET).test_clock(&clock).build().unwrap();
    let (session, back) = (session_of(&auth, NOW), format!("/?step_up_asked_at={NOW}"));
    for (app, seconds) in [(app::<Quick>(&auth), 20), (app::<Always>(&auth), 10), (app::<Fresh>(&auth), 60)] {
        for (passed, expected) in [
            (0, StatusCode::UNAUTHORIZED),
            (seconds, StatusCode::UNAUTHORIZED),
            (seconds + 1, StatusCode::SEE_OTHER),
        ] {
            clock.set(NOW + passed);
            let answer = open_with(&app, &back, Method::GET, &session, NAVIGATION).await;
            assert_eq!(answer.status, expected, "{seconds} {passed}");
        }
    }
}

#[tokio::test]
async fn grd_08_no_mark_opens_a_page_or_writes_a_cookie() {
    let auth = verifier();
    let page = app::<Fresh>(&auth);
    for (asked_at, expected) in [
        (NOW.to_string(), StatusCode::UNAUTHORIZED),
        ((NOW + 60).to_string(), StatusCode::UNAUTHORIZED),
        ((NOW + 61).to_string(), StatusCode::SEE_OTHER),
        (i64::MAX.to_string(), StatusCode::SEE_OTHER),
        (format!("-{NOW}"), StatusCode::SEE_OTHER),
        (String::new(), StatusCode::SEE_OTHER),
    ] {
        let answer = open(&page, &auth, &format!("/?step_up_asked_at={asked_at}")).await;
        assert_eq!(answer.status, expected, "{asked_at}");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{asked_at}");
        assert_ne!(answer.body, REACHED, "{asked_at}");
    }
}

#[tokio::test]
async fn rdr_02_a_page_whose_address_cannot_hold_the_mark_is_refused() {
    let auth = verifier();
    let app = Router::new().fallback_service(handler::<Fresh>().with_state(auth.clone()));
    for (uri, expected) in [
        (format!("/{}", "a".repeat(2_000)), StatusCode::SEE_OTHER),
        (format!("/{}", "a".repeat(2_030)), StatusCode::UNAUTHORIZED),
        ("//evil.com/".to_owned(), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(open(&app, &auth, &uri).await.status, expected, "{uri:.20}");
    }
    let answer = open(&app, &auth, "https://evil.com/a").await;
    let back = format!("%2Fa%3Fstep_up_asked_at%3D{NOW}");
    assert_eq!(answer.headers[LOCATION], format!("/auth/login?returnTo={back}&max_age=300"));
}

fn teapot(_: &Rejection, _: &Parts) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::IM_A_TEAPOT;
    response
}

#[tokio::test]
async fn an_own_answer_is_for_refusals_alone() {
    let builder = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW)).on_rejection(teapot);
    let auth = builder.build().unwrap();
    let page = app::<Fresh>(&auth);
    assert_eq!(open(&page, &auth, "/").await.status, StatusCode::SEE_OTHER);
    let back = format!("/?step_up_asked_at={NOW}");
    assert_eq!(open(&page, &auth, &back).await.status, StatusCode::IM_A_TEAPOT);
    let answer = open_with(&page, "/", Method::GET, &adas_cookie(&auth), &[]).await;
    assert_eq!(answer.status, StatusCode::IM_A_TEAPOT);
}
