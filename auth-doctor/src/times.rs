//! The steps of the report about the session's times and its domain.

use auth_runtime::codec::{Reason, Timestamp};

use crate::report::{Mark, Report, span};
use crate::text::printable;

/// The times that a session names, in whole unix seconds, and its domain.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) exp: Option<i64>,
    pub(crate) nbf: Option<i64>,
    pub(crate) created_at: Option<i64>,
    /// Limit on the session that the provider set (`sessionExpiresAt`).
    pub(crate) ceiling: Option<i64>,
    pub(crate) domain: Option<String>,
}

/// Adds the steps for time and domain.
pub(crate) fn describe(
    report: &mut Report,
    facts: &Facts,
    domain: Option<&str>,
    reasons: &[Reason],
    now: Timestamp,
) {
    let mark = |refusing: &[Reason]| {
        if refusing.iter().any(|reason| reasons.contains(reason)) { Mark::Refused } else { Mark::Fine }
    };
    report.step(
        mark(&[Reason::Expired, Reason::NotYetValid, Reason::IdleTooLong, Reason::TooOld]),
        format!("Times, seen at {now}"),
    );
    report.detail(time("created", facts.created_at, now));
    report.detail(time("expires", facts.exp, now));
    if facts.nbf.is_some() {
        report.detail(time("valid from", facts.nbf, now));
    }

    let ceiling = match facts.ceiling {
        Some(_) => time("Ceiling set by the provider", facts.ceiling, now),
        None => "Ceiling set by the provider: none".to_owned(),
    };
    report.step(mark(&[Reason::CeilingReached]), ceiling);

    let made_for = facts.domain.as_deref().map_or_else(|| "any".to_owned(), printable);
    let expected = domain.map_or_else(|| "any".to_owned(), printable);
    report.step(mark(&[Reason::DomainMismatch]), format!("Domain: made for {made_for}, expected {expected}"));
}

fn time(what: &str, seconds: Option<i64>, now: Timestamp) -> String {
    let Some(time) = seconds.map(Timestamp::from_unix) else { return format!("{what}: not said") };
    if time > now {
        format!("{what}: {time}, in {}", span(time.seconds_since(now)))
    } else {
        format!("{what}: {time}, {} ago", span(now.seconds_since(time)))
    }
}
