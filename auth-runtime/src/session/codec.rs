//! From cookies to a session and back.

use crate::cookie::{
    CHUNK_CHARS, CookieAttributes, CookieName, MAX_CHUNKS, RequestCookies, SeenNames, SetCookie, chunk_name,
    connection_name,
};
use crate::crypto::{Entropy, EntropyError, KeyRing, MAX_JWE_CHARS, SealError};
use crate::json;
use crate::time::Timestamp;
use zeroize::Zeroizing;

use super::codec_builder::CodecBuilder;
use super::connections::{self, Binding, Connections};
use super::document::{DocumentError, SessionDocument};
use super::legacy;
use super::lifetime::{Lifetime, check_ceiling, check_created, check_exp, check_nbf};
use super::reason::Reason;
use super::store_id::StoreId;
use super::verified::{Origin, VerifiedSession};

/// Reads sessions from `Cookie` headers and writes them as `Set-Cookie` lines. No clock and no network: every
/// call is told the time.
///
/// Reading is total. Any bytes in, a session or a [`Reason`] out.
///
/// ```
/// use auth_runtime::codec::*;
///
/// # let secret = auth_runtime::__private::random_secret();
/// let keys = KeyRing::new([Secret::new(secret)])?;
/// let codec = SessionCodec::builder(keys).owner(Lifetime::default()).build();
/// let now = Timestamp::from_unix(1_790_000_000);
///
/// let session = SessionDocument::parse(
///     r#"{"user":{"sub":"auth0|ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#,
/// )?;
/// let lines = codec.write(&session, &[], &SeenNames::default(), now)?;
///
/// let header = format!("{}={}", lines[0].name(), lines[0].value());
/// let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
/// assert_eq!(codec.read(&cookies, now).unwrap().user().sub(), "auth0|ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SessionCodec {
    pub(super) keys: KeyRing,
    pub(super) name: CookieName,
    pub(super) attributes: CookieAttributes,
    pub(super) mode: Mode,
    pub(super) legacy: bool,
    /// Whether connection cookies (`__FC_n`) that are written are bound to the session.
    pub(super) binds_connections: bool,
    /// Whether those that are not bound, as the npm package writes them, are read.
    pub(super) reads_unbound: bool,
    pub(super) domain: Option<String>,
    pub(super) entropy: Entropy,
}

/// What a service may do with sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Reads sessions and writes them, with this lifetime.
    Owner(Lifetime),
    /// Reads sessions that another service owns and trusts their `exp`. Never writes.
    VerifyOnly,
}

/// What a session that did not change needs all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// An old secret or a v3 cookie held it.
    Reseal,
    /// It would gain enough lifetime.
    Roll,
}

impl SessionCodec {
    /// A builder around the keys.
    pub fn builder(keys: KeyRing) -> CodecBuilder {
        CodecBuilder::new(Self {
            keys,
            name: CookieName::default(),
            attributes: CookieAttributes::default(),
            mode: Mode::VerifyOnly,
            legacy: false,
            binds_connections: false,
            reads_unbound: true,
            domain: None,
            entropy: Entropy::SYSTEM,
        })
    }

    /// The name of the session cookie.
    pub fn cookie_name(&self) -> &CookieName {
        &self.name
    }

    /// What this codec may do.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Reads and verifies the session that the cookies hold.
    pub(crate) fn verify(
        &self,
        cookies: &RequestCookies<'_>,
        now: Timestamp,
    ) -> Result<VerifiedSession, Reason> {
        let value = self.session_value(cookies)?;
        if value.len() > MAX_JWE_CHARS {
            return Err(Reason::TooLarge);
        }
        let opened = self.keys.open_at(&value, now)?;
        let text = opened.plaintext.into_text().map_err(|_| Reason::WrongShape)?;
        let mut origin = Origin::of_key(opened.key_index, &self.keys);

        if opened.header.is_legacy() {
            if !self.legacy {
                return Err(Reason::LegacyDisabled);
            }
            origin.is_legacy = true;
            let times = legacy::check_times(&opened.header, self.lifetime(), now)?;
            let document = legacy::translate(&text, times.created_at).map_err(|_| Reason::WrongShape)?;
            return self.accept(document, Some(times.expires_at), origin, now);
        }

        let document = SessionDocument::parse_boxed(text).map_err(|_| Reason::WrongShape)?;
        let times = document.times();
        check_exp(times.exp.ok_or(Reason::WrongShape)?, now)?;
        if let Some(nbf) = times.nbf {
            check_nbf(nbf, now)?;
        }
        let expires_at = document.expires_at();
        self.accept(document, expires_at, origin, now)
    }

