//! What only Redis has: prefixes, indexes, and connections that others close.

use std::time::Duration;

use auth_runtime::store::RedisStore;
use auth_tests::World;
use auth_tests::servers::{Redis, Reply};
use http::StatusCode;

use crate::contents;
use crate::instance::{ADA, GRACE, instance, log_out, logout_token, sign_out, who, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sto_04_two_tenants_of_one_server_have_nothing_in_common() {
    let (server, world) = (Redis::start().await, world().await);
    let tenant = |prefix: &str| instance(&world, RedisStore::new(&server.url()).unwrap().with_prefix(prefix));
    // As names go that begin with one another, and one that would be an index of the other's.
    let tenants = [tenant("shop:"), tenant("shop:sub:"), tenant("index:shop:"), tenant("")];
    let mut browsers = Vec::new();
    for tenant in &tenants {
        browsers.push(tenant.signed_in(ADA).await);
    }
    for (place, tenant) in tenants.iter().enumerate() {
        for (owner, browser) in browsers.iter().enumerate() {
            let expected = (owner == place).then_some(ADA);
            assert_eq!(who(tenant, browser).await.as_deref(), expected, "{place} {owner}");
        }
        assert_eq!(sessions(tenant).await, 1, "{place}");
    }
    // The same user, the same provider: the others' sessions stay.
    let [first, rest @ ..] = &tenants;
    assert_eq!(first.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(1));
    assert_eq!((sessions(first).await, who(first, &browsers[0]).await), (0, None));
    for (tenant, browser) in rest.iter().zip(&browsers[1..]) {
        assert_eq!(who(tenant, browser).await.as_deref(), Some(ADA));
        assert_eq!(sessions(tenant).await, 1);
    }
    // A logout token ends what the tenant has that hears it.
    let token = logout_token(&rest[0], &browsers[1]).await;
    assert_eq!(log_out(&rest[1], &token).await.status, StatusCode::OK);
    assert_eq!(who(&rest[0], &browsers[1]).await.as_deref(), Some(ADA));
    assert_eq!(log_out(&rest[0], &token).await.status, StatusCode::OK);
    assert_eq!(who(&rest[0], &browsers[1]).await, None);
}

async fn sessions(instance: &World) -> usize {
    instance.auth.sessions_of("sample|ada").await.unwrap().len()
}

/// A record that outlives its end, for something has taken the end from it, or a clock is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sto_03_a_record_that_is_there_too_long_is_nobodys() {
    let (server, world) = (Redis::start().await, world().await);
    let instance = instance(&world, RedisStore::new(&server.url()).unwrap());
    let browser = instance.signed_in(ADA).await;
    let key = format!("session:{}", instance.store_id(&browser).as_str());
    assert_eq!(server.command(&["PERSIST", &key]).await, Reply::Integer(1));
    assert_eq!(who(&instance, &browser).await.as_deref(), Some(ADA));
    // No use helps against the time since the sign-in.
    world.clock.advance(3 * 86_400);
    assert_eq!(who(&instance, &browser).await, None);
    assert_eq!(server.command(&["EXISTS", &key]).await, Reply::Integer(1), "it is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_forgets_sessions_that_have_ended_and_goes_with_the_last_one() {
    let (server, world) = (Redis::start().await, world().await);
    let instance = instance(&world, RedisStore::new(&server.url()).unwrap());
    let first = instance.signed_in(ADA).await;
    let id = instance.store_id(&first).as_str().to_owned();
    let index = index_of(&server, &id, "sub").await;
    let noted = async || server.command(&["ZCARD", &index]).await;
    assert_eq!(noted().await, Reply::Integer(1));
    let left = server.command(&["PTTL", &index]).await;
    assert!(matches!(left, Reply::Integer(86_000_000..=86_400_000)), "{left:?}");

    // Nobody used it any more, and somebody comes later.
    assert_eq!(server.command(&["DEL", &format!("session:{id}")]).await, Reply::Integer(1));
    world.clock.advance(86_401);
    let mut second = instance.signed_in(ADA).await;
    assert_eq!(noted().await, Reply::Integer(1));
    assert_eq!(server.command(&["ZSCORE", &index, &id]).await, Reply::Bulk(None), "it is forgotten");
    instance.signed_in(ADA).await;
    assert_eq!(noted().await, Reply::Integer(2));

    // A sign-out leaves nothing.
    let id = instance.store_id(&second).as_str().to_owned();
    sign_out(&instance, &mut second).await;
    assert_eq!(noted().await, Reply::Integer(1));
    assert!(!contents::of_redis(&server).await.contains(&id));

    // Nobody comes any more.
    let Reply::Array(keys) = server.command(&["KEYS", "*"]).await else { panic!("a list") };
    for key in &keys {
        let left = server.command(&["PTTL", key.text()]).await;
        assert!(matches!(left, Reply::Integer(1..)), "{key:?} stays for ever");
    }
}

/// The index of a kind that notes the id.
async fn index_of(server: &Redis, id: &str, kind: &str) -> String {
    let contents = contents::of_redis(server).await;
    let begin = format!("index:session:{kind}:");
    let line = contents.lines().find(|line| line.starts_with(&begin) && line.contains(id)).unwrap();
    line.split(' ').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_the_server_closed_while_nobody_used_it_costs_nobody_a_request() {
    let (server, world) = (Redis::start().await, world().await);
    let instance = instance(&world, RedisStore::new(&server.url()).unwrap());
    let mut browser = instance.signed_in(GRACE).await;
    for path in ["/me", "/change", "/word"] {
        server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await.accepted();
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        let answer = browser.get(&instance, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_the_server_has_forgotten_are_sent_again() {
    let (server, world) = (Redis::start().await, world().await);
    let instance = instance(&world, RedisStore::new(&server.url()).unwrap());
    let mut browser = instance.signed_in(ADA).await;
    for _ in 0..2 {
        server.command(&["SCRIPT", "FLUSH"]).await.accepted();
        assert_eq!(browser.get(&instance, "/change").await.status, StatusCode::OK);
    }
}
