//! Token exchange (RFC 8693), and Auth0's exchange for the tokens of an upstream identity provider.

use secrecy::{ExposeSecret, SecretString};

use super::client::{Field, field};
use super::token_endpoint::{TokenError, granted, read_expires_in, read_scope, read_token};
use super::transport::Answer;

/// A request to exchange one token for another (RFC 8693 section 2.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenExchange<'a> {
    /// The token of the party on whose behalf the request is made.
    pub(crate) subject_token: &'a SecretString,
    pub(crate) subject_token_type: &'a str,
    pub(crate) scope: Option<&'a str>,
    pub(crate) audience: Option<&'a str>,
    /// The organization that the new tokens are for, at Auth0.
    pub(crate) organization: Option<&'a str>,
    /// The token of the party that acts on that behalf, with its type.
    pub(crate) actor: Option<(&'a SecretString, &'a str)>,
    /// More parameters. A parameter that has its own field, or that authenticates this client, is left out.
    pub(crate) extra: &'a [(String, String)],
}

/// The tokens of an exchange (RFC 8693 section 2.2.1), with the members that providers add.
#[derive(Clone, Debug)]
pub(crate) struct ExchangedTokens {
    /// The new token, of any kind: the wire calls it an access token.
    pub(crate) access_token: SecretString,
    /// The kind of the new token. Required by the RFC, and not sent by every provider.
    pub(crate) issued_token_type: Option<String>,
    pub(crate) token_type: TokenType,
    /// Seconds from the answer to the end of the token; `None` if the provider does not say.
    pub(crate) expires_in: Option<u64>,
    /// The granted scopes; absent if they are those asked for.
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<SecretString>,
}

/// The use of the new token, by its `token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// An access token, for its bearer.
    Bearer,
    /// `N_A`: not an access token.
    NotApplicable,
}

/// Returns the form of an exchange.
pub(super) fn exchange_fields<'a>(exchange: &TokenExchange<'a>) -> Vec<Field<'a>> {
    let mut fields = vec![
        field("subject_token", exchange.subject_token.expose_secret()),
        field("subject_token_type", exchange.subject_token_type),
    ];
    fields.extend(exchange.scope.map(|scope| field("scope", scope)));
    fields.extend(exchange.audience.map(|audience| field("audience", audience)));
    fields.extend(exchange.organization.map(|organization| field("organization", organization)));
    if let Some((token, kind)) = exchange.actor {
        fields.extend([field("actor_token", token.expose_secret()), field("actor_token_type", kind)]);
    }
    let extra = exchange.extra.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    fields.extend(extra.map(|(name, value)| field(name, value)));
    fields.push(field("grant_type", EXCHANGE_GRANT));
    fields
}

/// Returns the form that asks for a token of the identity provider behind `connection`, for the user whose
/// refresh token this is.
pub(super) fn federated_connection_fields<'a>(
    connection: &'a str,
    login_hint: Option<&'a str>,
    refresh_token: &'a SecretString,
) -> Vec<Field<'a>> {
    let mut fields = vec![
        field("connection", connection),
        field("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
        field("subject_token", refresh_token.expose_secret()),
        field("requested_token_type", FEDERATED_TOKEN_TYPE),
    ];
    fields.extend(login_hint.map(|hint| field("login_hint", hint)));
    fields.push(field("grant_type", FEDERATED_GRANT));
    fields
}

/// Reads the tokens in the answer to an exchange.
pub(super) fn process_exchange_answer(answer: &Answer) -> Result<ExchangedTokens, TokenError> {
    let object = granted(answer)?;
    let token_type = object.read::<String>("token_type")?.ok_or(TokenError::Invalid)?;
    // RFC 8693 section 2.2.1: not case sensitive.
    let token_type = match token_type.to_ascii_lowercase().as_str() {
        "bearer" => TokenType::Bearer,
        "n_a" => TokenType::NotApplicable,
        _ => return Err(TokenError::Invalid),
    };
    Ok(ExchangedTokens {
        access_token: read_token(&object, "access_token")?.ok_or(TokenError::Invalid)?,
        issued_token_type: object.read("issued_token_type")?,
        token_type,
        expires_in: object.raw("expires_in").map(read_expires_in).transpose()?,
        scope: read_scope(&object)?,
        refresh_token: read_token(&object, "refresh_token")?,
    })
}

const EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const FEDERATED_GRANT: &str =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
const FEDERATED_TOKEN_TYPE: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";

