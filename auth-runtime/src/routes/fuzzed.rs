//! Entry points for the fuzz targets: the values that a browser brings back to the sign-in.

use http::HeaderMap;
use secrecy::ExposeSecret as _;

use super::return_to::ReturnTo;
use super::transaction;
use crate::auth::Auth;

/// The contents of a transaction that came back.
#[derive(Debug)]
pub struct Recalled {
    /// The nonce.
    pub nonce: String,
    /// The code verifier.
    pub code_verifier: String,
    /// Where the sign-in is to end.
    pub return_to: String,
    /// Highest age of the authentication at the provider, in seconds.
    pub max_age: Option<u64>,
}

/// The transactions that a sign-out removes.
#[derive(Debug)]
pub struct Room {
    /// The names of the cookies that are removed.
    pub removed: Vec<String>,
}

pub(crate) fn return_to(requested: &str, auth: &Auth) -> Option<(String, String)> {
    let place = ReturnTo::parse(Some(requested), auth, auth.owner()?);
    Some((place.as_str().to_owned(), place.relative().to_owned()))
}

pub(crate) fn recalled(state: &str, headers: &HeaderMap, auth: &Auth) -> Option<Recalled> {
    let found = transaction::recall(state, headers, auth)?;
    Some(Recalled {
        nonce: found.nonce,
        code_verifier: found.code_verifier.expose_secret().to_owned(),
        return_to: found.return_to,
        max_age: found.max_age,
    })
}

pub(crate) fn transactions(headers: &HeaderMap, auth: &Auth) -> Room {
    let lines = transaction::forget_all(headers, auth);
    Room { removed: lines.iter().map(|line| line.name().to_owned()).collect() }
}
