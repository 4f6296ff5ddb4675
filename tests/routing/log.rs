//! The line that a service writes about its routes when it starts.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use auth_runtime::routing::{Router, get, post as post_route};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::{either, forgotten, me, open, verifier};

/// Keeps the fields of every event.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("auth_runtime")
    }

    fn event(&self, event: &Event<'_>) {
        assert_eq!(*event.metadata().level(), Level::INFO);
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}

#[test]
fn one_line_counts_the_routes_and_names_those_that_let_strangers_in() {
    let plain = axum::Router::new().route("/forgotten", axum::routing::get(forgotten));
    let inner = Router::new().route("/me", get(me)).merge_unchecked(plain);
    let router = Router::new()
        .nest("/api", inner)
        .route("/open", get(open))
        .route("/either", get(either))
        .route("/contact", get(open).merge(post_route(open)))
        .with_state::<()>(verifier());
    let lines = Lines::default();
    let _app = tracing::subscriber::with_default(lines.clone(), || axum::Router::from(router));
    let expected = "message=routes
routes=6
protected=1
public=\"GET /open; GET /contact; POST /contact\"
optional=\"GET /either\"
unchecked=\"* /api/{*unchecked}\"
";
    assert_eq!(*lines.0.lock().unwrap(), [expected]);
}
