//! Oddities of a request, whose session may be fine all the same.

use std::fmt;

use auth_runtime::codec::{NamedValue, RequestCookies, SessionCodec, Timestamp, Weakness};

/// An oddity. Its text begins with a stable code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    ConnectionsUnread { read: usize, sent: usize },
    DuplicateCookies,
    ManyChunks { chunks: usize },
    OldSecret { number: usize },
    StrayChunks { chunks: usize },
    WeakSecret { number: usize, weakness: Weakness },
    WhiteSpaceAroundSecret { number: usize },
}

impl Finding {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::ConnectionsUnread { .. } => "connections_unread",
            Self::DuplicateCookies => "duplicate_cookies",
            Self::ManyChunks { .. } => "many_chunks",
            Self::OldSecret { .. } => "old_secret",
            Self::StrayChunks { .. } => "stray_chunks",
            Self::WeakSecret { .. } => "weak_secret",
            Self::WhiteSpaceAroundSecret { .. } => "white_space_around_secret",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            Self::ConnectionsUnread { read, sent } => write!(
                f,
                "{} of {sent} connection cookies (__FC_n) do not open, are over or belong to another session; the session does not depend on them",
                sent.saturating_sub(*read)
            ),
            Self::DuplicateCookies => f.write_str(
                "a session cookie came twice with different values, and the last one counts; look for a cookie set with another domain or path",
            ),
            Self::ManyChunks { chunks } => write!(
                f,
                "the session takes {chunks} cookies, and servers often accept only 16 KiB of headers, which hold {SAFE_CHUNKS}; keep fewer claims in the session, or use a session store"
            ),
            Self::OldSecret { number } => {
                write!(f, "secret number {number} opened the session cookie, not the current secret; the next write seals the session with the current one")
            }
            Self::StrayChunks { chunks } => write!(
                f,
                "{chunks} chunks stand beside the whole session cookie and are ignored; the next write of the application that owns the session removes them"
            ),
            Self::WeakSecret { number, weakness } => {
                write!(f, "a service refuses secret number {number} at start-up: {weakness}; make one with `openssl rand -hex 32`")
            }
            Self::WhiteSpaceAroundSecret { number } => write!(
                f,
                "secret number {number} begins or ends with white space, which is part of it; compare it with the secret of the other application, character by character"
            ),
        }
    }
}

/// Returns the oddities of the cookies.
pub(crate) fn of_cookies(cookies: &RequestCookies<'_>, codec: &SessionCodec, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let value = effective(cookies);
    if cookies.session.has_duplicates || cookies.legacy.has_duplicates {
        findings.push(Finding::DuplicateCookies);
    }
    if let Some(value) = value {
        let chunks = value.chunks.len();
        if is_whole(value) {
            if chunks > 0 {
                findings.push(Finding::StrayChunks { chunks });
            }
        } else if chunks > SAFE_CHUNKS {
            findings.push(Finding::ManyChunks { chunks });
        }
        if let Some(number) = opened_by(value, codec).filter(|number| *number > 1) {
            findings.push(Finding::OldSecret { number });
        }
    }
    let (sent, read) = (cookies.connections.len(), codec.read_connections(cookies, now).len());
    if read < sent {
        findings.push(Finding::ConnectionsUnread { read, sent });
    }
    findings
}

/// Returns the cookies that hold the session: the first of today's and v3's cookies with a value, or else the first
/// that are there at all.
pub(crate) fn effective<'c, 'h>(cookies: &'c RequestCookies<'h>) -> Option<&'c NamedValue<'h>> {
    let has_value = |value: &&NamedValue<'_>| value.joined().is_some();
    let candidates = [&cookies.session, &cookies.legacy];
    candidates.into_iter().find(has_value).or_else(|| candidates.into_iter().find(|value| value.is_present()))
}

/// Returns whether the value stands under the bare name, where it hides all chunks.
pub(crate) fn is_whole(value: &NamedValue<'_>) -> bool {
    value.whole.as_ref().is_some_and(|whole| !whole.is_empty())
}

/// Returns the number of the secret that opens the value, counted from 1.
fn opened_by(value: &NamedValue<'_>, codec: &SessionCodec) -> Option<usize> {
    let opened = codec.keys().open(&value.joined()?).ok()?;
    Some(opened.key_index.saturating_add(1))
}

/// Number of chunks that servers accept by default: four full ones and the headers beside them fill the 16 KiB of
/// headers that HTTP/2 servers take.
const SAFE_CHUNKS: usize = 4;
