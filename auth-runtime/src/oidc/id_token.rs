//! The ID token: what was signed, by whom, for whom, and when (OpenID Connect Core 1.0 section 3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::json_object::{JsonObject, NotAnObject};
use super::jwks::{KeySet, Verdict};

/// Two clocks may differ that much: the upper bound of the usual advice ("no more than a few minutes" in RFC 7519
/// section 4.1.4), cut to one.
pub(crate) const LEEWAY_SECONDS: i64 = 60;
/// As much as 32 cookie chunks hold. What is longer could not be kept.
const MAX_TOKEN_BYTES: usize = 112_000;
/// A token is fresh from the token endpoint when it gets here; an hour is as long as a sign-in may take.
const MAX_AGE_SECONDS: i64 = 3600;
/// OpenID Connect Core 1.0 section 2.
const MAX_SUBJECT_BYTES: usize = 255;
/// Ten billion, in the year 2286: what is above counts milliseconds. The reference draws the line there.
const MAX_SESSION_EXPIRY: f64 = 10_000_000_000.0;
/// OpenID Connect Core 1.0 section 15.1: what every provider can.
pub(crate) const DEFAULT_ALGORITHMS: &[Algorithm] = &[Algorithm::RS256];

/// Claims whose signature, issuer, audience and times have been checked. Only [`validate`] makes one.
#[derive(Clone)]
pub(crate) struct IdTokenClaims {
    raw: Box<RawValue>,
    iss: String,
    sub: String,
    aud: Vec<String>,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    auth_time: Option<i64>,
    sid: Option<String>,
    session_expiry: Option<i64>,
}

/// What the token has to agree with.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// From the metadata, not from the configuration.
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) algorithms: &'a [Algorithm],
    /// The one that came with the ID token.
    pub(crate) access_token: &'a str,
    pub(crate) occasion: Occasion<'a>,
}

/// Why there is a new ID token.
#[derive(Clone, Copy)]
pub(crate) enum Occasion<'a> {
    /// At the callback. `max_age` if the authorization request had one.
    SignIn { nonce: &'a str, max_age: Option<u64> },
    /// OpenID Connect Core 1.0 section 12.2: of the same user at the same provider, and of the same sign-in. Each is what
    /// the session's last ID token said; `None` if that is not known.
    Refresh { subject: &'a str, issuer: Option<&'a str>, auth_time: Option<i64>, nonce: Option<&'a str> },
}

/// Which rule the token breaks. A claim's value is in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IdTokenError {
    #[error("`at_hash` does not belong to the access token")]
    AccessTokenHash,
    #[error("the signature algorithm is not one of those allowed")]
    Algorithm,
    #[error("`aud` is not this client, or not this client alone")]
    Audience,
    #[error("`auth_time` is another one than before")]
    AuthTimeChanged,
    #[error("the user signed in longer ago than `max_age` allows")]
    AuthTimeTooOld,
    #[error("`azp` is another client")]
    AuthorizedParty,
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
    #[error("`iss` is another provider than before")]
    IssuerChanged,
    #[error("not a signed JSON Web Token")]
    Malformed,
    #[error("`nonce` does not belong to this sign-in")]
    Nonce,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the signature is wrong")]
    Signature,
    #[error("`sub` is not an identifier")]
    Subject,
    #[error("`sub` is another user than before")]
    SubjectChanged,
    #[error("the token is too long")]
    TooLong,
    #[error("a token of another kind, not an ID token")]
    Type,
    #[error("no key of the provider is for this signature")]
    UnknownKey,
}

/// Checks everything. `now` in unix seconds.
pub(crate) fn validate(
    token: &str,
    expected: &Expected<'_>,
    keys: &KeySet,
    now: i64,
) -> Result<IdTokenClaims, IdTokenError> {
    let payload = verify_signature(token, expected.algorithms, keys)?;
    let object = JsonObject::parse(&payload.json)?;
    let claims = read_claims(&object, &payload.json)?;
    // OpenID Connect Back-Channel Logout 1.0 section 2.4: a logout token is known by this claim.
    if object.contains("events") {
        return Err(IdTokenError::Type);
    }
    check_parties(&claims, expected)?;
    check_times(&claims, optional(&object, "nbf")?, now)?;
    check_occasion(&claims, expected.occasion, now)?;
    if let Some(at_hash) = optional::<String>(&object, "at_hash")? {
        check_access_token_hash(&at_hash, expected.access_token, payload.algorithm)?;
    }
    Ok(claims)
}

impl IdTokenClaims {
    /// Every claim, as the provider wrote it.
    pub(crate) fn raw(&self) -> &RawValue {
        &self.raw
    }

    pub(crate) fn iss(&self) -> &str {
        &self.iss
    }

    pub(crate) fn sub(&self) -> &str {
        &self.sub
    }

    pub(crate) fn exp(&self) -> i64 {
        self.exp
    }

