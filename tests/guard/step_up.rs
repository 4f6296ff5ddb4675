//! Signing in again, more recently or in a stronger way (RFC 9470).

use std::time::Duration;

use auth_runtime::policy::{Decision, Protection, Requirement, StepUp, policy};
use auth_runtime::testing::TestClock;
use auth_runtime::{Auth, User};
use http::StatusCode;
use http::header::{CACHE_CONTROL, SET_COOKIE, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use super::markers::{REACHED, app, cookie, jwt};
use super::{NOW, SECRET, adas_cookie, get, verifier};

const fn all_of(requirements: &'static [Requirement]) -> Protection {
    Protection { requirements, ..Protection::SIGNED_IN }
}

marker!(
    Transfer,
    all_of(&[
        Requirement::Acr(&["urn:gold", "urn:silver"]),
        Requirement::Amr(&["mfa"]),
        Requirement::MaxAge(300),
        Requirement::MaxAge(600),
    ])
);
marker!(Fresh, all_of(&[Requirement::MaxAge(300)]));
marker!(FreshAdmin, all_of(&[Requirement::MaxAge(300), Requirement::Roles(&["admin"])]));
marker!(Hostile, all_of(&[Requirement::Acr(&["a\"b\\c", "x\r\nSet-Cookie:y=1", "a b", "ü"])]));

fn signed_in(auth: &Auth, claims: &Value) -> String {
    cookie(auth, json!({}), json!({ "idToken": jwt(claims) }))
}

#[tokio::test]
async fn s_step_1_the_challenge_names_all_that_a_new_sign_in_has_to_achieve() {
    let auth = verifier();
    for claims in [
        json!({}),
        json!({ "acr": "urn:gold", "amr": ["mfa"], "auth_time": NOW - 301 }),
        json!({ "acr": "urn:bronze", "amr": ["mfa"], "auth_time": NOW }),
        json!({ "acr": "urn:gold", "amr": ["pwd"], "auth_time": NOW }),
    ] {
        let answer = get(&app::<Transfer>(&auth), "/", Some(&signed_in(&auth, &claims))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{claims}");
        assert_eq!(
            answer.headers[WWW_AUTHENTICATE],
            r#"Bearer realm="api", error="insufficient_user_authentication", error_description="The user has to sign in again, more recently or in a stronger way", acr_values="urn:gold urn:silver", max_age="300""#
        );
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["error"], "insufficient_user_authentication");
        assert_eq!(answer.headers[CACHE_CONTROL], "private, no-store");
        assert!(!answer.headers.contains_key(SET_COOKIE));
    }
}

#[tokio::test]
async fn s_step_1_no_class_breaks_out_of_the_challenge() {
    let auth = verifier();
    let answer = get(&app::<Hostile>(&auth), "/", Some(&adas_cookie(&auth))).await;
    let challenge = answer.headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.ends_with(r#", acr_values="a\"b\\c""#), "{challenge}");
    assert!(!answer.headers.contains_key(SET_COOKIE));
}

#[tokio::test]
async fn s_step_2_and_s_idt_8_after_the_step_up_class_method_and_time_are_verified() {
    let clock = TestClock::at(NOW);
    let auth = Auth::builder().secret(SECRET).test_clock(&clock).build().unwrap();
    let claims = json!({ "acr": "urn:silver", "amr": ["pwd", "mfa"], "auth_time": NOW });
    let cookie = signed_in(&auth, &claims);
    for (later, expected) in [(0, StatusCode::OK), (300, StatusCode::OK), (301, StatusCode::UNAUTHORIZED)] {
        clock.set(NOW + later);
        assert_eq!(get(&app::<Transfer>(&auth), "/", Some(&cookie)).await.status, expected, "{later}");
    }
}

#[tokio::test]
async fn s_step_2_a_time_that_is_missing_or_nonsense_is_not_fresh() {
    let auth = verifier();
    for (auth_time, expected) in [
        (json!(NOW - 300), StatusCode::OK),
        (json!(NOW + 60), StatusCode::OK),
        (json!(NOW + 61), StatusCode::UNAUTHORIZED),
        (json!(NOW - 301), StatusCode::UNAUTHORIZED),
        (json!(null), StatusCode::UNAUTHORIZED),
        (json!(NOW.to_string()), StatusCode::UNAUTHORIZED),
        (json!(i64::MAX), StatusCode::UNAUTHORIZED),
        (json!(i64::MIN), StatusCode::UNAUTHORIZED),
    ] {
        let cookie = signed_in(&auth, &json!({ "auth_time": auth_time }));
        assert_eq!(get(&app::<Fresh>(&auth), "/", Some(&cookie)).await.status, expected, "{auth_time}");
    }
    assert_eq!(
        get(&app::<Fresh>(&auth), "/", Some(&adas_cookie(&auth))).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn nobody_who_lacks_a_right_is_sent_to_sign_in_again() {
    let auth = verifier();
    let answer = get(&app::<FreshAdmin>(&auth), "/", Some(&adas_cookie(&auth))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let admin = cookie(&auth, json!({ "roles": ["admin"] }), json!({}));
    let answer = get(&app::<FreshAdmin>(&auth), "/", Some(&admin)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// Wants gold within ten minutes, unless the session has it.
#[policy]
async fn gold(user: User) -> Decision {
    if user.get("gold").is_some() {
        return Decision::Allow(());
    }
    Decision::StepUp(StepUp::default().with_acr_values(["urn:gold"]).with_max_age(Duration::from_secs(600)))
}

marker!(Golden, Protection::SIGNED_IN, (gold, ()));
marker!(
    FreshGolden,
    all_of(&[Requirement::Acr(&["urn:silver", "urn:gold"]), Requirement::MaxAge(300)]),
    (gold, ())
);

#[tokio::test]
async fn s_step_1_a_policys_demand_is_named_together_with_the_handlers() {
    let auth = verifier();
    let answer = get(&app::<Golden>(&auth), "/", Some(&adas_cookie(&auth))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let challenge = answer.headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.ends_with(r#", acr_values="urn:gold", max_age="600""#), "{challenge}");

    let silver = signed_in(&auth, &json!({ "acr": "urn:silver", "auth_time": NOW }));
    let answer = get(&app::<FreshGolden>(&auth), "/", Some(&silver)).await;
    let challenge = answer.headers[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.ends_with(r#", acr_values="urn:gold", max_age="300""#), "{challenge}");

    let golden = cookie(&auth, json!({ "gold": true }), json!({}));
    assert_eq!(get(&app::<Golden>(&auth), "/", Some(&golden)).await.body, REACHED);
}
