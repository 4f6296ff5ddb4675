//! `explain`: the way from a `Cookie` header to a session, step by step, for a person with a 401.
//!
//! The verdict is the codec's own. The steps show the facts that it judged, and what it would say next if the
//! check that failed did not exist.

use auth_runtime::codec::{CodecBuilder, OpenError, Reason, RequestCookies, SessionCodec, Timestamp};

use crate::arguments::ExplainArguments;
use crate::configuration;
use crate::contents::Contents;
use crate::findings::{self, effective, is_whole};
use crate::header::{Pair, headers, looks_sealed, pairs};
use crate::report::{Mark, Report, counted};
use crate::secrets::Secrets;
use crate::text::printable;
use crate::times;

/// Explains a header. Returns the report, and whether the header holds a session.
pub(crate) fn explain(
    arguments: &ExplainArguments,
    header: &[u8],
    secrets: &Secrets,
    now: Timestamp,
) -> Result<(Report, bool), String> {
    let headers = headers(header);
    let conditions = Conditions::of(arguments, secrets, now)?;
    let codec = conditions.codec();
    let cookies = RequestCookies::scan(headers.iter().copied(), codec.cookie_name());
    let contents = Contents::open(&cookies, &codec);
    let reasons = conditions.reasons(&cookies, contents.as_ref().ok());

    let mut report = Report::default();
    let sent = pairs(&headers);
    header_step(&mut report, &sent, &cookies, &codec);
    cookie_step(&mut report, &cookies, &sent, &reasons);
    container_step(&mut report, &contents, &cookies, secrets, &reasons);
    match &contents {
        Ok(contents) => {
            contents.describe(&mut report, reasons.contains(&Reason::WrongShape), now);
            let domain = arguments.domain.as_deref();
            times::describe(&mut report, &contents.facts, domain, &reasons, now);
        }
        Err(_) => report
            .step(Mark::Skipped, "Contents, times and domain: not known, because the container did not open"),
    }
    connections_step(&mut report, &cookies, &codec, now);
    if reasons.first() == Some(&Reason::WrongShape) && codec.read_store_id(&cookies, now).is_ok() {
        report.warn("store_cookie: this cookie holds only the id of a record; the application that made it keeps its sessions in a session store, and only a service with that store can read them");
    }
    for finding in secrets.findings().chain(findings::of_cookies(&cookies, &codec, now)) {
        report.warn(finding.to_string());
    }
    result(&mut report, &reasons);
    Ok((report, reasons.is_empty()))
}

/// The conditions by which the cookies are judged.
#[derive(Clone)]
struct Conditions {
    builder: CodecBuilder,
    legacy: bool,
    domain: Option<String>,
    now: Timestamp,
}

impl Conditions {
    fn of(arguments: &ExplainArguments, secrets: &Secrets, now: Timestamp) -> Result<Self, String> {
        let builder = configuration::codec(secrets.key_ring()?, arguments.cookie_name.as_deref())?;
        Ok(Self { builder, legacy: arguments.legacy, domain: arguments.domain.clone(), now })
    }

    fn codec(&self) -> SessionCodec {
        let builder = self.builder.clone().legacy(self.legacy);
        match &self.domain {
            Some(domain) => builder.domain(domain.clone()).build(),
            None => builder.build(),
        }
    }

    /// Returns every reason against the session, in the order of the checks. After each reason the condition of the
    /// failed check is lifted, and the codec reads the cookies again.
    fn reasons(&self, cookies: &RequestCookies<'_>, contents: Option<&Contents>) -> Vec<Reason> {
        let mut conditions = self.clone();
        let mut reasons = Vec::new();
        while let Err(reason) = conditions.codec().read(cookies, conditions.now) {
            // At the earlier time, at which the session had not expired, it may not have been created yet. That is no
            // reason of its own.
            let is_artefact = reason == Reason::WrongShape && conditions.now < self.now;
            if is_artefact || reasons.contains(&reason) {
                break;
            }
            reasons.push(reason);
            if !conditions.lift(reason, contents) {
                break;
            }
        }
        reasons
    }