    pub(crate) fn iat(&self) -> i64 {
        self.iat
    }

    pub(crate) fn auth_time(&self) -> Option<i64> {
        self.auth_time
    }

    pub(crate) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// The time at which the provider wants the session to end, if it named a sensible one.
    pub(crate) fn session_expiry(&self) -> Option<i64> {
        self.session_expiry
    }
}

impl IdTokenError {
    /// Stable, for logs and metrics.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::AccessTokenHash => "id_token_at_hash",
            Self::Algorithm => "id_token_algorithm",
            Self::Audience => "id_token_audience",
            Self::AuthTimeChanged => "id_token_auth_time_changed",
            Self::AuthTimeTooOld => "id_token_auth_time",
            Self::AuthorizedParty => "id_token_azp",
            Self::ClaimMissing(_) => "id_token_claim_missing",
            Self::ClaimType(_) => "id_token_claim_type",
            Self::CriticalExtension => "id_token_crit",
            Self::Expired => "id_token_expired",
            Self::IssuedInFuture => "id_token_issued_in_future",
            Self::IssuedTooLongAgo => "id_token_issued_too_long_ago",
            Self::Issuer => "id_token_issuer",
            Self::IssuerChanged => "id_token_issuer_changed",
            Self::Malformed => "id_token_malformed",
            Self::Nonce => "id_token_nonce",
            Self::NotYetValid => "id_token_not_yet_valid",
            Self::Signature => "id_token_signature",
            Self::Subject => "id_token_subject",
            Self::SubjectChanged => "id_token_subject_changed",
            Self::TooLong => "id_token_too_long",
            Self::Type => "id_token_type",
            Self::UnknownKey => "id_token_unknown_key",
        }
    }
}

impl From<NotAnObject> for IdTokenError {
    fn from(_: NotAnObject) -> Self {
        Self::Malformed
    }
}

/// Claims are personal data.
impl std::fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdTokenClaims")
            .field("exp", &self.exp)
            .field("iat", &self.iat)
            .finish_non_exhaustive()
    }
}

struct Payload {
    json: Vec<u8>,
    algorithm: Algorithm,
}

fn verify_signature(token: &str, allowed: &[Algorithm], keys: &KeySet) -> Result<Payload, IdTokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(IdTokenError::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(IdTokenError::Malformed)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenError::Malformed);
    // `payload` with another dot in it, as in a JWE, does not decode.
    let (header, json, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    let header = JsonObject::parse(&header)?;
    let algorithm = check_header(&header, allowed)?;
    let kid = optional::<String>(&header, "kid")?;
    match keys.verify(kid.as_deref(), algorithm, message.as_bytes(), &signature) {
        Verdict::Good => Ok(Payload { json, algorithm }),
        Verdict::Bad => Err(IdTokenError::Signature),
        Verdict::NoKey => Err(IdTokenError::UnknownKey),
    }
}

/// `jku`, `jwk`, `x5u` and `x5c` are not read: a token does not get to say which key it is verified with.
fn check_header(header: &JsonObject<'_>, allowed: &[Algorithm]) -> Result<Algorithm, IdTokenError> {
    // RFC 7515 section 4.1.11: no extension is understood here.
    if header.contains("crit") {
        return Err(IdTokenError::CriticalExtension);
    }
    // RFC 8725 section 3.11: tokens of other kinds name their kind. `cty` would announce a nested token.
    if let Some(kind) = optional::<String>(header, "typ")?
        && !kind.eq_ignore_ascii_case("JWT")
        && !kind.eq_ignore_ascii_case("application/jwt")
    {
        return Err(IdTokenError::Type);
    }
    if header.contains("cty") {
        return Err(IdTokenError::Type);
    }
    let name = required::<String>(header, "alg")?;
    // RFC 8725 section 3.1. Compared as written: `none` has no value of this type, and `rs256` is not RS256.
    allowed.iter().copied().find(|algorithm| format!("{algorithm:?}") == name).ok_or(IdTokenError::Algorithm)
}

fn read_claims(object: &JsonObject<'_>, json: &[u8]) -> Result<IdTokenClaims, IdTokenError> {
    let raw = serde_json::from_slice(json).map_err(|_| IdTokenError::Malformed)?;
    Ok(IdTokenClaims {
        raw,
        iss: required(object, "iss")?,
        sub: required(object, "sub")?,
        aud: required::<OneOrMany>(object, "aud")?.into_vec(),
        azp: optional(object, "azp")?,
        exp: required(object, "exp")?,
        iat: required(object, "iat")?,
        nonce: optional(object, "nonce")?,
        auth_time: optional(object, "auth_time")?,
        sid: optional(object, "sid")?,
        session_expiry: session_expiry(object),
    })
}

