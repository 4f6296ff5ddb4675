//! One operation under one fault: a request that is as far as the store when the fault begins.

use std::time::{Duration, Instant};

use auth_tests::{Answer, Browser, World};
use http::{Method, StatusCode};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::table::{Fault, Operation};
use super::target::Target;
use crate::gate::Gate;
use crate::instance::{ADA, AnyStore, GRACE, configured, gated, log_out, logout_token};

/// A server, the application in front of it, and somebody who is signed in all the time.
pub(crate) struct Scene {
    pub(crate) world: World,
    /// An instance that has time, past the proxy.
    pub(crate) calm: World,
    /// Grace's.
    pub(crate) witness: Browser,
}

/// What is asked, by whom and of which instance.
pub(crate) struct Trial {
    pub(crate) operation: Operation,
    pub(crate) instance: World,
    gate: Gate,
    /// As it was before the fault.
    pub(crate) browser: Browser,
    /// Which logout token ends the session; empty where there is none yet.
    pub(crate) token: String,
    /// When the session ended before it was used.
    pub(crate) end: String,
    waiting: Option<Request>,
}

/// The answer, and when it came.
type Request = JoinHandle<(Answer, Instant)>;

/// What was answered, and after how long.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) took: Duration,
}

impl Scene {
    pub(crate) async fn new(world: World, store: AnyStore) -> Self {
        let calm = calm(&world, store);
        let witness = calm.signed_in(GRACE).await;
        // The server knows the scripts then.
        assert_eq!(witness.peek(&calm, "/change").await.status, StatusCode::OK);
        Self { world, calm, witness }
    }

    /// The same, with an instance that was not there under the fault.
    pub(crate) fn renewed(self, store: AnyStore) -> Self {
        Self { calm: calm(&self.world, store), ..self }
    }

    /// Ada is signed in, by way of an instance of her own that has been in use.
    pub(crate) async fn trial<T: Target>(
        &self,
        target: &T,
        operation: Operation,
        patience: Duration,
    ) -> Trial {
        let store = target.store().await;
        let gate = Gate::default();
        let instance = gated(&self.world, &gate, store, |auth| auth.store_timeout(patience));
        self.until_in_use(&instance).await;
        let (mut browser, mut token, mut end) = (Browser::default(), String::new(), String::new());
        if operation != Operation::Create {
            browser = self.calm.signed_in(ADA).await;
            token = logout_token(&self.calm, &browser).await;
        }
        if operation == Operation::Touch {
            target.age(&self.calm.store_id(&browser)).await;
            end = self.end(&self.calm, &browser).await;
        }
        let mut trial = Trial { operation, instance, gate, browser, token, end, waiting: None };
        trial.approach().await;
        trial
    }

    /// Has connections, and answers in time.
    async fn until_in_use(&self, instance: &World) {
        for _ in 0..20 {
            if self.witness.peek(instance, "/me").await.status == StatusCode::OK {
                return;
            }
        }
        panic!("the store does not work before the fault");
    }

    /// When the session ends in the store. Asked of the record, so that nothing is extended by it.
    pub(crate) async fn end(&self, instance: &World, browser: &Browser) -> String {
        let id = instance.store_id(browser);
        let sub = instance.auth.sessions_of("sample|ada").await.unwrap();
        let handle = handle(&id);
        let own = sub.iter().find(|session| session.handle() == handle);
        own.map(|session| session.expires_at().to_string()).unwrap_or_default()
    }
}

impl Trial {
    /// Sends the request, as far as the store. Where the machine was too slow for that, once more.
    async fn approach(&mut self) {
        let path = match self.operation {
            Operation::Update => "/change".to_owned(),
            Operation::Touch => "/linger".to_owned(),
            Operation::Create => self.instance.begin_with(&mut self.browser, "/auth/login", ADA).await,
            Operation::Get | Operation::Delete | Operation::LogoutToken => return,
        };
        for _ in 0..20 {
            self.gate.shut();
            let mut request = self.send(Method::GET, &path);
            tokio::select! {
                () = self.gate.reached() => {
                    self.waiting = Some(request);
                    return;
                }
                _ = &mut request => {}
            }
        }
        panic!("{} does not get as far as the store", self.operation.name());
    }

    /// Lets the request go on, or sends it; under the fault.
    pub(crate) async fn go(&mut self, fault: Fault) -> Vec<Answered> {
        let begin = Instant::now();
        self.gate.open();
        let requests = match (self.waiting.take(), self.operation) {
            (Some(request), _) => vec![request],
            (None, Operation::Delete) => vec![self.send(Method::POST, "/auth/logout")],
            (None, Operation::LogoutToken) => vec![self.send_token()],
            (None, _) => ["/me", "/front"].map(|path| self.send(Method::GET, path)).into(),
        };
        let mut answers = Vec::new();
        for request in requests {
            let Ok(answered) = timeout(GUARD, request).await else {
                panic!("{} at {}: no answer at all", fault.name(), self.operation.name());
            };
            let (answer, end) = answered.unwrap();
            answers.push(Answered { answer, took: end - begin });
        }
        answers
    }

    fn send(&self, method: Method, path: &str) -> Request {
        let (app, browser, path) = (self.instance.app.clone(), self.browser.clone(), path.to_owned());
        tokio::spawn(async move { (browser.ask(&app, method, &path).await, Instant::now()) })
    }

    fn send_token(&self) -> Request {
        let (instance, token) = (self.instance.clone(), self.token.clone());
        tokio::spawn(async move { (log_out(&instance, &token).await, Instant::now()) })
    }
}

fn calm(world: &World, store: AnyStore) -> World {
    configured(world, store, |auth| auth.store_timeout(LONGEST))
}

fn handle(id: &auth_runtime::store::StoreId) -> String {
    use sha2::Digest as _;

    sha2::Sha256::digest(id.as_str()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As long as a store may be given.
const LONGEST: Duration = Duration::from_millis(4_900);
/// Against hanging for ever.
const GUARD: Duration = Duration::from_secs(30);