    /// Makes the check that gave `reason` pass. Returns whether that is possible.
    fn lift(&mut self, reason: Reason, contents: Option<&Contents>) -> bool {
        let facts = contents.map(|contents| &contents.facts);
        match reason {
            Reason::LegacyDisabled => self.legacy = true,
            Reason::DomainMismatch => self.domain = None,
            Reason::Expired => match facts.and_then(|facts| facts.exp) {
                Some(exp) => self.now = Timestamp::from_unix(exp),
                None => return false,
            },
            Reason::CeilingReached => match facts.and_then(|facts| facts.ceiling) {
                Some(ceiling) => {
                    self.now = self.now.min(Timestamp::from_unix(ceiling).saturating_sub(CEILING_LEEWAY));
                }
                None => return false,
            },
            Reason::NotYetValid => match facts.and_then(|facts| facts.nbf) {
                Some(nbf) => self.now = Timestamp::from_unix(nbf),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

fn header_step(report: &mut Report, sent: &[Pair<'_>], cookies: &RequestCookies<'_>, codec: &SessionCodec) {
    let bytes: usize = sent.iter().map(Pair::bytes).sum();
    let mark = if sent.is_empty() { Mark::Refused } else { Mark::Fine };
    report
        .step(mark, format!("Cookie header: {}, {}", counted(sent.len(), "cookie"), counted(bytes, "byte")));
    let names = cookies.seen_names().names(codec.cookie_name());
    let is_ours = |pair: &&Pair<'_>| names.iter().any(|name| name.as_bytes() == pair.name);
    let (ours, others): (Vec<_>, Vec<_>) = sent.iter().partition(is_ours);
    for pair in ours.into_iter().take(MAX_LISTED) {
        report.detail(format!("{}: {}", printable(&pair.name()), counted(pair.value.len(), "character")));
    }
    let names: Vec<_> = others.iter().take(MAX_LISTED).map(|pair| printable(&pair.name())).collect();
    if !names.is_empty() {
        report.detail(format!("other cookies: {}", names.join(", ")));
    }
    if !cookies.session.is_present() && !cookies.legacy.is_present() {
        for pair in others.iter().filter(|pair| looks_sealed(pair)).take(MAX_LISTED) {
            let name = printable(&pair.name());
            report.warn(format!(
                "sealed_elsewhere: the cookie `{name}` looks like a sealed session; if it is the session cookie, add `--cookie-name {name}`"
            ));
        }
    }
}

fn cookie_step(report: &mut Report, cookies: &RequestCookies<'_>, sent: &[Pair<'_>], reasons: &[Reason]) {
    let refused = [Reason::NoCookie, Reason::IncompleteChunks].iter().any(|reason| reasons.contains(reason));
    let mark = if refused { Mark::Refused } else { Mark::Fine };
    let Some(value) = effective(cookies) else {
        return report.step(mark, "Session cookie: none, neither whole nor in chunks");
    };
    // `effective` returns one of the two values in `cookies`.
    let generation =
        if std::ptr::eq(value, &raw const cookies.legacy) { "v3 session cookie" } else { "Session cookie" };
    if is_whole(value) {
        let length = value.whole.as_ref().map_or(0, |whole| whole.len());
        return report.step(mark, format!("{generation}: whole, {}", counted(length, "character")));
    }
    if value.chunks.is_empty() {
        return report.step(mark, format!("{generation}: it is there, but empty"));
    }
    let total = value.joined().map(|joined| format!(", together {}", counted(joined.len(), "character")));
    report.step(
        mark,
        format!("{generation}: {}{}", counted(value.chunks.len(), "chunk"), total.unwrap_or_default()),
    );
    let mut indexes: Vec<_> = value.chunks.indexes().map(std::borrow::Cow::into_owned).collect();
    indexes.sort_by_key(|index| (index.len(), index.clone()));
    for index in indexes.iter().take(MAX_LISTED) {
        let size = sent.iter().rev().find(|pair| pair.is_chunk(index)).map_or(0, |pair| pair.value.len());
        report.detail(format!("number {}: {}", printable(index), counted(size, "character")));
    }
    if !value.chunks.is_complete() {
        let missing: Vec<_> = (0..MAX_LISTED).map(|index| index.to_string()).collect();
        let highest = indexes.last().and_then(|last| last.parse().ok()).unwrap_or(MAX_LISTED);
        let missing: Vec<_> =
            missing.into_iter().take(highest).filter(|index| !indexes.contains(index)).collect();
        report.detail(format!("missing: {}", missing.join(", ")));
    }
}

fn container_step(
    report: &mut Report,
    contents: &Result<Contents, Option<OpenError>>,
    cookies: &RequestCookies<'_>,
    secrets: &Secrets,
    reasons: &[Reason],
) {
    match contents {
        Ok(contents) => {
            let disabled = reasons.contains(&Reason::LegacyDisabled);
            let mark = if disabled { Mark::Refused } else { Mark::Fine };
            let kind = if contents.is_legacy { "v3" } else { "v4" };
            report.step(
                mark,
                format!(
                    "Container: {kind}, opened by secret {} of {}",
                    contents.secret_number,
                    secrets.len()
                ),
            );
            if disabled {
                report.detail("v3 cookies are not read by default; add `--legacy` here, and `legacy_cookies(true)` in the service");
            }
        }
        Err(None) => report.step(Mark::Skipped, "Container: there is no value to open"),
        Err(Some(error)) => {
            report.step(Mark::Refused, format!("Container: {error}"));
            let value = effective(cookies).and_then(auth_runtime::codec::NamedValue::joined);
            if let Some(found) = value.and_then(|value| secrets.near_miss(&value)) {
                report.detail(found);
            }
        }
    }
}

fn connections_step(report: &mut Report, cookies: &RequestCookies<'_>, codec: &SessionCodec, now: Timestamp) {
    if cookies.connections.is_empty() {
        return;
    }
    let read = codec.read_connections(cookies, now).len();
    let sent = cookies.connections.len();
    let mark = if read == sent { Mark::Fine } else { Mark::Refused };
    report.step(mark, format!("Connection cookies (__FC_n): {read} of {sent} open"));
}

fn result(report: &mut Report, reasons: &[Reason]) {
    let Some((first, later)) = reasons.split_first() else {
        return report.result("Accepted: these cookies hold a session.");
    };
    report.result(format!("Refused: {}", first.code()));
    report.result(format!("  {}", first.advice()));
    for reason in later {
        report.result(format!("Without that reason, still refused: {}", reason.code()));
        report.result(format!("  {}", reason.advice()));
    }
}

/// Number of items at which a list ends: an attacker may have made one of thousands.
const MAX_LISTED: usize = 40;

/// Seconds before the provider's limit that are just outside of the margin with which a service ends a session.
const CEILING_LEEWAY: u64 = 31;
