//! What the standards ask of a whole sign-in, rule by rule, where no attack is named for it.

use std::collections::HashSet;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use auth_runtime::testing::provider::{Endpoint, Fault};
use auth_tests::{Answer, ORIGIN, TOKEN_LIFETIME, World, parameter, post_logout_token};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{LOCATION, REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::failing_store::FailingStore;
use crate::world::{configured, world};

const ADA: &str = "ada@example.com";
const TOKEN_PATH: &str = "/auth/access-token";

/// An application whose page may have the access token.
async fn with_token_endpoint() -> World {
    configured(|builder| builder.access_token_endpoint(true)).await
}

async fn access_token(world: &mut World) -> String {
    let answer = world.get(TOKEN_PATH).await;
    let body: Value = answer.json();
    body["token"].as_str().unwrap().to_owned()
}

/// All of an answer that a page or a log may see of it, the cookies left out.
fn shown(answer: &Answer) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| *name != SET_COOKIE);
    headers.fold(answer.body.clone(), |all, (name, value)| format!("{all}\n{name}: {value:?}"))
}

#[tokio::test]
async fn s_bcp_3_a_provider_that_does_not_promise_pkce_is_sent_a_challenge_all_the_same() {
    let mut world = world().await;
    // Metadata that say what they have to and nothing more.
    let required = ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"];
    world.provider.fault(
        Endpoint::Metadata,
        Fault::change(move |metadata| {
            metadata.as_object_mut().unwrap().retain(|name, _| required.contains(&name.as_str()));
        }),
    );
    let login = world.get("/auth/login").await;
    let expected = format!("{}/authorize?", world.provider.issuer());
    assert!(login.location().starts_with(&expected), "{}", login.location());
    assert_eq!(parameter(login.location(), "code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(parameter(login.location(), "code_challenge").unwrap().len(), 43);
}

#[tokio::test]
async fn s_bcp_5_a_code_of_one_provider_is_not_sent_to_another() {
    let (mut world, other) = (world().await, world().await);
    let back = world.begin("/auth/login", ADA).await;
    // The same browser and cookies at an application that trusts another provider, which need not say who it is.
    world.app = other.app.clone();
    let (silent, _) = back.split_once("&iss=").unwrap();
    for back in [back.as_str(), silent] {
        let answer = world.get(back).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{back}");
        assert!(answer.body.contains("invalid_state"), "{back}: {}", answer.body);
    }
    assert_eq!(other.provider.requests(Endpoint::Token), 0);
    assert!(!world.browser.cookies.contains_key("__session"));
}

#[tokio::test]
async fn s_bcp_9_and_s_bcp_10_every_redirect_is_a_303_without_a_referrer_a_code_or_an_access_token() {
    let mut world = with_token_endpoint().await;
    let login = world.get("/auth/login?returnTo=/orders").await;
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    let (code, state) = (parameter(&back, "code").unwrap(), parameter(&back, "state").unwrap());
    let callback = world.get(&back).await;
    assert!(!callback.location().contains(&code) && !callback.location().contains(&state));
    assert_eq!(callback.location(), format!("{ORIGIN}/orders"));
    let token = access_token(&mut world).await;
    let logout = world.sign_out("/auth/logout").await;
    for answer in [&login, &callback, &logout] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.headers[REFERRER_POLICY], "no-referrer", "{}", answer.location());
        assert!(!answer.location().contains(&token), "{}", answer.location());
        assert!(!shown(answer).contains(&code), "{}", answer.location());
    }
}

#[tokio::test]
async fn s_bff_1_no_endpoint_gives_a_token_to_the_page() {
    let mut world = with_token_endpoint().await;
    let callback = world.sign_in(ADA).await;
    let token = access_token(&mut world).await;
    assert!(token.starts_with("eyJ"), "so that the search below would find one");
    world.reconfigure(|builder| builder);
    let mut answers = vec![callback];
    for path in ["/me", "/auth/profile", TOKEN_PATH, "/auth/login", "/auth/callback", "/auth/logout"] {
        answers.push(world.get(path).await);
    }
    for answer in answers {
        assert!(!shown(&answer).contains("eyJ"), "{}", shown(&answer));
    }
}

