//! What only `PostgreSQL` has: transactions that stand in each other's way, and rows that nobody removes in time.

use std::sync::Arc;
use std::time::Duration;

use auth_runtime::store::PostgresStore;
use auth_tests::World;
use auth_tests::servers::Postgres;
use http::StatusCode;

use crate::instance::{ADA, NEW, configured, log_out, logout_token, sign_out, who, world};

async fn instance(world: &World, server: &Postgres) -> World {
    let store = PostgresStore::connect(&server.url()).await.unwrap();
    // Waiting is what these tests are about.
    configured(world, store, |auth| auth.store_timeout(Duration::from_millis(4_900)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sto_03_a_row_that_is_there_too_long_is_nobodys() {
    let (server, world) = (Postgres::start().await, world().await);
    let instance = instance(&world, &server).await;
    let browser = instance.signed_in(ADA).await;
    world.clock.advance(86_399);
    let peek = browser.clone();
    assert_eq!(instance.auth.sessions_of("sample|ada").await.unwrap().len(), 1);
    world.clock.advance(1);
    assert_eq!(who(&instance, &peek).await, None);
    assert_eq!(instance.auth.sessions_of("sample|ada").await.unwrap().len(), 0);
    assert_eq!(server.sql("SELECT count(*) FROM auth_sessions").await, "1", "it is still there");
}

/// Every other attempt fails, and says that nothing was done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sto_05_what_others_were_in_the_way_of_is_tried_again() {
    let (server, world) = (Postgres::start().await, world().await);
    let instance = instance(&world, &server).await;
    server.sql(EVERY_OTHER).await;
    for code in ["40001", "40P01"] {
        server.sql(&format!("{TRIGGER} every_other('{code}')")).await;
        let attempts: usize = server.sql("SELECT last_value FROM attempts").await.parse().unwrap();
        let mut ada = instance.signed_in(ADA).await;
        assert_eq!(ada.get(&instance, "/change").await.status, StatusCode::OK);
        assert_eq!(ada.get(&instance, "/word").await.body, NEW);
        let phone = instance.signed_in(ADA).await;
        let token = logout_token(&instance, &phone).await;
        assert_eq!(log_out(&instance, &token).await.status, StatusCode::OK);
        assert_eq!(who(&instance, &phone).await, None);
        let before = ada.clone();
        assert_eq!(sign_out(&instance, &mut ada).await.status, StatusCode::SEE_OTHER);
        assert_eq!(who(&instance, &before).await, None);
        let after: usize = server.sql("SELECT last_value FROM attempts").await.parse().unwrap();
        // Two sign-ins, a change and two ends, each of them twice; and the first one tidies up.
        assert!([10, 12].contains(&(after - attempts)), "{code}: {attempts} {after}");
        server.sql("DROP TRIGGER every_other ON auth_sessions").await;
    }
}

/// Somebody else holds the second of two rows and wants the first one too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sto_05_a_sign_out_everywhere_gets_over_a_real_deadlock() {
    let (server, world) = (Arc::new(Postgres::start().await), world().await);
    let instance = instance(&world, &server).await;
    let browsers = [instance.signed_in(ADA).await, instance.signed_in(ADA).await];
    let [first, second] = browsers.each_ref().map(|browser| {
        let id = instance.store_id(browser);
        format!("UPDATE auth_sessions SET written_at = written_at WHERE id = '{}'", id.as_str())
    });
    // Who has waited for a second looks whether this is a deadlock, and gives up; this one looks later.
    let others = format!(
        "SET deadlock_timeout = '1min'; BEGIN; {second}; {UNTIL_SOMEBODY_WAITS}; {first}; SELECT pg_sleep(0.2)"
    );
    let other = tokio::spawn({
        let server = Arc::clone(&server);
        async move { drop(server.session(&others).await) }
    });
    until(&server, HAS_BEGUN).await;
    assert_eq!(instance.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(2));
    other.await.unwrap();
    for browser in &browsers {
        assert_eq!(who(&instance, browser).await, None);
    }
    until(&server, "SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'").await;
}

/// Waits until there is one of what is counted.
async fn until(server: &Postgres, count: &str) {
    for _ in 0..200 {
        if server.sql(count).await == "1" {
            return;
        }
    }
    panic!("never: {count}");
}

const UNTIL_SOMEBODY_WAITS: &str = "DO $$ BEGIN \
    WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock') LOOP \
    PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$";
const HAS_BEGUN: &str = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'";

const EVERY_OTHER: &str = "CREATE SEQUENCE attempts; SELECT nextval('attempts'), nextval('attempts'); \
    CREATE FUNCTION every_other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    IF nextval('attempts') % 2 = 1 THEN RAISE EXCEPTION 'no' USING ERRCODE = TG_ARGV[0]; END IF; RETURN NULL; END $$";
const TRIGGER: &str = "CREATE TRIGGER every_other BEFORE INSERT OR UPDATE OR DELETE ON auth_sessions \
    FOR EACH STATEMENT EXECUTE FUNCTION";
