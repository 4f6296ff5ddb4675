//! The codec: reads a session from cookies and writes it into cookies.

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

/// The reader of sessions in `Cookie` headers, and their writer as `Set-Cookie` lines. A codec has no clock and no
/// network: each call is given the time.
///
/// Reading is total: any bytes yield a session or a [`Reason`].
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
    /// True if cookies and records of nextjs-auth0 v3 are read.
    pub(super) legacy: bool,
    /// True if connection cookies (`__FC_n`) are bound to the session when they are written.
    pub(super) binds_connections: bool,
    /// True if connection cookies are read that no session is bound to, as the npm package writes them.
    pub(super) reads_unbound: bool,
    /// The domain of the provider that a session has to name, if it names any.
    pub(super) domain: Option<String>,
    pub(super) entropy: Entropy,
}

/// The rights of a service over sessions.
///
/// ```
/// use auth_runtime::codec::{KeyRing, Lifetime, Mode, Secret, SessionCodec};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let builder = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?);
/// assert_eq!(builder.clone().build().mode(), Mode::VerifyOnly);
/// let owner = builder.owner(Lifetime::default()).build();
/// assert_eq!(owner.mode(), Mode::Owner(Lifetime::default()));
/// # Ok::<(), auth_runtime::codec::KeyRingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// The service reads and writes sessions, with this lifetime.
    Owner(Lifetime),
    /// The service reads sessions that another service owns, and trusts their `exp`. It never writes them.
    VerifyOnly,
}

/// The write that a session needs although nothing in it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// An old secret sealed the cookie, or the session comes from a v3 cookie or record.
    Reseal,
    /// The session would gain enough lifetime.
    Roll,
}

impl SessionCodec {
    /// Returns a builder of a codec with these keys.
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

    /// Returns the name of the session cookie.
    pub fn cookie_name(&self) -> &CookieName {
        &self.name
    }

    /// Returns the rights of this codec's service.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the keys.
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
        // Refused before the cost of a decryption.
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
            // The times of v3 are in the header, not in the payload.
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

