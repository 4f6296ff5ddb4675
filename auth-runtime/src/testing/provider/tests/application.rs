//! An application that is configured from a running provider.

use http::StatusCode;
use tower::ServiceExt as _;

use super::*;
use crate::oidc::SigningKey;
use crate::{Auth, AuthBuilder, ConfigProblem, SignatureAlgorithm};

const ORIGIN: &str = "http://localhost:3000";

fn builder() -> AuthBuilder {
    Auth::builder().secret(crate::testing::secret()).base_url(ORIGIN)
}

async fn get(app: &axum::Router, path: &str, cookie: &str) -> http::Response<axum::body::Body> {
    let request = http::Request::get(path).header("cookie", cookie).body(axum::body::Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

/// Returns what a browser sends after an answer that sets cookies.
fn cookies(answer: &http::Response<axum::body::Body>) -> String {
    let lines = answer.headers().get_all("set-cookie").iter();
    let pairs: Vec<_> =
        lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    pairs.join("; ")
}

/// Signs Ada in at an application. Returns the status and the body of the profile afterwards.
async fn profile_after_sign_in(provider: &RunningProvider, auth: &Auth) -> (StatusCode, Value) {
    let app = axum::Router::new().merge(auth.routes()).with_state(auth.clone());
    let login = get(&app, "/auth/login", "").await;
    assert_eq!(login.status(), StatusCode::SEE_OTHER);
    let back = provider.sign_in(login.headers()["location"].to_str().unwrap(), "ada@example.com").unwrap();
    let callback = get(&app, back.strip_prefix(ORIGIN).unwrap(), &cookies(&login)).await;
    assert_eq!(callback.status(), StatusCode::SEE_OTHER);
    let profile = get(&app, "/auth/profile", &cookies(&callback)).await;
    let status = profile.status();
    let body = axum::body::to_bytes(profile.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn an_application_is_configured_from_a_provider_with_one_call() {
    for (provider, expected) in [
        (Provider::builder(), ("sample-client", "sample-client-secret")),
        (Provider::builder().client("mine", "my own secret"), ("mine", "my own secret")),
        (Provider::builder().public_client("public"), ("public", "")),
    ] {
        let provider = provider.redirect_uri(CALLBACK).start().await.unwrap();
        assert_eq!((provider.client_id(), provider.client_secret()), expected);
        let auth = builder().provider(&provider).build().unwrap();
        assert!(auth.owns_sessions());
        let (status, profile) = profile_after_sign_in(&provider, &auth).await;
        assert_eq!(status, StatusCode::OK, "{expected:?}");
        assert_eq!(profile["sub"], "sample|ada", "{expected:?}");
    }
}

#[tokio::test]
async fn an_application_with_a_key_sets_the_private_half_itself() {
    let pem = SigningKey::generate_for_tests().to_pem();
    let provider = Provider::builder().client_key("with-key", pem.as_str(), SignatureAlgorithm::ES256);
    let provider = provider.redirect_uri(CALLBACK).start().await.unwrap();
    let error = builder().provider(&provider).build().unwrap_err();
    assert_eq!(error.problems(), [ConfigProblem::Missing { variable: "AUTH0_CLIENT_SECRET" }]);
    let with_key = builder().provider(&provider).client_assertion_key(pem.as_str());
    let auth = with_key.client_assertion_algorithm(SignatureAlgorithm::ES256).build().unwrap();
    assert_eq!(profile_after_sign_in(&provider, &auth).await.0, StatusCode::OK);
}
