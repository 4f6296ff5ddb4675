//! The settings of a codec, given before it is built.

use super::codec::{Mode, SessionCodec};
use super::lifetime::Lifetime;
use crate::cookie::{CookieAttributes, CookieName};
use crate::crypto::Entropy;

/// The builder of a [`SessionCodec`]. By default the codec only verifies, under the name `__session`, without v3
/// cookies.
///
/// ```
/// use auth_runtime::codec::{CookieAttributes, CookieName, KeyRing, Lifetime, Secret, SessionCodec};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?)
///     .cookie_name(CookieName::new("__Host-session")?)
///     .attributes(CookieAttributes::default().with_secure(true))
///     .owner(Lifetime::default())
///     .build();
/// assert_eq!(codec.cookie_name().as_str(), "__Host-session");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CodecBuilder(SessionCodec);

impl CodecBuilder {
    pub(super) fn new(defaults: SessionCodec) -> Self {
        Self(defaults)
    }

    /// Sets the name of the session cookie.
    pub fn cookie_name(mut self, name: CookieName) -> Self {
        self.0.name = name;
        self
    }

    /// Sets the attributes of the cookies that the codec writes.
    pub fn attributes(mut self, attributes: CookieAttributes) -> Self {
        self.0.attributes = attributes;
        self
    }

    /// Lets the codec write sessions, and enforces their absolute lifetime when reading.
    pub fn owner(mut self, lifetime: Lifetime) -> Self {
        self.0.mode = Mode::Owner(lifetime);
        self
    }

    /// Sets whether the codec reads the cookies of nextjs-auth0 v3 too, with the times in their header enforced.
    pub fn legacy(mut self, legacy: bool) -> Self {
        self.0.legacy = legacy;
        self
    }

    /// Refuses sessions that name another domain of the provider as theirs.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.0.domain = Some(domain.into());
        self
    }

    /// Binds connection cookies (`__FC_n`) to the session that they come with, and reads unbound ones only if
    /// `reads_unbound`. By default the codec writes them unbound, as the wire format has them, and reads both kinds.
    pub(crate) fn bind_connections(mut self, reads_unbound: bool) -> Self {
        (self.0.binds_connections, self.0.reads_unbound) = (true, reads_unbound);
        self
    }

    pub(crate) fn entropy(mut self, entropy: Entropy) -> Self {
        self.0.entropy = entropy;
        self
    }

    /// Returns the codec.
    pub fn build(self) -> SessionCodec {
        self.0
    }
}
