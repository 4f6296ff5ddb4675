//! The end of a session: the browser's request for it (`OpenID` Connect RP-Initiated Logout 1.0), and the logout token
//! for the application (`OpenID` Connect Back-Channel Logout 1.0).

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{StatusCode, Uri};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::keys::random_text;
use super::page;
use super::server::{Shared, parameters, see_other};

/// The lifetime of a logout token, in seconds. Back-Channel Logout 1.0 section 4: "preferably at most two minutes".
const LOGOUT_TOKEN_LIFETIME_SECONDS: i64 = 120;
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Answers `GET /oidc/logout`. No user stays signed in at this provider, so only the tokens of the session that
/// `logout_hint` names are revoked.
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
    // `sid` is 256 random bits, which only the client knows, so no further proof is needed.
    if let Some(sid) = parameters.get("logout_hint") {
        end_session(&shared, sid).await;
    }
    let Some(target) = parameters.get("post_logout_redirect_uri") else {
        return page::signed_out();
    };
    // Section 3: no match, no redirect.
    let registered = shared.state.lock().post_logout_redirect_uris.clone();
    match Url::parse(target) {
        Ok(mut url) if registered.contains(target) => {
            if let Some(state) = parameters.get("state") {
                url.query_pairs_mut().append_pair("state", state);
            }
            see_other(url.as_str())
        }
        _ => page::not_registered(&page::POST_LOGOUT_REDIRECT_URI, target, &registered),
    }
}

/// Returns a logout token for the session `sid`, or for all sessions of `sub`. `None` if the cryptography fails.
pub(super) fn logout_token(shared: &Shared, sub: Option<&str>, sid: Option<&str>) -> Option<String> {
    let now = shared.now();
    let mut claims = json!({
        "iss": shared.issuer,
        "aud": shared.client_id,
        "iat": now,
        "exp": now.saturating_add(LOGOUT_TOKEN_LIFETIME_SECONDS),
        "jti": random_text()?,
        "events": {LOGOUT_EVENT: {}},
    });
    let members = claims.as_object_mut()?;
    for (name, value) in [("sub", sub), ("sid", sid)] {
        if let Some(value) = value {
            members.insert(name.to_owned(), value.into());
        }
    }
    let key = shared.key();
    key.sign(&key.header("logout+jwt"), &claims)
}

/// Sends a logout token to the application (section 2.5). Returns the status of its answer; `None` if it does not
/// answer, or has no URI for logout tokens.
pub(super) async fn tell_application(shared: &Shared, token: &str) -> Option<u16> {
    let target = shared.state.lock().backchannel_logout_uri.clone()?;
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let request = shared.http.post(target).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = request.body(form).send().await.ok()?;
    Some(answer.status().as_u16())
}

/// Ends all sessions of the user and tells the application. Returns the status of its answer, as [`tell_application`]
/// does.
pub(super) async fn end_sessions_of(shared: &Shared, user: usize) -> Option<u16> {
    shared.state.lock().revoke_user(user);
    let sub = shared.users.get(user)?.sub();
    tell_application(shared, &logout_token(shared, Some(sub), None)?).await
}

async fn end_session(shared: &Shared, sid: &str) {
    let user = {
        let mut memory = shared.state.lock();
        let user = memory.user_of_session(sid);
        memory.revoke(sid);
        user
    };
    let sub = user.and_then(|user| shared.users.get(user)).map(|user| user.sub().to_owned());
    if let Some(sub) = sub
        && let Some(token) = logout_token(shared, Some(&sub), Some(sid))
    {
        // An application that does not answer must not keep the browser at the provider.
        tell_application(shared, &token).await;
    }
}