    /// The session cookie's value, or that of v3 where that is read and no cookie of today is there.
    fn session_value<'c>(
        &self,
        cookies: &'c RequestCookies<'_>,
    ) -> Result<std::borrow::Cow<'c, [u8]>, Reason> {
        if let Some(value) = cookies.session.joined() {
            return Ok(value);
        }
        let legacy = cookies.legacy.joined();
        match legacy {
            Some(value) if self.legacy => Ok(value),
            _ if cookies.session.chunks.is_too_many() => Err(Reason::TooLarge),
            _ if !cookies.session.chunks.is_empty() => Err(Reason::IncompleteChunks),
            Some(_) => Err(Reason::LegacyDisabled),
            None => Err(Reason::NoCookie),
        }
    }

    /// The checks that hold wherever the session came from.
    pub(super) fn accept(
        &self,
        document: SessionDocument,
        expires_at: Option<Timestamp>,
        origin: Origin,
        now: Timestamp,
    ) -> Result<VerifiedSession, Reason> {
        check_created(document.created_at(), now)?;
        // Within the tolerance of clocks a forger who has the old secret could name a time after its end.
        if origin.secret_until.is_some_and(|until| document.created_at() >= until) {
            return Err(Reason::WrongShape);
        }
        if let Some(ceiling) = document.ceiling() {
            check_ceiling(ceiling, now)?;
        }
        if let Some(lifetime) = self.lifetime() {
            lifetime.check_age(document.created_at(), now)?;
        }
        self.check_domain(&document)?;
        Ok(VerifiedSession::new(document, expires_at, origin, now))
    }

    /// With several domains, a session says for which one it was made; it counts for no other. The comparison is
    /// byte for byte.
    fn check_domain(&self, document: &SessionDocument) -> Result<(), Reason> {
        let Some(configured) = &self.domain else { return Ok(()) };
        let Some(made_for) = document.member("internal").and_then(|internal| json::member(internal, "mcd"))
        else {
            return Ok(());
        };
        if json::is_null(made_for) {
            return Ok(());
        }
        match json::member(made_for, "domain").and_then(json::string) {
            Some(domain) if domain == configured.as_str() => Ok(()),
            _ => Err(Reason::DomainMismatch),
        }
    }

    /// The tokens of federated connections that came beside the session, as raw JSON, in the header's order. Those that
    /// say which session they belong to are given beside that one alone.
    pub fn read_connections(&self, cookies: &RequestCookies<'_>, now: Timestamp) -> Vec<String> {
        let beside = || Binding::to(self.verify(cookies, now).ok()?.document());
        let values: Vec<&[u8]> = cookies.connections.iter().map(|cookie| &*cookie.value).collect();
        let found = connections::open(&values, &self.keys, self.reads_unbound, beside, now);
        found.iter().map(|text| text.to_string()).collect()
    }

    /// Returns those that came beside a session of these cookies, to be opened when they are asked for.
    pub(crate) fn connections(&self, cookies: &RequestCookies<'_>) -> Connections {
        Connections::in_cookies(&cookies.connections, &self.keys, self.reads_unbound)
    }

    /// Reads which record of a session store the cookie names.
    ///
    /// # Errors
    ///
    /// There is no such cookie, and why.
    pub fn read_store_id(&self, cookies: &RequestCookies<'_>, now: Timestamp) -> Result<StoreId, Reason> {
        self.open_store_id(cookies, now).map(|(id, _)| id)
    }

    /// The id, and how it came to be read.
    pub(crate) fn open_store_id(
        &self,
        cookies: &RequestCookies<'_>,
        now: Timestamp,
    ) -> Result<(StoreId, Origin), Reason> {
        // A store's cookie is never chunked, and an empty one hides that of v3.
        let (value, name) = match (&cookies.session.whole, &cookies.legacy.whole) {
            (Some(value), _) => (value, self.name.as_str()),
            (None, Some(value)) if self.legacy => (value, LEGACY_NAME),
            (None, Some(_)) => return Err(Reason::LegacyDisabled),
            (None, None) => return Err(Reason::NoCookie),
        };
        if value.is_empty() {
            return Err(Reason::NoCookie);
        }
        StoreId::open(value, name, &self.keys, self.legacy, now)
    }

    /// Whether, and why, the session should be written although nothing in it changed.
    pub(crate) fn due(&self, session: &VerifiedSession, now: Timestamp) -> Due {
        let Mode::Owner(lifetime) = self.mode else { return Due::Nothing };
        let origin = session.origin();
        if origin.has_old_secret || origin.is_legacy {
            return Due::Reseal;
        }
        let renewed = now.saturating_add(lifetime.remaining(session.created_at(), now).as_secs());
        let is_worth =
            session.expires_at().is_some_and(|current| lifetime.is_worth_rolling(current, renewed));
        if is_worth { Due::Roll } else { Due::Nothing }
    }

    /// Writes a session and the tokens of federated connections, each a raw JSON object. What the request carried
    /// under our names and this does not replace is removed.
    ///
    /// # Errors
    ///
    /// The codec only verifies, the session is too large, or it cannot be encrypted. Nothing is written then.
    pub fn write(
        &self,
        session: &SessionDocument,
        connections: &[String],
        seen: &SeenNames,
        now: Timestamp,
    ) -> Result<Vec<SetCookie>, WriteError> {
        let connections: Vec<_> = connections.iter().cloned().map(Zeroizing::new).collect();
        self.write_all(session, &connections, seen, now)
    }

    pub(crate) fn write_all(
        &self,
        session: &SessionDocument,
        connections: &[Zeroizing<String>],
        seen: &SeenNames,
        now: Timestamp,
    ) -> Result<Vec<SetCookie>, WriteError> {
        let Mode::Owner(lifetime) = self.mode else { return Err(WriteError::VerifyOnly) };
        let remaining = lifetime.remaining(session.created_at(), now).as_secs();
        let exp = now.saturating_add(remaining).min(Timestamp::MAX_SENSIBLE);
        let keep = |name, value, max_age| SetCookie::keep(name, value, &self.attributes, max_age, now);
        let session_max_age = (!self.attributes.is_transient()).then_some(remaining);

        let mut lines = Vec::new();
        for (name, value) in self.seal_until(session, exp)? {
            lines.push(keep(name, value, session_max_age));
        }
        let binds = self.binds_connections && !connections.is_empty();
        let binding = if binds { Binding::to(session) } else { None };
        for (index, connection) in connections.iter().enumerate() {
            let Some(text) = connections::for_cookie(connection, binding.as_ref(), exp) else { continue };
            lines.push(keep(
                connection_name(index),
                self.keys.seal(text.as_bytes(), self.entropy)?,
                Some(remaining),
            ));
        }
        self.remove_unwritten(seen, &mut lines);
        Ok(lines)
    }

    /// The names and values of the cookies that hold the session until `exp`, whoever owns it.
    pub(crate) fn seal_until(
        &self,
        session: &SessionDocument,
        exp: Timestamp,
    ) -> Result<Vec<(String, String)>, WriteError> {
        let sealed = self.keys.seal(session.with_exp(exp).as_bytes(), self.entropy)?;
        self.split(sealed)
    }

    /// Writes the JSON of a session that came from outside, `connectionTokenSets` in cookies of their own.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), or the JSON is no session.
    pub fn write_json(
        &self,
        session: &str,
        seen: &SeenNames,
        now: Timestamp,
    ) -> Result<Vec<SetCookie>, WriteError> {
        // Without the white space between two numbers they would be one.
        json::for_each_member(session, |_, _| Ok(())).map_err(|_| DocumentError::of("session"))?;
        let session = Zeroizing::new(json::compact(session));
        match connections::split_off(&session) {
            Some((session, sets)) => {
                self.write_all(&SessionDocument::parse_sensitive(&session)?, &sets, seen, now)
            }
            None => self.write(&SessionDocument::parse_sensitive(&session)?, &[], seen, now),
        }
    }

    /// Writes the cookie that names a record of a session store: a new one, or `id`.
    ///
    /// # Errors
    ///
    /// The codec only verifies, or the cookie cannot be encrypted.
    pub fn write_store_id(
        &self,
        id: Option<StoreId>,
        created_at: Timestamp,
        seen: &SeenNames,
        now: Timestamp,
    ) -> Result<(StoreId, Vec<SetCookie>), WriteError> {
        let Mode::Owner(lifetime) = self.mode else { return Err(WriteError::VerifyOnly) };
        let id = match id {
            Some(id) => id,
            None => self.new_store_id()?,
        };
        let remaining = lifetime.remaining(created_at, now).as_secs();
        let json = id.cookie_json(now.saturating_add(remaining).min(Timestamp::MAX_SENSIBLE));
        let sealed = self.keys.seal(json.as_bytes(), self.entropy)?;
        let name = self.name.as_str().to_owned();
        let mut lines = vec![SetCookie::keep(name, sealed, &self.attributes, Some(remaining), now)];
        self.remove_unwritten(seen, &mut lines);
        Ok((id, lines))
    }

    /// A key that no record has.
    pub(crate) fn new_store_id(&self) -> Result<StoreId, WriteError> {
        Ok(StoreId::generate(self.entropy)?)
    }

    /// The cookie of a sign-in under way, sealed with the session's secret and kept for `max_age` seconds. The time
    /// stands before the sealed part, so that the oldest of several is known without opening them.
    pub(crate) fn seal_transaction(
        &self,
        name: String,
        plaintext: &[u8],
        max_age: u64,
        now: Timestamp,
    ) -> Result<SetCookie, SealError> {
        let sealed = self.keys.seal(plaintext, self.entropy)?;
        // A colon as the wire has it.
        let value = format!("{}%3A{sealed}", now.as_unix());
        Ok(SetCookie::keep(name, value, &self.attributes.for_transaction(), Some(max_age), now))
    }

    /// Returns whether browsers take such a cookie under a name that binds it to this very host (`__Host-`).
    pub(crate) fn binds_transactions_to_host(&self) -> bool {
        self.attributes.for_transaction().may_have_host_prefix()
    }

    /// The removal of such a cookie.
    pub(crate) fn remove_transaction(&self, name: String) -> SetCookie {
        SetCookie::remove(name, &self.attributes.for_transaction())
    }

    /// Removes every cookie of ours that the request carried. The session's own is removed in any case.
    pub fn clear(&self, seen: &SeenNames) -> Vec<SetCookie> {
        let mut lines = vec![SetCookie::remove(self.name.as_str().to_owned(), &self.attributes)];
        self.remove_unwritten(seen, &mut lines);
        lines
    }

    /// The sealed value under its name, or in chunks.
    fn split(&self, sealed: String) -> Result<Vec<(String, String)>, WriteError> {
        let name = self.name.as_str();
        if sealed.len() <= CHUNK_CHARS {
            return Ok(vec![(name.to_owned(), sealed)]);
        }
        let chunks: Vec<_> = sealed.as_bytes().chunks(CHUNK_CHARS).map(String::from_utf8_lossy).collect();
        if chunks.len() > MAX_CHUNKS {
            return Err(WriteError::SessionTooLarge { chunks: chunks.len() });
        }
        if chunks.len() > SAFE_CHUNKS {
            tracing::warn!(
                chunks = chunks.len(),
                "the session takes more cookies than HTTP/2 servers accept by default; keep fewer claims in it"
            );
        }
        Ok(chunks
            .into_iter()
            .enumerate()
            .map(|(index, chunk)| (chunk_name(name, index), chunk.into_owned()))
            .collect())
    }

    fn remove_unwritten(&self, seen: &SeenNames, lines: &mut Vec<SetCookie>) {
        for name in seen.names(&self.name) {
            if !lines.iter().any(|line| line.name() == name) {
                lines.push(SetCookie::remove(name, &self.attributes));
            }
        }
    }

    pub(super) fn lifetime(&self) -> Option<&Lifetime> {
        match &self.mode {
            Mode::Owner(lifetime) => Some(lifetime),
            Mode::VerifyOnly => None,
        }
    }
}