    /// Returns the value of the session cookie. If there is none, or a chunk of it is missing, returns that of the v3
    /// cookie, where v3 cookies are read.
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
            // There is no value: the reason is what is wrong with the cookie of today, if the browser sent any of it.
            _ if cookies.session.chunks.is_too_many() => Err(Reason::TooLarge),
            _ if !cookies.session.chunks.is_empty() => Err(Reason::IncompleteChunks),
            Some(_) => Err(Reason::LegacyDisabled),
            None => Err(Reason::NoCookie),
        }
    }

    /// Makes the checks that hold wherever the session came from.
    pub(super) fn accept(
        &self,
        document: SessionDocument,
        expires_at: Option<Timestamp>,
        origin: Origin,
        now: Timestamp,
    ) -> Result<VerifiedSession, Reason> {
        check_created(document.created_at(), now)?;
        // `createdAt` may lie ahead by the tolerance of clocks, so an attacker with the old secret could name a time
        // after the end of that secret.
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

    /// Refuses a session that was made for another domain of the provider. A session that names no domain passes. The
    /// comparison is byte for byte.
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

    /// Returns the tokens of federated connections that came beside the session, as raw JSON, in the header's order.
    /// Tokens that are bound to a session are returned only beside that session.
    ///
    /// ```
    /// use auth_runtime::codec::*;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// # let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).owner(Lifetime::default()).build();
    /// # let now = Timestamp::from_unix(1_790_000_000);
    /// # let text = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#;
    /// # let session = SessionDocument::parse(text)?;
    /// let tokens = r#"{"connection":"github","accessToken":"at"}"#.to_owned();
    /// let lines = codec.write(&session, &[tokens], &SeenNames::default(), now)?;
    ///
    /// let pairs: Vec<_> = lines.iter().map(|line| format!("{}={}", line.name(), line.value())).collect();
    /// let header = pairs.join("; ");
    /// let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    /// assert!(codec.read_connections(&cookies, now)[0].contains("github"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_connections(&self, cookies: &RequestCookies<'_>, now: Timestamp) -> Vec<String> {
        let beside = || Binding::to(self.verify(cookies, now).ok()?.document());
        let values: Vec<&[u8]> = cookies.connections.iter().map(|cookie| &*cookie.value).collect();
        let found = connections::open(&values, &self.keys, self.reads_unbound, beside, now);
        found.iter().map(|text| text.to_string()).collect()
    }

    /// Returns the connection cookies that came beside the session. They are opened when the tokens are asked for.
    pub(crate) fn connections(&self, cookies: &RequestCookies<'_>) -> Connections {
        Connections::in_cookies(&cookies.connections, &self.keys, self.reads_unbound)
    }

    /// Reads the id of the record that the cookies name in a session store. [`write_store_id`](Self::write_store_id)
    /// writes such a cookie.
    ///
    /// ```
    /// use auth_runtime::codec::{KeyRing, Reason, RequestCookies, Secret, SessionCodec, Timestamp};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).build();
    /// let cookies = RequestCookies::default();
    /// assert_eq!(codec.read_store_id(&cookies, Timestamp::now()).unwrap_err(), Reason::NoCookie);
    /// # Ok::<(), auth_runtime::codec::KeyRingError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The cookies name no record; the [`Reason`] says why.
    pub fn read_store_id(&self, cookies: &RequestCookies<'_>, now: Timestamp) -> Result<StoreId, Reason> {
        self.open_store_id(cookies, now).map(|(id, _)| id)
    }

    /// Reads the id, and returns how its cookie was opened.
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

    /// Returns the write that the session needs although nothing in it changed.
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

    /// Writes a session and the tokens of federated connections, each a raw JSON object. The lines also remove each
    /// cookie of `seen` that they do not replace.
    ///
    /// # Errors
    ///
    /// The codec only verifies, the session is too large, or it cannot be encrypted. Then nothing is written.
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
        // The browser forgets a transient cookie when it closes, so that cookie has no age.
        let session_max_age = (!self.attributes.is_transient()).then_some(remaining);

        let mut lines = Vec::new();
        for (name, value) in self.seal_until(session, exp)? {
            lines.push(keep(name, value, session_max_age));
        }
        let binds = self.binds_connections && !connections.is_empty();
        let binding = if binds { Binding::to(session) } else { None };
        for (index, connection) in connections.iter().enumerate() {
            // An empty object, or a text that is no object, is no token set.
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

    /// Returns the names and values of the cookies that hold the session until `exp`, also if the codec only verifies.
    pub(crate) fn seal_until(
        &self,
        session: &SessionDocument,
        exp: Timestamp,
    ) -> Result<Vec<(String, String)>, WriteError> {
        let sealed = self.keys.seal(session.with_exp(exp).as_bytes(), self.entropy)?;
        self.split(sealed)
    }

    /// Writes a session from its JSON. The token sets in its `connectionTokenSets` go into cookies of their own.
    ///
    /// ```
    /// use auth_runtime::codec::*;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// # let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).owner(Lifetime::default()).build();
    /// # let now = Timestamp::from_unix(1_790_000_000);
    /// let session = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1790000000},
    ///     "connectionTokenSets":[{"connection":"github","accessToken":"at"}]}"#;
    /// let lines = codec.write_json(session, &SeenNames::default(), now)?;
    /// assert_eq!([lines[0].name(), lines[1].name()], ["__session", "__FC_0"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        // Checked before white space is removed: `1 2` is no JSON, but `12` is.
        json::for_each_member(session, |_, _| Ok(())).map_err(|_| DocumentError::of("session"))?;
        let session = Zeroizing::new(json::compact(session));
        match connections::split_off(&session) {
            Some((session, sets)) => {
                self.write_all(&SessionDocument::parse_sensitive(&session)?, &sets, seen, now)
            }
            None => self.write(&SessionDocument::parse_sensitive(&session)?, &[], seen, now),
        }
    }

    /// Writes the cookie that names the record `id` of a session store, or a new record if there is no `id`. The user
    /// signed in at `created_at`.
    ///
    /// ```
    /// use auth_runtime::codec::*;
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// # let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).owner(Lifetime::default()).build();
    /// let now = Timestamp::from_unix(1_790_000_000);
    /// let (id, lines) = codec.write_store_id(None, now, &SeenNames::default(), now)?;
    ///
    /// let header = format!("{}={}", lines[0].name(), lines[0].value());
    /// let cookies = RequestCookies::scan([header.as_bytes()], codec.cookie_name());
    /// assert_eq!(codec.read_store_id(&cookies, now), Ok(id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Makes a random key for a new record.
    pub(crate) fn new_store_id(&self) -> Result<StoreId, WriteError> {
        Ok(StoreId::generate(self.entropy)?)
    }

    /// Seals the cookie of a sign-in under way with the session's secret. The browser keeps it for `max_age` seconds.
    /// The time stands before the sealed part, so that the oldest of several cookies is known without opening them.
    pub(crate) fn seal_transaction(
        &self,
        name: String,
        plaintext: &[u8],
        max_age: u64,
        now: Timestamp,
    ) -> Result<SetCookie, SealError> {
        let sealed = self.keys.seal(plaintext, self.entropy)?;
        // The wire format has the colon percent-encoded.
        let value = format!("{}%3A{sealed}", now.as_unix());
        Ok(SetCookie::keep(name, value, &self.attributes.for_transaction(), Some(max_age), now))
    }

    /// Returns whether browsers take the cookie of a sign-in under a name that binds it to this very host (`__Host-`).
    pub(crate) fn binds_transactions_to_host(&self) -> bool {
        self.attributes.for_transaction().may_have_host_prefix()
    }

    /// Returns the removal of the cookie of a sign-in.
    pub(crate) fn remove_transaction(&self, name: String) -> SetCookie {
        SetCookie::remove(name, &self.attributes.for_transaction())
    }

    /// Removes every session cookie and connection cookie that the request carried. The line for the session cookie's
    /// own name is there in any case.
    ///
    /// ```
    /// use auth_runtime::codec::{KeyRing, Secret, SeenNames, SessionCodec};
    ///
    /// # let secret = auth_runtime::__private::random_secret();
    /// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).build();
    /// let lines = codec.clear(&SeenNames::default());
    /// assert_eq!(lines[0].as_str(), "__session=; Path=/; Max-Age=0; HttpOnly; SameSite=lax");
    /// # Ok::<(), auth_runtime::codec::KeyRingError>(())
    /// ```
    pub fn clear(&self, seen: &SeenNames) -> Vec<SetCookie> {
        let mut lines = vec![SetCookie::remove(self.name.as_str().to_owned(), &self.attributes)];
        self.remove_unwritten(seen, &mut lines);
        lines
    }

    /// Returns the sealed value under the cookie's name, or in chunks if it is too long for one cookie.
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
                "the session takes more cookies than HTTP/2 servers accept by default: keep fewer claims in it (`before_save`), or keep it in a `session_store`"
            );
        }
        Ok(chunks
            .into_iter()
            .enumerate()
            .map(|(index, chunk)| (chunk_name(name, index), chunk.into_owned()))
            .collect())
    }

    /// Adds the removal of each cookie of `seen` that no line replaces.
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

