//! The ID token and its validation (OpenID Connect Core 1.0 section 3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;
use subtle::ConstantTimeEq;

use super::algorithm::SignatureAlgorithm;
use super::json_object::JsonObject;
use super::jwks::KeySet;
use super::jws::{
    JwtError, Kind, LEEWAY_SECONDS, Times, audience, check_audience, optional, required, verify,
};

/// The longest ID token, in bytes: as much as 32 cookie chunks hold.
const MAX_TOKEN_BYTES: usize = 112_000;
/// The highest age of an ID token, in seconds from `iat`. A token is fresh from the token endpoint when it gets here;
/// an hour is as long as a sign-in may take.
const MAX_AGE_SECONDS: i64 = 3600;
/// The longest `sub`, in bytes (OpenID Connect Core 1.0 section 2).
const MAX_SUBJECT_BYTES: usize = 255;
/// The limit of `session_expiry`: ten billion seconds, in the year 2286. A greater number counts milliseconds. The npm
/// package draws the line there too.
const MAX_SESSION_EXPIRY: f64 = 10_000_000_000.0;
/// The algorithms that are allowed by default: every provider supports RS256 (OpenID Connect Core 1.0 section 15.1).
pub(crate) const DEFAULT_ALGORITHMS: &[SignatureAlgorithm] = &[SignatureAlgorithm::RS256];
/// The kind of an ID token: without a `typ` of its own, while tokens of other kinds name their kind.
const ID_TOKEN: Kind =
    Kind { max_bytes: MAX_TOKEN_BYTES, accepts_type: |name| matches!(name, None | Some("jwt")) };

/// Claims whose signature, issuer, audience and times have been checked. Only [`validate`] makes one.
#[derive(Clone)]
pub(crate) struct IdTokenClaims {
    raw: Box<RawValue>,
    iss: String,
    sub: String,
    aud: Vec<String>,
    azp: Option<String>,
    times: Times,
    nonce: Option<String>,
    auth_time: Option<i64>,
    sid: Option<String>,
    session_expiry: Option<i64>,
}

/// The values that the token has to agree with.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// The issuer from the metadata, not from the configuration.
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) algorithms: &'a [SignatureAlgorithm],
    /// The access token that came with the ID token.
    pub(crate) access_token: &'a str,
    pub(crate) occasion: Occasion<'a>,
}

/// The occasion on which an ID token comes.
#[derive(Clone, Copy)]
pub(crate) enum Occasion<'a> {
    /// A sign-in, at the callback. `max_age` in seconds, if the authorization request had one.
    SignIn { nonce: &'a str, max_age: Option<u64> },
    /// A refresh: the token is of the same user at the same provider, and of the same sign-in (OpenID Connect Core 1.0
    /// section 12.2). Each value is from the session's last ID token; `None` if it is not known.
    Refresh { subject: &'a str, issuer: Option<&'a str>, auth_time: Option<i64>, nonce: Option<&'a str> },
}

/// The rule that the token breaks, without the value of any claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IdTokenError {
    #[error("`at_hash` does not belong to the access token")]
    AccessTokenHash,
    #[error("`auth_time` is another one than before")]
    AuthTimeChanged,
    #[error("the user signed in longer ago than `max_age` allows")]
    AuthTimeTooOld,
    #[error("`azp` is another client")]
    AuthorizedParty,
    #[error("`iss` is another provider than before")]
    IssuerChanged,
    #[error(transparent)]
    Jwt(#[from] JwtError),
    #[error("`nonce` does not belong to this sign-in")]
    Nonce,
    #[error("`sub` is not an identifier")]
    Subject,
    #[error("`sub` is another user than before")]
    SubjectChanged,
}

/// Validates an ID token: signature, parties, times, occasion and `at_hash`. `now` is in unix seconds.
pub(crate) fn validate(
    token: &str,
    expected: &Expected<'_>,
    keys: &KeySet,
    now: i64,
) -> Result<IdTokenClaims, IdTokenError> {
    let payload = verify(token, ID_TOKEN, expected.algorithms, keys)?;
    let object = payload.object()?;
    let claims = read_claims(&object, payload.json())?;
    // OpenID Connect Back-Channel Logout 1.0 section 2.4: a logout token is known by this claim.
    if object.contains("events") {
        return Err(JwtError::Type.into());
    }
    check_parties(&claims, expected)?;
    claims.times.check(MAX_AGE_SECONDS, now)?;
    check_occasion(&claims, expected.occasion, now)?;
    if let Some(at_hash) = optional::<String>(&object, "at_hash")? {
        check_access_token_hash(&at_hash, expected.access_token, payload.algorithm())?;
    }
    Ok(claims)
}

impl IdTokenClaims {
    /// Returns every claim, as the provider wrote it.
    pub(crate) fn raw(&self) -> &RawValue {
        &self.raw
    }

    pub(crate) fn iat(&self) -> i64 {
        self.times.iat
    }

    pub(crate) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Returns the time in unix seconds at which the provider wants the session to end, if it named a sensible one.
    pub(crate) fn session_expiry(&self) -> Option<i64> {
        self.session_expiry
    }
}

/// Claims that tests alone read. A later token is compared with the session's values (see [`Occasion::Refresh`]).
#[cfg_attr(not(test), expect(dead_code, reason = "for the access tokens of a session"))]
impl IdTokenClaims {
    pub(crate) fn iss(&self) -> &str {
        &self.iss
    }

    pub(crate) fn sub(&self) -> &str {
        &self.sub
    }

    pub(crate) fn exp(&self) -> i64 {
        self.times.exp
    }

    pub(crate) fn auth_time(&self) -> Option<i64> {
        self.auth_time
    }

    pub(crate) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }
}

