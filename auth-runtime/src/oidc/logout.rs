//! The end of a session at the provider (OpenID Connect RP-Initiated Logout 1.0).

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::discovery::Metadata;
use super::issuer::Issuer;

/// The parameters of a logout at the provider. None of them comes from a request unchecked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogoutRequest<'a> {
    pub(crate) client_id: &'a str,
    /// A configured URL, to which the provider sends the browser back.
    pub(crate) post_logout_redirect_uri: &'a str,
    pub(crate) state: Option<&'a str>,
    /// The `sid` of the provider's session, so that the provider need not ask which session ends.
    pub(crate) logout_hint: Option<&'a str>,
    pub(crate) id_token_hint: Option<&'a SecretString>,
    /// True if the user signs out of the upstream identity provider too, at Auth0 and providers like it.
    pub(crate) federated: bool,
}

/// Returns the URL to send the browser to: the advertised endpoint, or Auth0's own where none is advertised.
pub(crate) fn logout_url(metadata: &Metadata, issuer: &Issuer, request: &LogoutRequest<'_>) -> Url {
    match &metadata.end_session_endpoint {
        Some(endpoint) => end_session_url(endpoint, request),
        None => auth0_logout_url(issuer, request),
    }
}

/// Returns the advertised endpoint with the parameters of a logout.
pub(crate) fn end_session_url(endpoint: &Url, request: &LogoutRequest<'_>) -> Url {
    let mut url = endpoint.clone();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", request.client_id)
            .append_pair("post_logout_redirect_uri", request.post_logout_redirect_uri);
        if let Some(state) = request.state {
            query.append_pair("state", state);
        }
        if let Some(hint) = request.logout_hint {
            query.append_pair("logout_hint", hint);
        }
        if let Some(hint) = request.id_token_hint {
            query.append_pair("id_token_hint", hint.expose_secret());
        }
        if request.federated {
            query.append_pair("federated", "");
        }
    }
    url
}

/// Returns the URL of `/v2/logout`, which every Auth0 tenant has, advertised or not.
pub(crate) fn auth0_logout_url(issuer: &Issuer, request: &LogoutRequest<'_>) -> Url {
    let mut url = issuer.url().clone();
    url.set_path("/v2/logout");
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("returnTo", request.post_logout_redirect_uri)
            .append_pair("client_id", request.client_id);
        if request.federated {
            query.append_pair("federated", "");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> LogoutRequest<'static> {
        LogoutRequest {
            client_id: "client",
            post_logout_redirect_uri: "https://app.example.com/",
            state: None,
            logout_hint: None,
            id_token_hint: None,
            federated: false,
        }
    }

    #[test]
    fn the_end_session_url_has_the_parameters_of_the_specification() {
        let endpoint = Url::parse("https://id.example.com/logout?a=b").unwrap();
        assert_eq!(
            end_session_url(&endpoint, &request()).as_str(),
            "https://id.example.com/logout?a=b&client_id=client&post_logout_redirect_uri=https%3A%2F%2Fapp.example.com%2F"
        );
    }

    #[test]
    fn inj_06_hints_and_state_are_encoded() {
        let endpoint = Url::parse("https://id.example.com/logout").unwrap();
        let token = SecretString::from("a&b");
        let request = LogoutRequest {
            state: Some("x&client_id=evil#"),
            logout_hint: Some("sid#1"),
            id_token_hint: Some(&token),
            federated: true,
            ..request()
        };
        let url = end_session_url(&endpoint, &request);
        assert_eq!(url.fragment(), None);
        assert!(
            url.as_str().ends_with(
                "&state=x%26client_id%3Devil%23&logout_hint=sid%231&id_token_hint=a%26b&federated="
            )
        );
        assert!(!format!("{request:?}").contains("a&b"));
    }

    #[test]
    fn auth0_has_its_own_address() {
        let issuer = Issuer::parse("tenant.auth0.com", false).unwrap();
        assert_eq!(
            auth0_logout_url(&issuer, &request()).as_str(),
            "https://tenant.auth0.com/v2/logout?returnTo=https%3A%2F%2Fapp.example.com%2F&client_id=client"
        );
    }
}
