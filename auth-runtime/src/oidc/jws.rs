//! The rules that all signed tokens of the provider share: header, signature, issuer, audience, times
//! (RFC 7515, RFC 7519).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::algorithm::SignatureAlgorithm;
use super::json_object::{JsonObject, NotAnObject};
use super::jwks::{KeySet, Verdict};

/// The difference that two clocks may have, in seconds. RFC 7519 section 4.1.4 advises "no more than a few
/// minutes"; this is one.
pub(crate) const LEEWAY_SECONDS: i64 = 60;

/// The outer form of one kind of token: its length and its `typ`.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) max_bytes: usize,
    /// Judges `typ` (RFC 8725 section 3.11), in lower case and without `application/`.
    pub(super) accepts_type: fn(Option<&str>) -> bool,
}

/// A payload whose signature has been checked. Only [`verify`] makes one.
pub(super) struct Verified {
    json: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

/// The claims `exp`, `iat` and `nbf`, in unix seconds.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) exp: i64,
    pub(super) iat: i64,
    nbf: Option<i64>,
}

/// The common rule that the token breaks, without the value of any claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum JwtError {
    #[error("the signature algorithm is not one of those allowed")]
    Algorithm,
    #[error("`aud` is not this client, or not this client alone")]
    Audience,
    #[error("`{0}` is missing")]
    ClaimMissing(&'static str),
    #[error("`{0}` is of the wrong type")]
    ClaimType(&'static str),
    #[error("the header demands an extension (`crit`)")]
    CriticalExtension,
    #[error("the token has expired")]
    Expired,
    #[error("the token was issued in the future")]
    IssuedInFuture,
    #[error("the token was issued too long ago")]
    IssuedTooLongAgo,
    #[error("`iss` is not the provider")]
    Issuer,
    #[error("not a signed JSON Web Token")]
    Malformed,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the signature is wrong")]
    Signature,
    #[error("the token is too long")]
    TooLong,
    #[error("the token is of another kind: see its `typ`")]
    Type,
    #[error("no key of the provider is for this signature")]
    UnknownKey,
}

/// Verifies the header and the signature.
pub(super) fn verify(
    token: &str,
    kind: Kind,
    allowed: &[SignatureAlgorithm],
    keys: &KeySet,
) -> Result<Verified, JwtError> {
    if token.len() > kind.max_bytes {
        return Err(JwtError::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(JwtError::Malformed)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed);
    // `payload` with another dot in it, as in a JWE, does not decode.
    let (header, json, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    let header = JsonObject::parse(&header)?;
    let algorithm = check_header(&header, kind, allowed)?;
    let key_id = optional::<String>(&header, "kid")?;
    match keys.verify(key_id.as_deref(), algorithm, message.as_bytes(), &signature) {
        Verdict::Good => Ok(Verified { json, algorithm }),
        Verdict::Bad => Err(JwtError::Signature),
        Verdict::NoKey => Err(JwtError::UnknownKey),
    }
}

/// Returns the `sub` that a token claims, without verifying anything. Nothing may be granted for it.
pub(crate) fn unverified_subject(token: &str) -> Option<String> {
    let (message, _) = token.rsplit_once('.')?;
    let (_, payload) = message.split_once('.')?;
    let json = URL_SAFE_NO_PAD.decode(payload).ok()?;
    JsonObject::parse(&json).ok()?.read("sub").ok()?
}

/// Checks that this client is the only audience. Rule 3 of OpenID Connect Core 1.0 section 3.1.3.7 asks for no
/// "additional audiences not trusted by the Client", and no other audience is configured as trusted.
pub(super) fn check_audience(audience: &[String], client_id: &str) -> Result<(), JwtError> {
    if audience.is_empty() || audience.iter().any(|audience| audience != client_id) {
        return Err(JwtError::Audience);
    }
    Ok(())
}

/// Reads `aud`: one text, or several.
pub(super) fn audience(object: &JsonObject<'_>) -> Result<Vec<String>, JwtError> {
    Ok(match required::<OneOrMany>(object, "aud")? {
        OneOrMany::One(value) => vec![value],
        OneOrMany::Many(values) => values,
    })
}

/// Reads a claim that has to be there.
pub(super) fn required<T: DeserializeOwned>(
    object: &JsonObject<'_>,
    name: &'static str,
) -> Result<T, JwtError> {
    optional(object, name)?.ok_or(JwtError::ClaimMissing(name))
}

/// Reads a claim that may be missing, but may not be of another type.
pub(super) fn optional<T: DeserializeOwned>(
    object: &JsonObject<'_>,
    name: &'static str,
) -> Result<Option<T>, JwtError> {
    object.read(name).map_err(|_| JwtError::ClaimType(name))
}

impl Verified {
    pub(super) fn json(&self) -> &[u8] {
        &self.json
    }

    pub(super) fn object(&self) -> Result<JsonObject<'_>, JwtError> {
        Ok(JsonObject::parse(&self.json)?)
    }

    pub(super) fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }
}

impl Times {
    pub(super) fn read(object: &JsonObject<'_>) -> Result<Self, JwtError> {
        Ok(Self {
            exp: required(object, "exp")?,
            iat: required(object, "iat")?,
            nbf: optional(object, "nbf")?,
        })
    }

    /// Checks the times. `max_age` counts from `iat`, in seconds; `now` is in unix seconds.
    pub(super) fn check(self, max_age: i64, now: i64) -> Result<(), JwtError> {
        if self.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(JwtError::Expired);
        }
        if self.iat.saturating_sub(LEEWAY_SECONDS) > now {
            return Err(JwtError::IssuedInFuture);
        }
        if self.iat.saturating_add(max_age) < now {
            return Err(JwtError::IssuedTooLongAgo);
        }
        if self.nbf.is_some_and(|nbf| nbf.saturating_sub(LEEWAY_SECONDS) > now) {
            return Err(JwtError::NotYetValid);
        }
        Ok(())
    }
}

