//! What a record of a session store is: the cookie that named it says so, and only ids are asked for.

use auth_runtime::store::{Record, StoreId};
use auth_runtime::{Auth, Session, with_api_auth_required};
use auth_tests::{Answer, Browser, World, seal, sign_v3, time};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::watched::Watched;

#[with_api_auth_required]
async fn me() -> String {
    user.sub().into_owned()
}

#[with_api_auth_required]
async fn visit(session: Session) -> String {
    let visits: u64 = session.get("visits").unwrap().unwrap_or(0);
    session.set("visits", &(visits + 1)).unwrap();
    visits.to_string()
}

#[with_api_auth_required]
async fn tidy(session: Session) {
    for name in ["header", "data"] {
        session.remove(name).unwrap();
    }
}

fn routes() -> Router<Auth> {
    Router::new().route("/me", get(me)).route("/visit", get(visit)).route("/tidy", get(tidy))
}

async fn world(store: &Watched, legacy: bool) -> World {
    let store = store.clone();
    World::configured(routes(), |auth| auth.session_store(store).legacy_cookies(legacy)).await
}

/// The members that make a record one of v3, of a user who is somebody else.
fn v3(world: &World) -> Value {
    let now = world.clock.unix_seconds();
    json!({
        "header": { "iat": now - 60, "uat": now - 60, "exp": now + 3_600 },
        "data": { "user": { "sub": "victim", "sid": "s" }, "accessToken": "at" },
    })
}

async fn put(store: &Watched, world: &World, id: &StoreId, text: &Value) {
    let now = world.clock.unix_seconds();
    store.put(id, Record::new(text.to_string(), time(now + 3_600), time(now))).await;
}

fn assert_anonymous(answer: &Answer, what: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
    assert!(!answer.headers.contains_key(SET_COOKIE) && !answer.body.contains("victim"), "{what}");
}

#[tokio::test]
async fn pay_27_under_a_cookie_of_today_a_record_of_v3_is_no_session() {
    for legacy in [true, false] {
        let store = Watched::default();
        let world = world(&store, legacy).await;
        let browser = world.signed_in("ada@example.com").await;
        let id = world.store_id(&browser);
        put(&store, &world, &id, &v3(&world)).await;
        for path in ["/me", "/visit", "/auth/profile"] {
            let answer = browser.peek(&world, path).await;
            assert_anonymous(&answer, path);
        }
        assert_eq!(store.record(&id).await.unwrap().text(), v3(&world).to_string(), "nothing was written");
    }
}

#[tokio::test]
async fn pay_27_under_a_cookie_that_v3_signed_its_record_is_migrated() {
    let store = Watched::default();
    let world = world(&store, true).await;
    for (name, id) in [("appSession", "my-session-id"), ("__session", "00112233445566778899aabbccddeeff")] {
        let old = StoreId::from_store(id);
        put(&store, &world, &old, &v3(&world)).await;
        let first = Browser::with(name, sign_v3(&world.secret, name, id));
        let mut browser = first.clone();
        assert_eq!(browser.get(&world, "/me").await.body, "victim", "{name}");
        assert_eq!(browser.names(), ["__session"]);
        assert!(store.record(&old).await.is_none(), "the old key is worth nothing");
        assert_anonymous(&first.peek(&world, "/me").await, name);

        let record = store.record(&world.store_id(&browser)).await.unwrap();
        let record: Value = serde_json::from_str(record.text()).unwrap();
        assert_eq!(record["user"]["sub"], "victim");
        assert!(record.get("header").is_none() && record.get("data").is_none(), "{record}");
        for visits in ["0", "1"] {
            assert_eq!(browser.get(&world, "/visit").await.body, visits);
        }
    }
}

#[tokio::test]
async fn where_legacy_sessions_are_off_a_cookie_that_v3_signed_names_nothing() {
    let store = Watched::default();
    let world = world(&store, false).await;
    put(&store, &world, &StoreId::from_store("my-session-id"), &v3(&world)).await;
    let asked = store.asked();
    let browser = Browser::with("appSession", sign_v3(&world.secret, "appSession", "my-session-id"));
    assert_anonymous(&browser.peek(&world, "/me").await, "legacy is off");
    assert_eq!(store.asked(), asked);
}

