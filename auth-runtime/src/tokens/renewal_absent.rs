//! The renewal of tokens where the feature `oidc` is off: there is none, and a service only gives the tokens that a
//! session holds.

use std::sync::Arc;

use super::access_token::AccessToken;
use super::error::AccessTokenError;
use super::request::AccessTokenRequest;
use super::select::{Held, Wanted};
use crate::refresh::Refresher;

/// Adds nothing: this service has no sign-in.
pub(super) fn complete(wanted: Wanted, _: &AccessTokenRequest) -> Wanted {
    wanted
}

pub(super) async fn renew(
    _: &AccessTokenRequest,
    _: &Wanted,
    _: Held,
    refresher: &Arc<Refresher>,
) -> Result<AccessToken, AccessTokenError> {
    match **refresher {}
}
