//! `GET /auth/profile`: tells a page who is signed in.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use super::respond;
use crate::auth::Auth;
use crate::reject::log_store_error;
use crate::request::Caller;

pub(super) async fn answer(auth: &Auth, request: &Parts) -> Response {
    let response = match auth.callers().load(&request.headers, auth.now()).await {
        Ok(Caller::SignedIn(session)) => {
            respond::json(session.document().member("user").unwrap_or("{}").to_owned())
        }
        Err(error) => {
            log_store_error(&error, auth.now());
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Ok(Caller::Anonymous(_)) if auth.owner().is_some_and(|owner| owner.switches.no_content_profile) => {
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(Caller::Anonymous(_)) => {
            let challenge = (WWW_AUTHENTICATE, auth.rejections().realm.challenge());
            (StatusCode::UNAUTHORIZED, [challenge]).into_response()
        }
    };
    respond::finish(response, &[])
}
