//! The start of a sign-in: the transaction that the callback is compared with, and the URL that the browser is sent to.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::Zeroizing;

use super::client::{Field, field};
use super::discovery::Metadata;
use crate::crypto::{Entropy, EntropyError};

/// Number of random bytes in the verifier, for which RFC 7636 section 7.1 asks for 256 bits, and in state and nonce.
const RANDOM_BYTES: usize = 32;

/// The parameters that this server alone decides. The caller may set any other.
const RESERVED: [&str; 14] = [
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "state",
];

/// A sign-in that has begun in one browser. It is sealed in that browser's transaction cookie.
#[derive(Clone)]
pub(crate) struct LoginTransaction {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: SecretString,
    /// The path to which the browser returns: already checked to be on this origin.
    pub(crate) return_to: String,
    /// `max_age` as sent, in seconds, so that `auth_time` can be compared with it.
    pub(crate) max_age: Option<u64>,
}

/// The parameters of an authorization request, beside those of the transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) client_id: &'a str,
    /// The configured callback URL, never a value from a request.
    pub(crate) redirect_uri: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) audience: Option<&'a str>,
    /// More parameters, such as `prompt`. Reserved parameters are left out; `scope`, `audience` and `max_age` have
    /// their own place and are left out too.
    pub(crate) extra: &'a [(String, String)],
}

impl LoginTransaction {
    /// Begins a sign-in with a new state, nonce and verifier.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random bytes.
    pub(crate) fn begin(return_to: String, max_age: Option<u64>) -> Result<Self, EntropyError> {
        let mut random = Zeroizing::new([[0; RANDOM_BYTES]; 3]);
        for bytes in random.iter_mut() {
            *bytes = Entropy::SYSTEM.bytes()?;
        }
        Ok(Self::from_random(&random, return_to, max_age))
    }

    fn from_random(random: &[[u8; RANDOM_BYTES]; 3], return_to: String, max_age: Option<u64>) -> Self {
        let [state, nonce, verifier] = random;
        Self {
            state: URL_SAFE_NO_PAD.encode(state),
            nonce: URL_SAFE_NO_PAD.encode(nonce),
            code_verifier: URL_SAFE_NO_PAD.encode(verifier).into(),
            return_to,
            max_age,
        }
    }
}

/// Returns the URL to send the browser to, with all of the request in it (RFC 6749 section 4.1.1).
pub(crate) fn authorization_url(
    metadata: &Metadata,
    request: &AuthorizationRequest<'_>,
    transaction: &LoginTransaction,
) -> Url {
    let mut url = metadata.authorization_endpoint.clone();
    url.query_pairs_mut().extend_pairs(authorization_fields(request, transaction));
    url
}

/// Returns the parameters of the request, to be put into the URL or pushed (RFC 6749 section 4.1.1,
/// RFC 7636 section 4.3).
pub(super) fn authorization_fields<'a>(
    request: &AuthorizationRequest<'a>,
    transaction: &'a LoginTransaction,
) -> Vec<Field<'a>> {
    let mut fields = vec![
        field("client_id", request.client_id),
        field("redirect_uri", request.redirect_uri),
        // The code flow alone: tokens never travel in a URL (RFC 9700 section 2.1.2).
        field("response_type", "code"),
        field("scope", request.scope),
    ];
    fields.extend(request.audience.map(|audience| field("audience", audience)));
    fields.extend(transaction.max_age.map(|max_age| ("max_age", Cow::Owned(max_age.to_string()))));
    let extra = request.extra.iter().filter(|(name, _)| !is_reserved_parameter(name));
    fields.extend(extra.map(|(name, value)| field(name, value)));
    // Sent even if the metadata do not promise PKCE: a provider that does not know it ignores it
    // (RFC 6749 section 3.1).
    fields.extend([
        ("code_challenge", Cow::Owned(code_challenge(transaction.code_verifier.expose_secret()))),
        field("code_challenge_method", "S256"),
        field("state", &transaction.state),
        field("nonce", &transaction.nonce),
    ]);
    fields
}