/// The reason why a session was not written.
///
/// ```
/// use auth_runtime::codec::*;
///
/// # let secret = auth_runtime::__private::random_secret();
/// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).build();
/// let session = r#"{"user":{"sub":"ada"},"tokenSet":{},"internal":{"createdAt":1790000000}}"#;
/// let error = codec.write_json(session, &SeenNames::default(), Timestamp::now()).unwrap_err();
/// assert_eq!(error, WriteError::VerifyOnly);
/// # Ok::<(), auth_runtime::codec::KeyRingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The JSON is no session.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The session's record would be larger than a store is given.
    #[error("the session's record would take {bytes} bytes; at most {MAX_RECORD_BYTES} are written")]
    RecordTooLarge {
        /// The size of the record, in bytes.
        bytes: usize,
    },
    /// The session could not be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The session would take more cookies than a reader accepts.
    #[error("the session would take {chunks} cookies; at most {MAX_CHUNKS} are written")]
    SessionTooLarge {
        /// The number of cookies that it would take.
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

/// The maximum size of a record's unsealed text, in bytes. Every request of the user reads the whole record: a megabyte
/// costs about a millisecond. A larger record, which a version without this limit may have written, is still read and
/// extended.
pub(crate) const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// The name of v3's session cookie.
const LEGACY_NAME: &str = "appSession";

/// The number of chunks that HTTP/2 servers take by default: 16 KiB of headers hold four full chunks and what goes with
/// them.
const SAFE_CHUNKS: usize = 4;
