//! Transactions that are authentic and do not belong to the callback.

use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::Endpoint;
use auth_tests::{Answer, HEADER, IV, World, derive, parameter, seal_raw, unseal};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::world::world;

const ADA: &str = "ada@example.com";

/// A sign-in to which the provider has agreed, with the cookie that remembers it.
struct UnderWay {
    world: World,
    back: String,
    name: String,
    /// What the cookie seals.
    members: Value,
}

impl UnderWay {
    async fn new() -> Self {
        let mut world = world().await;
        let back = world.begin("/auth/login?returnTo=/after", ADA).await;
        let (name, value) =
            world.browser.cookies.iter().next().map(|(name, value)| (name.clone(), value.clone())).unwrap();
        assert!(name.ends_with(&parameter(&back, "state").unwrap()), "{name}");
        let (_, sealed) = value.split_once("%3A").unwrap();
        let (_, members) = unseal(derive(&world.secret), sealed);
        Self { world, back, name, members: serde_json::from_str(&members).unwrap() }
    }

    /// Comes back with a cookie that seals these members.
    async fn come_back(&mut self, members: &Value) -> Answer {
        let sealed = seal_raw(&self.world.secret, HEADER, members.to_string().as_bytes(), IV);
        self.world.browser.plant(&self.name, sealed);
        self.world.get(&self.back).await
    }

    /// No sign-in was under way, for all that the answer says; the provider was not asked, and nothing was written.
    fn assert_unknown(&self, answer: &Answer, what: &str) {
        let body: Value = answer.json();
        assert_eq!(
            (answer.status, &body["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_state")),
            "{what}"
        );
        assert!(!answer.headers.contains_key(SET_COOKIE), "{what}");
        assert_eq!(self.world.provider.requests(Endpoint::Token), 0, "{what}");
        assert_eq!(self.world.browser.names(), [&self.name], "{what}");
    }
}

#[tokio::test]
async fn ctx_07_each_member_of_a_transaction_is_looked_at() {
    let other = "A".repeat(43);
    let now = TestClock::now().unix_seconds();
    for (member, value) in [
        ("state", json!(other)),
        ("state", json!("")),
        ("state", Value::Null),
        ("responseType", json!("token")),
        ("responseType", json!("code id_token")),
        ("responseType", Value::Null),
        ("exp", json!(now - 1)),
        ("exp", json!(0)),
        ("exp", json!((now + 600).to_string())),
        ("exp", Value::Null),
        ("originIssuer", json!("https://elsewhere.example.com/")),
        ("nonce", Value::Null),
        ("codeVerifier", Value::Null),
        ("returnTo", Value::Null),
    ] {
        let mut under_way = UnderWay::new().await;
        let mut members = under_way.members.clone();
        assert!(members.get(member).is_some(), "{member} is written no longer");
        members[member] = value.clone();
        let answer = under_way.come_back(&members).await;
        under_way.assert_unknown(&answer, &format!("{member}: {value}"));
        // The same cookie, but for what was changed, is taken.
        let members = under_way.members.clone();
        let answer = under_way.come_back(&members).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{member}: {}", answer.body);
        assert_eq!(answer.location(), "http://localhost:3000/after");
    }
}

#[tokio::test]
async fn ctx_07_a_transaction_under_the_name_of_another_one_asks_nobody() {
    let mut under_way = UnderWay::new().await;
    let first = under_way.members.clone();
    let second = under_way.world.begin("/auth/login", ADA).await;
    let first_name = under_way.name.clone();
    under_way.world.browser.cookies.remove(&first_name);
    under_way.name = under_way.world.browser.cookies.keys().next().unwrap().clone();
    under_way.back = second;
    let answer = under_way.come_back(&first).await;
    under_way.assert_unknown(&answer, "the first one's cookie under the second one's name");
}

#[tokio::test]
async fn a_sign_in_may_take_an_hour_and_no_longer() {
    for (seconds, is_taken) in [(3_599, true), (3_600, false)] {
        let mut world = world().await;
        let login = world.get("/auth/login").await;
        let cookies = world.browser.cookies.clone();
        world.clock.advance(seconds);
        let back = world.provider.sign_in(login.location(), ADA).unwrap();
        let answer = world.get(&back).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_taken, "{seconds}: {}", answer.body);
        assert_eq!(world.provider.requests(Endpoint::Token), usize::from(is_taken), "{seconds}");
        if !is_taken {
            assert!(answer.body.contains("invalid_state"), "{}", answer.body);
            assert_eq!(world.browser.cookies, cookies);
        }
    }
}