/// Returns the `S256` challenge of a verifier (RFC 7636 section 4.2).
pub(crate) fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Shows `max_age` alone: the other values would identify the sign-in to a reader of the log.
impl fmt::Debug for LoginTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginTransaction").field("max_age", &self.max_age).finish_non_exhaustive()
    }
}

/// Returns whether this crate sets the parameter itself, so that an additional parameter of this name is left out.
pub(crate) fn is_reserved_parameter(name: &str) -> bool {
    RESERVED.contains(&name) || matches!(name, "scope" | "audience" | "max_age")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn metadata() -> Metadata {
        let url = |path| Url::parse(&format!("https://id.example.com/{path}")).unwrap();
        Metadata {
            issuer: "https://id.example.com/".to_owned(),
            authorization_endpoint: url("authorize?tenant=7"),
            token_endpoint: url("token"),
            jwks_uri: url("jwks"),
            end_session_endpoint: None,
            userinfo_endpoint: None,
            revocation_endpoint: None,
            pushed_authorization_request_endpoint: None,
            require_pushed_authorization_requests: false,
            authorization_response_iss_parameter_supported: false,
        }
    }

    fn request(extra: &[(String, String)]) -> AuthorizationRequest<'_> {
        AuthorizationRequest {
            client_id: "client",
            redirect_uri: "https://app.example.com/auth/callback",
            scope: "openid profile",
            audience: Some("https://api.example.com"),
            extra,
        }
    }

    fn transaction() -> LoginTransaction {
        LoginTransaction::from_random(&[[1; 32], [2; 32], [3; 32]], "/".to_owned(), Some(0))
    }

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        assert_eq!(
            code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn s_pkce_1_every_transaction_is_new() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let it = LoginTransaction::begin("/".to_owned(), None).unwrap();
            for value in [it.state.as_str(), &it.nonce, it.code_verifier.expose_secret()] {
                assert_eq!(value.len(), 43);
                assert!(seen.insert(value.to_owned()));
            }
        }
    }

    #[test]
    fn the_url_says_what_it_has_to() {
        let url = authorization_url(&metadata(), &request(&[]), &transaction());
        let pairs: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let value = |name: &str| pairs.get(name).map(String::as_str);
        assert_eq!(value("tenant"), Some("7"), "the endpoint's own query stays");
        assert_eq!(value("response_type"), Some("code"));
        assert_eq!(value("client_id"), Some("client"));
        assert_eq!(value("redirect_uri"), Some("https://app.example.com/auth/callback"));
        assert_eq!(value("scope"), Some("openid profile"));
        assert_eq!(value("audience"), Some("https://api.example.com"));
        assert_eq!(value("max_age"), Some("0"));
        assert_eq!(value("state"), Some(&*transaction().state));
        assert_eq!(value("nonce"), Some(&*transaction().nonce));
        assert_eq!(value("code_challenge_method"), Some("S256"));
        assert_eq!(value("code_challenge").map(str::len), Some(43));
        assert!(!url.as_str().contains(transaction().code_verifier.expose_secret()));
    }

    #[test]
    fn rdr_17_what_the_server_decides_cannot_be_overridden() {
        let plain = authorization_url(&metadata(), &request(&[]), &transaction());
        let extra: Vec<_> = RESERVED
            .iter()
            .chain(&["scope", "audience", "max_age"])
            .map(|name| ((*name).to_owned(), "evil".to_owned()))
            .collect();
        assert_eq!(authorization_url(&metadata(), &request(&extra), &transaction()), plain);
    }

    #[test]
    fn inj_06_values_are_encoded() {
        let extra = [("login_hint".to_owned(), "a&state=evil#b".to_owned())];
        let url = authorization_url(&metadata(), &request(&extra), &transaction());
        assert!(url.as_str().contains("login_hint=a%26state%3Devil%23b"));
        assert_eq!(url.fragment(), None);
    }

    #[test]
    fn s_pkce_1_nothing_of_a_transaction_is_printed() {
        let it = transaction();
        let printed = format!("{it:?}");
        for value in [it.state.as_str(), &it.nonce, it.code_verifier.expose_secret()] {
            assert!(!printed.contains(value));
        }
    }
}