/// The parameters that `extra` cannot set.
const RESERVED: [&str; 12] = [
    "actor_token",
    "actor_token_type",
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "organization",
    "scope",
    "subject_token",
    "subject_token_type",
];

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;

    fn process(body: &Value) -> Result<ExchangedTokens, TokenError> {
        process_exchange_answer(&Answer {
            status: StatusCode::OK,
            media_type: "application/json".to_owned(),
            retry_after: None,
            body: body.to_string().into_bytes(),
        })
    }

    fn answer_with(name: &str, value: Value) -> Value {
        let mut body = json!({
            "access_token": "at",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer",
            "expires_in": 60,
            "scope": "read",
        });
        body[name] = value;
        body
    }

    fn exchange<'a>(token: &'a SecretString, extra: &'a [(String, String)]) -> TokenExchange<'a> {
        TokenExchange {
            subject_token: token,
            subject_token_type: "urn:example:subject",
            scope: Some("read"),
            audience: Some("api"),
            organization: Some("org_1"),
            actor: Some((token, "urn:example:actor")),
            extra,
        }
    }

    #[test]
    fn an_exchange_has_its_fields_in_the_order_of_the_reference() {
        let token = SecretString::from("st");
        let extra = [("reason".to_owned(), "support".to_owned())];
        assert_eq!(
            exchange_fields(&exchange(&token, &extra)),
            [
                ("subject_token", "st"),
                ("subject_token_type", "urn:example:subject"),
                ("scope", "read"),
                ("audience", "api"),
                ("organization", "org_1"),
                ("actor_token", "st"),
                ("actor_token_type", "urn:example:actor"),
                ("reason", "support"),
                ("grant_type", EXCHANGE_GRANT),
            ]
            .map(|(name, value)| field(name, value))
        );
        assert!(!format!("{:?}", exchange(&token, &[])).contains("\"st\""));
    }

    #[test]
    fn what_has_its_own_place_cannot_be_overridden() {
        let token = SecretString::from("st");
        let extra: Vec<_> = RESERVED.iter().map(|name| ((*name).to_owned(), "evil".to_owned())).collect();
        assert_eq!(exchange_fields(&exchange(&token, &extra)), exchange_fields(&exchange(&token, &[])));
        let bare = TokenExchange {
            scope: None,
            audience: None,
            organization: None,
            actor: None,
            ..exchange(&token, &extra)
        };
        assert!(exchange_fields(&bare).iter().all(|(_, value)| value != "evil"));
    }

    #[test]
    fn a_federated_request_has_its_fields_in_the_order_of_the_reference() {
        let token = SecretString::from("rt");
        let names = |hint| {
            let fields = federated_connection_fields("google", hint, &token);
            fields.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(
            names(Some("ada")),
            [
                "connection",
                "subject_token_type",
                "subject_token",
                "requested_token_type",
                "login_hint",
                "grant_type"
            ]
        );
        assert!(!names(None).contains(&"login_hint"));
    }

    #[test]
    fn a_token_that_is_no_access_token_is_understood() {
        for (kind, expected) in [
            ("Bearer", TokenType::Bearer),
            ("bearer", TokenType::Bearer),
            ("N_A", TokenType::NotApplicable),
            ("n_a", TokenType::NotApplicable),
        ] {
            assert_eq!(process(&answer_with("token_type", json!(kind))).unwrap().token_type, expected);
        }
        for kind in [json!("mac"), json!("DPoP"), json!(""), json!("NA"), json!(1), Value::Null] {
            let found = process(&answer_with("token_type", kind.clone()));
            assert_eq!(found.unwrap_err(), TokenError::Invalid, "{kind}");
        }
    }

    #[test]
    fn an_answer_is_read_and_not_printed() {
        let mut body = answer_with("id_token", json!("a.b.c"));
        body["refresh_token"] = json!("next");
        let found = process(&body).unwrap();
        assert_eq!(found.access_token.expose_secret(), "at");
        assert_eq!((found.expires_in, found.scope.as_deref()), (Some(60), Some("read")));
        assert_eq!(found.issued_token_type.as_deref(), Some("urn:ietf:params:oauth:token-type:access_token"));
        assert!(found.refresh_token.is_some());
        let printed = format!("{found:?}");
        assert!(!printed.contains("\"at\"") && !printed.contains("a.b.c") && !printed.contains("next"));
        assert_eq!(process(&answer_with("access_token", json!(""))).unwrap_err(), TokenError::Invalid);
        assert_eq!(process(&answer_with("issued_token_type", json!(1))).unwrap_err(), TokenError::Invalid);
    }
}
