//! The end-session endpoint (`OpenID` Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::response::Response;
use http::{StatusCode, Uri};
use url::Url;

use super::page;
use super::server::{Shared, parameters, see_other};

/// `GET /oidc/logout`: nobody stays signed in here, so what ends are the tokens of the session that `logout_hint` names.
pub(super) async fn logout(Extract(shared): Extract<Arc<Shared>>, uri: Uri) -> Response {
    let Some(parameters) = parameters(uri.query().unwrap_or_default().as_bytes()) else {
        return page::error(StatusCode::BAD_REQUEST, "The request contains a parameter twice.");
    };
    if parameters.get("client_id").is_some_and(|id| *id != shared.client_id) {
        return page::error(
            StatusCode::BAD_REQUEST,
            "The request is from a client that this provider does not know.",
        );
    }
    let mut memory = shared.state.lock();
    // `sid` is 256 random bits, known to the client and nobody else.
    if let Some(sid) = parameters.get("logout_hint") {
        memory.revoke(sid);
    }
    let Some(target) = parameters.get("post_logout_redirect_uri") else {
        return page::signed_out();
    };
    // Section 3: no match, no redirect.
    match Url::parse(target) {
        Ok(mut url) if memory.post_logout_redirect_uris.contains(target) => {
            if let Some(state) = parameters.get("state") {
                url.query_pairs_mut().append_pair("state", state);
            }
            see_other(url.as_str())
        }
        _ => page::error(
            StatusCode::BAD_REQUEST,
            "The request wants to return to a URL that is not registered.",
        ),
    }
}
