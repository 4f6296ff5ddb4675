//! A page (the option `login`) that leads a signed-in user to a stronger sign-in, with providers that do what is asked
//! and with others.

use std::time::Duration;

use auth_runtime::testing::provider::ProviderBuilder;
use auth_runtime::{AuthBuilder, NewLogin};
use auth_tests::{Answer, NAVIGATION, ORIGIN, World, parameter};
use http::header::{CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE};
use http::{Method, StatusCode};

use crate::world;

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";

/// An application at whose provider Ada signed in an hour ago.
async fn an_hour_later(provider: impl Fn(ProviderBuilder) -> ProviderBuilder) -> World {
    let mut world = world::with_provider(provider, |builder| builder).await;
    world.sign_in(ADA).await;
    world.clock.advance(3_600);
    world
}

/// Opens a page, and follows its redirect to the sign-in and back. Returns what the provider was asked, and the answer
/// at the place where the sign-in led.
async fn open_and_sign_in(world: &mut World, page: &str, email: &str) -> (String, Answer) {
    let sent = world.visit(page).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert!(!sent.headers.contains_key(SET_COOKIE));
    let login = world.visit(sent.location()).await;
    let asked = login.location().to_owned();
    let callback = world.provider.sign_in(&asked, email).unwrap();
    let back = world.visit(&callback).await;
    if back.status != StatusCode::SEE_OTHER {
        return (asked, back);
    }
    let back = back.location().to_owned();
    (asked, world.visit(&back).await)
}

#[tokio::test]
async fn s_step_2_a_provider_that_honours_max_age_leads_back_to_the_page() {
    let mut world = an_hour_later(|provider| provider).await;
    let (asked, page) = open_and_sign_in(&mut world, "/account?tab=orders", ADA).await;
    assert_eq!(parameter(&asked, "max_age").as_deref(), Some("300"));
    assert_eq!(parameter(&asked, "acr_values"), None);
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, ADA));
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn s_step_2_a_provider_that_honours_acr_values_leads_back_to_the_page() {
    let mut world = an_hour_later(|provider| provider.acr_values(["phr"])).await;
    let (asked, page) = open_and_sign_in(&mut world, "/vault", ADA).await;
    assert_eq!(parameter(&asked, "acr_values").as_deref(), Some("phrh phr"));
    assert_eq!(parameter(&asked, "max_age"), None);
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, ADA));
}

#[tokio::test]
async fn grd_08_a_provider_that_ignores_acr_values_is_asked_once() {
    let mut world = an_hour_later(|provider| provider).await;
    // `acr_values` is a wish (OpenID Connect Core 1.0 §3.1.2.1), so the sign-in itself succeeds.
    let (_, refused) = open_and_sign_in(&mut world, "/vault?a=b", ADA).await;
    let reference = world.get("/vault").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.body.contains("insufficient_user_authentication"), "{}", refused.body);
    let challenge = refused.header(WWW_AUTHENTICATE.as_str());
    assert!(challenge.ends_with(r#", acr_values="phrh phr""#), "{challenge}");
    assert_eq!((refused.headers, refused.body), (reference.headers, reference.body));
    assert_eq!(world.get("/me").await.body, ADA, "the session is good for everything else");

    // A user who opens the page anew may try again.
    assert_eq!(world.visit("/vault?a=b").await.status, StatusCode::SEE_OTHER);
    let marked = format!("/vault?step_up_asked_at={}", world.clock.unix_seconds());
    world.clock.advance(61);
    assert_eq!(world.visit(&marked).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn grd_08_a_circle_ends_where_the_application_chooses_the_place() {
    for (place, ends_at) in [
        ("/vault", "/vault?{mark}"),
        ("/vault?from=hook#part?", "/vault?from=hook&{mark}#part?"),
        ("/vault?step_up_asked_at=5", "/vault?step_up_asked_at=5"),
        ("//evil.com", "/?{mark}"),
    ] {
        let choose = move |login: NewLogin| async move { login.redirect_to(place) };
        let mut world = world::with_provider(|provider| provider, |builder| builder.on_login(choose)).await;
        world.sign_in(ADA).await;
        world.clock.advance(3_600);
        let mark = format!("step_up_asked_at={}", world.clock.unix_seconds());
        let login = world.visit("/vault?a=b").await.location().to_owned();
        let asked = world.visit(&login).await.location().to_owned();
        // The user takes a moment.
        world.clock.advance(7);
        let callback = world.provider.sign_in(&asked, ADA).unwrap();
        let back = world.visit(&callback).await.location().to_owned();
        assert_eq!(back, format!("{ORIGIN}{}", ends_at.replace("{mark}", &mark)));
        if place == "/vault" {
            assert_eq!(world.visit(&back).await.status, StatusCode::UNAUTHORIZED);
        }
    }
}

#[tokio::test]
async fn grd_08_a_place_that_is_too_long_to_remember_leaves_its_mark() {
    let audience = "a".repeat(1_500);
    let configure = |builder: AuthBuilder| builder.audience(&audience);
    let mut world = world::with_provider(|provider| provider, configure).await;
    let place = format!("/vault?a={}&step_up_asked_at=5", "a".repeat(1_900));
    let asked = world.visit(&format!("/auth/login?returnTo={}", place.replace('&', "%26"))).await;
    let callback = world.provider.sign_in(asked.location(), ADA).unwrap();
    let back = world.visit(&callback).await;
    assert_eq!(back.location(), format!("{ORIGIN}/?step_up_asked_at=5"));
}

#[tokio::test]
async fn s_step_2_a_visitor_without_a_session_signs_in_once() {
    let provider = |provider: ProviderBuilder| provider.acr_values(["phr"]);
    for (page, name, value) in [("/account?a=b", "max_age", "300"), ("/vault", "acr_values", "phrh phr")] {
        let mut world = world::with_provider(provider, |builder| builder).await;
        let (asked, page) = open_and_sign_in(&mut world, page, ADA).await;
        assert_eq!(parameter(&asked, name).as_deref(), Some(value));
        assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, ADA));
    }
    let mut world = world::world().await;
    let (_, page) = open_and_sign_in(&mut world, "/vault", ADA).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "the provider was asked once");
    assert!(page.body.contains("insufficient_user_authentication"), "{}", page.body);
}

