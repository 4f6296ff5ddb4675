//! Records that nobody can read in the store, from the sign-in to its end.

use std::sync::Arc;

use auth_runtime::AuthBuilder;
use auth_runtime::store::{PostgresStore, RedisStore};
use auth_tests::servers::{Postgres, Redis};
use auth_tests::{Browser, OTHER_SECRET, SECRET, World};
use http::StatusCode;

use crate::contents;
use crate::instance::{
    ADA, AnyStore, GRACE, NEW, configured, log_out, logout_token, sid_of, sign_out, who, world,
};

/// A server whose store is sealed.
enum Server {
    Redis(Redis),
    Postgres(Postgres),
}

impl Server {
    async fn redis() -> Self {
        Self::Redis(Redis::start().await)
    }

    async fn postgres() -> Self {
        Self::Postgres(Postgres::start().await)
    }

    async fn store(&self) -> AnyStore {
        match self {
            Self::Redis(server) => Arc::new(RedisStore::new(&server.url()).unwrap()),
            Self::Postgres(server) => Arc::new(PostgresStore::connect(&server.url()).await.unwrap()),
        }
    }

    async fn contents(&self) -> String {
        match self {
            Self::Redis(server) => contents::of_redis(server).await,
            Self::Postgres(server) => contents::of_postgres(server).await,
        }
    }

    /// Lets the record of a sealed session end in an hour.
    async fn age(&self, key: &str) {
        match self {
            Self::Redis(server) => {
                let key = format!("session:{key}");
                assert_eq!(
                    server.command(&["PEXPIRE", &key, "3600000"]).await,
                    auth_tests::servers::Reply::Integer(1)
                );
            }
            Self::Postgres(server) => {
                let update = "UPDATE auth_sessions SET expires_at = written_at + 3600";
                let changed = server.sql(&format!("{update} WHERE id = '{key}' RETURNING 1")).await;
                assert_eq!(changed, "1");
            }
        }
    }
}

/// An instance that seals.
async fn instance(world: &World, server: &Server, secrets: &[&str]) -> World {
    let [current, previous @ ..] = secrets else { panic!("a secret") };
    let world = World { secret: (*current).to_owned(), ..world.clone() };
    let all = |auth: AuthBuilder| previous.iter().fold(auth, |auth, secret| auth.secret(*secret));
    configured(&world, server.store().await, |auth| all(auth).seal_records(true))
}

/// What must not be readable: whose session it is, what it is called, and what it is worth.
async fn secrets(instance: &World, browser: &Browser) -> Vec<String> {
    let mut secrets = vec![
        instance.store_id(browser).as_str().to_owned(),
        sid_of(instance, browser).await,
        browser.peek(instance, "/token").await.body,
        browser.cookies["__session"].clone(),
    ];
    // What chance does not make of the letters that ciphertexts are written in.
    let words = ["sample|", ADA, GRACE, "Ada Lovelace", NEW, "createdAt", "\"word\"", "\"user\""];
    secrets.extend(words.map(str::to_owned));
    secrets
}

async fn holds_nothing_readable(server: &Server, secrets: &[String], moment: &str) {
    let contents = server.contents().await;
    for secret in secrets {
        assert!(!secret.is_empty() && !contents.contains(secret.as_str()), "{moment}: {secret}");
    }
}

