//! A provider that grants more than it was asked for.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use auth_runtime::testing::provider::{Endpoint, Fault};
use http::StatusCode;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::world::{ADA, Load, token_of};

/// The healthy answer with other scopes.
fn granting(scope: &'static str) -> Fault {
    Fault::change(move |answer| answer["scope"] = scope.into())
}

#[tokio::test]
async fn scopes_that_were_not_asked_for_are_told_of_once_and_the_token_is_used() {
    let log = Log::default();
    // With one subscriber alone, a line that another test's thread comes to first is never heard.
    let _second = tracing::Dispatch::new(Log::default());
    let _listening = tracing::subscriber::set_default(log.clone());
    let world = Load::new().await;

    world.provider.fault(Endpoint::Token, granting("openid profile email offline_access"));
    world.signed_in(ADA).await;
    assert_eq!(log.lines(), [""; 0], "it is what sign-in asks for");

    let wider = "openid profile email offline_access delete:orders\u{1b}[31m";
    world.provider.fault(Endpoint::Token, granting(wider));
    let mut browser = world.signed_in(ADA).await;
    let [line] = &log.lines()[..] else { panic!("{:?}", log.lines()) };
    assert!(line.starts_with("WARN auth_runtime::security"), "{line}");
    assert!(
        line.contains("delete:orders") && !line.contains("profile") && !line.contains('\u{1b}'),
        "{line}"
    );
    world.signed_in(ADA).await;
    world.expire();
    token_of(&browser.get(&world.app, "/token").await);
    assert_eq!(log.lines().len(), 1, "the same is told of once: {:?}", log.lines());

    // A refresh that grants yet more.
    world.expire();
    world.provider.fault(Endpoint::Token, granting("openid admin"));
    token_of(&browser.get(&world.app, "/token").await);
    let lines = log.lines();
    assert!(lines.len() == 2 && lines[1].contains("admin") && !lines[1].contains("openid"), "{lines:?}");
    assert_eq!(world.ask(&browser, "/me").await.status, StatusCode::OK);
}

/// What this thread logs about security, a line for each event.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "auth_runtime::security"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}
