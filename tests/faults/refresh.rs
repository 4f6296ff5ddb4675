//! Faults while an access token is renewed: nobody is signed out by one, and the session's cookie is not touched.

use std::sync::Arc;

use auth_runtime::testing::provider::ProviderKey;
use auth_tests::front::{Behaviour, Script, Step, json_answer};
use auth_tests::{Answer, Browser, payload};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::json;

use crate::fields::stranger;
use crate::judge::{Traffic, inside_problems, status_problem};
use crate::raw::error;
use crate::table::{Fault, LONG, Outcome};
use crate::upstream::Endpoint;
use crate::world::{ADA, GRACE, World, fresh_app, sign_in, who, world};

/// Grace's access token has expired, and what renews it is faulty.
pub(crate) async fn at_refresh(
    world: &World,
    fault: &Fault,
    endpoint: Endpoint,
    expected: Outcome,
) -> Vec<String> {
    let (upstream, [mut browser, other]) = (&world.provider, two_expired(world).await);
    let behaviour = match &fault.behaviour {
        // What the provider did when its answer makes no sense, nobody knows; here it did nothing.
        Behaviour::After(script) if endpoint == Endpoint::Token && expected != Outcome::Fine => {
            unspent(world, &other, script).await
        }
        behaviour => behaviour.clone(),
    };
    let app = fresh_app(world, crate::matrix::deadline(fault));
    let (before, reused) = (Traffic::of(upstream), upstream.provider.reused_refresh_tokens());
    upstream.set(endpoint, behaviour).await;
    let answer = browser.get(&app, "/token").await;

    let mut problems = Vec::new();
    before.problems(upstream, &mut problems);
    if expected == Outcome::Fine {
        token_problems(&answer, &mut problems);
        // In a token, which is random, any word can occur.
        inside_problems(&Answer { body: String::new(), ..answer.clone() }, &mut problems);
    } else {
        inside_problems(&answer, &mut problems);
        status_problem(&answer, expected, &mut problems);
        if answer.headers.contains_key(SET_COOKIE) {
            problems.push("a cookie was touched".to_owned());
        }
    }
    if endpoint == Endpoint::Discovery
        && expected != Outcome::Fine
        && before.requests(upstream, Endpoint::Token) > 0
    {
        problems.push("the refresh token was sent without metadata".to_owned());
    }
    if who(&app, &browser).await.as_deref() != Some(GRACE) {
        problems.push(crate::matrix::LOST.to_owned());
    }
    upstream.heal().await;
    if !fault.lasts {
        world.clock.advance(TOKEN_LIFETIME + 1);
        let again = browser.get(&app, "/token").await;
        token_problems(&again, &mut problems);
        if upstream.provider.reused_refresh_tokens() > reused {
            problems.push("a refresh token was used twice".to_owned());
        }
    }
    problems
}

fn token_problems(answer: &Answer, problems: &mut Vec<String>) {
    if !(answer.status == StatusCode::OK && payload(&answer.body)["sub"] == GRACE) {
        problems.push(format!("no token: {} {:.120}", answer.status, answer.body));
    }
}

/// What the script makes of the answer to another session of Grace's: the provider knows nothing of the request that is
/// answered with it, and spends no refresh token.
async fn unspent(world: &World, other: &Browser, script: &Script) -> Behaviour {
    let answer = other.ask(&world.app, http::Method::GET, "/token").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    Behaviour::Instead(script(&world.provider.front(Endpoint::Token).last_body()))
}

/// Grace, with an access token that has expired.
pub(crate) async fn expired(world: &World) -> Browser {
    let [browser, _] = two_expired(world).await;
    browser
}

/// Two sessions of Grace's from the same moment, with access tokens that have expired.
async fn two_expired(world: &World) -> [Browser; 2] {
    let mut browsers = [Browser::default(), Browser::default()];
    for browser in &mut browsers {
        sign_in(&world.provider, &world.app, browser, GRACE).await;
    }
    world.clock.advance(TOKEN_LIFETIME + 1);
    browsers
}

