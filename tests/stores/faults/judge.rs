//! The rules that hold whatever is faulty.

use auth_tests::{Answer, ORIGIN};
use http::StatusCode;
use http::header::CACHE_CONTROL;

use super::table::{Fault, Operation, Outcome};
use super::target::{MARKER, PASSWORD};
use super::trial::Answered;
use crate::instance::ADA;

/// What came of a request, or what is wrong about its answer.
pub(crate) fn judge(fault: Fault, operation: Operation, answered: &Answered) -> Result<Outcome, Vec<String>> {
    let Answered { answer, took } = answered;
    let mut problems = Vec::new();
    let limit = fault.patience() * (operation.waits() + 1);
    if *took > limit {
        problems.push(format!("took {} ms, and {} are enough", took.as_millis(), limit.as_millis()));
    }
    inside_problems(answer, &mut problems);
    match outcome(operation, answer) {
        Some(outcome) if problems.is_empty() => return Ok(outcome),
        Some(_) => {}
        None => problems.push(format!(
            "{} {:.120} {:?}",
            answer.status,
            answer.body,
            answer.set_cookies().collect::<Vec<_>>()
        )),
    }
    Err(problems)
}

/// What no answer may show or lack.
fn inside_problems(answer: &Answer, problems: &mut Vec<String>) {
    let cache = answer.headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    if cache != Some("private, no-store") {
        problems.push(format!("cacheable: {cache:?}"));
    }
    let headers = format!("{:?}", answer.headers);
    for inside in [MARKER, PASSWORD, "redis", "postgres", "sqlx", "panic", "127.0.0.1", "os error"] {
        if answer.body.contains(inside) || headers.contains(inside) {
            problems.push(format!("the client is shown `{inside}`"));
        }
    }
}

/// `None` is an answer that must not be.
fn outcome(operation: Operation, answer: &Answer) -> Option<Outcome> {
    let cookie = Cookie::of(answer);
    match operation {
        Operation::Get => match (answer.status, answer.body.as_str(), cookie) {
            (StatusCode::OK, ADA | "somebody", Cookie::AsItWas) => Some(Outcome::AsUsual),
            (StatusCode::SERVICE_UNAVAILABLE, body, Cookie::AsItWas)
                if body.contains("session_store_unavailable") =>
            {
                Some(Outcome::Down)
            }
            (StatusCode::UNAUTHORIZED, _, Cookie::AsItWas) | (StatusCode::OK, "nobody", Cookie::AsItWas) => {
                Some(Outcome::Over)
            }
            _ => None,
        },
        Operation::Create => match (answer.status, cookie) {
            (StatusCode::SEE_OTHER, Cookie::Set) if answer.location() == format!("{ORIGIN}/") => {
                Some(Outcome::AsUsual)
            }
            (StatusCode::SERVICE_UNAVAILABLE, Cookie::AsItWas) => Some(Outcome::Down),
            _ => None,
        },
        Operation::Update => match (answer.status, answer.body.as_str(), cookie) {
            (StatusCode::OK, "changed", Cookie::Set) => Some(Outcome::AsUsual),
            (StatusCode::OK, "changed", Cookie::Removed) => Some(Outcome::Over),
            // What the handler said is withheld.
            (StatusCode::SERVICE_UNAVAILABLE, NOT_SAVED, Cookie::AsItWas) => Some(Outcome::Down),
            _ => None,
        },
        Operation::Touch => match (answer.status, answer.body.as_str(), cookie) {
            (StatusCode::OK, "lingered", Cookie::Set) => Some(Outcome::AsUsual),
            (StatusCode::OK, "lingered", Cookie::AsItWas) => Some(Outcome::NotExtended),
            (StatusCode::OK, "lingered", Cookie::Removed) => Some(Outcome::Over),
            _ => None,
        },
        // The browser is signed out in any case (SES-07).
        Operation::Delete => match (answer.status, cookie) {
            (StatusCode::SEE_OTHER, Cookie::Removed) => Some(Outcome::AsUsual),
            (StatusCode::SERVICE_UNAVAILABLE, Cookie::Removed) => Some(Outcome::Down),
            _ => None,
        },
        Operation::LogoutToken => match (answer.status, cookie) {
            (StatusCode::OK, Cookie::AsItWas) => Some(Outcome::AsUsual),
            (StatusCode::SERVICE_UNAVAILABLE, Cookie::AsItWas) => Some(Outcome::Down),
            _ => None,
        },
    }
}

/// What an answer does with the session's cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cookie {
    AsItWas,
    Removed,
    Set,
}

impl Cookie {
    fn of(answer: &Answer) -> Self {
        let own: Vec<_> = answer.set_cookies().filter(|line| line.starts_with("__session")).collect();
        if own.iter().any(|line| !line.contains("Max-Age=0")) {
            Self::Set
        } else if own.is_empty() {
            Self::AsItWas
        } else {
            Self::Removed
        }
    }
}

/// The body of an answer whose session the store did not take.
const NOT_SAVED: &str = r#"{"error":"session_not_saved","description":"The session could not be saved"}"#;
