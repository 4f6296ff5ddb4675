//! When to come back, where a provider says so.

use auth_tests::Answer;
use auth_tests::front::{Behaviour, whole_answer};
use http::header::RETRY_AFTER;
use http::{Method, StatusCode};

use crate::refresh::expired;
use crate::upstream::Endpoint;
use crate::world::{begin, world};

/// What the provider says, and what the application passes on, in seconds.
const WORDS: [(&str, Option<&str>); 9] = [
    ("7", Some("7")),
    ("0", Some("0")),
    ("86401", Some("86400")),
    ("Thu, 01 Jan 2099 00:00:00 GMT", Some("86400")),
    ("Thu, 01 Jan 1970 00:02:00 GMT", Some("0")),
    ("soon", None),
    ("-1", None),
    ("1.5", None),
    ("99999999999999999999999", None),
];

#[tokio::test]
async fn tok_04_when_to_come_back_is_passed_on_to_who_wants_a_token() {
    let world = world().await;
    let browser = expired(&world).await;
    for (given, passed_on) in WORDS {
        for status in ["503 Later", "429 Slow", "500 No", "408 Late"] {
            world.provider.set(Endpoint::Token, outage(status, given)).await;
            let answer = browser.ask(&world.app, Method::GET, "/token").await;
            check(&answer, passed_on, given);
            // Longer than the provider is left alone in any case.
            world.clock.advance(60);
        }
    }
}

#[tokio::test]
async fn tok_04_when_to_come_back_is_passed_on_to_who_signs_in() {
    let world = world().await;
    for (given, passed_on) in WORDS {
        let mut browser = world.browser.clone();
        let back = begin(&world, &mut browser).await;
        world.provider.set(Endpoint::Token, outage("503 Later", given)).await;
        check(&browser.get(&world.app, &back).await, passed_on, given);
        world.provider.heal().await;
    }
}

fn outage(status: &str, retry_after: &str) -> Behaviour {
    Behaviour::bytes(whole_answer(status, &format!("Retry-After: {retry_after}\r\n"), ""))
}

fn check(answer: &Answer, expected: Option<&str>, given: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let found = answer.headers.get(RETRY_AFTER).map(|value| value.to_str().unwrap());
    assert_eq!(found, expected, "{given}");
}