#[tokio::test]
async fn tok_14_and_tok_16_a_refusal_says_whose_turn_it_is_and_signs_nobody_out() {
    let world = world().await;
    for (status, code, expected, is_named) in [
        ("400 No", "invalid_grant", 401, true),
        ("403 No", "invalid_grant", 401, true),
        ("400 No", "interaction_required", 401, true),
        ("400 No", "login_required", 401, true),
        ("403 No", "mfa_required", 403, true),
        ("403 No", "access_denied", 403, true),
        ("400 No", "invalid_scope", 403, true),
        ("401 No", "invalid_client", 502, true),
        ("400 No", "made_up_by_the_provider", 502, true),
        ("400 No", "<script>", 502, true),
        ("400 No", "a\\u0000b", 502, false),
        ("400 No", "a\\\"b", 502, false),
        ("400 No", "", 502, false),
    ] {
        let browser = expired(&world).await;
        world.provider.set(Endpoint::Token, error(status, "", code)).await;
        let before = Traffic::of(&world.provider);
        let answer = browser.ask(&world.app, http::Method::GET, "/token").await;
        let mut problems = Vec::new();
        before.problems(&world.provider, &mut problems);
        inside_problems(&answer, &mut problems);
        assert_eq!(problems, [""; 0], "{code}");
        assert_eq!(answer.status.as_u16(), expected, "{code}: {}", answer.body);
        assert!(!answer.headers.contains_key(SET_COOKIE), "{code}: a cookie was touched");
        // In the grammar of RFC 6749 section 5.2 there is no character that JSON escapes.
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["cause"].as_str(), is_named.then_some(code), "{code}");
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(who(&world.app, &browser).await.as_deref(), Some(GRACE), "{code}");
        world.provider.heal().await;
    }
}

/// In the shapes that the browser code of the npm package reads.
#[tokio::test]
async fn a_page_that_asks_for_a_token_is_told_what_the_provider_said() {
    let world = world().await;
    let nested = |code: &str, message: &str| {
        let error = json!({ "error": { "code": code, "message": message } });
        error.to_string()
    };
    let refused = nested("failed_to_refresh_token", "The provider refused to give an access token");
    let later = nested("failed_to_refresh_token", "The provider does not answer at the moment");
    let mfa = r#"{"error":"mfa_required","error_description":"Multi-factor authentication is required"}"#
        .to_owned();
    for (behaviour, status, body, retry_after, challenge) in [
        (error("400 No", "", "invalid_grant"), 401, &refused, None, Some("Bearer realm=\"api\"")),
        (error("403 No", "", "mfa_required"), 403, &mfa, None, None),
        (error("503 Later", "Retry-After: 7\r\n", "x"), 503, &later, Some("7"), None),
    ] {
        let browser = expired(&world).await;
        world.provider.set(Endpoint::Token, behaviour).await;
        let answer = browser.ask(&world.app, http::Method::GET, "/auth/access-token").await;
        let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!((answer.status.as_u16(), &answer.body), (status, body));
        assert_eq!(header("content-type"), Some("application/json"));
        assert_eq!((header("retry-after"), header("www-authenticate")), (retry_after, challenge), "{body}");
        assert_eq!(header("cache-control"), Some("private, no-store"));
        assert!(!answer.headers.contains_key(SET_COOKIE), "{body}");
        world.provider.heal().await;
    }
}

/// From the claims and the provider's key to an ID token.
type Forge = fn(serde_json::Value, &ProviderKey) -> Option<String>;

