use serde_json::{Value, json};

use super::*;

fn answer(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        media_type: media_type.to_owned(),
        retry_after: None,
        body: body.into(),
    }
}

fn tokens() -> Value {
    json!({"access_token": "at", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "rt", "id_token": "a.b.c", "scope": "openid"})
}

fn process(body: &Value) -> Result<TokenResponse, TokenError> {
    process_token_answer(&answer(200, "application/json", body.to_string()))
}

fn with(name: &str, value: Value) -> Result<TokenResponse, TokenError> {
    let mut body = tokens();
    body[name] = value;
    process(&body)
}

fn without(name: &str) -> Result<TokenResponse, TokenError> {
    let mut body = tokens();
    body.as_object_mut().unwrap().remove(name);
    process(&body)
}

fn refused(code: &str) -> TokenError {
    process_token_answer(&answer(403, "application/json", json!({ "error": code }).to_string())).unwrap_err()
}

#[test]
fn a_code_request_has_its_fields() {
    let verifier = SecretString::from("verifier");
    assert_eq!(
        code_fields("code", "https://app.example.com/cb", &verifier),
        [
            field("code", "code"),
            field("redirect_uri", "https://app.example.com/cb"),
            field("code_verifier", "verifier"),
            field("grant_type", "authorization_code"),
        ]
    );
}

#[test]
fn a_refresh_request_has_its_fields_in_the_order_of_the_reference() {
    let token = SecretString::from("rt");
    assert_eq!(
        refresh_fields(&token, Some("api"), Some("a b")),
        [
            field("scope", "a b"),
            field("audience", "api"),
            field("refresh_token", "rt"),
            field("grant_type", "refresh_token"),
        ]
    );
    assert_eq!(
        refresh_fields(&token, None, None),
        [field("refresh_token", "rt"), field("grant_type", "refresh_token")]
    );
}

#[test]
fn a_good_answer_is_read() {
    let found = process(&tokens()).unwrap();
    assert_eq!(found.access_token.expose_secret(), "at");
    assert_eq!(found.refresh_token.as_ref().unwrap().expose_secret(), "rt");
    assert_eq!(found.id_token.as_ref().unwrap().expose_secret(), "a.b.c");
    assert_eq!(found.scope.as_deref(), Some("openid"));
    assert_eq!(found.expires_at(1000), Some(4600));
    assert_eq!(found.expires_at(i64::MAX), Some(i64::MAX));
    let printed = format!("{found:?}");
    assert!(!printed.contains("\"at\"") && !printed.contains("rt") && !printed.contains("a.b.c"));
    for name in ["refresh_token", "id_token", "scope", "expires_in"] {
        without(name).unwrap();
    }
}

#[test]
fn tok_04_an_outage_is_told_apart_and_keeps_its_retry_after() {
    for status in [500, 502, 503, 504, 429, 408] {
        let html = answer(status, "text/html", "<h1>Sorry</h1>");
        assert_eq!(
            process_token_answer(&html).unwrap_err(),
            TokenError::Unavailable { retry_after: None, code: None },
            "{status}"
        );
    }
    let mut json = answer(503, "application/json", json!({"error": "temporarily_unavailable"}).to_string());
    json.retry_after = Some(RetryAfter::After(7));
    assert_eq!(
        process_token_answer(&json).unwrap_err(),
        TokenError::Unavailable {
            retry_after: Some(RetryAfter::After(7)),
            code: ErrorCode::parse("temporarily_unavailable")
        }
    );
    // Whatever an ailing server says: it is not the user's grant that failed.
    let ailing = answer(500, "application/json", json!({"error": "invalid_grant"}).to_string());
    assert!(matches!(process_token_answer(&ailing), Err(TokenError::Unavailable { .. })));
}

#[test]
fn tok_04_an_error_code_outside_the_grammar_is_not_repeated() {
    for code in ["", "<script>\n", "a\"b", "a\\b", "é", &"a".repeat(65)] {
        assert_eq!(refused(code), TokenError::Invalid, "{code}");
    }
    assert!(matches!(refused("invalid_client"), TokenError::Refused { .. }));
}

#[test]
fn tok_06_a_success_that_is_not_json_makes_no_sense() {
    let body = tokens().to_string();
    for body in [
        "",
        "[]",
        "null",
        "\"x\"",
        "<html>",
        "{}",
        "{\"access_token\":\"a\"",
        &format!("\u{feff}{body}"),
        &body.replacen('{', "{\"access_token\":\"b\",", 1),
        &"[".repeat(100_000),
    ] {
        let found = process_token_answer(&answer(200, "application/json", body));
        assert_eq!(found.unwrap_err(), TokenError::Invalid);
    }
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        process_token_answer(&answer(200, "application/json", utf16)).unwrap_err(),
        TokenError::Invalid
    );
    for media_type in ["text/html", "", "text/plain", "application/jwt"] {
        let found = process_token_answer(&answer(200, media_type, body.as_str()));
        assert_eq!(found.unwrap_err(), TokenError::Invalid, "{media_type}");
    }
    for status in [201, 204, 206, 302] {
        let found = process_token_answer(&answer(status, "application/json", body.as_str()));
        assert_eq!(found.unwrap_err(), TokenError::Invalid, "{status}");
    }
}

