//! The authentication of this client at the provider's endpoints (OpenID Connect Core 1.0 section 9).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::client_assertion::{ASSERTION_TYPE, AssertionError, client_assertion};
use super::signing_key::SigningKey;
use super::transport::{Answer, Transport, TransportError};

/// The method by which the client authenticates, each with its name on the wire.
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthentication {
    /// `none`: a public client, protected by PKCE alone.
    None,
    /// `private_key_jwt`: a signature, so that no secret is ever sent.
    PrivateKeyJwt(Arc<SigningKey>),
    /// `client_secret_basic`: the secret in a header.
    SecretBasic(SecretString),
    /// `client_secret_post`: the secret in the form, as the npm package sends it.
    SecretPost(SecretString),
}

/// The client as the provider knows it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) authentication: ClientAuthentication,
}

/// A field of a form, borrowed where possible, so that no secret is copied.
pub(super) type Field<'a> = (&'a str, Cow<'a, str>);

/// A form, and the `Authorization` header that goes with it.
pub(super) struct ClientRequest<'a> {
    fields: Vec<Field<'a>>,
    authorization: Option<SecretString>,
}

impl Client {
    /// Adds the client's authentication to a form. `issuer` is spelled as in the metadata; `now` is in unix seconds.
    pub(super) fn authenticate<'a>(
        &'a self,
        mut fields: Vec<Field<'a>>,
        issuer: &str,
        now: i64,
    ) -> Result<ClientRequest<'a>, AssertionError> {
        let mut authorization = None;
        // An authorization request that is pushed names the client already, and so does the header of the basic method.
        let is_named = fields.iter().any(|(name, _)| *name == "client_id");
        if !is_named && !matches!(self.authentication, ClientAuthentication::SecretBasic(_)) {
            fields.push(field("client_id", &self.id));
        }
        match &self.authentication {
            ClientAuthentication::None => {}
            ClientAuthentication::PrivateKeyJwt(key) => {
                fields.push(field("client_assertion_type", ASSERTION_TYPE));
                let assertion = client_assertion(key, &self.id, issuer, now)?;
                fields.push(("client_assertion", Cow::Owned(assertion)));
            }
            ClientAuthentication::SecretBasic(secret) => authorization = Some(basic(&self.id, secret)),
            ClientAuthentication::SecretPost(secret) => {
                fields.push(field("client_secret", secret.expose_secret()));
            }
        }
        Ok(ClientRequest { fields, authorization })
    }
}

impl ClientRequest<'_> {
    /// Sends the form once. After a failure it is unknown whether the provider acted on it.
    pub(super) async fn send(&self, transport: &Transport, endpoint: &Url) -> Result<Answer, TransportError> {
        transport.post_form(endpoint, &self.pairs(), self.authorization.as_ref()).await
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (*name, value.as_ref())).collect()
    }
}

/// Shows no field, because any of them can be a secret.
impl fmt::Debug for ClientRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRequest").finish_non_exhaustive()
    }
}

pub(super) fn field<'a>(name: &'a str, value: &'a str) -> Field<'a> {
    (name, Cow::Borrowed(value))
}

/// Returns the header of the basic method. Both halves are form-encoded first, so that a colon in one of them is no
/// separator (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &SecretString) -> SecretString {
    let id: String = byte_serialize(id.as_bytes()).collect();
    let secret = Zeroizing::new(byte_serialize(secret.expose_secret().as_bytes()).collect::<String>());
    let pair = Zeroizing::new(format!("{id}:{}", *secret));
    format!("Basic {}", STANDARD.encode(pair.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example.com/";

    fn client(id: &str, authentication: ClientAuthentication) -> Client {
        Client { id: id.to_owned(), authentication }
    }

    #[test]
    fn a_secret_in_the_form_comes_last() {
        let client = client("client", ClientAuthentication::SecretPost("s3cret".into()));
        let request = client.authenticate(vec![field("code", "c")], ISSUER, 0).unwrap();
        assert_eq!(request.pairs(), [("code", "c"), ("client_id", "client"), ("client_secret", "s3cret")]);
        assert!(request.authorization.is_none());
        assert!(!format!("{request:?} {client:?}").contains("s3cret"));
    }

    #[test]
    fn basic_authentication_encodes_both_halves() {
        let client = client("a:b", ClientAuthentication::SecretBasic("p@ss w%rd:".into()));
        let request = client.authenticate(vec![field("code", "c")], ISSUER, 0).unwrap();
        assert_eq!(request.pairs(), [("code", "c")]);
        let header = request.authorization.unwrap();
        let pair = STANDARD.decode(header.expose_secret().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(pair, b"a%3Ab:p%40ss+w%25rd%3A");
    }

    #[test]
    fn a_public_client_only_says_its_name() {
        let client = client("client", ClientAuthentication::None);
        let request = client.authenticate(Vec::new(), ISSUER, 0).unwrap();
        assert_eq!(request.pairs(), [("client_id", "client")]);
        let request = client.authenticate(vec![field("client_id", "client")], ISSUER, 0).unwrap();
        assert_eq!(request.pairs(), [("client_id", "client")], "and says it once");
    }

    #[test]
    fn s_bcp_12_a_key_sends_an_assertion_and_no_secret() {
        let key = SigningKey::generate_for_tests();
        let client = client("client", ClientAuthentication::PrivateKeyJwt(Arc::new(key)));
        let request = client.authenticate(Vec::new(), ISSUER, 0).unwrap();
        let names: Vec<_> = request.pairs().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["client_id", "client_assertion_type", "client_assertion"]);
        assert!(request.authorization.is_none());
    }
}
