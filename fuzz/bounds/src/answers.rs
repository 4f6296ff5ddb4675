//! What the provider answers to requests of ours.

use auth_runtime::fuzzing::ProviderAnswer;

use crate::call::Call;
use crate::shapes;

/// The largest answer that is read.
const MAX_BODY: usize = 1_024 * 1_024;
/// The longest token, and the longest list of scopes.
const MAX_TOKEN: usize = 112_000;
const MAX_SCOPE: usize = 32 * 1_024;

/// Tokens, after a code or a refresh.
pub fn tokens(shape: &str) -> &'static Call {
    judged(true, 200, &granted(), shape, ProviderAnswer::has_tokens)
}

/// A token for another one.
pub fn exchange(shape: &str) -> &'static Call {
    judged(true, 200, &granted(), shape, ProviderAnswer::has_exchanged_token)
}

/// The answer to a pushed authorization request.
pub fn pushed(shape: &str) -> &'static Call {
    let first = format!(r#""request_uri":"urn:{}","expires_in":60"#, "a".repeat(2_000));
    judged(true, 201, &first, shape, ProviderAnswer::has_request_uri)
}

/// A refusal. In the shape `description` a long description fills it.
pub fn refusal(shape: &str) -> &'static Call {
    let first = match shape {
        "description" => {
            let description = "\\u0041".repeat((MAX_BODY - 64) / 6);
            format!(r#""error":"invalid_request","error_description":"{description}""#)
        }
        _ => r#""error":"invalid_request""#.to_owned(),
    };
    let shape = if shape == "description" { "members" } else { shape };
    judged(false, 400, &first, shape, ProviderAnswer::has_tokens)
}

/// The provider's metadata. In the shape `endpoint` one URL fills them, and each of its characters has to be encoded.
pub fn metadata(shape: &str) -> &'static Call {
    let issuer = crate::provider::ISSUER;
    let endpoint = match shape {
        "endpoint" => format!("{issuer}{}", " ".repeat(MAX_BODY - 512) + "a"),
        _ => issuer.to_owned(),
    };
    let first = format!(
        r#""issuer":"{issuer}","authorization_endpoint":"{endpoint}","token_endpoint":"{issuer}","jwks_uri":"{issuer}""#
    );
    let shape = if shape == "endpoint" { "members" } else { shape };
    judged(true, 200, &first, shape, ProviderAnswer::has_metadata)
}

fn granted() -> String {
    let token = "a".repeat(MAX_TOKEN);
    let scope = "a ".repeat(MAX_SCOPE / 2);
    format!(
        r#""token_type":"Bearer","expires_in":60,"access_token":"{token}","id_token":"{token}","refresh_token":"{token}","scope":"{scope}""#
    )
}

fn judged(
    is_taken: bool,
    status: u16,
    first: &str,
    shape: &str,
    judge: impl Fn(&ProviderAnswer) -> bool + 'static,
) -> &'static Call {
    let body = shapes::object(first, shape, MAX_BODY);
    let answer = ProviderAnswer::new(status, body).expect("there is such a status");
    Call::new(is_taken, move || judge(&answer))
}
