//! All that is logged while these tests run, at every level.

use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// From now on, for the whole program: what is asked of a store may be done by any of its threads.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Everything).unwrap());
}

/// The lines that hold one of these texts.
pub(crate) fn lines_with(texts: &[String]) -> Vec<String> {
    let lines = lines();
    let holds = |line: &&String| texts.iter().any(|text| !text.is_empty() && line.contains(text.as_str()));
    lines.iter().filter(holds).cloned().collect()
}

/// How many lines there are of the runtime's errors.
pub(crate) fn errors() -> usize {
    let is_error = |line: &&String| line.starts_with(Level::ERROR.as_str()) && line.contains(" auth_runtime");
    lines().iter().filter(is_error).count()
}

fn lines() -> std::sync::MutexGuard<'static, Vec<String>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Everything;

impl Subscriber for Everything {
    /// What the provider and the HTTP client say is not about stores.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        ["auth_runtime", "sqlx", "redis"].iter().any(|name| target.starts_with(name))
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line::begin(span.metadata());
        span.record(&mut line);
        line.end();
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        line.end();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::begin(event.metadata());
        event.record(&mut line);
        line.end();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line(String);

impl Line {
    fn begin(metadata: &Metadata<'_>) -> Self {
        Self(format!("{} {}", metadata.level(), metadata.target()))
    }

    fn end(self) {
        lines().push(self.0);
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}
