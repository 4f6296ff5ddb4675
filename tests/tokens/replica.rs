//! A store that answers reads from a replica, which is behind what was written. `docs/stores.md` says that reads belong to
//! the primary; what must hold even so is here.

use std::sync::{Arc, Mutex};

use auth_runtime::store::{
    MemoryStore, Record, Revision, SessionFilter, SessionStore, StoreFuture, StoreId, Update,
};
use auth_runtime::{Auth, Session, with_api_auth_required};
use auth_tests::{Answer, World, time};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use http::header::SET_COOKIE;

use auth_runtime::Timestamp;

const ADA: &str = "ada@example.com";

/// Writes go to the primary; reads see it, or what the replica had of it when it stopped following.
#[derive(Clone, Debug, Default)]
struct Replicated {
    primary: Arc<MemoryStore>,
    replica: Arc<Mutex<Replica>>,
}

#[derive(Debug, Default)]
enum Replica {
    #[default]
    Follows,
    /// Has nothing of what was written meanwhile.
    Empty,
    /// Still has this record, whatever became of it.
    Has(Record),
}

impl Replicated {
    fn set(&self, replica: Replica) {
        *self.replica.lock().unwrap() = replica;
    }

    /// The replica stops following, with what the primary has by now.
    async fn stop(&self, id: &StoreId) {
        let record = self.primary.get(id, time(0)).await.unwrap().unwrap();
        self.set(Replica::Has(record));
    }
}

impl SessionStore for Replicated {
    fn name(&self) -> &'static str {
        "replicated"
    }

    fn get<'a>(&'a self, id: &'a StoreId, now: Timestamp) -> StoreFuture<'a, Option<Record>> {
        let answer = match &*self.replica.lock().unwrap() {
            Replica::Follows => return self.primary.get(id, now),
            Replica::Empty => None,
            Replica::Has(record) => Some(record.clone()),
        };
        Box::pin(async move { Ok(answer) })
    }

    fn create<'a>(&'a self, id: &'a StoreId, record: Record) -> StoreFuture<'a, ()> {
        self.primary.create(id, record)
    }

    fn update<'a>(&'a self, id: &'a StoreId, seen: &'a Revision, record: Record) -> StoreFuture<'a, Update> {
        self.primary.update(id, seen, record)
    }

    fn touch<'a>(
        &'a self,
        id: &'a StoreId,
        expires_at: Timestamp,
        written_at: Timestamp,
    ) -> StoreFuture<'a, bool> {
        self.primary.touch(id, expires_at, written_at)
    }

    fn delete<'a>(&'a self, id: &'a StoreId) -> StoreFuture<'a, bool> {
        self.primary.delete(id)
    }

    fn list<'a>(
        &'a self,
        scope: &'a SessionFilter,
        now: Timestamp,
    ) -> StoreFuture<'a, Vec<(StoreId, Record)>> {
        self.primary.list(scope, now)
    }

    fn delete_by_logout_token<'a>(&'a self, scope: &'a SessionFilter) -> StoreFuture<'a, usize> {
        self.primary.delete_by_logout_token(scope)
    }
}

#[with_api_auth_required]
async fn me() -> String {
    user.email().unwrap_or_default().into_owned()
}

#[with_api_auth_required]
async fn first(session: Session) -> StatusCode {
    session.set("first", &1).map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn second(session: Session) -> StatusCode {
    session.set("second", &2).map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

#[with_api_auth_required]
async fn both(session: Session) -> String {
    let number = |name| session.get::<u8>(name).unwrap().unwrap_or_default();
    format!("{} {}", number("first"), number("second"))
}

#[with_api_auth_required]
async fn leave(session: Session) -> StatusCode {
    session.sign_out().map_or(StatusCode::FORBIDDEN, |()| StatusCode::NO_CONTENT)
}

async fn world() -> (World, Replicated) {
    let store = Replicated::default();
    let routes: Router<Auth> = Router::new()
        .route("/me", get(me))
        .route("/first", get(first))
        .route("/second", get(second))
        .route("/both", get(both))
        .route("/leave", get(leave));
    let shared = store.clone();
    (World::configured(routes, |auth| auth.session_store(shared)).await, store)
}

fn removes_cookies(answer: &Answer) -> bool {
    let mut lines = answer.set_cookies().peekable();
    lines.peek().is_some() && lines.all(|line| line.contains("Max-Age=0"))
}

#[tokio::test]
async fn sto_06_a_replica_that_has_not_heard_of_a_sign_in_costs_one_request_and_not_the_session() {
    let (world, store) = world().await;
    let browser = world.signed_in(ADA).await;
    store.set(Replica::Empty);
    let early = browser.peek(&world, "/me").await;
    assert_eq!(early.status, StatusCode::UNAUTHORIZED);
    assert!(!early.headers.contains_key(SET_COOKIE), "the browser keeps its cookie");
    store.set(Replica::Follows);
    assert_eq!(browser.peek(&world, "/me").await.body, ADA);
}

#[tokio::test]
async fn sto_06_what_a_replica_still_has_of_a_session_that_ended_revives_nothing() {
    let (world, store) = world().await;
    let browser = world.signed_in(ADA).await;
    store.stop(&world.store_id(&browser)).await;
    assert_eq!(browser.peek(&world, "/leave").await.status, StatusCode::NO_CONTENT);
    // It may be read for as long as the replica is behind. It is never written.
    let late = browser.peek(&world, "/first").await;
    assert!(removes_cookies(&late), "{} {:?}", late.status, late.headers);
    store.set(Replica::Follows);
    assert_eq!(browser.peek(&world, "/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn sto_06_a_write_on_what_a_replica_has_is_refused_rather_than_that_another_write_is_lost() {
    let (world, store) = world().await;
    let browser = world.signed_in(ADA).await;
    store.stop(&world.store_id(&browser)).await;
    assert_eq!(browser.peek(&world, "/first").await.status, StatusCode::NO_CONTENT);
    // The replica still has what was there before.
    let second = browser.peek(&world, "/second").await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE, "{}", second.body);
    store.set(Replica::Follows);
    assert_eq!(browser.peek(&world, "/both").await.body, "1 0");
    assert_eq!(browser.peek(&world, "/second").await.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.peek(&world, "/both").await.body, "1 2");
}

#[test]
fn sto_06_the_documentation_says_where_reads_belong() {
    let text = include_str!("../../docs/stores.md");
    assert!(text.contains("Reads go to the primary"), "docs/stores.md says nothing of replicas");
}