#[tokio::test]
async fn s_bff_2_and_s_sm_1_every_cookie_has_its_attributes_and_the_session_the_configured_name() {
    let mut world = configured(|builder| builder.cookie_name("__Host-id").cookie_secure(true)).await;
    let login = world.get("/auth/login").await;
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    let callback = world.get(&back).await;
    assert_eq!(world.browser.names(), ["__Host-id"]);
    let logout = world.sign_out("/auth/logout").await;
    let mut names = HashSet::new();
    for line in
        [&login, &callback, &logout].map(|answer| answer.headers.get_all(SET_COOKIE)).into_iter().flatten()
    {
        let mut parts = line.to_str().unwrap().split("; ");
        let name = parts.next().unwrap().split('=').next().unwrap();
        names.insert(name.split_once("txn_").map_or(name, |(before, _)| before).to_owned());
        let attributes: Vec<_> = parts.map(str::to_ascii_lowercase).collect();
        for expected in ["path=/", "secure", "httponly", "samesite=lax"] {
            assert!(attributes.iter().any(|attribute| attribute == expected), "{expected}: {line:?}");
        }
        assert!(!attributes.iter().any(|attribute| attribute.starts_with("domain")), "{line:?}");
    }
    assert_eq!(names, ["__Host-__", "__Host-id"].map(str::to_owned).into());
}

#[tokio::test]
async fn s_bff_6_a_refresh_that_the_provider_refuses_is_a_401_that_says_what_to_do_and_no_loop() {
    let mut world = with_token_endpoint().await;
    world.sign_in(ADA).await;
    let before = world.browser.cookies.clone();
    world.clock.advance(TOKEN_LIFETIME);
    access_token(&mut world).await;
    // Another instance, which knows nothing of that, sends the refresh token that was used up.
    world.browser.cookies.clone_from(&before);
    world.reconfigure(|builder| builder.access_token_endpoint(true));
    for _ in 0..3 {
        let answer = world.get(TOKEN_PATH).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer realm=\"api\"");
        assert!(!answer.headers.contains_key(LOCATION) && !answer.body.contains("eyJ"), "{}", answer.body);
    }
    assert_eq!(world.provider.requests(Endpoint::Token), 3, "code, refresh, and the refused one once");
    assert_eq!(world.get("/me").await.body, ADA, "only the access token is gone");
}

