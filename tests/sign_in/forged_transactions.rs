//! Transactions that are authentic and do not belong to the callback.

use auth_runtime::testing::TestClock;
use auth_runtime::testing::provider::{Endpoint, Provider};
use auth_tests::{HEADER, IV, derive, seal_raw, unseal};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::world::{Answer, World, parameter};

/// What seals the cookies of a [`World`].
const SECRET: &str = "c4e19b7250fd83a6e8b1d70f42956acb";

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
        let mut world = World::new().await;
        let back = world.begin("/auth/login?returnTo=/after", ADA).await;
        let (name, value) =
            world.jar.iter().next().map(|(name, value)| (name.clone(), value.clone())).unwrap();
        assert!(name.ends_with(&parameter(&back, "state").unwrap()), "{name}");
        let (_, sealed) = value.split_once("%3A").unwrap();
        let (_, members) = unseal(derive(SECRET), sealed);
        Self { world, back, name, members: serde_json::from_str(&members).unwrap() }
    }

    /// Comes back with a cookie that seals these members.
    async fn come_back(&mut self, members: &Value) -> Answer {
        let sealed = seal_raw(SECRET, HEADER, members.to_string().as_bytes(), IV);
        self.world.jar.insert(self.name.clone(), sealed);
        self.world.get(&self.back).await
    }

    /// No sign-in was under way, for all that the answer says; the provider was not asked, and nothing was written.
    fn assert_unknown(&self, answer: &Answer, what: &str) {
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &body["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_state")),
            "{what}"
        );
        assert!(!answer.headers.contains_key(SET_COOKIE), "{what}");
        assert_eq!(self.world.provider.requests(Endpoint::Token), 0, "{what}");
        assert_eq!(self.world.names(), [&self.name], "{what}");
    }
}

#[tokio::test]
async fn ctx_07_each_member_of_a_transaction_is_looked_at() {
    let now = TestClock::now().unix_seconds();
    let other = "A".repeat(43);
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
    under_way.world.jar.remove(&first_name);
    under_way.name = under_way.world.jar.keys().next().unwrap().clone();
    under_way.back = second;
    let answer = under_way.come_back(&first).await;
    under_way.assert_unknown(&answer, "the first one's cookie under the second one's name");
}

#[tokio::test]
async fn a_sign_in_may_take_an_hour_and_no_longer() {
    for (seconds, is_taken) in [(3_599, true), (3_600, false)] {
        let clock = TestClock::now();
        let (shown, set) = (clock.clone(), clock.clone());
        let provider = Provider::builder().clock(move || shown.unix_seconds());
        let mut world = World::configured(provider, |builder| builder.test_clock(&clock)).await;
        let login = world.get("/auth/login").await;
        let cookies = world.jar.clone();
        set.advance(seconds);
        let back = world.provider.sign_in(login.location(), ADA).unwrap();
        let answer = world.get(&back).await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, is_taken, "{seconds}: {}", answer.body);
        assert_eq!(world.provider.requests(Endpoint::Token), usize::from(is_taken), "{seconds}");
        if !is_taken {
            assert!(answer.body.contains("invalid_state"), "{}", answer.body);
            assert_eq!(world.jar, cookies);
        }
    }
}
