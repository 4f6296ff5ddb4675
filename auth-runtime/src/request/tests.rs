//! The cost of a request that changes nothing.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::{Caller, Callers, Hooks, Session};
use crate::cookie::{SeenNames, SetCookie};
use crate::crypto::{KeyRing, Secret};
use crate::session::{Lifetime, SessionCodec, SessionDocument};
use crate::store::{MemoryStore, Record, Records, Saved, SessionStore, Sessions};
use crate::time::{Clock, Timestamp, system_now};

const CONNECTION: &str = r#"{"connection":"github","accessToken":"at","expiresAt":4102444800}"#;

fn codec() -> SessionCodec {
    let keys = KeyRing::danger_accept_weak_secrets([Secret::new("x")]).unwrap();
    SessionCodec::builder(keys).owner(Lifetime::default()).build()
}

fn document(now: Timestamp) -> SessionDocument {
    let text = format!(
        r#"{{"user":{{"sub":"ada"}},"tokenSet":{{"refreshToken":"rt"}},"internal":{{"createdAt":{}}}}}"#,
        now.as_unix()
    );
    SessionDocument::parse(text).unwrap()
}

fn headers(lines: &[SetCookie]) -> HeaderMap {
    let pairs: Vec<_> = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect();
    HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&pairs.join("; ")).unwrap())])
}

/// A service whose sessions are in a store, and the session of a request to it.
async fn with_store() -> (Arc<Callers>, Session) {
    let (codec, now) = (codec(), system_now());
    let (id, lines) = codec.write_store_id(None, now, &SeenNames::default(), now).unwrap();
    let store = MemoryStore::new();
    let end = now.saturating_add(86_400);
    let record = Record::new(document(now).as_str(), end, now);
    store.create(&id, record).await.unwrap();
    let records = Records::new(Arc::new(store), Duration::from_secs(1));
    let sessions = Sessions::new(codec, Some(records));
    let callers = Arc::new(Callers { sessions, hooks: Hooks::default(), clock: Clock::default() });
    let session = session(&callers, &headers(&lines)).await;
    (callers, session)
}

async fn session(callers: &Callers, headers: &HeaderMap) -> Session {
    let Ok(Caller::SignedIn(session)) = callers.load(headers, callers.now()).await else {
        panic!("the cookies have a session");
    };
    session
}

/// Commits, if that needs no other task.
fn commit_at_once(callers: &Arc<Callers>, session: Session) -> Option<Saved> {
    match pin!(callers.commit(session)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(saved) => Some(saved.unwrap()),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn a_stored_session_that_needs_no_write_starts_no_task() {
    let (callers, session) = with_store().await;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let handle = session.clone();
    assert!(matches!(commit_at_once(&callers, session), Some(Saved::Kept(lines)) if lines.is_empty()));
    assert_eq!(tasks(), 0);
    assert!(handle.set("late", &1).is_err(), "what comes later would not be saved");

    // A change has a task, so that a client that leaves does not interrupt the write.
    let (callers, session) = with_store().await;
    session.set("theme", &"dark").unwrap();
    assert!(commit_at_once(&callers, session).is_none());
    assert_eq!(tasks(), 1);
}

#[tokio::test]
async fn a_request_that_is_given_up_or_changes_nothing_starts_a_task_only_if_it_asked_for_an_exchange() {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    for is_given_up in [true, false] {
        for asks in [false, true] {
            let (callers, session) = with_store().await;
            let handle = session.clone();
            if asks {
                session.begin_exchange();
            }
            if is_given_up {
                callers.salvage(session);
            } else {
                assert!(commit_at_once(&callers, session).is_some());
            }
            assert_eq!(tasks(), usize::from(asks), "given up: {is_given_up}");
            assert!(!handle.is_open(), "a clone would spend a token that nobody saves");
            tokio::task::yield_now().await;
            assert_eq!(tasks(), 0);
        }
    }
}

#[tokio::test]
async fn tokens_of_connections_are_opened_when_they_are_asked_for() {
    let (codec, now) = (codec(), system_now());
    let connections = [Zeroizing::new(CONNECTION.to_owned())];
    let lines = codec.write_all(&document(now), &connections, &SeenNames::default(), now).unwrap();
    let sessions = Sessions::new(codec, None);
    let callers = Arc::new(Callers { sessions, hooks: Hooks::default(), clock: Clock::default() });
    let session = session(&callers, &headers(&lines)).await;
    let handle = session.clone();
    assert!(matches!(commit_at_once(&callers, session), Some(Saved::Kept(lines)) if lines.is_empty()));
    assert!(!handle.has_opened_connections());
    let opened = handle.connections_as_read();
    assert!(opened[0].starts_with(r#"{"connection":"github","accessToken":"at","expiresAt":4102444800"#));
    assert_eq!(opened.len(), 1);
}
