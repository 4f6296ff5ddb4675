//! Other attributes on a guarded handler, on either side.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use auth_runtime::testing::{TestClock, cookie_header};
use auth_runtime::{Auth, Session, User, with_api_auth_required};
use axum::Router;
use axum::extract::Path;
use axum::routing::get as get_route;
use http::StatusCode;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{NOW, SECRET, get, verifier};

const EMAIL: &str = "ada@example.com";
const TOKENS: [&str; 3] = ["access-40c8be15", "refresh-b72d93e0", "id-66e1f0c4"];

#[tracing::instrument]
#[with_api_auth_required]
async fn instrument_above(Path(id): Path<u64>, user: User, session: Session) -> String {
    format!("{id} {} {}", user.sub(), session.user().sub())
}

#[with_api_auth_required]
#[tracing::instrument]
async fn instrument_below(Path(id): Path<u64>, user: User, session: Session) -> String {
    format!("{id} {} {}", user.sub(), session.user().sub())
}

#[with_api_auth_required(state = Auth)]
#[axum::debug_handler(state = Auth)]
async fn debug_handler_below(Path(id): Path<u64>, user: User, session: Session) -> String {
    format!("{id} {} {}", user.sub(), session.user().sub())
}

#[cfg_attr(all(), tracing::instrument)]
#[cfg_attr(all(), with_api_auth_required)]
#[cfg_attr(all(), axum::debug_handler(state = Auth))]
async fn conditional(Path(id): Path<u64>, user: User, session: Session) -> String {
    format!("{id} {} {}", user.sub(), session.user().sub())
}

/// The span records the type around the answer, which holds the head that the guard keeps for the hook.
#[with_api_auth_required]
#[tracing::instrument(ret(Debug))]
async fn recorded(Path(id): Path<u64>, user: User, session: Session) -> String {
    format!("{id} {} {}", user.sub(), session.user().sub())
}

fn app() -> Router {
    let hooked = Auth::builder().secret(SECRET).test_clock(&TestClock::at(NOW));
    let hooked = hooked.on_rejection(|rejection, _| rejection.default_response()).build().unwrap();
    Router::new().route("/recorded/{id}", get_route(recorded)).with_state(hooked).merge(unhooked())
}

fn unhooked() -> Router {
    Router::new()
        .route("/above/{id}", get_route(instrument_above))
        .route("/below/{id}", get_route(instrument_below))
        .route("/debug/{id}", get_route(debug_handler_below))
        .route("/conditional/{id}", get_route(conditional))
        .with_state(verifier())
}

fn cookie() -> String {
    let [access_token, refresh_token, id_token] = TOKENS;
    let session = json!({
        "user": { "sub": "auth0|ada", "email": EMAIL },
        "tokenSet": {
            "accessToken": access_token, "refreshToken": refresh_token, "idToken": id_token,
            "expiresAt": NOW + 60,
        },
    });
    cookie_header(&verifier(), &session).unwrap()
}

/// The fields of every span and event of this thread, with the span's name before them.
#[derive(Clone, Default)]
struct Fields(Arc<Mutex<String>>);

impl Fields {
    fn note(&self, name: &str, record: impl FnOnce(&mut Text)) {
        let mut text = Text(format!("{name}:"));
        record(&mut text);
        let mut all = self.0.lock().unwrap();
        writeln!(all, "{}", text.0).unwrap();
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // On one line, also the form that has several.
        let pretty = format!("{value:#?}").replace(char::from(10), " ");
        write!(self.0, " {}={value:?} {pretty}", field.name()).unwrap();
    }
}

impl Subscriber for Fields {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata().name(), |text| span.record(text));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note("later", |text| values.record(text));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(event.metadata().target(), |text| event.record(text));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn m5_other_attributes_neither_remove_the_guard_nor_record_what_it_gives() {
    let (app, cookie, fields) = (app(), cookie(), Fields::default());
    let _listening = tracing::subscriber::set_default(fields.clone());
    for path in ["/above/7", "/below/7", "/debug/7", "/conditional/7", "/recorded/7"] {
        let answer = get(&app, path, Some(&cookie)).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::OK, "7 auth0|ada auth0|ada"),
            "{path}"
        );
        assert_eq!(get(&app, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
        // Before the path is looked at.
        let malformed = path.replace('7', "seven");
        assert_eq!(get(&app, &malformed, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let recorded = fields.0.lock().unwrap().clone();
    // The parameters were recorded, by the functions that were told to.
    for name in ["instrument_above:", "instrument_below:", "conditional:"] {
        let line = recorded
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{name}\n{recorded}"));
        assert!(line.contains(" id=7") && line.contains(" session=") && line.contains(" user="), "{line}");
    }
    assert!(recorded.contains(" return=Guarded"), "{recorded}");
    let sealed = cookie.split_once('=').unwrap().1;
    for secret in TOKENS.iter().chain([&EMAIL, &&sealed[60..90]]) {
        assert!(!recorded.contains(secret), "{secret} is recorded:\n{recorded}");
    }
}

/// What is above the attribute is given the handler as it was written, so a stranger's request begins no span of it.
#[tokio::test]
async fn m5_a_stranger_reaches_no_span_of_a_handler() {
    let (app, fields) = (app(), Fields::default());
    let _listening = tracing::subscriber::set_default(fields.clone());
    for path in ["/above/7", "/conditional/7"] {
        assert_eq!(get(&app, path, None).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let recorded = fields.0.lock().unwrap().clone();
    assert!(!recorded.contains("instrument_above:") && !recorded.contains("conditional:"), "{recorded}");
}