fn check_parties(claims: &IdTokenClaims, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    // First, because it ends a session, while an issuer that was never right is only a bad answer.
    if let Occasion::Refresh { issuer: Some(issuer), .. } = expected.occasion
        && claims.iss != issuer
    {
        return Err(IdTokenError::IssuerChanged);
    }
    if claims.iss != expected.issuer {
        return Err(IdTokenError::Issuer);
    }
    let sub = &claims.sub;
    if sub.is_empty() || sub.len() > MAX_SUBJECT_BYTES || !sub.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    {
        return Err(IdTokenError::Subject);
    }
    // Rule 3 asks for "no additional audiences not trusted by the client", and none was configured as trusted.
    if claims.aud.is_empty() || claims.aud.iter().any(|audience| audience != expected.client_id) {
        return Err(IdTokenError::Audience);
    }
    match &claims.azp {
        Some(azp) if azp != expected.client_id => Err(IdTokenError::AuthorizedParty),
        None if claims.aud.len() > 1 => Err(IdTokenError::ClaimMissing("azp")),
        _ => Ok(()),
    }
}

fn check_times(claims: &IdTokenClaims, nbf: Option<i64>, now: i64) -> Result<(), IdTokenError> {
    if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
        return Err(IdTokenError::Expired);
    }
    if claims.iat.saturating_sub(LEEWAY_SECONDS) > now {
        return Err(IdTokenError::IssuedInFuture);
    }
    if claims.iat.saturating_add(MAX_AGE_SECONDS) < now {
        return Err(IdTokenError::IssuedTooLongAgo);
    }
    if nbf.is_some_and(|nbf| nbf.saturating_sub(LEEWAY_SECONDS) > now) {
        return Err(IdTokenError::NotYetValid);
    }
    Ok(())
}

fn check_occasion(claims: &IdTokenClaims, occasion: Occasion<'_>, now: i64) -> Result<(), IdTokenError> {
    match occasion {
        Occasion::SignIn { nonce, max_age } => {
            let given = claims.nonce.as_ref().ok_or(IdTokenError::ClaimMissing("nonce"))?;
            if !is_equal(given, nonce) {
                return Err(IdTokenError::Nonce);
            }
            if let Some(max_age) = max_age {
                let auth_time = claims.auth_time.ok_or(IdTokenError::ClaimMissing("auth_time"))?;
                let latest = auth_time.saturating_add_unsigned(max_age).saturating_add(LEEWAY_SECONDS);
                if latest < now {
                    return Err(IdTokenError::AuthTimeTooOld);
                }
            }
            Ok(())
        }
        Occasion::Refresh { subject, auth_time, nonce, .. } => {
            if claims.sub != subject {
                return Err(IdTokenError::SubjectChanged);
            }
            // Of each pair either may be missing; what is there on both sides is the same.
            if auth_time.zip(claims.auth_time).is_some_and(|(before, given)| before != given) {
                return Err(IdTokenError::AuthTimeChanged);
            }
            if nonce.zip(claims.nonce.as_deref()).is_some_and(|(before, given)| !is_equal(given, before)) {
                return Err(IdTokenError::Nonce);
            }
            Ok(())
        }
    }
}

fn is_equal(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// OpenID Connect Core 1.0 section 3.1.3.6: the left half of the hash that the signature uses.
fn check_access_token_hash(
    at_hash: &str,
    access_token: &str,
    algorithm: Algorithm,
) -> Result<(), IdTokenError> {
    let digest = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 | Algorithm::HS256 => {
            Sha256::digest(access_token).to_vec()
        }
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 | Algorithm::HS384 => {
            Sha384::digest(access_token).to_vec()
        }
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::HS512 => Sha512::digest(access_token).to_vec(),
        // Which hash an EdDSA token uses is not agreed upon; a hash that can't be checked does not count as checked.
        _ => return Err(IdTokenError::AccessTokenHash),
    };
    let (left, _) = digest.split_at(digest.len() / 2);
    if URL_SAFE_NO_PAD.encode(left) == at_hash { Ok(()) } else { Err(IdTokenError::AccessTokenHash) }
}

/// Anything but a sensible number is as if it were not there: the npm package's rule, which both sides of a shared cookie follow.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range was checked, and a fraction of a second is meant to go"
)]
fn session_expiry(object: &JsonObject<'_>) -> Option<i64> {
    let value = object.read::<f64>("session_expiry").ok()??;
    (value > 0.0 && value < MAX_SESSION_EXPIRY).then_some(value as i64)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}

fn required<T: serde::de::DeserializeOwned>(
    object: &JsonObject<'_>,
    name: &'static str,
) -> Result<T, IdTokenError> {
    optional(object, name)?.ok_or(IdTokenError::ClaimMissing(name))
}

fn optional<T: serde::de::DeserializeOwned>(
    object: &JsonObject<'_>,
    name: &'static str,
) -> Result<Option<T>, IdTokenError> {
    object.read(name).map_err(|_| IdTokenError::ClaimType(name))
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
