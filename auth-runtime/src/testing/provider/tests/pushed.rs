//! Authorization requests that are pushed.

use http::StatusCode;

use super::*;

const REQUEST: AuthorizationRequest<'_> = AuthorizationRequest {
    client_id: "sample-client",
    redirect_uri: CALLBACK,
    scope: SCOPE,
    audience: Some("https://api.example.com"),
    extra: &[],
};

fn names(url: &Url) -> Vec<String> {
    url.query_pairs().map(|(name, _)| name.into_owned()).collect()
}

#[tokio::test]
async fn s_par_1_the_browser_carries_a_reference_alone() {
    let world = World::new().await;
    let secret = SecretString::from(world.provider.client_secret());
    for authentication in
        [ClientAuthentication::SecretPost(secret.clone()), ClientAuthentication::SecretBasic(secret)]
    {
        let client = client(&world.provider, authentication);
        let login = LoginTransaction::begin("/".to_owned(), Some(60)).unwrap();
        let url = client.begin_authorization(&REQUEST, &login, true).await.unwrap();
        assert_eq!(names(&url), ["client_id", "request_uri"]);
        let back = query(&world.provider.sign_in(url.as_str(), "ada@example.com").unwrap());
        assert_eq!(back["state"], login.state);
        let tokens = client.exchange_code(&back["code"], &login.code_verifier, CALLBACK).await.unwrap();
        assert_eq!(payload(tokens.access_token.expose_secret())["aud"], "https://api.example.com");
        let occasion = Occasion::SignIn { nonce: &login.nonce, max_age: Some(60) };
        let id_token = tokens.id_token.unwrap();
        client.validate_id_token(&id_token, &tokens.access_token, occasion, NOW).await.unwrap();
    }
    assert_eq!(world.provider.requests(Endpoint::PushedRequest), 2);
}

#[tokio::test]
async fn s_par_1_whoever_pushes_proves_who_it_is() {
    let world = World::new().await;
    let login = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let stranger = client(&world.provider, ClientAuthentication::SecretPost("wrong".into()));
    let error = stranger.begin_authorization(&REQUEST, &login, true).await.unwrap_err();
    assert_eq!(error.code(), "pushed_authorization_refused");
    let elsewhere = AuthorizationRequest { redirect_uri: "http://evil.example.com/", ..REQUEST };
    let error = world.client.begin_authorization(&elsewhere, &login, true).await.unwrap_err();
    assert_eq!(error.code(), "pushed_authorization_refused");
}

#[tokio::test]
async fn s_par_2_a_reference_is_good_for_one_sign_in_and_a_minute() {
    let world = World::new().await;
    let login = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let url = world.client.begin_authorization(&REQUEST, &login, true).await.unwrap();
    // Looking at the page is no sign-in yet.
    assert_eq!(browser().get(url.clone()).send().await.unwrap().status(), 200);
    assert!(world.provider.sign_in(url.as_str(), "ada@example.com").is_some());
    assert_eq!(world.provider.sign_in(url.as_str(), "ada@example.com"), None);
    let url = world.client.begin_authorization(&REQUEST, &login, true).await.unwrap();
    world.now.fetch_add(60, Ordering::SeqCst);
    assert_eq!(world.provider.sign_in(url.as_str(), "ada@example.com"), None);
}

#[tokio::test]
async fn s_par_3_a_provider_that_insists_is_never_asked_openly() {
    let world = World::with(Provider::builder().require_pushed_requests()).await;
    let login = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let url = world.client.begin_authorization(&REQUEST, &login, false).await.unwrap();
    assert_eq!(names(&url), ["client_id", "request_uri"]);
    assert!(world.provider.sign_in(url.as_str(), "ada@example.com").is_some());
    let openly = world.url(&login, &[]).await;
    assert_eq!(world.provider.sign_in(openly.as_str(), "ada@example.com"), None);
}

#[tokio::test]
async fn s_par_3_where_there_is_no_endpoint_there_is_no_sign_in() {
    let login = LoginTransaction::begin("/".to_owned(), None).unwrap();
    for (requires, use_par) in [(false, true), (true, false)] {
        let provider = Provider::builder().start().await.unwrap();
        let change = move |metadata: &mut Value| {
            metadata["require_pushed_authorization_requests"] = requires.into();
            metadata.as_object_mut().unwrap().remove("pushed_authorization_request_endpoint");
        };
        provider.fault(Endpoint::Metadata, Fault::change(change));
        let client = client(&provider, ClientAuthentication::None);
        let error = client.begin_authorization(&REQUEST, &login, use_par).await.unwrap_err();
        assert_eq!(error.code(), "pushed_authorization_not_supported");
    }
}

#[tokio::test]
async fn s_par_2_a_push_that_fails_is_no_sign_in_either() {
    let login = LoginTransaction::begin("/".to_owned(), None).unwrap();
    for (status, body, code) in [
        (StatusCode::SERVICE_UNAVAILABLE, "", "pushed_authorization_unavailable"),
        (StatusCode::BAD_GATEWAY, "<html>", "pushed_authorization_unavailable"),
        (StatusCode::CREATED, "<html>", "pushed_authorization_nonsense"),
        (StatusCode::CREATED, "{}", "pushed_authorization_nonsense"),
        (StatusCode::FOUND, "", "pushed_authorization_nonsense"),
        (StatusCode::BAD_REQUEST, "{\"error\":\"invalid_request\"}", "pushed_authorization_refused"),
    ] {
        let world = World::new().await;
        let answer = (status, [("content-type", "application/json")], body);
        world.provider.fault(Endpoint::PushedRequest, Fault::answer(answer));
        let error = world.client.begin_authorization(&REQUEST, &login, true).await.unwrap_err();
        assert_eq!(error.code(), code, "{status} {body}");
    }
}