impl JwtError {
    /// Returns stable codes, for logs and metrics, one for each kind of token.
    pub(super) fn codes(self) -> Codes {
        let (id_token, logout_token) = match self {
            Self::Algorithm => ("id_token_algorithm", "logout_token_algorithm"),
            Self::Audience => ("id_token_audience", "logout_token_audience"),
            Self::ClaimMissing(_) => ("id_token_claim_missing", "logout_token_claim_missing"),
            Self::ClaimType(_) => ("id_token_claim_type", "logout_token_claim_type"),
            Self::CriticalExtension => ("id_token_crit", "logout_token_crit"),
            Self::Expired => ("id_token_expired", "logout_token_expired"),
            Self::IssuedInFuture => ("id_token_issued_in_future", "logout_token_issued_in_future"),
            Self::IssuedTooLongAgo => ("id_token_issued_too_long_ago", "logout_token_issued_too_long_ago"),
            Self::Issuer => ("id_token_issuer", "logout_token_issuer"),
            Self::Malformed => ("id_token_malformed", "logout_token_malformed"),
            Self::NotYetValid => ("id_token_not_yet_valid", "logout_token_not_yet_valid"),
            Self::Signature => ("id_token_signature", "logout_token_signature"),
            Self::TooLong => ("id_token_too_long", "logout_token_too_long"),
            Self::Type => ("id_token_type", "logout_token_type"),
            Self::UnknownKey => ("id_token_unknown_key", "logout_token_unknown_key"),
        };
        Codes { id_token, logout_token }
    }
}

/// The codes of a rule, one for each kind of token.
pub(super) struct Codes {
    pub(super) id_token: &'static str,
    pub(super) logout_token: &'static str,
}

impl From<NotAnObject> for JwtError {
    fn from(_: NotAnObject) -> Self {
        Self::Malformed
    }
}

/// Checks the header, and returns its algorithm. `jku`, `jwk`, `x5u` and `x5c` are not read: a token must not choose
/// the key that it is verified with.
fn check_header(
    header: &JsonObject<'_>,
    kind: Kind,
    allowed: &[SignatureAlgorithm],
) -> Result<SignatureAlgorithm, JwtError> {
    // RFC 7515 section 4.1.11: no extension is understood here.
    if header.contains("crit") {
        return Err(JwtError::CriticalExtension);
    }
    let name = optional::<String>(header, "typ")?.map(|name| name.to_ascii_lowercase());
    // RFC 7515 section 4.1.9: the prefix may be left out.
    let short_name = name.as_deref().map(|name| name.strip_prefix("application/").unwrap_or(name));
    // `cty` would announce a nested token.
    if !(kind.accepts_type)(short_name) || header.contains("cty") {
        return Err(JwtError::Type);
    }
    // RFC 8725 section 3.1: the configuration decides which algorithms are allowed, not the token.
    let algorithm = SignatureAlgorithm::from_name(&required::<String>(header, "alg")?);
    algorithm.filter(|algorithm| allowed.contains(algorithm)).ok_or(JwtError::Algorithm)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}