/// Why a session was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The JSON is no session.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It would take more room in a store than a session is given there.
    #[error("the session's record would take {bytes} bytes; at most {MAX_RECORD_BYTES} are written")]
    RecordTooLarge {
        /// How many it would take.
        bytes: usize,
    },
    /// It could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It would take more cookies than a reader accepts.
    #[error("the session would take {chunks} cookies; at most {MAX_CHUNKS} are written")]
    SessionTooLarge {
        /// How many it would take.
        chunks: usize,
    },
    /// The service only verifies sessions that another one owns.
    #[error("this service only verifies sessions, it does not write them")]
    VerifyOnly,
}

impl WriteError {
    /// Returns whether the session is larger than what holds it.
    pub(crate) fn is_too_large(&self) -> bool {
        matches!(self, Self::RecordTooLarge { .. } | Self::SessionTooLarge { .. })
    }
}

impl From<EntropyError> for WriteError {
    fn from(error: EntropyError) -> Self {
        Self::Seal(error.into())
    }
}

/// The text of a record, unsealed. Every request of its user reads it whole: a megabyte costs about a millisecond. One
/// that is larger, which a version without this limit may have written, is read and extended all the same.
pub(crate) const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// Under this name v3 kept its sessions.
const LEGACY_NAME: &str = "appSession";

/// An HTTP/2 server takes 16 KiB of headers by default, which is four full chunks and what goes with them.
const SAFE_CHUNKS: usize = 4;