/// An older version, or Next.js, let a user set them.
#[tokio::test]
async fn a_session_with_the_members_of_v3_beside_its_own_stays_the_session_that_it_is() {
    for legacy in [true, false] {
        let store = Watched::default();
        let world = world(&store, legacy).await;
        let mut browser = world.signed_in("ada@example.com").await;
        let id = world.store_id(&browser);
        let sub = browser.get(&world, "/me").await.body;
        let mut record: Value = serde_json::from_str(store.record(&id).await.unwrap().text()).unwrap();
        for (name, value) in v3(&world).as_object().unwrap() {
            record[name] = value.clone();
        }
        put(&store, &world, &id, &record).await;
        assert_eq!(browser.get(&world, "/me").await.body, sub);
        for visits in ["0", "1"] {
            assert_eq!(browser.get(&world, "/visit").await.body, visits, "it is saved as what it is");
        }
        assert_eq!(world.store_id(&browser), id);
        // Nor does a cookie that v3 signed make another one of it.
        let signed = Browser::with("__session", sign_v3(&world.secret, "__session", id.as_str()));
        let answer = signed.peek(&world, "/me").await;
        assert!(!answer.body.contains("victim"), "{}", answer.body);
        if !legacy {
            // The application can take them away.
            assert_eq!(browser.get(&world, "/tidy").await.status, StatusCode::OK);
            let record: Value = serde_json::from_str(store.record(&id).await.unwrap().text()).unwrap();
            assert!(record.get("header").is_none() && record.get("data").is_none(), "{record}");
            assert_eq!(browser.get(&world, "/me").await.body, sub);
        }
    }
}

/// What was rewritten in place is of today, whatever signed the cookie.
#[tokio::test]
async fn a_record_of_today_that_a_v3_cookie_names_is_a_session_and_moves_to_a_new_key() {
    let store = Watched::default();
    let world = world(&store, true).await;
    let signed_in = world.signed_in("ada@example.com").await;
    let id = world.store_id(&signed_in);
    let sub = signed_in.peek(&world, "/me").await.body;
    let mut browser = Browser::with("appSession", sign_v3(&world.secret, "appSession", id.as_str()));
    assert_eq!(browser.get(&world, "/me").await.body, sub);
    assert_ne!(world.store_id(&browser), id);
    assert_eq!(browser.get(&world, "/me").await.body, sub);
}

#[tokio::test]
async fn atk_02_the_store_is_asked_for_ids_of_our_own_form_alone() {
    let store = Watched::default();
    let world = world(&store, true).await;
    world.signed_in("ada@example.com").await;
    let end = world.clock.unix_seconds() + 3_600;
    let asked = store.asked();
    let long = "a".repeat(100_000);
    for id in [
        "",
        "a",
        "00112233445566778899aabbccddeef",
        "00112233445566778899aabbccddeeff0",
        "00112233445566778899AABBCCDDEEFF",
        "00112233445566778899aabbccddee:f",
        "../../../../../../../etc/passwd00",
        "*",
        "00112233445566778899aabbccddee\u{0}\n",
        "٠٠112233445566778899aabbccddee",
        &long,
    ] {
        let value = seal(&world.secret, json!({ "id": id, "exp": end }).to_string());
        for name in ["__session", "appSession"] {
            assert_anonymous(&Browser::with(name, value.clone()).peek(&world, "/me").await, id);
        }
    }
    let too_long = "a".repeat(129);
    for id in ["a:b", "a/b", "..", "a b", "a*", "a%3Ab", "a\u{e4}b", "shared:x", &too_long, &long] {
        let value = sign_v3(&world.secret, "appSession", id);
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_anonymous(&Browser::with("appSession", encoded).peek(&world, "/me").await, id);
    }
    assert_eq!(store.asked(), asked, "the store was asked");

    // And it is asked for those.
    let own =
        seal(&world.secret, json!({ "id": "00112233445566778899aabbccddeeff", "exp": end }).to_string());
    assert_anonymous(&Browser::with("__session", own).peek(&world, "/me").await, "an id of nobody");
    let longest = "a".repeat(128);
    for id in ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "V1StGXR8_Z5jdHi6B-myT", &longest] {
        let signed = Browser::with("appSession", sign_v3(&world.secret, "appSession", id));
        assert_anonymous(&signed.peek(&world, "/me").await, id);
    }
    assert_eq!(store.asked(), asked + 4);
}
