//! Something else under a key of ours in Redis: no session, and nothing that keeps a user from signing in.

use auth_runtime::store::RedisStore;
use auth_tests::servers::{Redis, Reply};
use http::StatusCode;

use crate::instance::{ADA, GRACE, configured, instance, sign_out, who, world};

/// What else can be under a key: a list, a hash, a set, and a string that is no text.
const FOREIGN: [&[&str]; 4] = [
    &["RPUSH", "KEY", "a"],
    &["HSET", "KEY", "a", "b"],
    &["SADD", "KEY", "a"],
    &["SETRANGE", "KEY", "0", "\u{fffd}"],
];

async fn put_foreign(server: &Redis, key: &str, command: &[&str]) {
    server.command(&["DEL", key]).await;
    let command: Vec<&str> = command.iter().map(|part| if *part == "KEY" { key } else { part }).collect();
    server.command(&command).await.accepted();
    if command[0] == "SETRANGE" {
        // The replacement character without its first byte.
        let script = "return redis.call('SET', KEYS[1], string.sub(redis.call('GET', KEYS[1]), 2))";
        server.command(&["EVAL", script, "1", key]).await.accepted();
    }
}

async fn keys(server: &Redis, pattern: &str) -> Vec<String> {
    let Reply::Array(keys) = server.command(&["KEYS", pattern]).await else { panic!("a list") };
    keys.iter().map(|key| key.text().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_type_under_a_records_key_is_no_session_and_blocks_no_sign_in() {
    for seals in [false, true] {
        let (server, world) = (Redis::start().await, world().await);
        let store = RedisStore::new(&server.url()).unwrap();
        let instance = configured(&world, store, |auth| auth.seal_records(seals));
        for command in FOREIGN {
            let browser = instance.signed_in(ADA).await;
            let [key] = &keys(&server, "session:*").await[..] else { panic!("one session") };
            put_foreign(&server, key, command).await;
            assert_eq!(browser.peek(&instance, "/me").await.status, StatusCode::UNAUTHORIZED, "{command:?}");

            let mut leaving = browser.clone();
            assert_eq!(sign_out(&instance, &mut leaving).await.status, StatusCode::SEE_OTHER, "{command:?}");
            put_foreign(&server, key, command).await;

            let mut again = browser.clone();
            let answer = instance.sign_in_with(&mut again, GRACE).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{command:?} {}", answer.body);
            assert_eq!(who(&instance, &again).await.as_deref(), Some(GRACE));
            server.command(&["FLUSHALL"]).await.accepted();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_type_among_a_users_records_hides_none_of_the_others() {
    let (server, world) = (Redis::start().await, world().await);
    let instance = instance(&world, RedisStore::new(&server.url()).unwrap());
    let (spoiled, ada) = (instance.signed_in(ADA).await, instance.signed_in(ADA).await);
    for command in FOREIGN {
        put_foreign(&server, &format!("session:{}", instance.store_id(&spoiled).as_str()), command).await;
        assert_eq!(instance.auth.sessions_of("sample|ada").await.unwrap().len(), 1, "{command:?}");
        assert_eq!(who(&instance, &ada).await.as_deref(), Some(ADA));
    }
    assert_eq!(instance.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(1));
    assert_eq!(who(&instance, &ada).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn atk_03_a_foreign_type_in_the_place_of_an_index_blocks_no_sign_in() {
    let (server, world) = (Redis::start().await, world().await);
    let instance = instance(&world, RedisStore::new(&server.url()).unwrap());
    instance.signed_in(ADA).await;
    for command in FOREIGN {
        for index in keys(&server, "index:*").await {
            put_foreign(&server, &index, command).await;
        }
        let browser = instance.signed_in(ADA).await;
        assert_eq!(who(&instance, &browser).await.as_deref(), Some(ADA));
        assert_eq!(instance.auth.sessions_of("sample|ada").await.unwrap().len(), 1, "it is noted anew");
        assert_eq!(instance.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_type_in_the_place_of_a_lease_keeps_nobody_waiting() {
    use auth_runtime::store::KeyValueStore as _;

    let server = Redis::start().await;
    let store = RedisStore::new(&server.url()).unwrap();
    let minute = std::time::Duration::from_secs(60);
    for command in &FOREIGN[..3] {
        put_foreign(&server, "shared:session:lease:a", command).await;
        let read = store.read(&["lease:a".to_owned()]).await.unwrap_err();
        assert!(read.is_unreadable(), "{read}");
        assert!(!store.compare_and_swap("lease:a", Some("mine"), Some("x"), minute).await.unwrap());
        assert!(store.compare_and_swap("lease:a", None, Some("mine"), minute).await.unwrap());
        assert_eq!(store.read(&["lease:a".to_owned()]).await.unwrap(), [Some("mine".to_owned())]);
    }
}
