//! What a codec can be told before it is built.

use super::codec::{Mode, SessionCodec};
use super::lifetime::Lifetime;
use crate::cookie::{CookieAttributes, CookieName};
use crate::crypto::Entropy;

/// Builds a [`SessionCodec`]. By default it only verifies, under the name `__session`, without v3 cookies.
#[derive(Clone, Debug)]
#[must_use]
pub struct CodecBuilder(SessionCodec);

impl CodecBuilder {
    pub(super) fn new(defaults: SessionCodec) -> Self {
        Self(defaults)
    }

    /// The name of the session cookie.
    pub fn cookie_name(mut self, name: CookieName) -> Self {
        self.0.name = name;
        self
    }

    /// The attributes of the cookies that are written.
    pub fn attributes(mut self, attributes: CookieAttributes) -> Self {
        self.0.attributes = attributes;
        self
    }

    /// Lets the codec write sessions, and enforces their absolute lifetime when reading.
    pub fn owner(mut self, lifetime: Lifetime) -> Self {
        self.0.mode = Mode::Owner(lifetime);
        self
    }

    /// Reads the cookies of nextjs-auth0 v3 too, with the times in their header enforced.
    pub fn legacy(mut self, legacy: bool) -> Self {
        self.0.legacy = legacy;
        self
    }

    /// Refuses sessions that say they belong to another domain of the provider.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.0.domain = Some(domain.into());
        self
    }

    /// Binds connection cookies (`__FC_n`) to the session that they come with, and reads others only if `reads_unbound`. By
    /// default they are as on the wire: written unbound, and read either way.
    pub(crate) fn bind_connections(mut self, reads_unbound: bool) -> Self {
        (self.0.binds_connections, self.0.reads_unbound) = (true, reads_unbound);
        self
    }

    pub(crate) fn entropy(mut self, entropy: Entropy) -> Self {
        self.0.entropy = entropy;
        self
    }

    /// The codec.
    pub fn build(self) -> SessionCodec {
        self.0
    }
}