impl IdTokenError {
    /// Returns a stable code, for logs and metrics.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::AccessTokenHash => "id_token_at_hash",
            Self::AuthTimeChanged => "id_token_auth_time_changed",
            Self::AuthTimeTooOld => "id_token_auth_time",
            Self::AuthorizedParty => "id_token_azp",
            Self::IssuerChanged => "id_token_issuer_changed",
            Self::Jwt(error) => error.codes().id_token,
            Self::Nonce => "id_token_nonce",
            Self::Subject => "id_token_subject",
            Self::SubjectChanged => "id_token_subject_changed",
        }
    }
}

/// Shows two times alone: claims are personal data.
impl std::fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdTokenClaims")
            .field("exp", &self.times.exp)
            .field("iat", &self.times.iat)
            .finish_non_exhaustive()
    }
}

fn read_claims(object: &JsonObject<'_>, json: &[u8]) -> Result<IdTokenClaims, IdTokenError> {
    let raw = serde_json::from_slice(json).map_err(|_| JwtError::Malformed)?;
    Ok(IdTokenClaims {
        raw,
        iss: required(object, "iss")?,
        sub: required(object, "sub")?,
        aud: audience(object)?,
        azp: optional(object, "azp")?,
        times: Times::read(object)?,
        nonce: optional(object, "nonce")?,
        auth_time: optional(object, "auth_time")?,
        sid: optional(object, "sid")?,
        session_expiry: session_expiry(object),
    })
}

fn check_parties(claims: &IdTokenClaims, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    // Checked first, because another issuer than before ends the session, while a wrong issuer is only a bad answer.
    if let Occasion::Refresh { issuer: Some(issuer), .. } = expected.occasion
        && claims.iss != issuer
    {
        return Err(IdTokenError::IssuerChanged);
    }
    if claims.iss != expected.issuer {
        return Err(JwtError::Issuer.into());
    }
    let sub = &claims.sub;
    if sub.is_empty() || sub.len() > MAX_SUBJECT_BYTES || !sub.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    {
        return Err(IdTokenError::Subject);
    }
    check_audience(&claims.aud, expected.client_id)?;
    match &claims.azp {
        Some(azp) if azp != expected.client_id => Err(IdTokenError::AuthorizedParty),
        None if claims.aud.len() > 1 => Err(JwtError::ClaimMissing("azp").into()),
        _ => Ok(()),
    }
}

fn check_occasion(claims: &IdTokenClaims, occasion: Occasion<'_>, now: i64) -> Result<(), IdTokenError> {
    match occasion {
        Occasion::SignIn { nonce, max_age } => {
            let given = claims.nonce.as_ref().ok_or(JwtError::ClaimMissing("nonce"))?;
            if !is_equal(given, nonce) {
                return Err(IdTokenError::Nonce);
            }
            if let Some(max_age) = max_age {
                let auth_time = claims.auth_time.ok_or(JwtError::ClaimMissing("auth_time"))?;
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
            // Of each pair either value may be missing. Where both are there, they have to be equal.
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

/// Checks `at_hash`, the left half of the access token's hash (OpenID Connect Core 1.0 section 3.1.3.6).
fn check_access_token_hash(
    at_hash: &str,
    access_token: &str,
    algorithm: SignatureAlgorithm,
) -> Result<(), IdTokenError> {
    let digest = algorithm.digest(access_token);
    let (left, _) = digest.split_at(digest.len() / 2);
    if URL_SAFE_NO_PAD.encode(left) == at_hash { Ok(()) } else { Err(IdTokenError::AccessTokenHash) }
}

/// Reads `session_expiry`. Anything but a sensible number counts as absent. That is the npm package's rule, and both
/// sides of a shared cookie follow it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range was checked, and a fraction of a second is meant to go"
)]
fn session_expiry(object: &JsonObject<'_>) -> Option<i64> {
    let value = object.read::<f64>("session_expiry").ok()??;
    (value > 0.0 && value < MAX_SESSION_EXPIRY).then_some(value as i64)
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