#[tokio::test]
async fn grd_08_a_strict_cookie_makes_no_circle_of_a_page_that_steps_up() {
    let mut world = an_hour_later(|provider| provider).await;
    let sent = world.visit("/vault").await.location().to_owned();
    let asked = world.visit(&sent).await.location().to_owned();
    let callback = world.provider.sign_in(&asked, ADA).unwrap();
    let back = world.visit(&callback).await.location().to_owned();
    // The provider's page began this navigation, so the browser withholds a `SameSite=Strict` cookie.
    world.browser.cookies.clear();
    let answer = world.visit(&back).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("not_authenticated"), "{}", answer.body);
}

#[tokio::test]
async fn grd_08_a_provider_that_ignores_max_age_begins_no_session() {
    let hours = Duration::from_secs(7_200);
    let mut world = an_hour_later(|provider| provider.ignore_max_age(hours)).await;
    let before = world.browser.cookies.clone();
    // Here `max_age` is no wish: the callback refuses the ID token (OpenID Connect Core 1.0 §3.1.3.7, 13).
    let (asked, page) = open_and_sign_in(&mut world, "/account?a=b", ADA).await;
    assert_eq!(parameter(&asked, "max_age").as_deref(), Some("300"));
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert_eq!(page.header(CONTENT_TYPE.as_str()), "text/html; charset=utf-8");
    // The user decides whether to try again, and that attempt is not taken for the one that failed.
    assert!(page.body.contains(r#"href="/auth/login?returnTo=%2Faccount%3Fa%3Db""#), "{}", page.body);
    assert_eq!(world.browser.cookies, before, "the user stays signed in");
}

#[tokio::test]
async fn grd_08_a_provider_that_nearly_honours_max_age_is_asked_once() {
    // The callback allows for clocks that differ, and the page does not.
    let old = Duration::from_secs(330);
    let mut world = an_hour_later(|provider| provider.ignore_max_age(old)).await;
    let (_, refused) = open_and_sign_in(&mut world, "/account", ADA).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.header(WWW_AUTHENTICATE.as_str()).ends_with(r#", max_age="300""#));
    assert_eq!(world.get("/me").await.body, ADA);
}

#[tokio::test]
async fn ses_03_a_page_that_another_user_steps_up_for_has_that_user_alone() {
    let mut world = an_hour_later(|provider| provider).await;
    let before = world.browser.cookies["__session"].clone();
    let (_, page) = open_and_sign_in(&mut world, "/account", GRACE).await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, GRACE));
    assert_ne!(world.browser.cookies["__session"], before);
    assert_eq!(world.browser.names(), ["__session"]);
}

#[tokio::test]
async fn rdr_17_a_link_of_another_site_to_a_stronger_sign_in_changes_nothing_until_the_user_signs_in() {
    let mut world = an_hour_later(|provider| provider).await;
    let session = world.browser.cookies["__session"].clone();
    let from_evil = [NAVIGATION.as_slice(), &[("sec-fetch-site", "cross-site")]].concat();
    for link in ["/auth/login?max_age=0&acr_values=phr&returnTo=https://evil.com/", "/account"] {
        let mut answer = world.send_with(Method::GET, link, &from_evil).await;
        if link == "/account" {
            let login = answer.location().to_owned();
            answer = world.send_with(Method::GET, &login, &from_evil).await;
        }
        assert!(answer.location().starts_with(world.provider.issuer()), "{link}");
        assert_eq!(world.browser.cookies["__session"], session, "{link}");
    }
    assert_eq!(world.get("/me").await.body, ADA);
    // The stricter of two demands is never weakened by a link: the page judges the session itself.
    let back = world.begin("/auth/login?max_age=99999999&returnTo=/vault", ADA).await;
    let vault = world.get(&back).await.location().to_owned();
    assert_eq!(world.get(&vault).await.status, StatusCode::UNAUTHORIZED);
}