/// From the sign-in to the end of the last session.
async fn lives_and_is_never_readable(server: Server) {
    let world = world().await;
    let instance = instance(&world, &server, &[SECRET]).await;
    let mut ada = instance.signed_in(ADA).await;
    let mut known = secrets(&instance, &ada).await;
    holds_nothing_readable(&server, &known, "signed in").await;
    let key = hash(instance.store_id(&ada).as_str());
    assert!(server.contents().await.contains(&key), "the search finds what is there");

    assert_eq!(ada.get(&instance, "/change").await.body, "changed");
    assert_eq!(ada.get(&instance, "/word").await.body, NEW);
    holds_nothing_readable(&server, &known, "changed").await;

    server.age(&key).await;
    let soon: i64 = ada.peek(&instance, "/ends").await.body.parse().unwrap();
    // That request has extended it.
    let late: i64 = ada.peek(&instance, "/ends").await.body.parse().unwrap();
    assert!(late - soon > 80_000, "{soon} {late}");
    holds_nothing_readable(&server, &known, "extended").await;

    world.clock.advance(1);
    let phone = instance.signed_in(ADA).await;
    let grace = instance.signed_in(GRACE).await;
    for browser in [&phone, &grace] {
        known.extend(secrets(&instance, browser).await);
    }
    holds_nothing_readable(&server, &known, "three sessions").await;
    let sessions = instance.auth.sessions_of("sample|ada").await.unwrap();
    assert_eq!(sessions.len(), 2);
    let sids: Vec<_> = sessions.iter().filter_map(|session| session.sid()).collect();
    assert_eq!(sids, [&sid_of(&instance, &ada).await, &sid_of(&instance, &phone).await]);

    let stolen = ada.clone();
    assert_eq!(sign_out(&instance, &mut ada).await.status, StatusCode::SEE_OTHER);
    assert_eq!(who(&instance, &stolen).await, None);
    assert_eq!(who(&instance, &phone).await.as_deref(), Some(ADA));
    holds_nothing_readable(&server, &known, "signed out").await;

    let token = logout_token(&instance, &phone).await;
    assert_eq!(log_out(&instance, &token).await.status, StatusCode::OK);
    assert_eq!(who(&instance, &phone).await, None);
    assert_eq!(who(&instance, &grace).await.as_deref(), Some(GRACE));

    let again = [instance.signed_in(ADA).await, instance.signed_in(ADA).await];
    assert_eq!(instance.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(2));
    for browser in &again {
        assert_eq!(who(&instance, browser).await, None);
    }
    assert_eq!(who(&instance, &grace).await.as_deref(), Some(GRACE));
    assert_eq!(instance.auth.sessions_of("sample|ada").await.unwrap().len(), 0);
    holds_nothing_readable(&server, &known, "over").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prv_03_what_is_sealed_in_redis_lives_and_is_never_readable() {
    lives_and_is_never_readable(Server::redis().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prv_03_what_is_sealed_in_postgresql_lives_and_is_never_readable() {
    lives_and_is_never_readable(Server::postgres().await).await;
}

/// The same search, where nothing is sealed: else it would prove nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_sealed_is_readable() {
    for server in [Server::redis().await, Server::postgres().await] {
        let world = world().await;
        let instance = configured(&world, server.store().await, |auth| auth);
        let mut ada = instance.signed_in(ADA).await;
        ada.get(&instance, "/change").await;
        let contents = server.contents().await;
        let secrets = secrets(&instance, &ada).await;
        let missing: Vec<_> = secrets.iter().filter(|secret| !contents.contains(secret.as_str())).collect();
        // Of Grace there is nothing, and cookies are never in a store.
        assert_eq!(missing, [&ada.cookies["__session"], GRACE]);
    }
}

/// The secret is replaced: the old one still reads, and goes when the last session was written with the new one.
async fn outlives_its_secret(server: Server) {
    let world = world().await;
    let before = instance(&world, &server, &[SECRET]).await;
    let (mut ada, phone) = (before.signed_in(ADA).await, before.signed_in(ADA).await);
    let grace = before.signed_in(GRACE).await;
    let phones = logout_token(&before, &phone).await;

    let between = instance(&world, &server, &[OTHER_SECRET, SECRET]).await;
    assert_eq!(between.auth.sessions_of("sample|ada").await.unwrap().len(), 2);
    assert_eq!(log_out(&between, &phones).await.status, StatusCode::OK);
    assert_eq!(who(&between, &phone).await, None);
    // Written anew, with the cookie that names it.
    assert_eq!(ada.get(&between, "/change").await.body, "changed");

    let after = instance(&world, &server, &[OTHER_SECRET]).await;
    assert_eq!(who(&after, &ada).await.as_deref(), Some(ADA));
    assert_eq!(ada.get(&after, "/word").await.body, NEW);
    assert_eq!(after.auth.sessions_of("sample|ada").await.unwrap().len(), 1);
    // Its cookie was made with the secret that is gone.
    assert_eq!(who(&after, &grace).await, None);
    assert_eq!(who(&between, &grace).await.as_deref(), Some(GRACE));
    assert_eq!(between.auth.sign_out_everywhere("sample|grace").await.unwrap(), Some(1));
    assert_eq!(who(&between, &grace).await, None);
    assert_eq!(after.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(1));
    assert_eq!(who(&after, &ada).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sealed_in_redis_outlives_its_secret() {
    outlives_its_secret(Server::redis().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sealed_in_postgresql_outlives_its_secret() {
    outlives_its_secret(Server::postgres().await).await;
}

/// What a sealed record is kept under.
fn hash(id: &str) -> String {
    use sha2::Digest as _;

    sha2::Sha256::digest(id).iter().map(|byte| format!("{byte:02x}")).collect()
}