#[tokio::test]
async fn s_nist_5_a_session_says_who_is_there_and_an_access_token_does_not() {
    let mut world = with_token_endpoint().await;
    world.sign_in(ADA).await;
    let token = access_token(&mut world).await;
    world.clock.advance(TOKEN_LIFETIME * 2);
    assert_eq!(world.get("/me").await.body, ADA, "the token is over and the session is not");
    world.clock.advance(86_400);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED, "a refresh token keeps nobody here");
    world.browser.cookies.clear();
    let bearer = format!("Bearer {token}");
    let answer = world.send_with(Method::GET, "/me", &[("authorization", &bearer)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s_sm_4_signing_in_more_strongly_renews_the_key_of_the_session() {
    let store = FailingStore::default();
    let mut world = configured(|builder| builder.session_store(store.clone())).await;
    world.sign_in(ADA).await;
    let before = world.browser.cookies["__session"].clone();
    let back = world.begin("/auth/login?max_age=0&acr_values=phr", ADA).await;
    world.get(&back).await;
    assert_eq!(world.get("/me").await.body, ADA);
    assert_ne!(world.browser.cookies["__session"], before);
    world.browser.plant("__session", before);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ses_04_a_stolen_cookie_that_holds_the_session_works_until_it_expires_as_is_documented() {
    let mut world = world().await;
    world.sign_in(ADA).await;
    let stolen = world.browser.cookies.clone();
    world.sign_out("/auth/logout").await;
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
    world.browser.cookies.clone_from(&stolen);
    assert_eq!(world.get("/me").await.body, ADA);
    // Whoever stole it uses the stolen one: past its end it is worth nothing, whatever it was used for meanwhile.
    world.browser.cookies.clone_from(&stolen);
    world.clock.advance(86_400 + 15);
    assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let documented = include_str!("../../SECURITY.md");
    assert!(
        documented.contains("**A stolen cookie works until it expires**, where the cookie holds the session")
    );
}

#[tokio::test]
async fn prv_03_who_reads_the_keys_of_a_store_can_make_no_cookie_of_them() {
    let store = FailingStore::default();
    let mut world = configured(|builder| builder.session_store(store.clone())).await;
    world.sign_in(ADA).await;
    assert_eq!(world.get("/me").await.body, ADA);
    let [id] = &store.ids()[..] else { unreachable!("one sign-in makes one record") };
    let genuine = world.browser.cookies["__session"].clone();
    assert!(!genuine.contains(id.as_str()));
    let sealed = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let payload = sealed(&json!({ "id": id, "exp": 4_000_000_000_u64 }).to_string());
    let head = genuine.split('.').next().unwrap();
    for forged in
        [id.clone(), format!("{id}.{id}"), payload.clone(), format!("{head}..AAAAAAAAAAAAAAAA.{payload}.")]
    {
        world.browser.plant("__session", forged.clone());
        assert_eq!(world.get("/me").await.status, StatusCode::UNAUTHORIZED, "{forged}");
    }
}

#[tokio::test]
async fn bcl_15_the_same_sub_at_another_provider_is_somebody_else() {
    let store = FailingStore::default();
    let configured = || {
        let store = store.clone();
        configured(|builder| builder.session_store(store).backchannel_logout(true))
    };
    let (mut ours, mut theirs) = (configured().await, configured().await);
    ours.sign_in(ADA).await;
    theirs.sign_in(ADA).await;
    let sub = ours.provider.users().iter().find(|user| user.email() == ADA).unwrap().sub().to_owned();
    assert!(theirs.get("/auth/profile").await.body.contains(&sub));
    let token = ours.provider.logout_token(Some(&sub), None).unwrap();
    let answer = post_logout_token(&ours, ORIGIN, &token).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(ours.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(theirs.get("/me").await.body, ADA);
}

#[tokio::test]
async fn s_pkce_1_no_log_has_the_verifier_the_code_or_a_token() {
    let log = Log::default();
    let mut world = with_token_endpoint().await;
    // As long as there is one subscriber only, a line that another test's thread comes to first is never heard.
    let _second = tracing::Dispatch::new(Log::default());
    let listening = tracing::subscriber::set_default(log.clone());
    let login = world.get("/auth/login").await;
    let challenge = parameter(login.location(), "code_challenge").unwrap();
    let back = world.provider.sign_in(login.location(), ADA).unwrap();
    world.get(&back).await;
    let token = access_token(&mut world).await;
    // What fails is logged as well.
    world.get(&back).await;
    world.get(&format!("{back}&code=again")).await;
    drop(listening);
    let lines = log.0.lock().unwrap().clone();
    assert!(lines.contains("invalid_callback"), "somebody listens: {lines}");
    for secret in [&token, &parameter(&back, "code").unwrap()] {
        assert!(!lines.contains(secret.as_str()), "{lines}");
    }
    // Nobody but the provider is told the verifier, but it is known by its hash.
    let is_verifier = |text: &[u8]| URL_SAFE_NO_PAD.encode(Sha256::digest(text)) == challenge;
    assert!(!lines.as_bytes().windows(43).any(is_verifier), "{lines}");
}

/// All that this thread logs, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        attributes.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{}={value:?}", field.name()).unwrap();
    }
}
