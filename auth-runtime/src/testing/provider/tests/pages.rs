//! The pages that a browser shows on the way of a sign-in.

use http::StatusCode;

use super::*;

/// Returns the text between the tags of `main`.
fn main_of(html: &str) -> &str {
    let (_, rest) = html.split_once("<main>\n").unwrap();
    rest.split_once("\n</main>").unwrap().0
}

async fn policy_of_sign_in(world: &World) -> String {
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let page = browser().get(world.url(&transaction, &[]).await).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    page.headers()["content-security-policy"].to_str().unwrap().to_owned()
}

fn form_action(policy: &str) -> &str {
    policy.split("; ").find_map(|directive| directive.strip_prefix("form-action ")).unwrap()
}

#[tokio::test]
async fn redirects_after_the_sign_in_reach_registered_origins_and_front_ends_alone() {
    let world = World::new().await;
    assert_eq!(form_action(&policy_of_sign_in(&world).await), "'self' http://localhost:3000");
    world.provider.allow_redirect_uri("https://other.example.com/auth/callback");
    world.provider.allow_redirect_uri("not a URL");
    assert_eq!(
        form_action(&policy_of_sign_in(&world).await),
        "'self' http://localhost:3000 https://other.example.com"
    );

    let builder = Provider::builder()
        .front_end("http://localhost:5173/")
        .front_end("HTTPS://App.Example.com:443")
        .front_end("http://localhost:3000");
    let world = World::with(builder).await;
    assert_eq!(
        form_action(&policy_of_sign_in(&world).await),
        "'self' http://localhost:3000 http://localhost:5173 https://app.example.com"
    );
}

#[tokio::test]
async fn a_front_end_is_an_origin_and_nothing_else() {
    for text in [
        "",
        "localhost:5173",
        "*",
        "ftp://localhost",
        "data:text/html,x",
        "http://localhost:5173/app",
        "http://localhost:5173?a",
        "http://localhost:5173/#a",
        "http://user@localhost:5173",
        "http://localhost:5173; script-src *",
    ] {
        let error = Provider::builder().front_end(text).start().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{text}");
        assert_eq!(
            error.to_string(),
            format!(
                "the front end {text:?} is not an origin: give scheme, host and port alone, such as http://localhost:5173"
            )
        );
    }
}

#[tokio::test]
async fn the_page_for_an_unregistered_address_names_both_sides_and_the_methods() {
    let world = World::new().await;
    world.provider.allow_redirect_uri("http://localhost:3001/auth/callback");
    let transaction = LoginTransaction::begin("/".to_owned(), None).unwrap();
    let good = world.url(&transaction, &[]).await.to_string();
    let sent = "redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth%2Fcallback";
    assert!(good.contains(sent), "{good}");
    let end = "<p>The provider has these registered:</p>\n<ul><li><code>http://localhost:3000/auth/callback</code></li>\
               <li><code>http://localhost:3001/auth/callback</code></li></ul>\n\
               <p>They are compared byte for byte. Register the address with \
               <code>Provider::builder().redirect_uri(\"…\")</code>, or with <code>allow_redirect_uri(\"…\")</code> once \
               the provider runs. If the application should have sent another address, correct its \
               <code>APP_BASE_URL</code>.</p>";
    for (changed, said) in [
        (
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A3000%2Fauth%2Fcallback",
            "<p>The application sent this <code>redirect_uri</code>:</p>\n\
             <ul><li><code>http://127.0.0.1:3000/auth/callback</code></li></ul>",
        ),
        (
            "redirect_uri=%3Cscript%3E%22%27",
            "<p>The application sent this <code>redirect_uri</code>:</p>\n\
             <ul><li><code>&lt;script&gt;&quot;&#39;</code></li></ul>",
        ),
        ("unused=", "<p>The application sent no <code>redirect_uri</code>.</p>"),
    ] {
        let answer = browser().get(good.replace(sent, changed)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{changed}");
        assert!(answer.headers().get("location").is_none());
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert_eq!(form_action(&policy), "'none'");
        assert_eq!(
            main_of(&answer.text().await.unwrap()),
            format!(
                "<h1>That did not work</h1>\n\
                 <p>The request wants to return to a URL that is not registered.</p>\n{said}\n{end}"
            )
        );
    }
}

#[tokio::test]
async fn a_sign_out_to_an_unregistered_address_gets_such_a_page_too() {
    let provider = Provider::builder().start().await.unwrap();
    let url = format!("{}/oidc/logout?post_logout_redirect_uri=http://localhost:3000/", provider.issuer());
    let answer = browser().get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(answer.headers().get("location").is_none());
    assert_eq!(
        main_of(&answer.text().await.unwrap()),
        "<h1>That did not work</h1>\n<p>The request wants to return to a URL that is not registered.</p>\n\
         <p>The application sent this <code>post_logout_redirect_uri</code>:</p>\n\
         <ul><li><code>http://localhost:3000/</code></li></ul>\n<p>The provider has none registered.</p>\n\
         <p>They are compared byte for byte. Register the address with \
         <code>Provider::builder().post_logout_redirect_uri(\"…\")</code>, or with \
         <code>allow_post_logout_redirect_uri(\"…\")</code> once the provider runs. If the application should have sent \
         another address, correct its <code>APP_BASE_URL</code>.</p>"
    );
}