/// Whatever comes with a new access token: tokens of somebody else end the session, and a forgery gives no token.
#[tokio::test]
async fn s_rtr_an_id_token_that_is_not_the_users_is_never_kept() {
    let world = world().await;
    let forgeries: [(&str, Forge, u16, bool); 7] = [
        (
            "another user",
            |mut claims, key| {
                claims["sub"] = json!(ADA);
                key.sign(&key.header("JWT"), &claims)
            },
            401,
            false,
        ),
        (
            "another issuer",
            |mut claims, key| {
                claims["iss"] = json!("https://evil.example/");
                key.sign(&key.header("JWT"), &claims)
            },
            401,
            false,
        ),
        (
            "another user, says a stranger",
            |mut claims, key| {
                claims["sub"] = json!(ADA);
                stranger().sign(&key.header("JWT"), &claims)
            },
            502,
            true,
        ),
        ("a stranger's signature", |claims, key| stranger().sign(&key.header("JWT"), &claims), 502, true),
        (
            "no signature",
            |claims, _| {
                let part = |text: &str| auth_tests::url64(text.as_bytes());
                Some(format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&claims.to_string())))
            },
            502,
            true,
        ),
        (
            "over since long",
            |mut claims, key| {
                claims["exp"] = json!(1);
                key.sign(&key.header("JWT"), &claims)
            },
            502,
            true,
        ),
        ("not a token", |_, _| Some("token".to_owned()), 502, true),
    ];
    for (name, forge, status, stays) in forgeries {
        let mut browser = expired(&world).await;
        world.provider.provider.forge_id_tokens(forge);
        let answer = browser.get(&world.app, "/token").await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {}", answer.body);
        assert!(!answer.body.contains("eyJ"), "{name}: {}", answer.body);
        let expected = stays.then_some(GRACE);
        assert_eq!(who(&world.app, &browser).await.as_deref(), expected, "{name}");
        world.provider.provider.heal();
        if stays {
            // The provider has rotated the refresh token all the same, and the new one is what is sent next.
            assert_eq!(browser.get(&world.app, "/token").await.status, StatusCode::OK, "{name}");
        }
    }
    assert_eq!(world.provider.provider.reused_refresh_tokens(), 0);
}

/// While the provider changes its keys, an ID token may be signed with one that is not known yet. The refresh token has
/// been spent by then, so what came with the ID token is kept.
#[tokio::test]
async fn jwk_04_a_key_that_is_not_known_yet_loses_no_rotated_token() {
    let world = world().await;
    let mut browser = expired(&world).await;
    world.provider.provider.forge_id_tokens(|claims, key| {
        let mut header = key.header("JWT");
        header["kid"] = json!("the-next-key");
        key.sign(&header, &claims)
    });
    let answer = browser.get(&world.app, "/token").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    world.provider.provider.heal();
    world.clock.advance(TOKEN_LIFETIME + 1);
    // Another instance, which knows nothing but the cookie.
    let answer = browser.get(&fresh_app(&world, LONG), "/token").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(world.provider.provider.reused_refresh_tokens(), 0);
}

/// A session that was made elsewhere and whose provider is gone for good.
#[tokio::test]
async fn tok_03_an_outage_of_everything_signs_nobody_out() {
    let world = world().await;
    let browser = expired(&world).await;
    let app = fresh_app(&world, LONG);
    for endpoint in Endpoint::ALL {
        world.provider.set(endpoint, Behaviour::Refuse).await;
    }
    for _ in 0..5 {
        let answer = browser.ask(&app, http::Method::GET, "/token").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.headers.contains_key(SET_COOKIE));
        assert_eq!(who(&app, &browser).await.as_deref(), Some(GRACE));
    }
    world.provider.heal().await;
    let answer = browser.ask(&app, http::Method::GET, "/token").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// Tokens without an ID token or a refresh token are tokens all the same.
#[tokio::test]
async fn what_a_provider_may_leave_out_may_be_left_out() {
    let world = world().await;
    for member in ["id_token", "refresh_token", "expires_in"] {
        let [browser, other] = two_expired(&world).await;
        let without: Script = Arc::new(move |body| {
            let mut answer: serde_json::Value = serde_json::from_str(body).unwrap();
            answer.as_object_mut().unwrap().remove(member);
            vec![Step::Send(json_answer(200, answer.to_string()))]
        });
        let without = unspent(&world, &other, &without).await;
        world.provider.set(Endpoint::Token, without).await;
        let answer = browser.ask(&world.app, http::Method::GET, "/token").await;
        assert_eq!(answer.status, StatusCode::OK, "{member}: {}", answer.body);
        let mut next = browser.clone();
        next.keep(&answer);
        world.provider.heal().await;
        world.clock.advance(TOKEN_LIFETIME + 1);
        let answer = next.ask(&world.app, http::Method::GET, "/token").await;
        assert_eq!(answer.status, StatusCode::OK, "{member}: {}", answer.body);
        assert_eq!(who(&world.app, &next).await.as_deref(), Some(GRACE));
    }
}

/// Of the access tokens, in seconds.
const TOKEN_LIFETIME: u64 = 3_600;
