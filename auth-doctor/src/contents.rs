//! The contents of an opened container: names and sizes, never a token.

use auth_runtime::codec::{
    OpenError, ProtectedHeader, RequestCookies, SessionCodec, SessionDocument, Timestamp, object_members,
};

use crate::findings::effective;
use crate::report::{Mark, Report, counted};
use crate::text::{decoded, printable};
use crate::times::Facts;

/// An opened container.
pub(crate) struct Contents {
    /// The plaintext; `None` when it is not UTF-8.
    text: Option<String>,
    pub(crate) facts: Facts,
    pub(crate) is_legacy: bool,
    pub(crate) secret_number: usize,
}

impl Contents {
    /// Opens the value that a service would read. `Err(None)` when there is none.
    pub(crate) fn open(
        cookies: &RequestCookies<'_>,
        codec: &SessionCodec,
    ) -> Result<Self, Option<OpenError>> {
        let value = effective(cookies).and_then(auth_runtime::codec::NamedValue::joined).ok_or(None)?;
        let opened = codec.keys().open(&value).map_err(Some)?;
        let text = opened.plaintext.text().map(str::to_owned);
        let is_legacy = opened.header.is_legacy();
        let facts = facts(text.as_deref().unwrap_or_default(), &opened.header);
        Ok(Self { text, facts, is_legacy, secret_number: opened.key_index.saturating_add(1) })
    }

    /// Adds the step that lists what is inside.
    pub(crate) fn describe(&self, report: &mut Report, is_refused: bool, now: Timestamp) {
        let mark = if is_refused { Mark::Refused } else { Mark::Fine };
        let Some(text) = &self.text else {
            return report.step(mark, "Inside: bytes that are not UTF-8");
        };
        let Some(members) = object_members(text) else {
            return report
                .step(mark, format!("Inside: {} that are not one JSON object", counted(text.len(), "byte")));
        };
        report.step(
            mark,
            format!("Inside: {}, {}", counted(text.len(), "byte"), counted(members.len(), "member")),
        );
        for (name, raw) in members.iter().take(MAX_LISTED) {
            let name = decoded(name);
            report.detail(format!("{}: {}", printable(&name), counted(raw.len(), "byte")));
            match &*name {
                "user" => claims(report, raw),
                "tokenSet" => lengths(report, raw),
                _ => {}
            }
        }
        if is_refused {
            self.say_what_is_wrong(report, text, now);
        }
    }

    fn say_what_is_wrong(&self, report: &mut Report, text: &str, now: Timestamp) {
        let facts = &self.facts;
        let wrong = match SessionDocument::parse(text) {
            Err(error) if !self.is_legacy => error.to_string(),
            _ if facts.exp.is_none() => "`exp` is missing or is not a time".to_owned(),
            _ if facts.created_at.is_some_and(|created| created > now.as_unix()) => {
                "`createdAt` lies ahead; compare the clocks".to_owned()
            }
            _ => "a member is missing or of another type".to_owned(),
        };
        report.detail(format!("wrong: {wrong}"));
    }
}

/// Returns the times and the domain that the container names, wherever its version keeps them.
fn facts(text: &str, header: &ProtectedHeader) -> Facts {
    let member = |object: &str, name: &str| -> Option<String> {
        let members = object_members(object)?;
        members.into_iter().rev().find(|(key, _)| decoded(key) == name).map(|(_, raw)| raw.to_owned())
    };
    let seconds = |raw: String| raw.parse::<f64>().ok().and_then(whole_seconds);
    if header.is_legacy() {
        return Facts {
            exp: header.exp.and_then(whole_seconds),
            created_at: header.iat.and_then(whole_seconds),
            ..Facts::default()
        };
    }
    let internal = member(text, "internal").unwrap_or_default();
    let domain = member(&internal, "mcd").and_then(|mcd| member(&mcd, "domain"));
    Facts {
        exp: member(text, "exp").and_then(seconds),
        nbf: member(text, "nbf").and_then(seconds),
        created_at: member(&internal, "createdAt").and_then(seconds),
        ceiling: member(&internal, "sessionExpiresAt").and_then(seconds),
        domain: domain.map(|raw| decoded(&raw).into_owned()),
    }
}

fn whole_seconds(seconds: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "the year 9999 is far below 2^53")]
    let latest = Timestamp::MAX_SENSIBLE.as_unix() as f64;
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and the year 9999")]
    (0.0..=latest).contains(&seconds).then(|| seconds.floor() as i64)
}

/// Lists the user's claims by name and size. `sub` is shown, because a person looks for it in the provider's log.
fn claims(report: &mut Report, raw: &str) {
    for (name, value) in object_members(raw).unwrap_or_default().into_iter().take(MAX_LISTED) {
        let name = decoded(name);
        let shown = match &*name {
            "sub" if value.starts_with('"') => printable(&decoded(value)),
            _ => counted(value.len(), "byte"),
        };
        report.detail(format!("    {}: {shown}", printable(&name)));
    }
}

/// Lists the token set's members by length: any of them may be a token.
fn lengths(report: &mut Report, raw: &str) {
    for (name, value) in object_members(raw).unwrap_or_default().into_iter().take(MAX_LISTED) {
        let size = if value.starts_with('"') {
            counted(decoded(value).chars().count(), "character")
        } else {
            counted(value.len(), "byte")
        };
        report.detail(format!("    {}: {size}", printable(&decoded(name))));
    }
}

/// Number of items at which a list ends: an attacker may have made one of thousands.
const MAX_LISTED: usize = 40;