#[test]
fn tok_09_a_token_that_cannot_travel_is_refused() {
    let bad = [
        json!(""),
        json!(1),
        Value::Null,
        json!("a\r\nb"),
        json!("a b"),
        json!("é"),
        json!("a\u{0}"),
        json!("a".repeat(MAX_TOKEN_BYTES + 1)),
        json!(["a"]),
    ];
    for name in ["access_token", "refresh_token", "id_token"] {
        for value in &bad {
            assert_eq!(with(name, value.clone()).unwrap_err(), TokenError::Invalid, "{name}");
        }
    }
    assert_eq!(without("access_token").unwrap_err(), TokenError::Invalid);
    with("access_token", json!("a".repeat(MAX_TOKEN_BYTES))).unwrap();
    assert_eq!(with("scope", json!(["openid"])).unwrap_err(), TokenError::Invalid);
}

#[test]
fn tok_10_only_bearer_tokens_are_understood() {
    for kind in ["bearer", "Bearer", "BEARER"] {
        with("token_type", json!(kind)).unwrap();
    }
    for kind in
        [json!("mac"), json!("DPoP"), json!("N_A"), json!(""), json!("bearer "), json!(1), Value::Null]
    {
        assert_eq!(with("token_type", kind).unwrap_err(), TokenError::Invalid);
    }
    assert_eq!(without("token_type").unwrap_err(), TokenError::Invalid);
}

#[test]
fn tok_11_expires_in_never_overflows() {
    let seconds = |value: &str| {
        let body = tokens().to_string().replace("3600", value);
        process_token_answer(&answer(200, "application/json", body)).ok().and_then(|found| found.expires_in)
    };
    assert_eq!(without("expires_in").unwrap().expires_in, None);
    for (text, expected) in [
        ("3600", 3600),
        ("\"3600\"", 3600),
        ("0", 0),
        ("-1", 0),
        ("-1e999", 0),
        ("59.9", 59),
        ("1e18", MAX_EXPIRES_IN_SECONDS),
        ("1e999", MAX_EXPIRES_IN_SECONDS),
        ("\"99999999999999999999\"", MAX_EXPIRES_IN_SECONDS),
    ] {
        assert_eq!(seconds(text), Some(expected), "{text}");
    }
    for text in ["\"\"", "\"soon\"", "\"inf\"", "\"NaN\"", "null", "true", "[3600]", "\" 3600\""] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

#[test]
fn tok_14_an_invalid_grant_is_the_users_turn() {
    for status in [400, 401, 403] {
        let found =
            process_token_answer(&answer(status, "application/json", "{\"error\":\"invalid_grant\"}"));
        assert_eq!(found.unwrap_err(), TokenError::InvalidGrant);
    }
}

#[test]
fn tok_16_unknown_codes_are_kept_and_descriptions_are_cut() {
    let body = json!({"error": "mfa_required", "error_description": format!("a\r\n{}", "ä".repeat(500_000))});
    let found = process_token_answer(&answer(403, "application/json", body.to_string())).unwrap_err();
    let TokenError::Refused { code, description } = found else { panic!("{found:?}") };
    assert_eq!(code.as_str(), "mfa_required");
    assert_eq!(description.unwrap(), format!("a{}", "ä".repeat(255)));
    let html = answer(400, "text/html", "<h1>Bad</h1>");
    assert_eq!(process_token_answer(&html).unwrap_err(), TokenError::Invalid);
}

#[test]
fn tok_02_and_tok_08_failures_of_the_transport_are_judged_by_whether_waiting_helps() {
    for error in [TransportError::Timeout, TransportError::Connect, TransportError::Interrupted] {
        assert_eq!(TokenError::from(error).code(), "token_endpoint_unavailable");
    }
    for error in [TransportError::Redirected, TransportError::BodyTooLarge] {
        assert_eq!(TokenError::from(error), TokenError::Invalid);
    }
}

#[test]
fn dos_04_a_scope_that_no_session_should_hold_is_nonsense_and_the_next_refresh_token_is_not_lost() {
    assert_eq!(
        with("scope", "s".repeat(MAX_SCOPE_BYTES).into()).unwrap().scope.unwrap().len(),
        MAX_SCOPE_BYTES
    );
    let long = "s".repeat(MAX_SCOPE_BYTES + 1);
    assert_eq!(with("scope", long.clone().into()).unwrap_err(), TokenError::Invalid);
    let mut body = tokens();
    body["scope"] = long.into();
    let next = next_refresh_token(&answer(200, "application/json", body.to_string()));
    assert_eq!(next.unwrap().expose_secret(), "rt");
}
