use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

use super::SqliteStore;
use crate::store::{
    KeyValueStore, Record, RecordIndex, Revision, SessionFilter, SessionStore, StoreId, Update,
};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);
const HOUR: u64 = 3_600;
const MINUTE: Duration = Duration::from_secs(60);

#[cfg(feature = "testing")]
#[tokio::test]
async fn what_every_store_keeps_is_kept() {
    use crate::testing::{check_key_value_store, check_session_store};

    let (in_memory, (in_a_file, place)) = (store().await, in_a_file("contract").await);
    let (first, second) = tokio::join!(check_session_store(&in_memory), check_session_store(&in_a_file));
    first.and(second).unwrap();
    let (first, second) = tokio::join!(check_key_value_store(&in_memory), check_key_value_store(&in_a_file));
    first.and(second).unwrap();
    remove(&place);
}

#[tokio::test]
async fn a_record_comes_back_as_it_was_kept() {
    let store = store().await;
    for text in ["", "{}", "'; DROP TABLE auth_sessions; --", "äöü 🔑 \u{7f}\n", &"x".repeat(1_000_000)]
    {
        let id = id(&format!("of {} bytes", text.len()));
        let index = RecordIndex { iss: Some("https://id/".into()), sub: None, sid: Some("s'1".into()) };
        store
            .create(&id, Record::new(text, NOW.saturating_add(HOUR), NOW).with_index(index.clone()))
            .await
            .unwrap();
        let kept = store.get(&id, NOW).await.unwrap().unwrap();
        assert_eq!(kept.text(), text);
        assert_eq!((kept.expires_at(), kept.written_at()), (NOW.saturating_add(HOUR), NOW));
        assert_eq!(kept.revision().as_str(), "1");
        assert!(*kept.index() == index);
    }
    assert!(store.get(&id("another"), NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_row_that_is_no_text_is_unreadable_and_hides_none_of_the_others() {
    let options = SqliteConnectOptions::new();
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let store = SqliteStore::with_pool(pool.clone());
    store.migrate().await.unwrap();
    store.create(&id("a"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    store.create(&id("b"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    let spoil = "UPDATE auth_sessions SET record = CAST(x'ff' AS TEXT) WHERE id = 'a'";
    sqlx::query(spoil).execute(&pool).await.unwrap();
    assert!(store.get(&id("a"), NOW).await.unwrap_err().is_unreadable());
    assert_eq!(store.list(&scope("https://id/", Some("ada"), None), NOW).await.unwrap().len(), 1);
    assert!(store.delete(&id("a")).await.unwrap());

    let minute = Duration::from_secs(60);
    assert!(store.compare_and_swap("k", None, Some("v"), minute).await.unwrap());
    sqlx::query("UPDATE auth_values SET value = CAST(x'ff' AS TEXT)").execute(&pool).await.unwrap();
    assert!(store.read(&["k".to_owned()]).await.unwrap_err().is_unreadable());
    // What is wrong with the whole table is no one's record.
    sqlx::query("DROP TABLE auth_sessions").execute(&pool).await.unwrap();
    assert!(!store.get(&id("b"), NOW).await.unwrap_err().is_unreadable());
}

#[tokio::test]
async fn a_record_that_is_past_its_end_is_given_but_not_listed() {
    let store = store().await;
    store.create(&id("a"), of("ada", NOW.saturating_add(10))).await.unwrap();
    assert!(store.get(&id("a"), NOW.saturating_add(11)).await.unwrap().is_some());
    let scope = scope("https://id/", Some("ada"), None);
    assert_eq!(store.list(&scope, NOW.saturating_add(9)).await.unwrap().len(), 1);
    assert_eq!(store.list(&scope, NOW.saturating_add(10)).await.unwrap().len(), 0);
}

#[tokio::test]
async fn an_update_replaces_only_what_it_saw() {
    let store = store().await;
    let a = id("a");
    store.create(&a, of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    let seen = store.get(&a, NOW).await.unwrap().unwrap().revision().clone();
    let new = Record::new("{\"n\":2}", NOW.saturating_add(2 * HOUR), NOW.saturating_add(1))
        .with_index(index(None, Some("grace"), None));
    assert_eq!(store.update(&a, &seen, new.clone()).await.unwrap(), Update::Done);
    for stale in [seen, Revision::default(), Revision::new("3"), Revision::new("nonsense")] {
        assert_eq!(store.update(&a, &stale, of("eve", NOW)).await.unwrap(), Update::Changed);
    }
    let kept = store.get(&a, NOW).await.unwrap().unwrap();
    assert_eq!((kept.text(), kept.revision().as_str()), (new.text(), "2"));
    assert_eq!((kept.expires_at(), kept.written_at()), (NOW.saturating_add(2 * HOUR), NOW.saturating_add(1)));
    assert!(kept.index() == new.index());

    assert!(store.delete(&a).await.unwrap());
    assert_eq!(store.update(&a, kept.revision(), new).await.unwrap(), Update::Absent);
    assert!(store.get(&a, NOW).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_saw_the_same_one_replaces_it() {
    let (store, place) = in_a_file("same").await;
    let a = id("a");
    store.create(&a, of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    for _ in 0..20 {
        let seen = store.get(&a, NOW).await.unwrap().unwrap().revision().clone();
        let writes = (0..8).map(|number| {
            let (store, a, seen) = (store.clone(), a.clone(), seen.clone());
            tokio::spawn(async move {
                store
                    .update(&a, &seen, Record::new(number.to_string(), NOW.saturating_add(HOUR), NOW))
                    .await
                    .unwrap()
            })
        });
        let outcomes = all(writes).await;
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Update::Done).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Update::Changed).count(), 7);
    }
    remove(&place);
}

#[tokio::test]
async fn a_touch_moves_the_end_and_nothing_else() {
    let store = store().await;
    let a = id("a");
    store.create(&a, of("ada", NOW.saturating_add(10))).await.unwrap();
    assert!(store.touch(&a, NOW.saturating_add(20), NOW.saturating_add(5)).await.unwrap());
    let kept = store.get(&a, NOW).await.unwrap().unwrap();
    assert_eq!((kept.expires_at(), kept.written_at()), (NOW.saturating_add(20), NOW.saturating_add(5)));
    assert_eq!((kept.text(), kept.revision().as_str()), (of("ada", NOW).text(), "1"));
    assert!(!store.touch(&id("b"), NOW.saturating_add(20), NOW.saturating_add(5)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_delete_one_is_told_so() {
    let store = store().await;
    store.create(&id("a"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    let deletes = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.delete(&id("a")).await.unwrap() })
    });
    assert_eq!(all(deletes).await.into_iter().filter(|deleted| *deleted).count(), 1);
}

#[tokio::test]
async fn a_scope_means_what_covers_says() {
    let store = store().await;
    let (issuers, subs, sids) = (["https://id/", "https://other/"], ["ada", "grace"], ["s1", "s2"]);
    let or_none = |texts: [&'static str; 2]| [None, Some(texts[0]), Some(texts[1])];
    for (iss, sub, sid) in triples(&issuers.map(Some), &or_none(subs), &or_none(sids)) {
        let scope = scope(iss.unwrap(), sub, sid);
        let mut expected = Vec::new();
        let mut all = Vec::new();
        for (iss, sub, sid) in triples(&or_none(issuers), &or_none(subs), &or_none(sids)) {
            let id = id(&format!("{iss:?} {sub:?} {sid:?}"));
            let record = Record::new("{}", NOW.saturating_add(HOUR), NOW).with_index(index(iss, sub, sid));
            if scope.covers(&record) {
                expected.push(id.clone());
            }
            store.create(&id, record).await.unwrap();
            all.push(id);
        }
        let listed = store.list(&scope, NOW).await.unwrap();
        let mut listed: Vec<_> = listed.into_iter().map(|(id, _)| id).collect();
        listed.sort();
        expected.sort();
        assert!(listed == expected, "{sub:?} {sid:?}");
        assert_eq!(store.delete_by_logout_token(&scope).await.unwrap(), expected.len());
        for id in all {
            assert_eq!(store.delete(&id).await.unwrap(), !expected.contains(&id), "{sub:?} {sid:?}");
        }
    }
}

#[tokio::test]
async fn a_value_is_replaced_only_by_who_knows_it() {
    let store = store().await;
    let replace =
        async |expected, value| store.compare_and_swap("key", expected, value, MINUTE).await.unwrap();
    assert!(replace(None, None).await);
    assert!(!replace(Some("a"), Some("b")).await);
    assert!(!replace(Some("a"), None).await);
    assert!(replace(None, Some("a")).await);
    assert!(!replace(None, Some("b")).await);
    assert!(!replace(None, None).await);
    assert!(!replace(Some("b"), Some("c")).await);
    assert!(!replace(Some("b"), None).await);
    assert!(replace(Some("a"), Some("a")).await);
    assert!(replace(Some("a"), Some("")).await);
    assert!(replace(Some(""), Some("b")).await);
    let keys = ["none", "key", "'\"\\\n", "key"].map(str::to_owned);
    store.compare_and_swap(&keys[2], None, Some("strange"), MINUTE).await.unwrap();
    let b = Some("b".to_owned());
    assert_eq!(store.read(&keys).await.unwrap(), [None, b.clone(), Some("strange".to_owned()), b]);
    assert_eq!(store.read(&[]).await.unwrap(), Vec::<Option<String>>::new());
    assert!(replace(Some("b"), None).await);
    assert_eq!(store.read(&keys[1..2]).await.unwrap(), [None]);
}

#[tokio::test]
async fn a_value_that_is_over_is_not_there() {
    let store = store().await;
    let (short, key) = (Duration::from_millis(30), ["key".to_owned()]);
    assert!(store.compare_and_swap("key", None, Some("a"), short).await.unwrap());
    tokio::time::sleep(short * 2).await;
    assert_eq!(store.read(&key).await.unwrap(), [None]);
    assert!(!store.compare_and_swap("key", Some("a"), Some("b"), MINUTE).await.unwrap());
    assert!(!store.compare_and_swap("key", Some("a"), None, MINUTE).await.unwrap());
    assert!(store.compare_and_swap("key", None, None, MINUTE).await.unwrap());
    assert!(store.compare_and_swap("key", None, Some("c"), Duration::MAX).await.unwrap());
    assert_eq!(store.read(&key).await.unwrap(), [Some("c".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_claim_a_key_one_has_it() {
    let (store, place) = in_a_file("claim").await;
    for round in 0..20 {
        let claims = (0..8).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .compare_and_swap(&round.to_string(), None, Some(&number.to_string()), MINUTE)
                    .await
                    .unwrap()
            })
        });
        assert_eq!(all(claims).await.into_iter().filter(|won| *won).count(), 1);
    }
    remove(&place);
}

#[tokio::test]
async fn what_ended_is_deleted_in_batches() {
    let store = store().await;
    // The first one is when the store looks for those that ended: there are none yet.
    for number in 0..2_500 {
        store.create(&id(&number.to_string()), of("ada", NOW.saturating_add(1))).await.unwrap();
    }
    store.create(&id("lives"), of("ada", NOW.saturating_add(2))).await.unwrap();
    store.compare_and_swap("value", None, Some("over"), Duration::ZERO).await.unwrap();
    assert_eq!(store.delete_expired(NOW).await.unwrap(), 0);
    assert_eq!(store.delete_expired(NOW.saturating_add(1)).await.unwrap(), 2_500);
    assert_eq!(store.delete_expired(NOW.saturating_add(1)).await.unwrap(), 0);
    assert!(store.get(&id("lives"), NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn what_ended_long_ago_goes_when_others_begin() {
    let (store, place) = in_a_file("chores").await;
    let pool = connect(&place).await;
    for (id, expires_at) in [("long ago", NOW.saturating_sub(61)), ("just now", NOW.saturating_sub(1))] {
        let statement = "INSERT INTO auth_sessions VALUES ($1, '', 1, $2, 0, NULL, NULL, NULL)";
        sqlx::query(statement).bind(id).bind(expires_at.as_unix()).execute(&pool).await.unwrap();
    }
    store.create(&id("begins"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    store.compare_and_swap("key", None, Some("over"), Duration::ZERO).await.unwrap();
    let left = async || {
        let sessions = "SELECT group_concat(id, ', ' ORDER BY id) FROM auth_sessions";
        sqlx::query_scalar::<_, String>(sessions).fetch_one(&pool).await.unwrap()
    };
    for _ in 0..200 {
        if left().await == "begins, just now" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(left().await, "begins, just now");
    remove(&place);
}

#[tokio::test]
async fn tables_are_made_once() {
    let place = place("migrate");
    let first = SqliteStore::open(&place).await.unwrap();
    first.create(&id("a"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    first.migrate().await.unwrap();
    let second = SqliteStore::open(format!("sqlite:{}", place.display())).await.unwrap();
    assert!(second.get(&id("a"), NOW).await.unwrap().is_some());
    let pool = connect(&place).await;
    let versions = sqlx::query_scalar::<_, i64>("SELECT version FROM auth_schema_migrations");
    assert_eq!(versions.fetch_all(&pool).await.unwrap(), [1]);
    remove(&place);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_can_make_them_at_once() {
    for round in 0..10 {
        let place = place(&format!("at-once-{round}"));
        let opens = (0..4).map(|number| {
            let place = place.clone();
            tokio::spawn(async move {
                let store = SqliteStore::open(place).await.unwrap();
                store.create(&id(&number.to_string()), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
                store
            })
        });
        let stores = all(opens).await;
        let listed = stores[0].list(&scope("https://id/", Some("ada"), None), NOW).await.unwrap();
        assert_eq!(listed.len(), 4);
        drop(stores);
        remove(&place);
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let (store, place) = in_a_file("newer").await;
    let pool = connect(&place).await;
    sqlx::query("INSERT INTO auth_schema_migrations (version) VALUES (7)").execute(&pool).await.unwrap();
    for error in [store.migrate().await.unwrap_err(), SqliteStore::open(&place).await.unwrap_err()] {
        let expected = "the store failed: the database is of version 7; this program knows versions up to 1";
        assert_eq!(error.to_string(), expected);
    }
    remove(&place);
}

#[tokio::test]
async fn the_migrations_of_the_application_are_its_own() {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let migration = sqlx::migrate::Migration::new(
        1,
        "shop".into(),
        sqlx::migrate::MigrationType::Simple,
        sqlx::SqlStr::from_static("CREATE TABLE goods (id INTEGER)"),
        false,
    );
    let migrator = sqlx::migrate::Migrator::with_migrations(vec![migration]);
    migrator.run(&pool).await.unwrap();
    let store = SqliteStore::with_pool(pool.clone());
    store.migrate().await.unwrap();
    migrator.run(&pool).await.unwrap();
    store.migrate().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let (store, place) = in_a_file("private").await;
    store.create(&id("a"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    for file in files(&place).iter().filter(|file| file.exists()) {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    remove(&place);
}

#[tokio::test]
async fn memory_is_one_database_however_it_is_named() {
    for name in [
        ":memory:",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite::memory:?cache=private",
        "sqlite://any?mode=memory",
    ] {
        let store = SqliteStore::open(name).await.unwrap();
        store.create(&id("a"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
        assert!(store.get(&id("a"), NOW).await.unwrap().is_some(), "{name}");
    }
    assert!(!Path::new("any").exists());
}

#[tokio::test]
async fn who_leaves_before_the_answer_harms_nobody() {
    let store = store().await;
    let a = id("a");
    store.create(&a, of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    for polls in 1..40 {
        let mut touch = pin!(store.touch(&a, NOW.saturating_add(HOUR), NOW));
        let mut left = polls;
        poll_fn(|context| {
            left -= 1;
            match touch.as_mut().poll(context) {
                Poll::Pending if left > 0 => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
    assert!(store.get(&a, NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn errors_name_neither_keys_nor_records() {
    let store = store().await;
    store.create(&id("key-5d2b8e71"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
    let error = store.create(&id("key-5d2b8e71"), of("ada", NOW.saturating_add(HOUR))).await.unwrap_err();
    assert_eq!(error.to_string(), "the store failed: SQLite refuses the statement (code 1555)");
    let shown = format!("{error:?}");
    assert!(!shown.contains("key-5d2b8e71") && !shown.contains("ada"), "{shown}");

    let pool = SqlitePoolOptions::new().connect("sqlite::memory:").await.unwrap();
    let error = SqliteStore::with_pool(pool).get(&id("a"), NOW).await.unwrap_err();
    let expected = "the store failed: SQLite refuses the statement; were the migrations made? (code 1)";
    assert_eq!(error.to_string(), expected);

    let error = SqliteStore::open("not/there/sessions.db").await.unwrap_err();
    assert_eq!(error.to_string(), "the store failed: the file cannot be opened (code 14)");
}

#[tokio::test]
async fn a_file_that_is_none_of_sqlites_is_refused() {
    let place = place("text");
    std::fs::write(&place, "not a database, and longer than the header of one would be".repeat(4)).unwrap();
    let error = SqliteStore::open(&place).await.unwrap_err();
    let expected = "the store failed: the file is damaged, or none of SQLite's (code 26)";
    assert_eq!(error.to_string(), expected);
    remove(&place);
}

#[tokio::test]
async fn a_write_waits_for_that_of_another_program() {
    let (store, place) = in_a_file("busy").await;
    let mut other =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&place)).await.unwrap();
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.create(&id("a"), of("ada", NOW.saturating_add(HOUR))).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    assert!(store.get(&id("a"), NOW).await.unwrap().is_none(), "reading does not wait");
    transaction.commit().await.unwrap();
    waiting.await.unwrap().unwrap();
    remove(&place);
}

#[tokio::test]
async fn values_are_kept_in_the_same_place() {
    let store = store().await;
    let values = Arc::new(store.clone()).key_values().unwrap();
    assert_eq!((values.name(), SessionStore::name(&store)), ("sqlite", "sqlite"));
    assert!(values.compare_and_swap("key", None, Some("a"), MINUTE).await.unwrap());
    assert_eq!(store.read(&["key".to_owned()]).await.unwrap(), [Some("a".to_owned())]);
    assert_eq!(format!("{store:?}"), "SqliteStore { .. }");
}

async fn store() -> SqliteStore {
    SqliteStore::in_memory().await.unwrap()
}

async fn in_a_file(name: &str) -> (SqliteStore, PathBuf) {
    let place = place(name);
    (SqliteStore::open(&place).await.unwrap(), place)
}

fn place(name: &str) -> PathBuf {
    let place = std::env::temp_dir().join(format!("auth-runtime-{}-{name}.db", std::process::id()));
    remove(&place);
    place
}

fn files(place: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| format!("{}{end}", place.display()).into())
}

fn remove(place: &Path) {
    for file in files(place) {
        let _ = std::fs::remove_file(file);
    }
}

async fn connect(place: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(place);
    SqlitePoolOptions::new().connect_with(options).await.unwrap()
}

async fn all<T>(tasks: impl Iterator<Item = tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut outcomes = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn id(key: &str) -> StoreId {
    StoreId::from_store(key)
}

fn of(sub: &str, expires_at: Timestamp) -> Record {
    let text = format!(r#"{{"user":{{"sub":"{sub}"}},"tokenSet":{{}},"internal":{{"createdAt":1}}}}"#);
    Record::new(text, expires_at, NOW)
}

fn index(iss: Option<&str>, sub: Option<&str>, sid: Option<&str>) -> RecordIndex {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    RecordIndex { iss: owned(iss), sub: owned(sub), sid: owned(sid) }
}

fn scope(iss: &str, sub: Option<&str>, sid: Option<&str>) -> SessionFilter {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    SessionFilter { iss: iss.to_owned(), sub: owned(sub), sid: owned(sid) }
}

/// Every combination.
fn triples<'a, T: Copy>(a: &'a [T], b: &'a [T], c: &'a [T]) -> impl Iterator<Item = (T, T, T)> + 'a {
    a.iter().flat_map(move |a| b.iter().flat_map(move |b| c.iter().map(move |c| (*a, *b, *c))))
}

#[tokio::test]
async fn sto_04_services_with_prefixes_of_their_own_share_a_database_and_nothing_in_it() {
    let plain = store().await;
    let mut stores = vec![plain.clone()];
    for prefix in ["a_", "a_auth_", "b"] {
        let store = plain.clone().with_prefix(prefix).unwrap();
        store.migrate().await.unwrap();
        // A second start finds all that it needs.
        store.migrate().await.unwrap();
        stores.push(store);
    }
    for (number, store) in stores.iter().enumerate() {
        store.create(&id("same"), of("ada", NOW.saturating_add(HOUR))).await.unwrap();
        assert!(store.compare_and_swap("same", None, Some(&number.to_string()), MINUTE).await.unwrap());
    }
    let ada = scope("https://id/", Some("ada"), None);
    for (number, store) in stores.iter().enumerate() {
        let read = KeyValueStore::read(store, &["same".to_owned()]).await.unwrap();
        assert_eq!(read, [Some(number.to_string())]);
        assert_eq!(store.list(&ada, NOW).await.unwrap().len(), 1);
        assert_eq!(store.delete_by_logout_token(&ada).await.unwrap(), 1);
        for (other, store) in stores.iter().enumerate() {
            assert_eq!(store.get(&id("same"), NOW).await.unwrap().is_some(), other > number);
        }
    }
}

#[tokio::test]
async fn inj_a_prefix_is_a_name_and_nothing_else() {
    let store = store().await;
    for prefix in ["", "A", "1a", "_a", "a-b", "a b", "a;", "a'", "a\"", "ä", "a.b", &"a".repeat(33)] {
        let error = store.clone().with_prefix(prefix).unwrap_err();
        assert!(error.to_string().contains("a prefix of tables"), "{prefix}");
    }
    store.with_prefix(&"a".repeat(32)).unwrap().migrate().await.unwrap();
}

#[cfg(feature = "testing")]
#[tokio::test]
async fn what_every_store_keeps_is_kept_under_a_prefix() {
    let store = store().await.with_prefix("shop_").unwrap();
    store.migrate().await.unwrap();
    crate::testing::check_session_store(&store).await.unwrap();
    crate::testing::check_key_value_store(&store).await.unwrap();
}
